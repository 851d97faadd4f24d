#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_instance_types_command();
Command make_undelegate_command();

}  // namespace ecloud::cli
