#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_image_digest_command();
Command make_image_inspect_command();
Command make_image_layer_command();
Command make_image_push_command();
Command make_image_tools_command();

}  // namespace ecloud::cli
