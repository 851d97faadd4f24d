#include <algorithm>

#include "cli/commands/app/app_view.h"
#include "cli/commands/app/commands.h"
#include "cli/workflow.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/find_app.h"

namespace ecloud::cli {
namespace {

base::Json time_or_null(const std::optional<std::int64_t>& unix_seconds) {
  return unix_seconds ? base::Json(base::format_rfc3339(*unix_seconds)) : base::Json();
}

base::Json app_document(const deploy::ListedApp& app, std::size_t addresses) {
  const auto& info = app.info;
  return base::Json::object({
      {"appId", app.chain.app.to_string()},
      {"name", text_or_null(app.name)},
      {"chainStatus", platform::to_string(app.chain.status)},
      {"status", info ? text_or_null(info->state_word) : base::Json()},
      {"ip", info ? text_or_null(info->ip) : base::Json()},
      {"instanceType", info ? text_or_null(info->machine_type) : base::Json()},
      {"creator", app.chain.creator.to_string()},
      {"latestReleaseBlock", static_cast<std::uint64_t>(app.chain.latest_release_block)},
      {"pendingReleaseBlock", app.chain.pending_release_block.value_or(0) > 0
                                  ? base::Json(std::uint64_t{*app.chain.pending_release_block})
                                  : base::Json()},
      {"createdAt", time_or_null(app.created_at)},
      {"releasedAt", time_or_null(app.released_at)},
      {"kmsAddresses", info ? addresses_document(*info, addresses) : base::Json()},
  });
}

std::string show_addresses(const deploy::ListedApp& app, std::size_t most) {
  if (!app.info || !app.info->addresses) return "-";
  std::vector<std::string> out;
  for (const platform::DerivedAddress& one : app.info->addresses->evm) {
    if (out.size() < most) out.push_back(one.address);
  }
  for (std::size_t i = 0; i < app.info->addresses->solana.size() && i < most; ++i) {
    out.push_back(app.info->addresses->solana[i].address);
  }
  return base::join(out, " ");
}

Table app_table(Context& context, const deploy::AppList& list, std::size_t addresses) {
  Table table{.headers = {"NAME", "APP", "CHAIN", "STATUS", "IP", "INSTANCE", "RELEASED"},
              .rows = {}};
  if (addresses > 0) table.headers.emplace_back("KMS WALLET");
  const std::int64_t now = context.clock().unix_seconds();
  for (const deploy::ListedApp& app : list.apps) {
    const auto& info = app.info;
    table.rows.push_back(
        {or_dash(app.name), app.chain.app.to_string(),
         std::string(platform::to_string(app.chain.status)),
         info && !info->state_word.empty() ? info->state_word : "?",
         info ? info->ip.value_or("-") : "?",
         info && !info->machine_type.empty() ? info->machine_type : "-",
         app.released_at ? show_time(context.terminal(), *app.released_at, now) : "-"});
    if (addresses > 0) table.rows.back().push_back(show_addresses(app, addresses));
  }
  return table;
}

void throw_problem(const deploy::AppList& list) {
  for (const deploy::ListedApp& app : list.apps) {
    if (app.info && app.info->addresses_problem) {
      throw Error(Category::kVerification, "kms.signature",
                  "app " + app.chain.app.to_string() + ": " + *app.info->addresses_problem,
                  "do not send anything to addresses that this server names");
    }
  }
  if (list.problem.empty()) return;
  throw Error(Category::kNetwork, "app.states_unknown",
              "the apps above are from the chain; their states are unknown where a ? stands, "
              "because " +
                  list.problem,
              "try again in a moment");
}

void note_unknown_statuses(Workflow& workflow, const deploy::AppList& list) {
  const auto unknown =
      std::count_if(list.apps.begin(), list.apps.end(), [](const deploy::ListedApp& app) {
        return app.chain.status == platform::ChainStatus::kNone;
      });
  if (unknown == 0) return;
  workflow.warning("the contract does not know the status of " + std::to_string(unknown) +
                   " of these apps (none): it was replaced by one that misreads older records; "
                   "only the platform can repair that");
}

void run_list(Context& context, const Values& values) {
  const std::size_t addresses = read_address_count(values);
  Workflow workflow(context);
  const deploy::AppList list = deploy::list_apps(
      workflow.services(), workflow.signer(), {.all = values.flag("all"), .release_times = true});
  base::Json apps = base::Json::array();
  for (const deploy::ListedApp& app : list.apps) apps.push(app_document(app, addresses));
  if (!list.incomplete.empty()) workflow.warning(list.incomplete);
  const base::Json document =
      base::Json::object({{"apps", apps},
                          {"complete", list.incomplete.empty()},
                          {"incompleteReason", text_or_null(list.incomplete)}});
  context.output().result(document, [&] {
    note_unknown_statuses(workflow, list);
    if (list.apps.empty()) {
      workflow.note("account " + workflow.signer().address.to_string() + " has no apps on " +
                    context.environment().name);
    }
    const bool shown = values.given("address-count");
    context.output().table(app_table(context, list, shown ? addresses : 0));
  });
  for (const deploy::ListedApp& app : list.apps) {
    if (!app.info) continue;
    for (const std::string& problem : unread_members(*app.info)) {
      workflow.warning("app " + app.chain.app.to_string() + ": " + problem);
    }
  }
  throw_problem(list);
}

}  // namespace

Command make_app_list_command() {
  Command command;
  command.name = "list";
  command.aliases = {"ls"};
  command.summary = "List your apps";
  command.description =
      "Lists the apps of the account, oldest first: the chain says which there are, the platform "
      "what their machines do. When the platform does not answer, the chain's part is printed and "
      "the exit code is 7.";
  command.options = {
      {.name = "all", .short_name = "a", .kind = Kind::kFlag, .help = "Terminated apps too"},
      address_count_option("")};
  command.options.back().help =
      "Show so many addresses of each kind of the KMS's wallets, at most 5";
  command.examples = {{"Ids of all running apps",
                       "ecloud compute app list --json | jq -r '.apps[] | select(.status == "
                       "\"Running\") | .appId'"}};
  command.json_list = "apps";
  command.json_fields = {
      {"appId", "id of the app"},
      {"name", "profile name, else the name it was deployed with, or null"},
      {"chainStatus", "created, started, stopped, terminated, suspended; none: unknown"},
      {"status", "run state; null when the platform did not answer"},
      {"ip", "address of the machine, or null"},
      {"instanceType", "machine, or null"},
      {"creator", "account that deployed it"},
      {"latestReleaseBlock", "block of its latest release"},
      {"pendingReleaseBlock", "block of an upgrade on its way, or null"},
      {"createdAt", "when it was deployed from this machine, or null"},
      {"releasedAt", "time of that block, or null"},
      {"kmsAddresses", "verified, namesApp, evm and solana lists, or null"}};
  command.json_list_notes = {{"complete", "whether the list has every app of the account"},
                             {"incompleteReason", "which apps may be missing and why, or null"}};
  command.exit_codes = {Category::kCredentials, Category::kNetwork, Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_list;
  return command;
}

}  // namespace ecloud::cli
