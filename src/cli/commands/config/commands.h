#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_config_path_command();

}  // namespace ecloud::cli
