#include "cli/commands/build/build_view.h"
#include "cli/commands/build/commands.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// The last `lines` lines of a text that ends with a line break.
std::string_view tail(std::string_view text, std::uint64_t lines) {
  std::size_t start = text.empty() ? 0 : text.size() - 1;
  for (; lines > 0; --lines) {
    const std::size_t found = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
    if (found == std::string_view::npos) return text;
    start = found;
  }
  return text.empty() ? text : text.substr(start + 1);
}

void print_log(Context& context, const std::string& id, const std::string& log) {
  context.output().result(base::Json::object({{"buildId", id}, {"log", log}}), [&] {
    if (log.empty()) context.terminal().note("the log is empty so far");
    context.terminal().write(log);
  });
}

/// Prints as the log grows; with --json all of it at the end.
void follow(Context& context, Workflow& workflow, const Values& values, const std::string& id) {
  const auto lines = values.number("tail");
  const bool streams = !context.output().json() && values.repeated("fields").empty();
  bool first = true;
  std::string log;
  const auto take = [&](std::string_view part) {
    if (first && lines) part = tail(part, *lines);
    first = false;
    if (streams) {
      context.terminal().write(part);
    } else {
      log += part;
    }
  };
  platform::BuildApi direct = workflow.build_api(false);
  deploy::follow_build(workflow.services(), direct, id,
                       {.timeout = *values.duration("timeout"),
                        .wait_command = "ecloud compute build logs " + id + " --follow" +
                                        workflow.environment_flag(),
                        .log = take});
  if (!streams) print_log(context, id, log);
}

void run_logs(Context& context, const Values& values) {
  static_cast<void>(values.duration("timeout"));
  Workflow workflow(context);
  workflow.signer();
  const std::string id = build_id(workflow, values);
  // Asked first in every case, so that a wrong id or key is told at once.
  std::string log = base::printable(workflow.build_api(true).logs(id));
  if (values.flag("follow")) return follow(context, workflow, values, id);
  if (!log.empty() && log.back() != '\n') log.push_back('\n');
  if (const auto lines = values.number("tail")) log = std::string(tail(log, *lines));
  print_log(context, id, log);
}

}  // namespace

Command make_build_logs_command() {
  Command command;
  command.name = "logs";
  command.summary = "Print a build's log";
  command.description =
      "Prints what the build has written so far; with --follow, until it has ended: exit 0 when it "
      "succeeded, 3 when it failed. Only the account that submitted a build may read its log. "
      "Control characters other than line breaks and tabs are shown as ?.";
  command.positionals = {build_positional()};
  command.options = {
      {.name = "follow",
       .short_name = "f",
       .kind = Kind::kFlag,
       .help = "Print what is added until the build has ended"},
      {.name = "tail", .kind = Kind::kNumber, .value_name = "N", .help = "Only the last N lines"},
      build_timeout_option("timeout", "")};
  command.examples = {{"Watch the newest build", "ecloud compute build logs -f"},
                      {"Why the newest build failed", "ecloud compute build logs --tail 30"}};
  command.json_fields = {{"buildId", "id of the build"}, {"log", "the text"}};
  command.exit_codes = {Category::kImage, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork, Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_logs;
  return command;
}

}  // namespace ecloud::cli
