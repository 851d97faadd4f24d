#include "cli/commands/auth/commands.h"
#include "cli/context.h"

namespace ecloud::cli {
namespace {

void run_whoami(Context& context, const Values&) {
  const Deployer& deployer = context.deployer();
  const std::string address = deployer.address.to_string();
  const auto document = base::Json::object({{"address", address}, {"source", deployer.source}});
  context.output().result(document, [&] {
    context.output().pairs({{"Address", address}, {"Key from", deployer.source}});
  });
}

}  // namespace

Command make_auth_whoami_command() {
  Command command;
  command.name = "whoami";
  command.summary = "Show the address of the account that deploys";
  command.description =
      "Shows the Ethereum address of the private key that the other commands would use, and where "
      "that key comes from. Asks no server.";
  command.examples = {{"The address alone, for a script", "ecloud auth whoami --fields address"}};
  command.json_fields = {{"address", "the address, with its checksum"},
                         {"source", "the option or the environment variable that gave the key"}};
  command.exit_codes = {Category::kCredentials};
  command.key = KeyUse::kRequired;
  command.run = run_whoami;
  return command;
}

}  // namespace ecloud::cli
