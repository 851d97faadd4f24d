#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ecloud/base/hex.h"
#include "ecloud/oci/digest.h"
#include "support/temp_dir.h"

namespace ecloud::testing {

/// A directory in the OCI image layout 1.0 for tests to push from. Link ecloud_oci to use it.
class OciLayout {
 public:
  OciLayout() { dir_.write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"); }

  const std::filesystem::path& path() const { return dir_.path(); }

  /// Stores `content` as a blob and returns the members "digest" and "size" of its descriptor.
  std::string add_blob(std::string_view content) const {
    const std::string digest = oci::Digest::of(base::as_bytes(content)).to_string();
    dir_.write("blobs/sha256/" + digest.substr(7), content);
    return R"("digest":")" + digest + R"(","size":)" + std::to_string(content.size());
  }

  /// An image of one empty layer; returns its descriptor without braces. `config` holds the members
  /// of the configuration's "config" object: R"("Labels":{"a":"b"})".
  std::string add_image(const std::string& architecture, const std::string& config = "") const {
    // gzip.compress(bytes(1024), mtime=0) of Python 3.11: an empty tar archive.
    const auto layer = base::from_hex("1f8b080000000000020363601805a360148c5400002eafb5ef00040000");
    const std::string empty_tar(1024, '\0');
    const std::string config_json =
        R"({"architecture":")" + architecture + R"(","os":"linux","config":{)" + config +
        R"(},"rootfs":{"type":"layers","diff_ids":[")" +
        oci::Digest::of(base::as_bytes(empty_tar)).to_string() + R"("]}})";
    const std::string type = R"("mediaType":"application/vnd.oci.image.)";
    const std::string manifest =
        R"({"schemaVersion":2,)" + type + R"(manifest.v1+json",)" + R"("config":{)" + type +
        R"(config.v1+json",)" + add_blob(config_json) + R"(},"layers":[{)" + type +
        R"(layer.v1.tar+gzip",)" + add_blob(base::as_chars(*layer)) + "}]}";
    return type + R"(manifest.v1+json",)" + add_blob(manifest);
  }

  /// An index of `entries`, which are descriptors with braces; returns its own without.
  std::string add_index(const std::string& entries) const {
    const std::string type = R"("mediaType":"application/vnd.oci.image.index.v1+json",)";
    return type + add_blob(R"({"schemaVersion":2,)" + type + R"("manifests":[)" + entries + "]}");
  }

  /// Makes `descriptor` (without braces) what "oci:PATH:TAG" names; replaces what was there.
  void tag(const std::string& descriptor, const std::string& name) const {
    dir_.write("index.json", R"({"schemaVersion":2,"manifests":[{)" + descriptor +
                                 R"(,"annotations":{"org.opencontainers.image.ref.name":")" + name +
                                 R"("}}]})");
  }

 private:
  TempDir dir_;
};

}  // namespace ecloud::testing
