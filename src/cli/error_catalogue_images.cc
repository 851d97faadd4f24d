#include "cli/error_catalogue.h"

namespace ecloud::cli {
namespace {

constexpr auto kImage = Category::kImage;

}  // namespace

std::vector<ErrorEntry> image_content_errors() {
  return {
      {"image.broken_layer",
       {kImage},
       "A layer of the image cannot be read.",
       "It was cut off or changed on its way, or is neither a tar archive nor one compressed with "
       "gzip or zstd.",
       "Build the image anew, or push it again."},
      {"image.too_large",
       {kImage},
       "Something in the image is larger than can be handled.",
       "A layer that grows beyond all measure when it is decompressed, or a file of 8 GiB.",
       "Check what built the image; fetch large data when the app starts."},
      {"image.unsafe_path",
       {kImage},
       "An archive holds a path that leads out of it, or that cannot be written.",
       "It was made to write to other places when unpacked, or the path is too long.",
       "Do not use an image from somebody whom you do not trust."},
  };
}

}  // namespace ecloud::cli
