#include <string>

#include "docker_registry.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/json.h"
#include "ecloud/oci/push.h"
#include "support/cutting_proxy.h"

namespace ecloud::oci {
namespace {

using testing::CuttingProxy;
using testing::error_of;
using testing::OciLayout;
using testing::RealClient;
using testing::TempDir;
using Registry = testing::DockerRegistry;
using Tools = testing::RegistryTools;

/// Octets that no compression and no deduplication makes smaller.
std::string noise(std::size_t size, std::uint32_t seed) {
  std::string out(size, '\0');
  std::uint64_t state = seed * 2654435761ULL + 88172645463325252ULL;
  for (char& octet : out) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    octet = static_cast<char>(state);
  }
  return out;
}

Descriptor descriptor_of(std::string_view type, const std::string& octets) {
  return {std::string(type), Digest::of(base::as_bytes(octets)), octets.size()};
}

std::string json_of(const Descriptor& descriptor) {
  return R"({"mediaType":")" + descriptor.media_type + R"(","digest":")" +
         descriptor.digest.to_string() + R"(","size":)" + std::to_string(descriptor.size_bytes) +
         "}";
}

class Quiet final : public PushObserver {
 public:
  void blob(const Descriptor&, BlobStep, std::uint64_t) override {}
};

/// An image with these layers, which are no archives: registries do not look into them.
struct TestImage {
  explicit TestImage(std::vector<std::string> contents) : layers(std::move(contents)) {
    std::string diff_ids, list;
    for (const std::string& layer : layers) {
      descriptors.push_back(descriptor_of(kOciLayerType, layer));
      diff_ids += (diff_ids.empty() ? "\"" : ",\"") + descriptors.back().digest.to_string() + "\"";
      list += (list.empty() ? "" : ",") + json_of(descriptors.back());
    }
    config = R"({"created":"2026-01-02T03:04:05Z","architecture":"amd64","os":"linux","config":)"
             R"({"Env":["A=1","B=two"],"Entrypoint":["/bin/app"],"Labels":{"k":"v"}},)"
             R"("rootfs":{"type":"layers","diff_ids":[)" +
             diff_ids + "]}}";
    config_descriptor = descriptor_of(kOciConfigType, config);
    manifest = R"({"schemaVersion":2,"mediaType":")" + std::string(kOciManifestType) +
               R"(","config":)" + json_of(config_descriptor) + R"(,"layers":[)" + list + "]}";
  }

  PushRequest request(const std::string& target) const {
    PushRequest out{Reference::parse(target), {}, manifest, std::string(kOciManifestType), {}};
    for (std::size_t i = 0; i < layers.size(); ++i) {
      out.blobs.push_back({descriptors[i], content_of(layers[i]), std::nullopt});
    }
    out.blobs.push_back({config_descriptor, content_of(config), std::nullopt});
    return out;
  }
  /// The same with layers that are somewhere else.
  PushRequest request_from(const std::string& target, const std::string& source,
                           const TempDir& spool) const {
    PushRequest out = request(target);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      out.blobs[i].content = nullptr;
      out.blobs[i].from = Reference::parse(source);
    }
    out.spool_directory = spool.path();
    return out;
  }
  std::string digest() const { return Digest::of(base::as_bytes(manifest)).to_string(); }

  std::vector<std::string> layers;
  std::vector<Descriptor> descriptors;
  std::string config, manifest;
  Descriptor config_descriptor{"", Digest::of({}), 0};
};

PushReport push(RealClient& client, const PushRequest& request) {
  Quiet quiet;
  return client.registry().push(request, quiet);
}

std::string read_whole(RealClient& client, const std::string& reference, const Descriptor& blob) {
  std::string out;
  client.registry().read_blob(Reference::parse(reference), blob, [&](base::ByteView octets) {
    out.append(base::as_chars(octets));
    return true;
  });
  return out;
}

void check_with_skopeo(const Registry& registry, const TestImage& image,
                       const std::string& target) {
  const base::Json told = base::Json::parse(registry.inspect(target), "skopeo");
  CHECK(told["Digest"].as_string() == image.digest());
  CHECK(told["Created"].as_string() == "2026-01-02T03:04:05Z");
  CHECK(told["Architecture"].as_string() == "amd64");
  CHECK(told["Os"].as_string() == "linux");
  CHECK(told["Labels"].dump() == R"({"k":"v"})");
  CHECK(told["Env"].dump() == R"(["A=1","B=two"])");
  REQUIRE(told["Layers"].size() == image.layers.size());
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    CHECK(told["Layers"].at(i).as_string() == image.descriptors[i].digest.to_string());
    // Newer versions of skopeo tell more of them.
    const base::Json layer = told["LayersData"].at(i);
    if (!layer.exists()) continue;
    CHECK(layer["Size"].as_u64() == image.layers[i].size());
    CHECK(layer["MIMEType"].as_string() == kOciLayerType);
  }
  CHECK(registry.inspect(target, {"--raw"}) == image.manifest);
  CHECK(registry.inspect(target, {"--config", "--raw"}) == image.config);
}

TEST_CASE("What we push is what skopeo reads: small and large blobs", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  const TestImage image({noise(3'000'000, 1), "small", noise(1 << 20, 2), noise(700'000, 3)});
  RealClient client;
  const std::string target = registry.name("you/app:1");
  const PushReport report = push(client, image.request(target));
  CHECK(report.digest.to_string() == image.digest());
  CHECK(report.sent == 5);
  CHECK(report.present + report.mounted == 0);
  CHECK(report.sent_bytes == 3'000'000 + 5 + (1 << 20) + 700'000 + image.config.size());
  check_with_skopeo(registry, image, target);

  SECTION("and a second push sends nothing but the manifest") {
    const PushReport again = push(client, image.request(registry.name("you/app:2")));
    CHECK(again.present == 5);
    CHECK(again.sent_bytes == 0);
    check_with_skopeo(registry, image, registry.name("you/app:2"));
  }
  SECTION("and we read every blob back") {
    for (std::size_t i = 0; i < image.layers.size(); ++i) {
      CHECK(read_whole(client, target, image.descriptors[i]) == image.layers[i]);
    }
    CHECK(client.registry().traffic().received_bytes >= 3'000'000);
  }
}

TEST_CASE("Blobs of another repository of the registry are mounted", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  const TestImage image({noise(2'000'000, 1), noise(100, 2)});
  const TempDir spool;
  RealClient client;
  push(client, image.request(registry.name("base:1")));
  const std::size_t patches = registry.count("PATCH ");
  const PushReport report =
      push(client, image.request_from(registry.name("you/app:1"), registry.name("base:1"), spool));
  CHECK(report.mounted == 2);
  CHECK(report.sent == 1);
  CHECK(report.sent_bytes == image.config.size());
  CHECK(report.fetched_bytes == 0);
  CHECK(registry.count("PATCH ") == patches);
  CHECK(registry.count("PUT /v2/you/app/blobs/uploads/") == 1);
  CHECK(registry.count("GET /v2/base/blobs/") == 0);
  check_with_skopeo(registry, image, registry.name("you/app:1"));
}

TEST_CASE("Blobs of another registry are brought over", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry source(*tools), target(*tools);
  const TestImage image({noise(2'500'000, 1), noise(100, 2)});
  const TempDir spool;
  RealClient client;
  push(client, image.request(source.name("base:1")));
  const PushReport report =
      push(client, image.request_from(target.name("you/app:1"), source.name("base:1"), spool));
  CHECK(report.fetched_bytes == 2'500'100);
  CHECK(report.sent == 3);
  CHECK(std::filesystem::is_empty(spool.path()));
  check_with_skopeo(target, image, target.name("you/app:1"));
}

TEST_CASE("A layer that the source does not have stops the push before the tag",
          "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  const TestImage image({noise(2'000'000, 1)});
  const TempDir spool;
  RealClient client;
  const Error error = error_of([&] {
    push(client, image.request_from(registry.name("you/app:1"), registry.name("none:1"), spool));
  });
  CHECK(error.code() == "image.missing_layer");
  CHECK(error.message() == registry.host() + " does not have the blob " +
                               image.descriptors[0].digest.to_string() + " of " +
                               registry.name("none"));
  CHECK(error_of([&] { client.resolve(registry.name("you/app:1")); }).code() == "image.not_found");
}

TEST_CASE("A push goes on after its connection was cut", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  CuttingProxy proxy(registry.port());
  const TestImage image({noise(4'000'000, 1), noise(50'000, 2)});
  RealClient client;
  const std::string target = "localhost:" + std::to_string(proxy.port()) + "/you/app:1";
  proxy.cut_after_sent(2'000'000);
  // This version of the registry forgets an upload that was cut within a request (it says so in
  // its log: "upload resumed at wrong offest"), so that the blob begins anew.
  const PushReport report = push(client, image.request(target));
  CHECK(proxy.cuts() == 1);
  CHECK(report.sent_bytes > 4'050'000);
  CHECK(registry.count("PATCH ") == 2);
  CHECK(client.clock.sleeps().size() == 1);
  check_with_skopeo(registry, image, registry.name("you/app:1"));
}

TEST_CASE("Reading goes on where the connection was cut", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  CuttingProxy proxy(registry.port());
  const TestImage image({noise(4'000'000, 1)});
  RealClient client;
  push(client, image.request(registry.name("app:1")));
  const std::string name = "localhost:" + std::to_string(proxy.port()) + "/app:1";
  proxy.cut_after_received(1'500'000);
  CHECK(read_whole(client, name, image.descriptors[0]) == image.layers[0]);
  CHECK(proxy.cuts() == 1);
  CHECK(client.registry().traffic().received_bytes < 4'100'000);
  CHECK(registry.count("GET /v2/app/blobs/") == 2);
}

TEST_CASE("A registry with TLS on this machine is spoken to over https", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools, {.user = "alice", .password = "s3cret", .tls = true});
  const TestImage image({noise(2'000'000, 1)});
  RealClient client(registry.certificate());
  client.docker_config(R"({"auths":{")" + registry.host() + R"(":{"auth":")" +
                       base::to_base64(base::as_bytes("alice:s3cret")) + R"("}}})");
  const std::string target = registry.name("you/app:1");
  CHECK(push(client, image.request(target)).digest.to_string() == image.digest());
  CHECK(client.resolve(target).digest.to_string() == image.digest());
  CHECK(read_whole(client, target, image.descriptors[0]) == image.layers[0]);
  check_with_skopeo(registry, image, target);
  RealClient stranger;
  CHECK(error_of([&] { stranger.resolve(target); }).code() == "net.tls");
}

TEST_CASE("Pushing to a registry with a password needs the right one", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools, {.user = "alice", .password = "s3cret"});
  const TestImage image({noise(2'000'000, 1)});
  const auto login = [&](const std::string& pair) {
    return R"({"auths":{")" + registry.host() + R"(":{"auth":")" +
           base::to_base64(base::as_bytes(pair)) + R"("}}})";
  };
  const PushRequest request = image.request(registry.name("you/app:1"));
  RealClient client;
  SECTION("which is there") {
    client.docker_config(login("alice:s3cret"));
    push(client, request);
    check_with_skopeo(registry, image, registry.name("you/app:1"));
  }
  SECTION("which is wrong") {
    client.docker_config(login("alice:wrong"));
    const Error error = error_of([&] { push(client, request); });
    CHECK(exit_code(error.category()) == 5);
    CHECK(error.code() == "image.unauthorized");
    CHECK(error.message() == registry.host() + " refuses the credentials of \"alice\"");
  }
  SECTION("which is missing") {
    const Error error = error_of([&] { push(client, request); });
    CHECK(exit_code(error.category()) == 5);
    CHECK(error.message() == "pushing to " + registry.name("you/app") + " needs a login");
    CHECK(error.hint() == "log in with: docker login " + registry.host());
  }
}

TEST_CASE("A manifest that the registry refuses leaves no tag", "[interop][oci][push]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  TestImage image({noise(100, 1)});
  PushRequest request = image.request(registry.name("you/app:1"));
  RealClient client;
  SECTION("because a layer is missing") {
    request.blobs.erase(request.blobs.begin());
  }
  SECTION("because it is none") {
    request.manifest = R"({"schemaVersion":2})";
  }
  const Error error = error_of([&] { push(client, request); });
  CHECK(exit_code(error.category()) == 3);
  CHECK(error.code() == "image.push_failed");
  INFO(error.message());
  CHECK(error.message().starts_with(registry.host() + " refuses the manifest of " +
                                    registry.name("you/app:1") + " with HTTP 4"));
  CHECK(error.message().find("MANIFEST") != std::string::npos);
  CHECK(error_of([&] { client.resolve(registry.name("you/app:1")); }).code() == "image.not_found");
}

}  // namespace
}  // namespace ecloud::oci
