#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_permissions_accept_command();
Command make_permissions_grant_command();
Command make_permissions_list_command();
Command make_permissions_revoke_command();
/// The short form of grant, under `compute app`.
Command make_app_share_command();

}  // namespace ecloud::cli
