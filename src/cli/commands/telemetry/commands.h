#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_telemetry_status_command();
Command make_telemetry_enable_command();
Command make_telemetry_disable_command();

}  // namespace ecloud::cli
