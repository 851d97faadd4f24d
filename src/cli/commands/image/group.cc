#include "cli/commands/group.h"
#include "cli/commands/groups.h"
#include "cli/commands/image/commands.h"

namespace ecloud::cli {

Command make_image_group() {
  return make_group(
      "image", "Work with images in registries",
      "Images are read and made in the registry itself: no Docker daemon is needed, "
      "and layers that are there already are not moved. Logins are those of Docker "
      "(~/.docker/config.json and its helpers) and Podman (auth.json).",
      {make_image_digest_command(), make_image_inspect_command(), make_image_layer_command(),
       make_image_push_command(), make_image_tools_command()});
}

}  // namespace ecloud::cli
