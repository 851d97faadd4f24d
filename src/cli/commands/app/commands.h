#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_app_apply_command();
Command make_app_create_command();
Command make_app_deploy_command();
Command make_app_drift_command();
Command make_app_info_command();
Command make_app_list_command();
Command make_app_logs_command();
Command make_app_start_command();
Command make_app_releases_command();
Command make_app_plan_command();
Command make_app_rename_command();
Command make_app_rollback_command();
Command make_app_status_command();
Command make_app_stop_command();
Command make_app_terminate_command();
Command make_app_upgrade_command();
Command make_app_verify_command();

}  // namespace ecloud::cli
