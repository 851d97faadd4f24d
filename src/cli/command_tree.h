#pragma once

#include "cli/command.h"

namespace ecloud::cli {

/// The whole program: one declaration for parsing, help, completions and man pages.
Command make_command_tree();

}  // namespace ecloud::cli
