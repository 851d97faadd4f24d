#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_telemetry_status_command();

}  // namespace ecloud::cli
