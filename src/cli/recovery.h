#pragma once

#include <string>

#include "cli/command.h"
#include "cli/terminal.h"

namespace ecloud::cli {

/// `ecloud help recovery`: what is left when the machine that deployed an app is gone.
std::string recovery_text(const Command& root, const Terminal& terminal);
/// The same as the manual page ecloud-recovery(7).
std::string recovery_man_page();

}  // namespace ecloud::cli
