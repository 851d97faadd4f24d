#pragma once

#include "cli/command.h"

namespace ecloud::cli {

// One maker a subcommand, each in its own file: commands/NOUN/VERB.cc.

Command make_version_command();
Command make_help_command();
Command make_completion_command();
Command make_generate_command();  ///< hidden: writes man/ and completions/

Command make_auth_generate_command();
Command make_auth_whoami_command();

Command make_config_path_command();

Command make_environment_list_command();
Command make_environment_show_command();

Command make_telemetry_status_command();

}  // namespace ecloud::cli
