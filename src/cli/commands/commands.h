#pragma once

#include "cli/command.h"

namespace ecloud::cli {

// One maker a command that stands alone; those of a group are in commands/NOUN/commands.h.

Command make_version_command();
Command make_help_command();
Command make_completion_command();
Command make_doctor_command();
Command make_explain_command();
Command make_generate_command();  ///< hidden: writes man/ and completions/

}  // namespace ecloud::cli
