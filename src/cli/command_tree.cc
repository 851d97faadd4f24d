#include "cli/command_tree.h"

#include "cli/commands/commands.h"
#include "cli/commands/groups.h"
#include "cli/commands/resume/commands.h"

namespace ecloud::cli {
namespace {

Command make_root() {
  Command root;
  root.name = "ecloud";
  root.summary = "Deploy containers into Trusted Execution Environments on EigenCompute";
  root.description =
      "Deploys containers into Trusted Execution Environments on EigenCompute, and watches over "
      "them.";
  root.examples = {
      {"A new key, kept in a file", "ecloud auth generate --out deployer.key"},
      {"Rehearse on this machine, without network and ETH", "ecloud devnet up --detach"},
      {"Deploy an image",
       "ecloud compute app deploy --name my-app --image-ref docker.io/you/my-app:1"},
      {"How it does", "ecloud compute app info my-app"},
  };
  return root;
}

}  // namespace

Command make_command_tree() {
  Command root = make_root();
  root.subcommands = {
      make_compute_group(),   make_auth_group(),         make_billing_group(),
      make_image_group(),     make_devnet_group(),       make_config_group(),
      make_telemetry_group(), make_resume_command(),     make_doctor_command(),
      make_explain_command(), make_completion_command(), make_help_command(),
      make_version_command(), make_complete_command(),   make_generate_command(),
  };
  return root;
}

}  // namespace ecloud::cli
