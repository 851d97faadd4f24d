#include "cli/commands/app/app_facts.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/app/log_follower.h"
#include "cli/workflow.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/log_text.h"

namespace ecloud::cli {
namespace {

/// --since as a moment, in unix seconds.
std::optional<std::int64_t> read_since(Context& context, const Values& values) {
  const auto text = values.text("since");
  if (!text) return std::nullopt;
  if (const auto moment = base::parse_rfc3339(*text)) return moment;
  if (const auto duration = parse_duration(*text)) {
    return context.clock().unix_seconds() - duration->count() / 1000;
  }
  throw Error(Category::kUsage, "cli.bad_value",
              "--since takes a duration (90s, 10m, 2h) or a time (2026-01-31T12:00:00Z), not \"" +
                  base::printable_line(*text, 60) + "\"",
              "ecloud compute app logs my-app --since 10m");
}

std::string fetch(Context& context, Workflow& workflow, const eth::Address& app) {
  try {
    try {
      return workflow.user_api(true).logs(app);
    } catch (const Error& error) {
      if (!unlock_key(context, error)) throw;
      return workflow.user_api(true).logs(app);
    }
  } catch (const Error& error) {
    if (error.category() == Category::kPending) {
      throw error.with_hint("wait for the log: ecloud compute app logs " + app.to_string() +
                            " --follow" + workflow.environment_flag());
    }
    if (error.category() == Category::kCredentials) {
      // The platform refuses everybody the log of an app that does not exist.
      require_on_chain(workflow.services(), app);
      throw;
    }
    if (error.category() != Category::kNotFound) throw;
    throw unknown_to_platform(workflow.services(), app, error);
  }
}

void print_log(Context& context, Workflow& workflow, const eth::Address& app,
               const LogChoice& choice) {
  std::string log = choice.apply(fetch(context, workflow, app), workflow);
  context.output().result(base::Json::object({{"appId", app.to_string()}, {"log", log}}), [&] {
    if (log.empty()) workflow.note("the log is empty so far");
    if (!log.empty() && log.back() != '\n') log.push_back('\n');
    write_log(context.terminal(), log);
  });
}

void run_logs(Context& context, const Values& values) {
  const LogChoice choice{read_since(context, values), values.number("tail")};
  Workflow workflow(context);
  const eth::Address app = workflow.app(values);
  if (values.flag("follow")) return LogFollower(context, workflow, app, choice).run();
  print_log(context, workflow, app, choice);
}

}  // namespace

Command make_app_logs_command() {
  Command command;
  command.name = "logs";
  command.summary = "Print an app's log";
  command.description =
      "Prints what the app has written so far. A private log needs the key of an account that may "
      "read it; a public one needs none. In a pipe or a file the log comes out octet by octet; on "
      "a terminal colours are kept and every other control character is shown as ?, so that no "
      "app can move the cursor or rename the window.\n"
      "\n"
      "With --follow it goes on printing what is new until the app is terminated or Ctrl-C is "
      "pressed (exit 130). It waits for an app that is being set up, waits out failures of the "
      "platform, and says when the log was cut off or begun anew. With --json each piece is a "
      "document of one line.";
  command.positionals = {app_positional()};
  command.options = {
      {.name = "follow",
       .short_name = "f",
       .kind = Kind::kFlag,
       .help = "Go on printing what is new",
       .deprecated = {"watch", "w"}},
      {.name = "tail",
       .kind = Kind::kNumber,
       .value_name = "N",
       .help = "Only the last N lines; with --follow, of what is there already"},
      {.name = "since",
       .value_name = "TIME",
       .help = "Only lines since a time (2026-01-31T12:00:00Z) or for so long (10m), "
               "where lines begin with a time"}};
  command.examples = {{"The last 50 lines", "ecloud compute app logs my-app --tail 50"},
                      {"What happens from now on", "ecloud compute app logs my-app -f --tail 0"},
                      {"The last ten minutes", "ecloud compute app logs my-app --since 10m"}};
  command.json_fields = {{"appId", "id of the app"},
                         {"log", "the text; with --follow, what is new"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork,
                        Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_logs;
  return command;
}

}  // namespace ecloud::cli
