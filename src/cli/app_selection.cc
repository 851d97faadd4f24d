#include "cli/app_selection.h"

#include <algorithm>
#include <deque>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> without_repetitions(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (!contains(out, name)) out.push_back(name);
  }
  return out;
}

Error conflict(const std::string& message, const std::string& hint) {
  return Error(Category::kUsage, "cli.conflict", message, hint);
}

Error which_app(const Values& values, const ConfigFile& file, const std::vector<std::string>& names,
                const std::vector<std::string>& words) {
  const std::string command = values.path().text();
  std::optional<std::string> close;
  if (!words.empty()) close = base::closest(words.front(), names);
  return Error(Category::kUsage, "config.which_app",
               file.name() + " has several apps: " + base::join(names, ", "),
               close ? "did you mean `" + command + " " + *close + "`?"
                     : "name one (`" + command + " " + names.front() + "`), or give --all");
}

/// Whether a transaction may be under way still, or nobody wants to go on.
bool ends_the_row(const Error& error) {
  switch (error.category()) {
    case Category::kUsage:
    case Category::kImage:
    case Category::kTransaction:
    case Category::kNotFound:
      return false;
    default:
      return true;
  }
}

base::Json error_document(const Error& error) {
  return base::Json::object({{"code", error.code()},
                             {"message", error.message()},
                             {"hint", error.hint()},
                             {"exitCode", exit_code(error.category())}});
}

/// Errors stay with their app until all have been reported.
class Row {
 public:
  using SkipReason = std::function<std::optional<std::string>(const Error&)>;

  Row(Context& context, Workflow& workflow, const SkipReason& skip_reason)
      : context_(context), workflow_(workflow), skip_reason_(skip_reason) {}

  void start(const AppWork& work) {
    places_.push_back({work.app, {}, {}});
    Place& place = places_.back();
    if (ended_) return skip(place, "not started, because of the failure before");
    guarded(place, [&] { place.finish = work.start(); });
  }

  void finish() {
    for (Place& place : places_) {
      if (!place.finish) continue;
      if (interrupted_) {
        skip(place, "not waited for");
      } else {
        guarded(place, [&] { place.report = place.finish(); });
      }
    }
    workflow_.finish_progress();
  }

  void print() {
    base::Json records = base::Json::array();
    std::string text;
    for (const Place& place : places_) {
      records.push(place.report.document);
      text += (text.empty() ? "" : "\n") + place.report.text;
    }
    context_.output().list_result("apps", base::Json::object({{"apps", std::move(records)}}),
                                  [&] { context_.terminal().write(text); });
    for (const Place& place : places_) {
      if (place.report.when_told) place.report.when_told();
    }
  }

  void throw_first_error() const {
    if (!first_error_) return;
    throw Error(first_error_->category(), first_error_->code(),
                std::to_string(failures_) + " of " + std::to_string(places_.size()) +
                    " apps failed; the first: " + first_error_->message(),
                first_error_->hint());
  }

 private:
  struct Place {
    std::string app;
    std::function<AppReport()> finish;
    AppReport report;
  };

  template <typename Action>
  void guarded(Place& place, Action action) {
    try {
      action();
    } catch (const Error& error) {
      workflow_.finish_progress();
      place.finish = nullptr;
      if (const auto reason = skip_reason_(error)) return skip(place, *reason);
      fail(place, error);
    }
  }

  void skip(Place& place, const std::string& reason) {
    workflow_.note(place.app + ": " + reason);
    place.report.document = base::Json::object({{"name", place.app}, {"skipped", reason}});
    place.report.text = describe(place.app, reason);
  }

  void fail(Place& place, const Error& error) {
    workflow_.warning(place.app + ": " + error.message());
    place.report.document =
        base::Json::object({{"name", place.app}, {"error", error_document(error)}});
    place.report.text = describe(place.app, "failed: " + error.message());
    ended_ = ended_ || ends_the_row(error);
    interrupted_ = interrupted_ || error.category() == Category::kInterrupted;
    ++failures_;
    if (!first_error_) first_error_ = error;
  }

  std::string describe(const std::string& app, const std::string& what) const {
    return format_pairs({{"Name", app}, {"Result", what}}, context_.terminal(), Stream::kOutput);
  }

  Context& context_;
  Workflow& workflow_;
  const SkipReason& skip_reason_;
  std::deque<Place> places_;
  std::size_t failures_ = 0;
  bool ended_ = false;
  bool interrupted_ = false;
  std::optional<Error> first_error_;
};

}  // namespace

std::vector<Option> selection_options() {
  return {
      {.name = "all",
       .kind = Kind::kFlag,
       .help = "Every app that ecloud.yaml lists under apps, in its order",
       .heading = "OPTIONS FOR SEVERAL APPS"},
      {.name = "app",
       .kind = Kind::kRepeated,
       .value_name = "NAME",
       .help = "An app that ecloud.yaml lists under apps; give it again for others",
       .heading = "OPTIONS FOR SEVERAL APPS"},
  };
}

AppSelection select_apps(Context& context, const Values& values,
                         const std::vector<std::string>& words, bool other) {
  const ConfigFile& file = context.project_config();
  const std::vector<std::string> names = file.names_below("apps");
  const std::vector<std::string> listed = without_repetitions(values.repeated("app"));
  const auto word = std::find_if(words.begin(), words.end(),
                                 [&](const std::string& one) { return contains(names, one); });
  const int ways =
      (values.flag("all") ? 1 : 0) + (listed.empty() ? 0 : 1) + (word == words.end() ? 0 : 1);
  if (ways > 1) {
    throw conflict("an app's name, --app and --all exclude each other",
                   "name several apps with one --app for each");
  }
  if (values.flag("all")) {
    if (!names.empty()) return {names, true};
    throw Error(Category::kUsage, "config.no_apps",
                (file.exists() ? file.name() + " lists" : "there is no ecloud.yaml that lists") +
                    " no apps for --all",
                "list them in ecloud.yaml, under apps: ecloud help configuration");
  }
  for (const std::string& name : listed) static_cast<void>(values.for_app(name));
  if (!listed.empty()) return {listed, listed.size() > 1};
  if (word != words.end()) return {{*word}, false};
  if (other || names.empty()) return {};
  if (names.size() > 1 || !words.empty()) throw which_app(values, file, names, words);
  return {names, false};
}

void refuse_for_several(const Values& values, const std::vector<std::string>& options) {
  for (const std::string& option : options) {
    const Origin origin = values.origin(option);
    if (origin.source != Source::kFlag && origin.source != Source::kVariable) continue;
    throw conflict(origin.where + " is for one app, and several are named",
                   "leave it out; ecloud.yaml says it for each app");
  }
  if (values.argument("IMAGE")) {
    throw conflict("an image is for one app, and several are named",
                   "leave it out; ecloud.yaml says it for each app");
  }
  if (values.text("env-file") == "-") {
    throw conflict("standard input can be the env file of one app, and several are named",
                   "say in ecloud.yaml which envFile each app has");
  }
}

void run_for_each(Context& context, Workflow& workflow, const std::vector<AppWork>& work,
                  const std::function<std::optional<std::string>(const Error&)>& skip_reason) {
  Row row(context, workflow, skip_reason);
  for (const AppWork& one : work) row.start(one);
  row.finish();
  row.print();
  row.throw_first_error();
}

std::vector<JsonField> several_json_fields() {
  return {
      {"apps", "with --all or several --app, and nothing else: a list of such documents"},
      {"error", "in apps: code, message, hint and exitCode of one that failed"},
      {"skipped", "in apps: why nothing was done"},
  };
}

}  // namespace ecloud::cli
