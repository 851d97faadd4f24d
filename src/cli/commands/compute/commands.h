#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_undelegate_command();

}  // namespace ecloud::cli
