#include "cli/command_tree.h"

#include "cli/commands/commands.h"

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
      {"A new key, kept in a file", "ecloud auth generate --out ~/.ecloud-key"},
      {"Rehearse on this machine: no network, no ETH", "ecloud devnet up --detach"},
      {"Deploy an image", "ecloud compute app deploy --image-ref docker.io/you/app:1 --name app"},
  };
  return root;
}

}  // namespace

Command make_command_tree() {
  Command root = make_root();
  root.subcommands = {
      make_version_command(),
  };
  return root;
}

}  // namespace ecloud::cli
