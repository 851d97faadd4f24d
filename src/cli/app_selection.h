#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/workflow.h"

namespace ecloud::cli {

/// Which apps of ecloud.yaml (its section `apps`) a command line means.
struct AppSelection {
  /// In the order to work in; empty: none of the file's apps, the command line says the rest.
  std::vector<std::string> apps;
  /// Several were asked for, so that the result is a list, also when it holds one.
  bool several = false;
};

/// --all and --app, for the commands that release apps.
std::vector<Option> selection_options();

/// What --all, --app and the first of `words` that is an app's name select; without any of them,
/// the only app of the file. `other` says that the command line names something else to work on.
/// Throws Error{kUsage}: cli.conflict, config.no_apps, config.unknown_app, and config.which_app
/// with the names when the file has several apps and nothing chooses.
AppSelection select_apps(Context& context, const Values& values,
                         const std::vector<std::string>& words, bool other);

/// Throws Error{kUsage, "cli.conflict"} when a flag or variable gives one of `options`, which make
/// sense for a single app, or the positional IMAGE or standard input as the env file do.
void refuse_for_several(const Values& values, const std::vector<std::string>& options);

/// What became of one app.
struct AppReport {
  base::Json document;
  std::string text;  ///< for people, with its line break
  /// To be called when it is printed; empty: nothing. Who is killed before that asks again, and
  /// nothing is to be done twice for it.
  std::function<void()> when_told;
};

/// One app's part of a command for several. `start` does what has to be done one after the other
/// and returns what is left: waiting, and the report.
struct AppWork {
  std::string app;
  std::function<std::function<AppReport()>()> start;
};

/// Starts all, then finishes all that started, and prints {"apps": [...]}: the reports, and
/// {"name","error"} or {"name","skipped"} in the place of those that failed or, as `skip_reason`
/// says of an error, have nothing to do. After a failure that leaves open what became of a
/// transaction no further one is started. Throws the first error when all is printed.
void run_for_each(Context& context, Workflow& workflow, const std::vector<AppWork>& work,
                  const std::function<std::optional<std::string>(const Error&)>& skip_reason);

/// The members that run_for_each adds to a command's document.
std::vector<JsonField> several_json_fields();

}  // namespace ecloud::cli
