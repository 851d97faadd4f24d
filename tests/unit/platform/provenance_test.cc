#include "ecloud/platform/provenance.h"

#include "ecloud/base/base64.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::error_of;

const std::string kCommit(40, 'a');
const std::string kHex(64, 'b');

// The shapes of https://slsa.dev/provenance/v0.2 and /v1.
const std::string kVersion02 =
    R"({"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"x","digest":{"sha256":")" +
    kHex +
    R"("}}],"predicateType":"https://slsa.dev/provenance/v0.2","predicate":{"invocation":{)"
    R"("configSource":{"uri":"git+https://github.com/me/app@refs/heads/main","digest":{"sha1":")" +
    kCommit + R"("}}}}})";
const std::string kVersion1 =
    R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":")" +
    kHex +
    R"("}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{)"
    R"("resolvedDependencies":[{"uri":"git+https://github.com/me/app","digest":{"gitCommit":")" +
    kCommit + R"("}}]}}})";

void check_sample(const Provenance& provenance) {
  REQUIRE(provenance.subjects.size() == 1);
  CHECK(provenance.is_about(*oci::Digest::parse("sha256:" + kHex)));
  CHECK_FALSE(provenance.is_about(*oci::Digest::parse("sha256:" + std::string(64, 'c'))));
  CHECK(provenance.names_commit(kCommit));
  CHECK(provenance.names_commit(std::string(40, 'A')));
  CHECK_FALSE(provenance.names_commit(std::string(40, 'c')));
  CHECK(provenance.names_repository("https://github.com/me/app.git"));
  CHECK_FALSE(provenance.names_repository("https://github.com/me/other"));
  CHECK_FALSE(provenance.names_request);
}

TEST_CASE("both versions of SLSA provenance are read", "[platform][build]") {
  check_sample(read_provenance(kVersion02));
  check_sample(read_provenance(kVersion1));
  CHECK(read_provenance(kVersion1).predicate_type == "https://slsa.dev/provenance/v1");
}

TEST_CASE("a statement is found in base64 and in an envelope", "[platform][build]") {
  const std::string plain = base::to_base64(base::as_bytes(kVersion1));
  check_sample(read_provenance(plain));
  check_sample(read_provenance(base::to_base64url(base::as_bytes(kVersion1))));
  check_sample(read_provenance(R"({"payloadType":"application/vnd.in-toto+json","payload":")" +
                               plain + R"(","signatures":[]})"));
  check_sample(read_provenance(base::Json(kVersion1).dump()));
}

TEST_CASE("the platform's own parameters are read", "[platform][build]") {
  const Provenance provenance = read_provenance(
      R"({"subject":[],"predicate":{"p":{"repo_url":"https://example.org/a","git_ref":")" +
      kCommit + R"(","dockerfile_path":"D","build_context_path":"c","dependencies":["sha256:)" +
      kHex + R"("]}}})");
  CHECK(provenance.names_request);
  CHECK(provenance.dockerfile == "D");
  CHECK(provenance.context == "c");
  REQUIRE(provenance.dependencies.size() == 1);
  CHECK(provenance.names_repository("https://example.org/a"));
  CHECK(provenance.subjects.empty());
}

TEST_CASE("what is no statement is no provenance", "[platform][build]") {
  const std::string hint = " | nothing was checked; do not rely on this image";
  const auto error = [](const std::string& text) {
    return error_of([&] { read_provenance(text); });
  };
  CHECK(error("") == "9 build.bad_provenance: the provenance cannot be read: it is empty" + hint);
  CHECK(
      error("%%%") ==
      "9 build.bad_provenance: the provenance cannot be read: it is neither JSON nor base64 of it" +
          hint);
  for (const char* text :
       {"{}", "[]", "7", "\"{}\"", R"({"payload":"e30="})", R"({"subject":{}})"}) {
    CHECK(error(text) ==
          "9 build.bad_provenance: the provenance cannot be read: it is no in-toto statement" +
              hint);
  }
}

TEST_CASE("digests that are none are left out", "[platform][build]") {
  const Provenance provenance = read_provenance(
      R"({"subject":[{"digest":{"sha256":"xyz"}},{"digest":{"sha512":"aa"}},{},7],"predicate":null})");
  CHECK(provenance.subjects.empty());
}

}  // namespace
}  // namespace ecloud::platform
