#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_wallet_export_command();
Command make_wallet_import_command();
Command make_wallet_show_command();

}  // namespace ecloud::cli
