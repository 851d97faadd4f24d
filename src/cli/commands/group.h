#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace ecloud::cli {

/// A command that only holds others.
Command make_group(std::string name, std::string summary, std::string description,
                   std::vector<Command> subcommands);

}  // namespace ecloud::cli
