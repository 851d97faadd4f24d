#include "cli/commands/permissions/commands.h"
#include "cli/commands/permissions/permission_change.h"
#include "cli/json_values.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string name_of(const platform::Environment& environment,
                    const platform::Permission& permission) {
  for (const platform::NamedPermission& one : platform::named_permissions(environment)) {
    if (one.permission == permission) return one.name;
  }
  return {};
}

bool is_in_force(const platform::Environment& environment, const platform::Permission& permission,
                 platform::Generation live) {
  for (const platform::NamedPermission& one : platform::named_permissions(environment)) {
    if (one.permission == permission) return one.holds_in(live);
  }
  return true;
}

base::Json addresses_document(const std::vector<eth::Address>& addresses) {
  base::Json out = base::Json::array();
  for (const eth::Address& one : addresses) out.push(one.to_string());
  return out;
}

base::Json appointee_document(const platform::Environment& environment,
                              const deploy::AppPermissions& app,
                              const deploy::Appointee& appointee) {
  base::Json permissions = base::Json::array();
  for (const platform::Permission& one : appointee.permissions) {
    permissions.push(
        base::Json::object({{"name", text_or_null(name_of(environment, one))},
                            {"target", one.target.to_string()},
                            {"selector", base::to_hex_prefixed(one.selector)},
                            {"inForce", is_in_force(environment, one, app.generation)}}));
  }
  return base::Json::object({{"address", appointee.account.to_string()},
                             {"anyone", appointee.account == platform::anyone_appointee()},
                             {"permissions", std::move(permissions)}});
}

base::Json document_of(const platform::Environment& environment,
                       const deploy::AppPermissions& app) {
  base::Json appointees = base::Json::array();
  for (const deploy::Appointee& one : app.appointees) {
    appointees.push(appointee_document(environment, app, one));
  }
  return base::Json::object({{"appId", app.app.to_string()},
                             {"environment", environment.name},
                             {"chainId", environment.chain_id},
                             {"controllerVersion", base::printable_line(app.controller_version)},
                             {"creator", app.creator.to_string()},
                             {"admins", addresses_document(app.admins)},
                             {"pendingAdmins", addresses_document(app.pending_admins)},
                             {"appointees", std::move(appointees)}});
}

Table table_of(const platform::Environment& environment, const deploy::AppPermissions& app,
               const std::optional<eth::Address>& you) {
  Table table{.headers = {"WHO", "ROLE", "MAY"}, .rows = {}};
  const auto who = [&](const eth::Address& account) {
    return account_words(account) + (you == account ? " (you)" : "") +
           (account == app.creator ? " (deployed it)" : "");
  };
  for (const eth::Address& one : app.admins)
    table.rows.push_back({who(one), "admin", "everything"});
  for (const eth::Address& one : app.pending_admins) {
    table.rows.push_back({who(one), "proposed admin", "become an admin by accepting"});
  }
  for (const deploy::Appointee& one : app.appointees) {
    std::vector<std::string> words;
    for (const platform::Permission& permission : one.permissions) {
      words.push_back(platform::describe_permission(environment, permission, app.generation));
    }
    table.rows.push_back({who(one.account), "appointee", base::join(words, ", ")});
  }
  return table;
}

void run_list(Context& context, const Values& values) {
  std::vector<eth::Address> asked;
  for (const std::string& text : values.repeated("of")) {
    const auto address = eth::Address::parse(text);
    if (!address) {
      throw Error(Category::kUsage, "cli.bad_value",
                  values.origin("of").where + " must be an address; " +
                      base::printable_line(text, 60) + " " + eth::Address::problem(text),
                  "an account's address is shown by: ecloud auth whoami");
    }
    asked.push_back(*address);
  }
  Workflow workflow(context);
  const eth::Address app = workflow.app(values);
  std::optional<eth::Address> you;
  if (const deploy::Signer* signer = workflow.find_signer()) {
    you = signer->address;
    asked.push_back(signer->address);
  }
  workflow.phase("asking the chain");
  const auto permissions = deploy::read_permissions(workflow.services(), app, asked);
  workflow.finish_progress();
  const platform::Environment& environment = context.environment();
  context.output().result(document_of(environment, permissions),
                          [&] { context.output().table(table_of(environment, permissions, you)); });
}

}  // namespace

Command make_permissions_list_command() {
  Command command;
  command.name = "list";
  command.summary = "Show who may do what with an app";
  command.description =
      "Reads from the chain who may act on the app: admins, accounts that are proposed as admins "
      "and have not accepted, and appointees with what they may do. Logs that everybody may read "
      "are shown as those of anyone. An upgrade permission of another version of the contract is "
      "marked: it allows nothing now.\n\n"
      "The contract lists the holders of a permission, so that everybody who holds one with a name "
      "is shown, with all that they hold. Whoever holds nothing but selectors without names is "
      "found with --of.";
  command.positionals = {app_positional()};
  command.options = {{.name = "of",
                      .kind = Kind::kRepeated,
                      .value_name = "ADDRESS",
                      .help = "Ask for what this account holds too"}};
  command.examples = {{"Who may do what", "ecloud compute app permissions list my-app"},
                      {"The admins, for a script",
                       "ecloud compute app permissions list my-app --json | jq -r '.admins[]'"}};
  command.json_fields = {
      {"appId", "id of the app"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"controllerVersion", "version of the AppController"},
      {"creator", "who deployed the app"},
      {"admins", "addresses that may do everything"},
      {"pendingAdmins", "addresses that are proposed as admins"},
      {"appointees",
       "address, anyone (everybody is meant), permissions: name (or null), target, selector, "
       "inForce (false for another version of the contract)"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_list;
  return command;
}

}  // namespace ecloud::cli
