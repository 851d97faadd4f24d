#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace ecloud::base {

/// Ways to give a finished file a name that nothing has.
enum class Placing {
  kRename,  ///< renameat2(RENAME_NOREPLACE): Linux 3.15, not every file system
  kLink,    ///< link() and unlink(): not on FAT, exFAT and many network file systems
  kCopy,    ///< open(O_EXCL) and a copy: everywhere; a reader may see a part of it
};

/// 0 or an errno, EEXIST for a name that is taken; nothing when the file system does not know that
/// way. `source` is gone when it worked.
std::optional<int> place_file(Placing way, const std::filesystem::path& source,
                              const std::filesystem::path& target);

}  // namespace ecloud::base
