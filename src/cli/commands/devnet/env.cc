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

/// Of the released variables, those that the process has not or with another value.
std::vector<std::string> differing_names(const base::Json& released, const base::Json& running) {
  std::vector<std::string> out;
  if (!running.is_object()) return out;
  for (const auto& [name, value] : released.members()) {
    const auto real = running[name].opt_string();
    if (!real || *real != value.as_string()) out.push_back(name);
  }
  return out;
}

/// As a comment, so that what is printed stays an env file.
void print_comment(Context& context, std::string_view text) {
  for (const std::string& line : base::split(text, '\n')) context.output().line("# " + line);
}

void print_process(Context& context, const base::Json& released, const base::Json& running,
                   const std::vector<std::string>& differing) {
  if (!differing.empty()) {
    print_comment(context, "In the running process, after the start script's shell read them:");
  }
  for (const std::string& name : differing) {
    const auto real = running[name].opt_string();
    print_comment(context, real ? name + "=" + *real : name + " is not set");
  }
  // There are always some: PATH, HOSTNAME, ….
  print_comment(context, "Only in the running process:");
  for (const auto& [name, value] : running.members()) {
    if (!released[name].exists()) print_comment(context, name + "=" + value.as_string());
  }
}

void run_env(Context& context, const Values& values) {
  const base::Json info = require_devnet(context);
  const std::string id = find_id(context, info, *values.argument("APP"));
  const base::Json answer = ask_devnet(context, info, "/_devnet/env/" + id);
  const base::Json released = answer["environment"];
  // A devnet of an older program does not say.
  const base::Json running = answer["running"].is_object() ? answer["running"] : base::Json();
  const std::vector<std::string> differing = differing_names(released, running);
  context.output().result(base::Json::object({{"appId", answer["app"]},
                                              {"environment", released},
                                              {"running", running},
                                              {"differing", base::Json::strings(differing)}}),
                          [&] {
                            for (const auto& [name, value] : released.members()) {
                              context.output().line(name + "=" + value.as_string());
                            }
                            if (running.is_object()) {
                              print_process(context, released, running, differing);
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
      "mnemonic, then the private variables, then the public ones, each over the former.\n\n"
      "With `ecloud devnet up --run-apps` and while the app runs, comments after them show what "
      "its process has instead and in addition: the start script's shell expands $ and \\, and "
      "image, launcher and start script set variables of their own.";
  command.positionals = {{.name = "APP", .help = "Id or name of the app", .required = true}};
  command.examples = {{"All of them", "ecloud devnet env my-app"}};
  command.json_fields = {
      {"appId", "ID of the app"},
      {"environment", "names and values, as the KMS releases them"},
      {"running", "names and values of the app's process; null when none runs (--run-apps)"},
      {"differing", "names in environment that the process lacks or has with another value"}};
  command.exit_codes = {Category::kNotFound, Category::kNetwork};
  command.run = run_env;
  return command;
}

}  // namespace ecloud::cli
