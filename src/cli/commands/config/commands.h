#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_config_get_command();
Command make_config_path_command();
Command make_config_schema_command();
Command make_config_set_command();
Command make_config_show_command();
Command make_config_unset_command();

}  // namespace ecloud::cli
