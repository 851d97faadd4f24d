#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_build_info_command();
Command make_build_list_command();
Command make_build_logs_command();
Command make_build_status_command();
Command make_build_submit_command();
Command make_build_verify_command();

}  // namespace ecloud::cli
