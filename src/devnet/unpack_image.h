#pragma once

#include <filesystem>
#include <string>

#include "devnet/stored_image.h"

namespace ecloud::devnet {

/// A descriptor for `path` below `root`, every link on the way resolved inside of the root, as in a
/// chroot. With `make` missing directories are made, with mode 0755. -1 when there is none.
int open_directory_in(int root, const std::string& path, bool make);

/// Unpacks the layers of an image into the empty directory `root`, with owners, permissions and
/// whiteouts; devices are left out. Nothing outside of `root` is touched, whatever links the layers
/// bring. Linux 5.6, as root. Throws Error{kFailure, "devnet.unpack"}, and as read_layer.
void unpack_image(const StoredImage& image, const std::filesystem::path& root);

}  // namespace ecloud::devnet
