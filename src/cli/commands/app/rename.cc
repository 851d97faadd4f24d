#include "cli/commands/app/app_view.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/profile/profile_change.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

void run_rename(Context& context, const Values& values) {
  const std::string first = *values.argument("APP");
  const auto second = values.argument("NEWNAME");
  Workflow workflow(context);
  workflow.signer();
  // One word alone is the new name of the folder's last deployment.
  const eth::Address app =
      second ? workflow.find_app(first)
             : workflow.last_app("give its id or name too: ecloud compute app rename APP NEWNAME");
  ProfileChange change;
  change.name = second.value_or(first);
  const ProfilePlan plan = plan_profile(workflow, app, std::move(change));
  const bool dry_run = values.flag("dry-run");
  if (!dry_run) apply_profile(workflow, plan, true);
  base::Json document = base::Json::object({{"appId", app.to_string()},
                                            {"oldName", text_or_null(plan.before.name)},
                                            {"name", plan.after.name}});
  if (dry_run) document.set("dryRun", true);
  context.output().result(document, [&] {
    if (plan.differences.empty()) {
      workflow.note("the app is named so already");
    } else {
      context.terminal().write(format_differences(plan.differences));
    }
  });
}

}  // namespace

Command make_app_rename_command() {
  Command command;
  command.name = "rename";
  command.aliases = {"name"};
  command.summary = "Give an app another name";
  command.description =
      "Changes the name in the app's profile and in this machine's record, so that the new one "
      "leads to it here and elsewhere, and the old one does not any more. With one word the app is "
      "the last one deployed from this folder. A name that another app of the account has is "
      "refused.";
  command.positionals = {
      {.name = "APP",
       .help = "Id or name of the app; the new name when nothing follows",
       .required = true,
       .completer = Completer::kApp},
      {.name = "NEWNAME", .help = "The new name: at most 50 characters, no blanks"}};
  command.examples = {{"Another name", "ecloud compute app rename my-app my-better-app"}};
  command.json_fields = {{"appId", "id of the app"},
                         {"oldName", "the profile's name before, or null"},
                         {"name", "the new one"},
                         {"dryRun", "true with --dry-run"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_rename;
  return command;
}

}  // namespace ecloud::cli
