#include "registry_fixture.h"

namespace ecloud::oci {
namespace {

using testing::make_response;

const std::string kTagUrl = kRepo + "/manifests/1";
const std::string kHub = "https://registry.test/v2/";
const std::vector<net::Header> kHtml = {{"Content-Type", "text/html; charset=utf-8"}};

std::string errors_body(const std::string& code, const std::string& message) {
  return R"({"errors":[{"code":")" + code + R"(","message":")" + message + R"("}]})";
}

void check(const Error& error, Category category, const std::string& code,
           const std::string& message, const std::string& hint) {
  CHECK(error.category() == category);
  CHECK(error.code() == code);
  CHECK(error.message() == message);
  CHECK(error.hint() == hint);
}

TEST_CASE("A missing tag and a missing repository are told apart", "[oci]") {
  RegistryFixture registry;
  SECTION("tag") {
    registry.answer(kTagUrl, 404, errors_body("MANIFEST_UNKNOWN", "manifest unknown"));
    check(registry.failure("ghcr.io/you/app:1"), Category::kNotFound, "image.not_found",
          "ghcr.io/you/app has no tag 1",
          "check the tag, or push the image: docker push ghcr.io/you/app:1");
  }
  SECTION("repository") {
    registry.answer(kTagUrl, 404, errors_body("NAME_UNKNOWN", "repository name not known"));
    check(registry.failure("ghcr.io/you/app:1"), Category::kNotFound, "image.not_found",
          "ghcr.io has no repository you/app",
          "check the name, or push the image: docker push ghcr.io/you/app:1");
  }
  SECTION("digest") {
    registry.answer(kRepo + "/manifests/" + kIndexDigest, 404, "");
    check(registry.failure("ghcr.io/you/app@" + kIndexDigest), Category::kNotFound,
          "image.not_found", "ghcr.io/you/app has no image " + kIndexDigest,
          "check the digest with: docker buildx imagetools inspect ghcr.io/you/app:TAG");
  }
}

TEST_CASE("What an index or a manifest names has to be there", "[oci]") {
  RegistryFixture registry;
  SECTION("the manifest") {
    registry.manifest(kTagUrl, kIndex);
    registry.answer(kRepo + "/manifests/" + kAmd64ManifestDigest, 404, "");
    check(registry.failure("ghcr.io/you/app:1"), Category::kNetwork, "image.registry_failed",
          "ghcr.io answered HTTP 404 when asked for the linux/amd64 manifest of ghcr.io/you/app:1",
          "run it again with --verbose to see the requests");
  }
  SECTION("the configuration") {
    registry.manifest(kTagUrl, kAmd64Manifest);
    registry.answer(kConfigUrl, 404, errors_body("BLOB_UNKNOWN", "blob unknown"));
    check(registry.failure("ghcr.io/you/app:1"), Category::kNetwork, "image.registry_failed",
          "ghcr.io answered HTTP 404 when asked for the configuration of ghcr.io/you/app:1: "
          "BLOB_UNKNOWN: blob unknown",
          "run it again with --verbose to see the requests");
  }
}

TEST_CASE("Docker Hub is asked which tags there are", "[oci]") {
  RegistryFixture registry;
  registry.options.docker_registry_url = "https://registry.test";
  const std::string tags =
      "https://hub.docker.com/v2/repositories/library/nginx/tags?page_size=100";
  registry.answer(kHub + "library/nginx/manifests/1.72", 404,
                  errors_body("MANIFEST_UNKNOWN", "manifest unknown"));
  const std::string no_tag = "docker.io/library/nginx has no tag 1.72";
  SECTION("one is similar") {
    registry.answer(tags, 200, R"({"count":2,"results":[{"name":"latest"},{"name":"1.27"}]})");
    check(registry.failure("nginx:1.72"), Category::kNotFound, "image.not_found", no_tag,
          "did you mean docker.io/library/nginx:1.27");
  }
  SECTION("none is similar") {
    registry.answer(tags, 200,
                    R"({"results":[{"name":"stable"},{"name":"alpine"},{"name":"perl-one"},)"
                    R"({"name":"mainline"},{"name":"trixie"},{"name":"bookworm"}]})");
    check(registry.failure("nginx:1.72"), Category::kNotFound, "image.not_found", no_tag,
          "its latest tags are stable, alpine, perl-one, mainline, trixie");
  }
  SECTION("there is no such repository") {
    registry.answer(tags, 404, R"({"message":"object not found","errinfo":{}})");
    check(registry.failure("nginx:1.72"), Category::kNotFound, "image.not_found",
          "Docker Hub has no public repository library/nginx",
          "check the name, or push the image: docker push docker.io/library/nginx:1.72");
  }
  const std::string plain_hint =
      "check the tag, or push the image: docker push docker.io/library/nginx:1.72";
  SECTION("it does not answer") {
    registry.transport.once("GET", tags, Error(Category::kNetwork, "net.timeout", "silence"));
    check(registry.failure("nginx:1.72"), Category::kNotFound, "image.not_found", no_tag,
          plain_hint);
  }
  SECTION("it answers nonsense") {
    registry.answer(tags, 200, R"({"results":[{"name":7},3]})");
    check(registry.failure("nginx:1.72"), Category::kNotFound, "image.not_found", no_tag,
          plain_hint);
  }
  SECTION("it fails") {
    registry.answer(tags, 500, "oops");
    check(registry.failure("nginx:1.72"), Category::kNotFound, "image.not_found", no_tag,
          plain_hint);
  }
  SECTION("the user interrupts") {
    registry.transport.once("GET", tags, Error(Category::kInterrupted, "interrupted", "stop"));
    CHECK(registry.failure("nginx:1.72").code() == "interrupted");
  }
}

TEST_CASE("A registry that answers with a web page is told as such", "[oci]") {
  for (const int status : {200, 401, 404}) {
    INFO(status);
    RegistryFixture registry;
    registry.answer("https://example.com/v2/app/manifests/latest", status, "<p>Welcome", kHtml);
    check(registry.failure("example.com/app"), Category::kImage, "image.not_an_image",
          "example.com answered with an HTML page (HTTP " + std::to_string(status) +
              "): a web site and not a registry",
          "check the host in example.com/app:latest");
  }
  RegistryFixture untyped;
  untyped.answer("https://example.com/v2/app/manifests/latest", 200, "\n <!DOCTYPE HTML><html>");
  CHECK(untyped.failure("example.com/app").code() == "image.not_an_image");
}

TEST_CASE("A registry that fails is quoted on one line", "[oci]") {
  struct Case {
    int status;
    std::string body, words, hint;
    std::vector<net::Header> headers;
  };
  const std::string later = "try again in a few minutes";
  const std::string look = "run it again with --verbose to see the requests";
  for (const Case& c : std::vector<Case>{
           {500, "", "", later, {}},
           {503,
            errors_body("UNAVAILABLE", "down for repairs"),
            ": UNAVAILABLE: down for repairs",
            later,
            {}},
           {502, "<html><h1>Bad Gateway", ": an HTML page", later, kHtml},
           {400, R"({"errors":[{"code":"A"},{"message":"b"},7,{}]})", ": A; b", look, {}},
           {400, R"({"errors":"x","message":"bad\n\u001b[2Jname"})", ": bad ?[2Jname", look, {}},
           {400, R"({"error":"invalid"})", ": invalid", look, {}},
           {418, "  short and\nstout ", ": short and stout", look, {}},
           {204, "", "", look, {}},
       }) {
    INFO(c.status << " " << c.body);
    RegistryFixture registry;
    registry.answer(kTagUrl, c.status, c.body, c.headers);
    check(registry.failure("ghcr.io/you/app:1"), Category::kNetwork, "image.registry_failed",
          "ghcr.io answered HTTP " + std::to_string(c.status) +
              " when asked for the manifest of ghcr.io/you/app:1" + c.words,
          c.hint);
  }
}

TEST_CASE("A pull limit is told with the way to raise it", "[oci]") {
  const std::string words = errors_body("TOOMANYREQUESTS", "You have reached your pull limit");
  RegistryFixture registry;
  registry.options.docker_registry_url = "https://registry.test";
  SECTION("Docker Hub") {
    registry.answer(kHub + "library/nginx/manifests/latest", 429, words);
    check(
        registry.failure("nginx"), Category::kNetwork, "image.registry_failed",
        "Docker Hub refuses more pulls for now: TOOMANYREQUESTS: You have reached your pull limit",
        "raise the limit with: docker login, then try again");
  }
  SECTION("another registry") {
    registry.answer(kTagUrl, 429, "");
    check(registry.failure("ghcr.io/you/app:1"), Category::kNetwork, "image.registry_failed",
          "ghcr.io refuses more requests for now",
          "try again later, or raise the limit with: docker login ghcr.io");
  }
}

TEST_CASE("An image that nobody may see without a login is told as private or missing", "[oci]") {
  RegistryFixture registry;
  registry.options.docker_registry_url = "https://registry.test";
  SECTION("any registry") {
    registry.answer(kTagUrl, 403, errors_body("DENIED", "requested access is denied"));
    check(registry.failure("ghcr.io/you/app:1"), Category::kCredentials, "image.unauthorized",
          "ghcr.io/you/app:1 is private, or there is no such repository: DENIED: requested access "
          "is denied",
          "check the name; is the image public? the platform can only pull public images (to read "
          "a private one: docker login ghcr.io)");
  }
  SECTION("Docker Hub") {
    registry.answer(kHub + "you/app/manifests/latest", 401, "");
    check(registry.failure("you/app"), Category::kCredentials, "image.unauthorized",
          "docker.io/you/app:latest is private, or there is no such repository",
          "check the name; is the image public? the platform can only pull public images, see "
          "https://hub.docker.com/r/you/app");
  }
  SECTION("an official image") {
    registry.answer(kHub + "library/ngnix/manifests/latest", 401, "");
    CHECK(registry.failure("ngnix").hint() ==
          "check the name: a name without a user is that of an official image");
  }
}

}  // namespace
}  // namespace ecloud::oci
