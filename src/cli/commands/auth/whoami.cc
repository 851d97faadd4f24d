#include "cli/commands/auth/commands.h"
#include "cli/context.h"

namespace ecloud::cli {
namespace {

void run_whoami(Context& context, const Values&) {
  const FoundKey* found = context.found_key();
  if (found == nullptr) throw no_key_error();
  const std::string address = context.deployer_address()->to_string();
  const auto document = base::Json::object({{"address", address}, {"source", found->source}});
  context.output().result(document, [&] {
    context.output().pairs({{"Address", address}, {"Source", found->source}});
  });
}

}  // namespace

Command make_auth_whoami_command() {
  Command command;
  command.name = "whoami";
  command.summary = "Show the address of the account that deploys";
  command.description =
      "Shows the Ethereum address of the private key that the other commands would use, and where "
      "that key comes from. Asks no server, and no password where a key file names its account.";
  command.examples = {{"The address alone, for a script", "ecloud auth whoami --fields address"}};
  command.json_fields = {
      {"address", "the address, with its checksum"},
      {"source", "the option, the variable, the key file or the keyring that has the key"}};
  command.exit_codes = {Category::kCredentials};
  command.key = KeyUse::kRequired;
  command.run = run_whoami;
  return command;
}

}  // namespace ecloud::cli
