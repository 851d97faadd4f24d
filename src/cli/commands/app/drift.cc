#include "ecloud/deploy/drift.h"

#include <algorithm>

#include "cli/commands/app/commands.h"
#include "cli/commands/app/release_options.h"
#include "cli/json_values.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/dotenv.h"

namespace ecloud::cli {
namespace {

/// An app to look at: one of ecloud.lock, or one that the command line names.
struct Target {
  eth::Address app;
  std::optional<deploy::LockedApp> locked;
};

std::vector<deploy::LockedApp> locked_apps(Context& context) {
  const deploy::ProjectLock lock(context.project_config_path().parent_path() / "ecloud.lock",
                                 context.paths().state);
  std::vector<deploy::LockedApp> out = lock.all();
  std::erase_if(out, [&](const deploy::LockedApp& app) {
    return app.environment != context.environment().name;
  });
  return out;
}

std::vector<Target> targets(Context& context, Workflow& workflow, const Values& values) {
  const std::vector<deploy::LockedApp> locked = locked_apps(context);
  const auto named = values.argument("APP");
  std::vector<Target> out;
  for (const deploy::LockedApp& app : locked) {
    const bool wanted =
        !named || app.name == *named || base::equal_ignoring_case(app.app.to_string(), *named);
    if (wanted) out.push_back({app.app, app});
  }
  if (named && values.flag("all")) {
    throw Error(Category::kUsage, "cli.conflict", "--all and an app exclude each other",
                "give one of them");
  }
  if (named && out.empty()) out.push_back({workflow.find_app(*named), std::nullopt});
  return out;
}

/// Apps that ecloud.yaml describes and that ecloud.lock has no entry for.
std::vector<std::string> never_deployed(Context& context, const Values& values) {
  if (values.argument("APP")) return {};
  std::vector<std::string> out = context.project_config().names_below("apps");
  for (const deploy::LockedApp& app : locked_apps(context)) std::erase(out, app.name);
  return out;
}

/// What ecloud.yaml says of the app, under its name where there is such a section.
Values values_of(const Values& values, const Target& target) {
  const std::string name =
      target.locked ? target.locked->name : values.argument("APP").value_or("");
  if (name.empty()) return values;
  try {
    return values.for_app(name);
  } catch (const Error& error) {
    if (error.code() != "config.unknown_app" && error.code() != "config.no_apps") throw;
    return values;
  }
}

/// One that the command line names has to be there; the others need not be where drift is watched.
std::optional<base::Secret> read_env_text(Context& context, const Values& values,
                                          const std::string& file) {
  const Source source = values.origin("env-file").source;
  if (source == Source::kFlag || source == Source::kVariable || file == "-") {
    return base::Secret(context.read_user_file(file, platform::kMaxDotenvBytes));
  }
  auto text = base::read_file_if_exists(context.absolute(file), platform::kMaxDotenvBytes);
  if (!text) return std::nullopt;
  return base::Secret(std::move(*text));
}

/// As a release would have them, but without asking for those that ecloud.yaml wants to be there.
std::optional<platform::AppEnvironment> read_variables(Context& context, const Values& values) {
  const std::string file = values.text("env-file").value_or(".env");
  const auto text = read_env_text(context, values, file);
  if (!text) return std::nullopt;
  const platform::Dotenv dotenv = platform::parse_dotenv(text->reveal_text(), shown_file(file));
  for (const platform::DotenvWarning& warning : dotenv.warnings) {
    context.terminal().warning(shown_file(file) + ":" + std::to_string(warning.line) + ": " +
                               warning.message);
  }
  platform::FoundMnemonic left_out;
  platform::AppEnvironment out = platform::split_environment(dotenv, shown_file(file), &left_out);
  if (const ConfigValue* domain = values.project_value("tls.domain")) {
    out.private_variables.try_emplace("DOMAIN", std::string(domain->values.front()));
  }
  return out;
}

std::vector<std::string> wanted_names(const Values& values) {
  std::vector<std::string> out;
  if (const ConfigValue* wanted = values.project_value("env")) out = wanted->values;
  if (values.project_value("tls.domain") != nullptr) out.push_back("DOMAIN");
  return out;
}

deploy::DriftRequest request_of(Context& context, const Values& values, const Target& target) {
  deploy::DriftRequest request;
  request.app = target.app;
  request.locked = target.locked;
  if (const auto image = values.text("image-ref")) request.image = oci::Reference::parse(*image);
  request.instance_type = values.text("instance-type");
  if (const auto word = values.text("log-visibility")) {
    request.log_visibility = deploy::log_visibility_of(*word);
  }
  request.variables = read_variables(context, values);
  request.wanted_names = wanted_names(values);
  return request;
}

base::Json document_of(const deploy::DriftReport& report) {
  base::Json findings = base::Json::array();
  for (const deploy::DriftFinding& one : report.findings) {
    findings.push(
        base::Json::object({{"what", one.what}, {"expected", one.expected}, {"found", one.found}}));
  }
  return base::Json::object(
      {{"appId", report.app.is_zero() ? base::Json() : base::Json(report.app.to_string())},
       {"name", text_or_null(report.name)},
       {"findings", std::move(findings)},
       {"notChecked", base::Json::strings(report.not_checked)}});
}

void show(Context& context, const std::vector<deploy::DriftReport>& reports) {
  base::Json list = base::Json::array();
  for (const deploy::DriftReport& report : reports) list.push(document_of(report));
  context.output().result(base::Json::object({{"apps", std::move(list)}}), [&] {
    Table table{.headers = {"APP", "WHAT", "EXPECTED", "FOUND"}, .rows = {}};
    for (const deploy::DriftReport& report : reports) {
      const std::string app = !report.name.empty()   ? report.name
                              : report.app.is_zero() ? "-"
                                                     : report.app.to_string();
      for (const deploy::DriftFinding& one : report.findings) {
        table.rows.push_back({app, one.what, one.expected, one.found});
      }
      if (report.findings.empty()) table.rows.push_back({app, "nothing", "-", "-"});
    }
    context.output().table(table);
  });
  for (const deploy::DriftReport& report : reports) {
    for (const std::string& one : report.not_checked) {
      context.terminal().note("not checked: " + one);
    }
  }
}

/// A project that has not deployed something has drifted too: nothing is what is meant to be there.
deploy::DriftReport not_deployed(Context& context, const std::string& name) {
  deploy::DriftReport report;
  report.name = name;
  report.findings.push_back(
      {"lock-missing", "an app of " + context.environment().name + " in ecloud.lock", "none"});
  return report;
}

void judge(const std::vector<deploy::DriftReport>& reports) {
  std::size_t findings = 0;
  for (const deploy::DriftReport& report : reports) findings += report.findings.size();
  if (findings == 0) return;
  throw Error(Category::kVerification, "drift.found",
              std::to_string(findings) + (findings == 1 ? " thing is" : " things are") +
                  " not as the project says",
              "bring it back: ecloud compute app upgrade, or change ecloud.yaml");
}

void run_drift(Context& context, const Values& values) {
  Workflow workflow(context);
  std::vector<deploy::DriftReport> reports;
  for (const Target& target : targets(context, workflow, values)) {
    const deploy::DriftRequest request = request_of(context, values_of(values, target), target);
    workflow.phase("comparing app " + target.app.to_string());
    reports.push_back(deploy::find_drift(workflow.services(), workflow.find_signer(), request));
    workflow.finish_progress();
  }
  for (const std::string& name : never_deployed(context, values)) {
    reports.push_back(not_deployed(context, name));
  }
  if (reports.empty()) reports.push_back(not_deployed(context, ""));
  show(context, reports);
  judge(reports);
}

std::vector<Option> drift_options() {
  std::vector<Option> out = {{.name = "all",
                              .kind = Kind::kFlag,
                              .help =
                                  "Every app of ecloud.lock in the environment, and of ecloud.yaml "
                                  "(the default)"}};
  for (Option& option : upgrade_options()) {
    const bool describes = option.name == "image-ref" || option.name == "env-file" ||
                           option.name == "instance-type" || option.name == "log-visibility";
    if (!describes) continue;
    if (option.name != "env-file") option.default_note = "what ecloud.lock says";
    option.question.clear();
    out.push_back(std::move(option));
  }
  return out;
}

}  // namespace

Command make_app_drift_command() {
  Command command;
  command.name = "drift";
  command.summary = "Compare what runs with what the project says";
  command.description =
      "Compares each app that ecloud.lock names with the chain (status, release, image, instance "
      "type, public variables, log visibility), the registry (whether it still has the image, and "
      "whether the tag of ecloud.yaml is there and names another one now), the platform (run "
      "state), and the owner's account (delegation, quota, with its key also the subscription). "
      "Private variables are compared by fingerprints, which take the key of the account that "
      "released them; without it by name. Apps that ecloud.yaml lists and that were never deployed "
      "are named, too.\n\n"
      "ecloud.lock stands beside ecloud.yaml; whatever puts a release on an app writes it. It "
      "holds no secret and belongs into version control. No env file is needed: without one public "
      "variables are compared with ecloud.lock, and of private ones the names that ecloud.yaml "
      "lists under env.\n\n"
      "Ends with 0 when nothing differs and with 9 when something does, so that CI can watch. What "
      "could not be asked is listed as not checked.";
  command.positionals = {{.name = "APP", .help = "Name or id of an app; all when left out"}};
  command.options = drift_options();
  command.examples = {{"Every app of the project", "ecloud compute app drift"},
                      {"One app, for a script", "ecloud compute app drift my-app --json"}};
  command.json_list = "apps";
  command.json_fields = {
      {"appId", "id of the app, or null when it was not deployed"},
      {"name", "its name in ecloud.lock or ecloud.yaml, or null"},
      {"findings", "what, expected, found of everything that differs"},
      {"notChecked", "what could not be looked at, in words"},
  };
  command.exit_codes = {Category::kNotFound, Category::kNetwork, Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_drift;
  return command;
}

}  // namespace ecloud::cli
