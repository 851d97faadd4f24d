#include "cli/command_tree.h"

#include "cli/commands/app/commands.h"
#include "cli/commands/billing/commands.h"
#include "cli/commands/commands.h"
#include "cli/commands/devnet/commands.h"

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

Command make_group(std::string name, std::string summary, std::string description,
                   std::vector<Command> subcommands) {
  Command group;
  group.name = std::move(name);
  group.summary = std::move(summary);
  group.description = std::move(description);
  group.subcommands = std::move(subcommands);
  return group;
}

Command make_environment_group() {
  Command group = make_group(
      "environment", "See the environments: chains, contracts, services",
      "An environment is one deployment of the platform: a chain, its contracts and its services. "
      "sepolia and mainnet-alpha are built in, devnet is the one that runs on this machine, and "
      "ecloud.yaml and config.yaml may define others.",
      {make_environment_list_command(), make_environment_show_command()});
  group.aliases = {"env"};
  return group;
}

Command make_app_group() {
  return make_group("app", "Deploy apps and watch over them",
                    "An app is a container that runs in a TEE, with an id on the chain, variables "
                    "that only the TEE can read, and a wallet of its own.",
                    {make_app_deploy_command(), make_app_info_command(), make_app_list_command(),
                     make_app_logs_command(), make_app_status_command()});
}

Command make_devnet_group() {
  Command group = make_group(
      "devnet", "Run the whole platform on this machine",
      "The devnet plays the platform in one process on this machine: chain, contracts, KMS, APIs "
      "and "
      "an image registry, with the rules of the real ones. It needs no network and no ETH. "
      "Commands "
      "work there with --environment devnet.",
      {make_devnet_up_command(), make_devnet_down_command(), make_devnet_status_command(),
       make_devnet_env_command(), make_devnet_reset_command()});
  group.group = "CORE COMMANDS";
  return group;
}

Command make_compute_group() {
  Command group = make_group("compute", "Apps and the environments that they run in",
                             "Everything about apps, and the environments that they run in.",
                             {make_app_group(), make_environment_group()});
  group.group = "CORE COMMANDS";
  return group;
}

Command make_auth_group() {
  Command group = make_group("auth", "The key of the account that deploys",
                             "The account that deploys is one private key. It signs transactions "
                             "and requests, pays the gas, and never leaves this machine.",
                             {make_auth_generate_command(), make_auth_whoami_command()});
  group.group = "CORE COMMANDS";
  return group;
}

Command make_billing_group() {
  Command group = make_group("billing", "What the account has subscribed to",
                             "An account needs a subscription before it may run apps. A person "
                             "pays for it in a browser.",
                             {make_billing_status_command(), make_billing_subscribe_command()});
  group.group = "CORE COMMANDS";
  return group;
}

Command make_config_group() {
  Command group = make_group("config", "Where values come from",
                             "Values come from options, environment variables, ecloud.yaml of the "
                             "project and your config.yaml, in this order.",
                             {make_config_path_command()});
  group.group = "OTHER COMMANDS";
  return group;
}

Command make_telemetry_group() {
  Command group = make_group("telemetry", "There is none", "This program reports to nobody.",
                             {make_telemetry_status_command()});
  group.group = "OTHER COMMANDS";
  return group;
}

}  // namespace

Command make_command_tree() {
  Command root = make_root();
  root.subcommands = {
      make_compute_group(),      make_auth_group(),   make_billing_group(),
      make_devnet_group(),       make_config_group(), make_telemetry_group(),
      make_completion_command(), make_help_command(), make_version_command(),
      make_generate_command(),
  };
  return root;
}

}  // namespace ecloud::cli
