#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/oci/digest.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/layering.h"
#include "ecloud/oci/tar.h"

namespace ecloud::deploy {

/// What a layer has at a path.
struct LayerEntry {
  oci::TarType type = oci::TarType::kFile;
  unsigned mode = 0;
  std::uint64_t uid = 0, gid = 0;
  std::string link_target;
  std::optional<oci::Digest> content;  ///< of a file
};

struct LayerContent {
  oci::Digest diff_id;  ///< of the archive that the layer unpacks to
  std::map<std::string, LayerEntry> entries;
  /// Of the path that was asked for; nothing when there is no such file or it is too large.
  std::optional<std::string> wanted;
};

/// Reads a layer to its end. `wanted` is the path of a file of at most 1 MiB. Throws what the
/// source, oci::Decompressor and oci::TarReader throw.
LayerContent read_layer(const oci::Descriptor& layer, oci::BlobSource& blobs,
                        const std::string& name, const std::string& wanted);

oci::Digest digest_of(const oci::Content& content);

/// Where a layer is not what the files make: "usr/local/bin/kms-client is sha256:… instead of
/// sha256:…", "etc/passwd was added". Directories of root with mode 0755 change nothing.
std::vector<std::string> layer_differences(const std::vector<oci::AddedFile>& expected,
                                           const LayerContent& found);

/// Where the configurations differ in what makes a difference to what runs:
/// "config.Entrypoint is [\"/x\"] instead of …". History, creation time and the top layer's diff_id
/// are left out.
std::vector<std::string> configuration_differences(const std::string& expected,
                                                   const std::string& found);

/// At most five of them in one line, and how many more there are.
std::string listed(const std::vector<std::string>& differences);

}  // namespace ecloud::deploy
