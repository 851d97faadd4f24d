#include "ecloud/oci/registry.h"

#include "registry_fixture.h"

namespace ecloud::oci {
namespace {

const std::string kTagUrl = kRepo + "/manifests/1";
const std::string kHint =
    "do not deploy it: the registry, or something on the way to it, changed the image";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("Entrypoint and one of the platform's labels or files make an image layered", "[oci]") {
  ResolvedImage image{.reference = {}, .digest = Digest::of({}), .manifest_media_type = {}};
  const std::string start = "/usr/local/bin/compute-source-env.sh";
  image.entrypoint = {start};
  CHECK_FALSE(image.is_layered());
  for (const char* label : {"eigenx_cli_version", "eigenx_vm_image", "eigenx_use_ita"}) {
    image.labels = {{"a", "b"}, {label, "x"}, {"tee.launch_policy.log_redirect", "always"}};
    CHECK(image.is_layered());
  }
  image.labels = {{"eigen", "x"}, {"tee.launch_policy.log_redirect", "always"}};
  CHECK_FALSE(image.is_layered());
  image.has_platform_client = true;
  CHECK(image.is_layered());
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{}, {"/bin/sh", start}, {start, "x"}, {start + " "}}) {
    image.entrypoint = other;
    CHECK_FALSE(image.is_layered());
  }
}

TEST_CASE("A single manifest is resolved with two requests", "[oci]") {
  RegistryFixture registry;
  const std::string url = kRepo + "/manifests/" + kAmd64ManifestDigest;
  registry.manifest(url, kAmd64Manifest, {{"Docker-Content-Digest", kAmd64ManifestDigest}});
  registry.manifest(kConfigUrl, kAmd64Config);
  const ResolvedImage image = registry.resolve("ghcr.io/you/app:1@" + kAmd64ManifestDigest);
  CHECK(image.digest.to_string() == kAmd64ManifestDigest);
  CHECK(image.manifest_media_type == "application/vnd.oci.image.manifest.v1+json");
  CHECK_FALSE(image.index_digest);
  CHECK(image.labels == std::map<std::string, std::string>{{"eigenx_cli_version", "1.2.3"},
                                                           {"maintainer", "someone"}});
  // Its own entrypoint: the label alone does not make it layered.
  CHECK_FALSE(image.is_layered());
  CHECK(image.compressed_size_bytes == 1000 + 234 + 152);
  CHECK_FALSE(image.with_credentials);
  CHECK(image.reference.to_string() == "ghcr.io/you/app:1@" + kAmd64ManifestDigest);
  CHECK(registry.asked() == std::vector<std::string>{"GET " + url, "GET " + kConfigUrl});
  CHECK(registry.credentials.asked.empty());
  CHECK(registry.sent(0, "Authorization") == "none");
  CHECK(registry.sent(0, "Accept") ==
        "application/vnd.oci.image.index.v1+json, "
        "application/vnd.docker.distribution.manifest.list.v2+json, "
        "application/vnd.oci.image.manifest.v1+json, "
        "application/vnd.docker.distribution.manifest.v2+json");
  CHECK(registry.transport.requests()[0].max_response_bytes == 4 * 1024 * 1024);
  CHECK(registry.transport.requests()[1].max_response_bytes == 8 * 1024 * 1024);
  CHECK(registry.transport.requests()[1].follow_redirects);
}

TEST_CASE("Docker's own manifest type is as good", "[oci]") {
  RegistryFixture registry;
  registry.manifest(kTagUrl, kDockerManifest,
                    {{"Content-Type", "application/vnd.docker.distribution.manifest.v2+json"}});
  registry.manifest(kConfigUrl, kAmd64Config);
  const ResolvedImage image = registry.resolve("ghcr.io/you/app:1");
  CHECK(image.digest.to_string() == kDockerManifestDigest);
  CHECK(image.manifest_media_type == "application/vnd.docker.distribution.manifest.v2+json");
}

TEST_CASE("Of an index the amd64 manifest is taken, and its digest", "[oci]") {
  RegistryFixture registry;
  const std::string entry_url = kRepo + "/manifests/" + kAmd64ManifestDigest;
  registry.manifest(kTagUrl, kIndex, {{"docker-content-digest", kIndexDigest}});
  registry.manifest(entry_url, kAmd64Manifest);
  registry.manifest(kConfigUrl, kAmd64Config);
  const ResolvedImage image = registry.resolve("ghcr.io/you/app:1");
  CHECK(image.digest.to_string() == kAmd64ManifestDigest);
  REQUIRE(image.index_digest);
  CHECK(image.index_digest->to_string() == kIndexDigest);
  CHECK(registry.asked() ==
        std::vector<std::string>{"GET " + kTagUrl, "GET " + entry_url, "GET " + kConfigUrl});
}

TEST_CASE("Two requests that learn at once that a registry wants https both get it", "[oci]") {
  RegistryFixture registry;
  const std::string path = "://localhost:5000/v2/x/manifests/";
  const auto refusal =
      testing::make_response(400, "Client sent an HTTP request to an HTTPS server.\n");
  // The second learns it while the answer to the first is still on its way.
  registry.transport.once("GET", "http" + path + "1", [&](const net::Request&) {
    registry.resolve("localhost:5000/x:2");
    return refusal;
  });
  registry.transport.once("GET", "http" + path + "2", refusal);
  for (const std::string tag : {"1", "2"}) registry.manifest("https" + path + tag, kAmd64Manifest);
  registry.transport.always(
      "GET", "https://localhost:5000/v2/x/blobs/" + kAmd64ConfigDigest,
      [](const net::Request&) { return testing::make_response(200, kAmd64Config); });
  CHECK(registry.resolve("localhost:5000/x:1").digest.to_string() == kAmd64ManifestDigest);
  CHECK(registry.transport.complaints() == "");
}

TEST_CASE("Registries on loopback are spoken to over plain http", "[oci]") {
  for (const std::string host : {"localhost:5000", "127.0.0.1:5000", "[::1]:5000", "localhost"}) {
    INFO(host);
    RegistryFixture registry;
    registry.manifest("http://" + host + "/v2/x/manifests/latest", kAmd64Manifest);
    registry.manifest("http://" + host + "/v2/x/blobs/" + kAmd64ConfigDigest, kAmd64Config);
    CHECK(registry.resolve(host + "/x").digest.to_string() == kAmd64ManifestDigest);
  }
}

TEST_CASE("Bytes that do not hash to what was asked for are refused", "[oci]") {
  RegistryFixture registry;
  registry.manifest(kRepo + "/manifests/" + kArm64ManifestDigest, kAmd64Manifest);
  const std::string name = "ghcr.io/you/app@" + kArm64ManifestDigest;
  const Error error = registry.failure(name);
  CHECK(error.category() == Category::kImage);
  CHECK(error.code() == "image.digest_mismatch");
  CHECK(error.message() == "the manifest of " + name + " hashes to " + kAmd64ManifestDigest +
                               ", and not to " + kArm64ManifestDigest);
  CHECK(error.hint() == kHint);
}

TEST_CASE("Bytes that do not hash to what the registry announces are refused", "[oci]") {
  RegistryFixture registry;
  registry.manifest(kTagUrl, kAmd64Manifest, {{"Docker-Content-Digest", kArm64ManifestDigest}});
  const Error error = registry.failure("ghcr.io/you/app:1");
  CHECK(error.code() == "image.digest_mismatch");
  CHECK(error.message() == "the manifest of ghcr.io/you/app:1 hashes to " + kAmd64ManifestDigest +
                               ", and not to " + kArm64ManifestDigest);
}

TEST_CASE("A digest that is announced with another algorithm is no objection", "[oci]") {
  RegistryFixture registry;
  registry.manifest(kTagUrl, kAmd64Manifest, {{"Docker-Content-Digest", "sha512:00"}});
  registry.manifest(kConfigUrl, kAmd64Config);
  CHECK(registry.resolve("ghcr.io/you/app:1").digest.to_string() == kAmd64ManifestDigest);
}

TEST_CASE("An entry of an index has to have the announced digest and size", "[oci]") {
  RegistryFixture registry;
  registry.manifest(kTagUrl, kIndex);
  SECTION("another manifest of the same size") {
    const std::string other = with(kAmd64Manifest, "\"size\":234", "\"size\":235");
    registry.manifest(kRepo + "/manifests/" + kAmd64ManifestDigest, other);
    CHECK(registry.failure("ghcr.io/you/app:1").message() ==
          "the linux/amd64 manifest of ghcr.io/you/app:1 hashes to " +
              Digest::of(base::as_bytes(other)).to_string() + ", and not to " +
              kAmd64ManifestDigest);
  }
  SECTION("another size") {
    registry.manifest(kRepo + "/manifests/" + kAmd64ManifestDigest, kAmd64Manifest + " ");
    const Error error = registry.failure("ghcr.io/you/app:1");
    CHECK(error.code() == "image.digest_mismatch");
    CHECK(error.message() ==
          "the linux/amd64 manifest of ghcr.io/you/app:1 has 557 bytes, and not 556 as announced");
  }
}

TEST_CASE("A configuration has to have the announced digest and size", "[oci]") {
  RegistryFixture registry;
  registry.manifest(kTagUrl, kAmd64Manifest);
  SECTION("another digest") {
    const std::string other = with(kAmd64Config, "1.2.3", "1.2.4");
    registry.manifest(kConfigUrl, other);
    const Error error = registry.failure("ghcr.io/you/app:1");
    CHECK(error.code() == "image.digest_mismatch");
    CHECK(error.message() == "the configuration of ghcr.io/you/app:1 hashes to " +
                                 Digest::of(base::as_bytes(other)).to_string() + ", and not to " +
                                 kAmd64ConfigDigest);
  }
  SECTION("another size") {
    registry.manifest(kConfigUrl, "{}");
    CHECK(registry.failure("ghcr.io/you/app:1").message() ==
          "the configuration of ghcr.io/you/app:1 has 2 bytes, and not 152 as announced");
  }
}

TEST_CASE("An image for another platform is refused with what was found", "[oci]") {
  RegistryFixture registry;
  registry.manifest(kTagUrl, kArm64Manifest);
  registry.manifest(kRepo + "/blobs/" + kArm64ConfigDigest, kArm64Config);
  const Error error = registry.failure("ghcr.io/you/app:1");
  CHECK(exit_code(error.category()) == 3);
  CHECK(error.code() == "image.platform");
  CHECK(error.message() ==
        "ghcr.io/you/app:1 is for linux/arm64, and the platform runs linux/amd64 alone");
  CHECK(error.hint() ==
        "build it for the platform: docker buildx build --platform linux/amd64 --push -t "
        "ghcr.io/you/app:1 .");
}

TEST_CASE("Answers that weigh too much are refused", "[oci]") {
  const Error heavy(Category::kNetwork, "net.too_large", "too large");
  RegistryFixture registry;
  SECTION("the manifest") {
    registry.transport.once("GET", kTagUrl, heavy);
    const Error error = registry.failure("ghcr.io/you/app:1");
    CHECK(error.category() == Category::kImage);
    CHECK(error.code() == "image.not_an_image");
    CHECK(error.message() == "the manifest of ghcr.io/you/app:1 is larger than 4 MiB");
  }
  SECTION("the configuration") {
    registry.manifest(kTagUrl, kAmd64Manifest);
    registry.transport.once("GET", kConfigUrl, heavy);
    CHECK(registry.failure("ghcr.io/you/app:1").message() ==
          "the configuration of ghcr.io/you/app:1 is larger than 8 MiB");
  }
  SECTION("a configuration that is announced as larger is not even asked for") {
    registry.manifest(kTagUrl, with(kAmd64Manifest, "\"size\":152", "\"size\":8388609"));
    CHECK(registry.failure("ghcr.io/you/app:1").message() ==
          "the configuration of ghcr.io/you/app:1 is larger than 8 MiB");
    CHECK(registry.asked().size() == 1);
  }
}

TEST_CASE("An index of indexes is refused with what to name", "[oci]") {
  RegistryFixture registry;
  const std::string outer = R"({"schemaVersion":2,"manifests":[{"digest":")" + kIndexDigest +
                            R"(","size":778,"platform":{"os":"linux","architecture":"amd64"}}]})";
  registry.manifest(kTagUrl, outer);
  registry.manifest(kRepo + "/manifests/" + kIndexDigest, kIndex);
  const Error error = registry.failure("ghcr.io/you/app:1");
  CHECK(error.message() ==
        "ghcr.io/you/app:1 is an index of indexes, which the platform cannot start");
  CHECK(error.hint() == "name the inner one by digest: ghcr.io/you/app@" + kIndexDigest);
}

TEST_CASE("What the transport says is passed on", "[oci]") {
  RegistryFixture registry;
  registry.transport.once("GET", kTagUrl,
                          Error(Category::kNetwork, "net.refused", "refused", "a hint"));
  const Error error = registry.failure("ghcr.io/you/app:1");
  CHECK(error.code() == "net.refused");
  CHECK(error.message() == "refused");
}

}  // namespace
}  // namespace ecloud::oci
