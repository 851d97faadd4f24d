#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_resume_command();

}  // namespace ecloud::cli
