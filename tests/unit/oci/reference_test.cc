#include "ecloud/oci/reference.h"

#include <string>
#include <vector>

#include "ecloud/base/error.h"
#include "support/catch.h"

namespace ecloud::oci {
namespace {

const std::string kDigest =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Error refusal(const std::string& text) {
  try {
    const Reference parsed = Reference::parse(text);
    FAIL("accepted as " + parsed.to_string());
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("unreachable");
}

// What Docker's own grammar makes of the same texts: the accepted cases of normalize_test.go and
// reference_test.go of github.com/distribution/reference, with hosts as ecloud names them.
TEST_CASE("References are completed as Docker completes them", "[oci]") {
  struct Case {
    std::string text, host, repository, tag;
    bool has_digest;
  };
  const std::vector<Case> cases = {
      {"nginx", "docker.io", "library/nginx", "latest", false},
      {"nginx:1.27", "docker.io", "library/nginx", "1.27", false},
      {"library/nginx", "docker.io", "library/nginx", "latest", false},
      {"docker.io/nginx", "docker.io", "library/nginx", "latest", false},
      {"index.docker.io/nginx", "docker.io", "library/nginx", "latest", false},
      {"registry-1.docker.io/a/b:c", "docker.io", "a/b", "c", false},
      {"you/app", "docker.io", "you/app", "latest", false},
      {"nginx@" + kDigest, "docker.io", "library/nginx", "", true},
      {"nginx:1.27@" + kDigest, "docker.io", "library/nginx", "1.27", true},
      {"ghcr.io/you/app:v1.0-rc.1_x", "ghcr.io", "you/app", "v1.0-rc.1_x", false},
      {"GHCR.io/you/app", "ghcr.io", "you/app", "latest", false},
      {"host:5000/a/b:tag@" + kDigest, "host:5000", "a/b", "tag", true},
      {"localhost/x", "localhost", "x", "latest", false},
      {"localhost:5000/x", "localhost:5000", "x", "latest", false},
      {"127.0.0.1:5000/x:y", "127.0.0.1:5000", "x", "y", false},
      {"[::1]:5000/x/y:z", "[::1]:5000", "x/y", "z", false},
      {"[2001:db8::1]/x", "[2001:db8::1]", "x", "latest", false},
      {"xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com", false},
      {"a.b/c__d/e---f/g.h", "a.b", "c__d/e---f/g.h", "latest", false},
      {"localhost:5000", "docker.io", "library/localhost", "5000", false},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Reference parsed = Reference::parse(c.text);
    CHECK(parsed.host == c.host);
    CHECK(parsed.repository == c.repository);
    CHECK(parsed.tag == c.tag);
    CHECK(parsed.digest.has_value() == c.has_digest);
    if (parsed.digest) CHECK(parsed.digest->to_string() == kDigest);
  }
}

TEST_CASE("The name on chain has neither tag nor digest", "[oci]") {
  CHECK(Reference::parse("nginx:1.27@" + kDigest).name() == "docker.io/library/nginx");
  CHECK(Reference::parse("localhost:5000/a/b:c").name() == "localhost:5000/a/b");
}

TEST_CASE("A reference is printed as it was given, with the host and library", "[oci]") {
  CHECK(Reference::parse("nginx").to_string() == "docker.io/library/nginx:latest");
  CHECK(Reference::parse("nginx@" + kDigest).to_string() == "docker.io/library/nginx@" + kDigest);
  CHECK(Reference::parse("a.io/x:1@" + kDigest).to_string() == "a.io/x:1@" + kDigest);
}

TEST_CASE("Docker Hub's registry answers at another host", "[oci]") {
  CHECK(Reference::parse("nginx").is_docker_hub());
  CHECK(Reference::parse("nginx").api_host() == "registry-1.docker.io");
  CHECK_FALSE(Reference::parse("ghcr.io/a/b").is_docker_hub());
  CHECK(Reference::parse("ghcr.io/a/b").api_host() == "ghcr.io");
}

TEST_CASE("A wrong reference is refused with what is wrong and what to write", "[oci]") {
  const std::string example =
      "write it as NAME:TAG or NAME@sha256:DIGEST, for example ghcr.io/you/app:1.0";
  struct Case {
    std::string text, reason, hint;
  };
  const std::string hex = kDigest.substr(7);
  const std::vector<Case> cases = {
      {"Nginx", "the repository \"Nginx\" has upper-case letters",
       "write it in lower case: docker.io/nginx:latest"},
      {"ghcr.io/You/App:V1", "the repository \"You/App\" has upper-case letters",
       "write it in lower case: ghcr.io/you/app:V1"},
      {"https://ghcr.io/a/b", "it begins with \"https://\"", "leave out the scheme: ghcr.io/a/b"},
      {"docker://nginx:1", "it begins with \"docker://\"", "leave out the scheme: nginx:1"},
      {"https://", "it begins with \"https://\"", "leave out the scheme"},
      {kDigest, "it is a digest without a repository", "write it as NAME@" + kDigest},
      {hex, "it is the id of a local image",
       "push the image to a registry and give its name there"},
      {"a b", "it has a blank or an unprintable character", example},
      {" nginx", "it has a blank or an unprintable character", example},
      {"ngin\xc3\xa9x", "it has a blank or an unprintable character", example},
      {"ghcr.io/", "it names no repository", example},
      {"ghcr.io/:tag", "it names no repository", example},
      {"@" + kDigest, "it names no repository", example},
      {"a//b", "a part of its path between slashes is empty", example},
      {"a/b/", "a part of its path between slashes is empty", example},
      {"/a", "a part of its path between slashes is empty", example},
      {"a/-b", "\"-b\" has to begin and end with a letter or a digit", example},
      {"a/b.", "\"b.\" has to begin and end with a letter or a digit", example},
      {"a/b..c", "\"..\" cannot stand between letters", example},
      {"a/b___c", "\"___\" cannot stand between letters", example},
      {"a/b.-c", "\".-\" cannot stand between letters", example},
      {"a/b$c", "its path has the character \"$\"; allowed are a-z, 0-9, '.', '_' and '-'",
       example},
      {"nginx:", "the tag after ':' is empty", example},
      {"nginx:.1", "its tag begins with \".\"", example},
      {"nginx:1+2",
       "its tag has the character \"+\"; allowed are letters, digits, '_', '.' and '-'", example},
      {"nginx:" + std::string(129, 't'), "its tag is longer than 128 characters", example},
      {"nginx@", "the digest \"\" is not sha256: and 64 lower-case hex digits", example},
      {"nginx@sha256:12", "the digest \"sha256:12\" is not sha256: and 64 lower-case hex digits",
       example},
      {"nginx@sha512:12", "its digest is \"sha512\", and only sha256 goes on chain", example},
      {"nginx@" + kDigest + ":1",
       "the digest \"" + kDigest + ":1\" is not sha256: and 64 lower-case hex digits", example},
      {"host:0/a", "the port \"0\" of the registry is not a number from 1 to 65535", example},
      {"host:65536/a", "the port \"65536\" of the registry is not a number from 1 to 65535",
       example},
      {"host:/a", "the port \"\" of the registry is not a number from 1 to 65535", example},
      {"-a.io/b", "the registry \"-a.io\" is not a host name", example},
      {"a..io/b", "the registry \"a..io\" is not a host name", example},
      {"a_b.io/c", "the registry \"a_b.io\" is not a host name", example},
      {"[::g]:5000/c", "the registry \"[::g]:5000\" is not a host name", example},
      {"user@ghcr.io/a", "the registry \"user@ghcr.io\" is not a host name", example},
      {"a.io/" + std::string(251, 'x'), "host and repository are longer than 255 characters",
       example},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Error error = refusal(c.text);
    CHECK(error.category() == Category::kUsage);
    CHECK(error.code() == "image.invalid_reference");
    const bool printable_text = c.text.find('\xc3') == std::string::npos && c.text.size() <= 200;
    if (printable_text) {
      CHECK(error.message() == '"' + c.text + "\" is not an image reference: " + c.reason);
    } else {
      CHECK(error.message().ends_with(" is not an image reference: " + c.reason));
    }
    CHECK(error.hint() == c.hint);
  }
}

TEST_CASE("An empty reference says so", "[oci]") {
  const Error error = refusal("");
  CHECK(error.message() == "the image reference is empty");
  CHECK(exit_code(error.category()) == 2);
}

TEST_CASE("The longest name and tag are accepted", "[oci]") {
  const std::string text = "a.io/" + std::string(250, 'x') + ":" + std::string(128, 't');
  CHECK(Reference::parse(text).to_string() == text);
}

}  // namespace
}  // namespace ecloud::oci
