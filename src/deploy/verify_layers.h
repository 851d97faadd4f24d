#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/oci/digest.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/layering.h"
#include "ecloud/oci/tar.h"
#include "ecloud/platform/runtime_generation.h"

namespace ecloud::deploy {

/// What a layer has at a path.
struct LayerEntry {
  oci::TarType type = oci::TarType::kFile;
  unsigned mode = 0;
  std::uint64_t uid = 0, gid = 0;
  std::string link_target;
  std::optional<oci::Digest> content;   ///< of a file
  std::string ambiguity, attribute;     ///< as oci::TarEntry has them
  std::size_t position = 0;             ///< in the order of the archive
  platform::EvidencePathScan evidence;  ///< of usr/local/bin/kms-client
  bool repeated = false;                ///< more than once there, and not as a directory alone
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
/// sha256:…", "etc/passwd was added". Other clients write the directories on the way to the files;
/// with root as their owner, mode 0755 and before what is in them they are no difference.
std::vector<std::string> layer_differences(const std::vector<oci::AddedFile>& expected,
                                           const LayerContent& found);

/// Where the configurations differ in what makes a difference to what runs:
/// "config.Entrypoint is [\"/x\"] instead of …". History, creation time and the top layer's diff_id
/// are left out. A member that is there more than once in what was found is a difference.
std::vector<std::string> configuration_differences(const std::string& expected,
                                                   const std::string& found);

/// The members of a JSON document that are not read the same everywhere, with their paths
/// ("config.Entrypoint"): those that are there twice in one object, of which some programs take the
/// last and Go's merge all, and those whose names differ in case alone, which Go takes as one.
/// Objects whose members are named freely (labels, annotations, volumes, ports) may have the
/// latter.
std::vector<std::string> ambiguous_members(const std::string& document);

/// The base that the image's label names; empty without a label. The label is a common one, which
/// an image also has from its own base, so that it counts only when the top layer is one that this
/// program made (as the history says, where it can).
std::string named_base(const oci::Image& image);

/// At most five of them in one line, and how many more there are.
std::string listed(const std::vector<std::string>& differences);

}  // namespace ecloud::deploy
