#include "cli/commands/resume/commands.h"

#include "cli/commands/app/after_transaction.h"
#include "cli/commands/app/release_options.h"
#include "cli/commands/resume/operations.h"
#include "cli/commands/resume/replace.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/deploy/account_lock.h"

namespace ecloud::cli {
namespace {

using deploy::Operation;

enum class Action { kContinue, kList, kAbandon, kSpeedUp, kCancel };

Action action_of(const Values& values) {
  constexpr std::pair<const char*, Action> kFlags[] = {{"list", Action::kList},
                                                       {"abandon", Action::kAbandon},
                                                       {"speed-up", Action::kSpeedUp},
                                                       {"cancel", Action::kCancel}};
  Action out = Action::kContinue;
  for (const auto& [flag, action] : kFlags) {
    if (!values.flag(flag)) continue;
    if (out != Action::kContinue) {
      throw Error(Category::kUsage, "cli.conflict",
                  "--list, --abandon, --speed-up and --cancel exclude each other",
                  "give one of them");
    }
    out = action;
  }
  return out;
}

/// What cannot be read out of the description.
std::string consequences(const OpenOperation& operation) {
  switch (operation.entry.operation) {
    case Operation::kGrant:
    case Operation::kAccept:
      return ", which calls " + calls_in_words(operation.entry, operation.services->environment);
    case Operation::kRollback:
      return ", with the private variables and the wallet of then";
    default:
      return {};
  }
}

void confirm_sending(Context& context, const OpenOperation& operation) {
  if (!deploy::needs_consent(operation.entry.operation)) return;
  if (operation.fate != deploy::Fate::kUnknown) return;
  context.terminal().confirm("No node knows the transaction of the " + describe(operation) +
                             consequences(operation) + ". Send it again?");
}

/// What the platform does then. It answers the account alone, while a transaction that is signed
/// needs no key. False when something is left to do.
bool see_platform(Context& context, Workflow& workflow, const Values& values,
                  const deploy::TransactionOutcome& outcome) {
  if (context.found_key() == nullptr) {
    workflow.note("it is on chain; without the account's key the platform is not asked");
    return true;
  }
  context.deployer();
  const bool complete = set_recorded_profile(context, workflow, outcome);
  static_cast<void>(wait_for_platform(workflow, values, outcome,
                                      "ecloud resume " +
                                          base::to_hex_prefixed(outcome.receipt.transaction_hash) +
                                          workflow.environment_flag()));
  check_listed_release(workflow, values, outcome);
  return complete;
}

/// After the transaction.
void finish(Context& context, Workflow& workflow, const Values& values,
            const OpenOperation& operation, const deploy::TransactionOutcome& outcome) {
  const bool concerns_platform = deploy::concerns_platform(outcome.entry.operation);
  const bool complete = !concerns_platform || see_platform(context, workflow, values, outcome);
  if (complete) deploy::finish_operation(*operation.services, outcome);
}

/// The entry as it is under the lock; nothing when another process has finished it meanwhile.
std::optional<deploy::JournalEntry> read_again(const OpenOperation& operation) {
  for (deploy::JournalEntry& entry : deploy::unfinished_operations(*operation.services)) {
    if (entry.transaction_hash == operation.entry.transaction_hash) return std::move(entry);
  }
  return std::nullopt;
}

void go_on(Context& context, Workflow& workflow, const Values& values, OpenOperation& operation) {
  confirm_sending(context, operation);
  workflow.note("going on with the " + describe(operation));
  std::optional<deploy::TransactionOutcome> outcome;
  {
    const base::FileLock lock = deploy::lock_account(*operation.services, operation.entry.deployer);
    auto entry = read_again(operation);
    if (!entry) {
      operation.result = "finished";
      return;
    }
    outcome = deploy::continue_operation(*operation.services, std::move(*entry), true);
  }
  if (!outcome) {
    operation.result = "impossible";
    return;
  }
  operation.entry = outcome->entry;
  operation.fate = deploy::Fate::kMined;
  finish(context, workflow, values, operation, *outcome);
  operation.result = "finished";
}

void ask_chain(Workflow& workflow, const std::vector<OpenOperation*>& operations) {
  if (operations.empty()) return;
  workflow.phase("asking the chain");
  for (OpenOperation* one : operations) {
    one->fate = deploy::fate_of(*one->services, one->entry);
  }
  workflow.finish_progress();
}

/// One that fails does not keep the others from being seen through.
void continue_all(Context& context, Workflow& workflow, const Values& values,
                  const std::vector<OpenOperation*>& operations) {
  for (OpenOperation* one : operations) {
    try {
      go_on(context, workflow, values, *one);
    } catch (const Error& error) {
      workflow.finish_progress();
      if (error.category() == Category::kInterrupted) throw;
      one->error = error;
      one->result = "failed";
    }
  }
  workflow.finish_progress();
}

void throw_first_error(const std::deque<OpenOperation>& operations) {
  for (const OpenOperation& one : operations) {
    if (one.error) throw *one.error;
  }
}

void abandon(Context& context, OpenOperation& operation, bool dry_run) {
  if (dry_run) return;
  const bool may_be_mined =
      operation.fate == deploy::Fate::kWaiting || operation.fate == deploy::Fate::kUnknown;
  context.terminal().confirm(
      "Forget the " + describe(operation) + "?" +
      (may_be_mined ? " Its transaction is signed and may still be mined; --cancel would rule that "
                      "out."
                    : ""));
  const base::FileLock lock = deploy::lock_account(*operation.services, operation.entry.deployer);
  if (auto entry = read_again(operation)) {
    deploy::abandon_operation(*operation.services, std::move(*entry));
  }
  operation.result = "abandoned";
}

/// In the order of `all`; the rest is dropped.
std::deque<OpenOperation> only_these(const std::vector<OpenOperation*>& chosen) {
  std::deque<OpenOperation> out;
  for (OpenOperation* one : chosen) out.push_back(std::move(*one));
  return out;
}

std::vector<OpenOperation*> choose(OpenOperations& operations, const std::string& word,
                                   bool one_alone) {
  if (one_alone) return {&operations.only(word)};
  if (!word.empty()) return operations.named(word);
  std::vector<OpenOperation*> out;
  for (OpenOperation& one : operations.all()) out.push_back(&one);
  return out;
}

void run_resume(Context& context, const Values& values) {
  const Action action = action_of(values);
  static_cast<void>(values.duration("timeout"));
  Workflow workflow(context);
  OpenOperations operations(context, workflow);
  const std::string word = values.argument("OPERATION").value_or("");
  const bool one_alone = action != Action::kContinue && action != Action::kList;
  const auto chosen = choose(operations, word, one_alone);
  ask_chain(workflow, chosen);
  const bool dry_run = values.flag("dry-run");
  switch (action) {
    case Action::kList:
      break;
    case Action::kContinue:
      if (!dry_run) continue_all(context, workflow, values, chosen);
      break;
    case Action::kAbandon:
      abandon(context, *chosen.front(), dry_run);
      break;
    case Action::kSpeedUp:
    case Action::kCancel:
      if (auto outcome =
              replace(context, workflow, *chosen.front(), action == Action::kCancel, dry_run)) {
        finish(context, workflow, values, *chosen.front(), *outcome);
      }
      break;
  }
  const std::deque<OpenOperation> shown = only_these(chosen);
  show_operations(context, shown);
  throw_first_error(shown);
}

}  // namespace

Command make_resume_command() {
  Command command;
  command.name = "resume";
  command.summary = "Go on with what was cut off";
  command.description =
      "Every command that sends a transaction records it, signed, before it is sent. What was cut "
      "off then (a lost connection, Ctrl-C, a reboot) is found again by running the same command "
      "once more, or all of it by this one: it asks the chain what became of each transaction, "
      "sends it again when no node knows it (the same octets, so that nothing happens twice), "
      "waits "
      "for it, and does what was left to do. It asks before it sends a transaction that terminates "
      "an app, pays, grants permissions or restores a past release.\n\n"
      "A transaction that waits because its fees are too low can be replaced: --speed-up signs the "
      "same again with higher fees, --cancel a payment of nothing to the account itself; whichever "
      "is mined first takes the nonce, and the others can never be mined. --abandon only forgets: "
      "what was signed may still be mined.";
  command.positionals = {
      {.name = "OPERATION",
       .help = "Id or name of the app, or the transaction's hash (its beginning suffices); all "
               "that is unfinished when left out",
       .hash = true}};
  command.options = {
      {.name = "list",
       .kind = Kind::kFlag,
       .help = "Only say what is unfinished, and what the chain knows of it"},
      {.name = "speed-up",
       .kind = Kind::kFlag,
       .help = "Sign the same transaction again with fees at least an eighth higher"},
      {.name = "cancel",
       .kind = Kind::kFlag,
       .help = "Take the transaction's nonce away with one that does nothing"},
      {.name = "abandon",
       .kind = Kind::kFlag,
       .help = "Forget the operation; what was signed may still be mined"},
  };
  for (Option& option : wait_options()) command.options.push_back(std::move(option));
  command.options.push_back(confirmations_option());
  command.options.push_back(credits_node_option());
  command.examples = {
      {"Go on with everything", "ecloud resume"},
      {"See what is unfinished", "ecloud resume --list"},
      {"Pay more for a transaction that is stuck", "ecloud resume my-app --speed-up"},
  };
  command.json_list = "operations";
  command.json_fields = operation_json_fields();
  command.exit_codes = {Category::kFailure,  Category::kTransaction, Category::kCredentials,
                        Category::kNotFound, Category::kNetwork,     Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.mutating = true;
  command.run = run_resume;
  return command;
}

}  // namespace ecloud::cli
