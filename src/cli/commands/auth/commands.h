#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_auth_generate_command();
Command make_auth_list_command();
Command make_auth_login_command();
Command make_auth_logout_command();
Command make_auth_migrate_command();
Command make_auth_whoami_command();

}  // namespace ecloud::cli
