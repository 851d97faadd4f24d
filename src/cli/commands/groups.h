#pragma once

#include "cli/command.h"

namespace ecloud::cli {

// One maker a group of commands, each in commands/NOUN/group.cc.

Command make_app_group();
Command make_auth_group();
Command make_billing_group();
Command make_build_group();
Command make_compute_group();
Command make_config_group();
Command make_configure_group();
Command make_devnet_group();
Command make_environment_group();
Command make_image_group();
Command make_permissions_group();
Command make_profile_group();
Command make_telemetry_group();
Command make_wallet_group();

}  // namespace ecloud::cli
