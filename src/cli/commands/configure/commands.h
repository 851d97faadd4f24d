#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_configure_tls_command();

}  // namespace ecloud::cli
