#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_profile_set_command();

}  // namespace ecloud::cli
