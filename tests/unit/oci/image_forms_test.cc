// Images in forms that occur in the wild and that Docker, containerd and skopeo take.

#include <filesystem>
#include <fstream>
#include <string>

#include "archive_fixture.h"
#include "ecloud/oci/archive.h"
#include "oci/layer_reader.h"
#include "registry_fixture.h"
#include "support/failure.h"
#include "support/oci_layout.h"
#include "support/temp_dir.h"

namespace ecloud::oci {
namespace {

namespace fs = std::filesystem;
using testing::OciLayout;
using testing::TempDir;

std::string with_platform(const std::string& descriptor, const std::string& platform) {
  const std::size_t slash = platform.find('/');
  return "{" + descriptor + R"(,"platform":{"os":")" + platform.substr(0, slash) +
         R"(","architecture":")" + platform.substr(slash + 1) + R"("}})";
}

/// A descriptor of a manifest that is not stored.
std::string absent() {
  return R"("mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:)" +
         std::string(64, 'd') + R"(","size":481)";
}

std::string digest_in(const std::string& descriptor) {
  const std::size_t at = descriptor.find("sha256:");
  return descriptor.substr(at, 71);
}

std::unique_ptr<ImageArchive> open(const OciLayout& layout, const TempDir& scratch) {
  return open_archive(layout.path(), scratch.path());
}

const std::string kSaveHint =
    "pull or build it for the platform, then save that one: docker pull --platform linux/amd64 "
    "IMAGE; docker save --platform linux/amd64 -o FILE IMAGE";

TEST_CASE("An archive that lists linux/amd64 and holds another platform is told so", "[oci]") {
  const OciLayout layout;
  const TempDir scratch;
  const std::string arm = with_platform(layout.add_image("arm64"), "linux/arm64");
  const std::string attestation = with_platform(absent(), "unknown/unknown");
  const std::string name = layout.path().string();
  SECTION("without its manifest") {
    layout.tag(
        layout.add_index(with_platform(absent(), "linux/amd64") + "," + arm + "," + attestation),
        "1");
    const Error error = testing::failure_of([&] { open(layout, scratch); });
    CHECK(error.category() == Category::kImage);
    CHECK(error.code() == "image.bad_archive");
    CHECK(error.message() ==
          name + " lists an image for linux/amd64 and lacks its content, blobs/sha256/" +
              std::string(64, 'd') + "; it holds linux/arm64");
    CHECK(error.hint() == kSaveHint);
  }
  SECTION("without its layer") {
    const std::string amd = layout.add_image("amd64");
    layout.tag(layout.add_index(arm + "," + with_platform(amd, "linux/amd64")), "1");
    const std::string layer = open(layout, scratch)->image().layers.at(0).digest.to_string();
    fs::remove(layout.path() / "blobs/sha256" / layer.substr(7));
    const Error error = testing::failure_of([&] { open(layout, scratch); });
    CHECK(error.message().find("lacks its content, blobs/sha256/" + layer.substr(7)) !=
          std::string::npos);
    CHECK(error.hint() == kSaveHint);
  }
}

TEST_CASE("An artifact that an index calls an image is passed over in an archive", "[oci]") {
  const OciLayout layout;
  const TempDir scratch;
  const std::string sbom =
      R"("mediaType":"application/vnd.oci.image.manifest.v1+json",)" +
      layout.add_blob(
          R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json",)" +
          layout.add_blob("{}") + R"(},"layers":[]})");
  const std::string image = layout.add_image("amd64");
  layout.tag(layout.add_index(with_platform(sbom, "linux/amd64") + "," +
                              with_platform(image, "linux/amd64")),
             "1");
  CHECK(open(layout, scratch)->image().digest.to_string() == digest_in(image));
  layout.tag(layout.add_index(with_platform(sbom, "linux/amd64")), "1");
  CHECK(testing::failure_of([&] { open(layout, scratch); }).message() ==
        layout.path().string() +
            " is an artifact of type \"application/vnd.oci.empty.v1+json\" and not a container "
            "image");
}

TEST_CASE("One image with two tags in an archive is one image", "[oci]") {
  const OciLayout layout;
  const TempDir scratch;
  const std::string image = layout.add_image("amd64");
  const auto tagged = [&](const std::string& tag) {
    return "{" + image + R"(,"annotations":{"org.opencontainers.image.ref.name":")" + tag +
           R"("}})";
  };
  std::ofstream(layout.path() / "index.json")
      << R"({"schemaVersion":2,"manifests":[)" << tagged("1.0") << "," << tagged("latest") << "]}";
  CHECK(open(layout, scratch)->image().digest.to_string() == digest_in(image));
}

TEST_CASE("An artifact that an index calls an image is passed over in a registry", "[oci]") {
  RegistryFixture registry;
  const std::string artifact =
      R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.example.sig","digest":"sha256:)" +
      std::string(64, 'c') + R"(","size":2},"layers":[]})";
  const std::string artifact_digest = Digest::of(base::as_bytes(artifact)).to_string();
  const auto described = [](const std::string& digest, std::size_t size) {
    return with_platform(R"("digest":")" + digest + R"(","size":)" + std::to_string(size),
                         "linux/amd64");
  };
  const std::string index = R"({"schemaVersion":2,"manifests":[)" +
                            described(artifact_digest, artifact.size()) + "," +
                            described(kAmd64ManifestDigest, kAmd64Manifest.size()) + "]}";
  registry.manifest(kRepo + "/manifests/1", index);
  registry.manifest(kRepo + "/manifests/" + artifact_digest, artifact);
  registry.manifest(kRepo + "/manifests/" + kAmd64ManifestDigest, kAmd64Manifest);
  registry.manifest(kConfigUrl, kAmd64Config);
  CHECK(registry.resolve("ghcr.io/you/app:1").digest.to_string() == kAmd64ManifestDigest);
  CHECK(registry.transport.complaints() == "");
}

/// Gives the same bytes for every blob.
class OneBlob final : public BlobSource {
 public:
  explicit OneBlob(std::string bytes) : bytes_(std::move(bytes)) {}
  void read(const Descriptor&, const OctetSink& sink) override {
    if (!bytes_.empty()) sink(base::as_bytes(bytes_));
  }

 private:
  const std::string bytes_;
};

/// An image with this layer.
Image image_of(const std::string& layer) {
  const Descriptor blob{std::string(kOciLayerType), Digest::of(base::as_bytes(layer)),
                        layer.size()};
  return {.digest = blob.digest, .config_descriptor = blob, .layers = {blob}};
}

TEST_CASE("A layer of no bytes and an empty archive have no entries", "[oci]") {
  const std::string zstd_of_nothing =
      std::string("\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00", 9) + std::string("\x99\xe9\xd8\x51", 4);
  for (const std::string& bytes :
       {std::string(), gzip_stable(""), zstd_of_nothing, std::string(512, '\0'),
        std::string(1024, '\0'), std::string(10240, '\0'), gzip_stable(std::string(1024, '\0'))}) {
    INFO(bytes.size());
    const Image image = image_of(bytes);
    OneBlob blobs(bytes);
    TarList list;
    std::uint64_t budget = 1 << 20;
    CHECK(read_layer(image, 0, blobs, list, budget) == LayerEnd::kComplete);
    CHECK(list.items.empty());
  }
  OneBlob three("abc");
  TarList list;
  std::uint64_t budget = 100;
  CHECK(testing::failure_of([&] { read_layer(image_of("abc"), 0, three, list, budget); }).code() ==
        "image.broken_layer");
}

}  // namespace
}  // namespace ecloud::oci
