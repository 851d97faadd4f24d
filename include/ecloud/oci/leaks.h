#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/cancel.h"
#include "ecloud/base/secret.h"
#include "ecloud/oci/image.h"

namespace ecloud::oci {

/// Names of variables with their private values.
using PrivateValues = std::map<std::string, base::Secret>;

struct LeakOptions {
  /// Of what is stored (compressed), over all layers.
  std::uint64_t budget_bytes = std::uint64_t{1} << 30;
  /// Shorter values stand everywhere by chance.
  std::size_t minimum_value_bytes = 8;
  const base::CancelToken* cancel = nullptr;  ///< optional
};

/// A private value that everybody who pulls the image can read. No text in it holds a value.
struct Leak {
  std::string variable;
  /// "environment variable X", "label L", "history, line 3", "entrypoint", "command",
  /// "configuration", "manifest", "file", "file name".
  std::string where;
  std::optional<std::size_t> layer;  ///< of files; 0 is the lowest
  std::string instruction;           ///< what made that layer, from the history; may be empty
  std::string path;                  ///< in the layer, "app/.env"
};

struct LeakReport {
  std::vector<Leak> leaks;           ///< at most ten a variable
  std::vector<std::string> skipped;  ///< variables whose values cannot be told from ordinary words
  std::vector<std::size_t> unread;   ///< layers that the budget left out, or cut
};

/// Looks for private values in the configuration, the manifest, and the contents and names of the
/// files of all layers, the newest first. Found are the value as it stands, as JSON and most shells
/// write it between double quotes, and its base64; a value of more than 64 octets by the 64 in its
/// middle, so that another frame around a key does not hide it. Files that are compressed inside of
/// the layer are not opened. Skipped are values that are shorter than the minimum, and those that
/// are one plain word of fewer than 16 letters ("production"). Throws what BlobSource,
/// Decompressor and TarReader throw, and Error{kInterrupted}.
LeakReport find_leaks(const Image& image, BlobSource& blobs, const PrivateValues& wanted,
                      const LeakOptions& options = {});

}  // namespace ecloud::oci
