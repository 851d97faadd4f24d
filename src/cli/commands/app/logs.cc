#include "cli/commands/app/commands.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// The last `lines` lines of a text.
std::string_view tail(std::string_view text, std::uint64_t lines) {
  std::size_t start = text.size();
  if (start > 0 && text[start - 1] == '\n') --start;
  for (; lines > 0; --lines) {
    const std::size_t found = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
    if (found == std::string_view::npos) return text;
    start = found;
  }
  return text.substr(start + 1);
}

void run_logs(Context& context, const Values& values) {
  Workflow workflow(context);
  const eth::Address app = workflow.app(values);
  std::string log = base::printable(workflow.user_api(true).logs(app));
  if (const auto lines = values.number("tail")) log = std::string(tail(log, *lines));
  if (!log.empty() && log.back() != '\n') log.push_back('\n');
  context.output().result(base::Json::object({{"appId", app.to_string()}, {"log", log}}), [&] {
    if (log.empty()) workflow.note("the log is empty so far");
    context.terminal().write(log);
  });
}

}  // namespace

Command make_app_logs_command() {
  Command command;
  command.name = "logs";
  command.summary = "Print an app's log";
  command.description =
      "Prints what the app has written so far. A private log needs the key of an account that may "
      "read it; a public one needs none. Control characters other than line breaks and tabs are "
      "shown as ?.";
  command.positionals = {app_positional()};
  command.options = {
      {.name = "tail", .kind = Kind::kNumber, .value_name = "N", .help = "Only the last N lines"}};
  command.examples = {{"The last 50 lines", "ecloud compute app logs my-app --tail 50"}};
  command.json_fields = {{"appId", "id of the app"}, {"log", "the text"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork,
                        Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_logs;
  return command;
}

}  // namespace ecloud::cli
