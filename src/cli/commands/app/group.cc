#include "cli/commands/group.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/groups.h"
#include "cli/commands/permissions/commands.h"

namespace ecloud::cli {

Command make_app_group() {
  return make_group(
      "app", "Deploy apps and watch over them",
      "An app is a container that runs in a TEE, with an id on the chain, variables "
      "that only the TEE can read, and a wallet of its own.",
      {make_app_deploy_command(),   make_app_upgrade_command(), make_app_plan_command(),
       make_app_apply_command(),    make_app_drift_command(),   make_app_list_command(),
       make_app_info_command(),     make_app_logs_command(),    make_app_status_command(),
       make_app_start_command(),    make_app_stop_command(),    make_app_terminate_command(),
       make_app_releases_command(), make_app_verify_command(),  make_app_rollback_command(),
       make_app_rename_command(),   make_app_share_command(),   make_permissions_group(),
       make_profile_group(),        make_wallet_group(),        make_app_create_command(),
       make_configure_group()});
}

}  // namespace ecloud::cli
