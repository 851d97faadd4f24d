#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_environment_list_command();
Command make_environment_set_command();
Command make_environment_show_command();

}  // namespace ecloud::cli
