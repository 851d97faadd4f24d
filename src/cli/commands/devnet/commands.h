#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_devnet_up_command();
Command make_devnet_down_command();
Command make_devnet_status_command();
Command make_devnet_env_command();
Command make_devnet_reset_command();

}  // namespace ecloud::cli
