#include "cli/commands/devnet/commands.h"
#include "cli/devnet_process.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_records.h"

namespace ecloud::cli {
namespace {

std::string find_id(Context& context, const base::Json& info, const std::string& wanted) {
  if (wanted.starts_with("0x")) return wanted;
  std::vector<std::string> found;
  for (const base::Json& app : ask_devnet(context, info, "/_devnet/apps")["apps"].elements()) {
    const auto id = eth::Address::parse(app["app"].as_string());
    const auto record =
        id ? deploy::AppRecords(context.paths().state, "devnet").find(*id) : std::nullopt;
    const bool named =
        app["profileName"].as_string() == wanted || (record && record->name == wanted);
    if (named && app["chainStatus"].as_string() != "terminated") {
      found.push_back(app["app"].as_string());
    }
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Error(Category::kNotFound, "app.not_found", "the devnet has no app named " + wanted,
                "see its apps: ecloud devnet status");
  }
  throw Error(Category::kUsage, "app.ambiguous",
              "several apps are named " + wanted + ": " + base::join(found, ", "),
              "give the id instead of the name");
}

void run_env(Context& context, const Values& values) {
  const base::Json info = require_devnet(context);
  const std::string id = find_id(context, info, *values.argument("APP"));
  const base::Json answer = ask_devnet(context, info, "/_devnet/env/" + id);
  context.output().result(
      base::Json::object({{"appId", answer["app"]}, {"environment", answer["environment"]}}), [&] {
        for (const auto& [name, value] : answer["environment"].members()) {
          context.output().line(name + "=" + value.as_string());
        }
      });
}

}  // namespace

Command make_devnet_env_command() {
  Command command;
  command.name = "env";
  command.summary = "Show what an app's TEE would receive";
  command.description =
      "Prints the variables that the devnet's KMS hands to an app, decrypted: the KMS's own "
      "mnemonic, then the private variables, then the public ones, each over the former.";
  command.positionals = {{.name = "APP", .help = "Id or name of the app", .required = true}};
  command.examples = {{"All of them", "ecloud devnet env my-app"}};
  command.json_fields = {{"appId", "id of the app"}, {"environment", "names and values"}};
  command.exit_codes = {Category::kNotFound, Category::kNetwork};
  command.run = run_env;
  return command;
}

}  // namespace ecloud::cli
