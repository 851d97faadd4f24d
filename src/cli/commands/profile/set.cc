#include "cli/commands/app/app_view.h"
#include "cli/commands/app/release_options.h"
#include "cli/commands/profile/commands.h"
#include "cli/commands/profile/profile_change.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

std::vector<Option> set_options() {
  return {{.name = "name",
           .value_name = "NAME",
           .help = "Name of the app: at most 50 characters, no blanks"},
          {.name = "website", .value_name = "URL", .help = "Website; empty removes it"},
          {.name = "description",
           .value_name = "TEXT",
           .help = "Description, at most 1000 bytes; empty removes it"},
          {.name = "x-url", .value_name = "URL", .help = "X account; empty removes it"},
          {.name = "image",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "Picture: PNG or JPEG by its content, at most 4 MiB"}};
}

ProfileChange read_change(Context& context, const Values& values) {
  ProfileChange change;
  const auto read = [&](const char* option, std::optional<std::string>& field) {
    if (values.given(option)) field = values.text(option).value_or("");
  };
  read("name", change.name);
  read("website", change.website);
  read("description", change.description);
  read("x-url", change.x_url);
  change.image = read_profile_image(context, values);
  if (change.name || change.website || change.description || change.x_url || change.image) {
    return change;
  }
  throw Error(Category::kUsage, "profile.nothing_given", "nothing to set was given",
              "give one or more of --name, --website, --description, --x-url, --image");
}

void run_profile_set(Context& context, const Values& values) {
  ProfileChange change = read_change(context, values);
  Workflow workflow(context);
  workflow.signer();
  const eth::Address app = workflow.app(values);
  const ProfilePlan plan = plan_profile(workflow, app, std::move(change));
  const bool dry_run = values.flag("dry-run");
  platform::AppProfile now = plan.after;
  if (plan.differences.empty()) {
    workflow.note("the profile is like that already");
  } else if (!dry_run) {
    now = apply_profile(workflow, plan, plan.before.name != plan.after.name);
  }
  base::Json document = base::Json::object({{"appId", app.to_string()},
                                            {"profile", profile_document(now)},
                                            {"changes", differences_document(plan.differences)}});
  if (dry_run) document.set("dryRun", true);
  context.output().result(document,
                          [&] { context.terminal().write(format_differences(plan.differences)); });
}

}  // namespace

Command make_profile_set_command() {
  Command command;
  command.name = "set";
  command.summary = "Change an app's profile";
  command.description =
      "Changes what is given and keeps the rest; prints what has changed. An app whose profile "
      "has no name yet keeps the one that it was deployed with from this machine. With --dry-run "
      "the change is shown and nothing is sent.";
  command.positionals = {app_positional()};
  command.options = set_options();
  command.examples = {
      {"A website", "ecloud compute app profile set my-app --website https://example.com"},
      {"A picture", "ecloud compute app profile set my-app --image logo.png"}};
  command.json_fields = {{"appId", "id of the app"},
                         {"profile", "name, website, description, xUrl, imageUrl"},
                         {"changes", "list of field, from, to"},
                         {"dryRun", "true with --dry-run"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_profile_set;
  return command;
}

}  // namespace ecloud::cli
