#include "cli/commands/app/change.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/app/wallet_view.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

/// What the user has to type: the app's name, or its id when it has none.
std::string word_to_type(Workflow& workflow, const eth::Address& app,
                         const std::optional<platform::AppInfo>& info) {
  if (info && info->profile && !info->profile->name.empty()) return info->profile->name;
  return recorded_name(workflow, app);
}

/// The name and the addresses are the platform's; terminating works without it.
std::optional<platform::AppInfo> ask_platform(Workflow& workflow, const eth::Address& app) {
  try {
    return workflow.user_api(true).info({app}).front();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    workflow.warning("the platform does not say what wallet the app has: " + error.message());
    return std::nullopt;
  }
}

/// The last app of this folder is a fair guess for what can be undone, and where somebody reads
/// which one it is.
void require_name(Context& context, const Values& values) {
  const bool somebody_reads = context.terminal().can_prompt() && !values.flag("yes");
  if (values.argument("APP") || somebody_reads || values.flag("dry-run")) return;
  throw Error(Category::kUsage, "app.none_given",
              "terminate needs the app's name or id when nobody is asked: it cannot be undone",
              "name it: ecloud compute app terminate APP --yes");
}

void run_terminate(Context& context, const Values& values) {
  require_name(context, values);
  run_change(context, values, deploy::Operation::kTerminate,
             [&](Workflow& workflow, const eth::Address& app, bool asking) {
               const auto info = ask_platform(workflow, app);
               warn_of_wallet(context, workflow, app, info);
               if (!asking) return;
               context.terminal().confirm_by_typing("Terminate app " + app.to_string() + " on " +
                                                        context.environment().name +
                                                        "? It cannot be started again",
                                                    word_to_type(workflow, app, info));
             });
}

}  // namespace

Command make_app_terminate_command() {
  Command command = make_change_command(deploy::Operation::kTerminate);
  command.summary = "End an app for good";
  command.description =
      "Terminates the app: its machine is taken down and its id can never run again. What becomes "
      "of its wallet is told before, with the balances of its first addresses: a wallet that was "
      "generated on this machine stays recoverable, one that the platform's KMS made is gone for "
      "ever, with everything that its addresses hold.\n\n"
      "The app's name (its id, when it has none) has to be typed, unless --yes is given. Without a "
      "terminal and without --yes the command refuses.";
  command.options.push_back(yes_option_with_force());
  command.examples = {
      {"End an app", "ecloud compute app terminate my-app"},
      {"From a script", "ecloud compute app terminate my-app --yes --json"},
  };
  command.destructive = true;
  command.run = run_terminate;
  return command;
}

}  // namespace ecloud::cli
