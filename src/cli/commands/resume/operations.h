#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/credits_chain.h"
#include "cli/workflow.h"
#include "ecloud/deploy/unfinished.h"
#include "ecloud/platform/controller.h"

namespace ecloud::cli {

/// An operation that nobody saw through, with the chain that it is on.
struct OpenOperation {
  const deploy::Services* services = nullptr;
  deploy::JournalEntry entry;
  std::string app_name;  ///< empty: none, or unknown
  std::optional<deploy::Fate> fate;
  std::string result;                                  ///< what this run made of it; empty: nothing
  std::optional<deploy::ReplacementPlan> replacement;  ///< that this run made, or would make
  std::optional<Error> error;
};

/// The unfinished operations of this machine: those of the environment, and purchases of credits,
/// which may be on another chain.
class OpenOperations {
 public:
  /// Both outlive the object.
  OpenOperations(Context& context, Workflow& workflow);

  std::deque<OpenOperation>& all() { return operations_; }
  /// Those that `word` names: an app's id or name, or the beginning of a transaction's hash. Throws
  /// Error{kNotFound, "resume.not_found"}.
  std::vector<OpenOperation*> named(const std::string& word);
  /// The only one that `word` names, or that there is when it is empty; throws Error{kUsage,
  /// "resume.which"} with the hashes when there are several.
  OpenOperation& only(const std::string& word);

 private:
  void take(const deploy::Services& services);

  std::vector<std::unique_ptr<CreditsChain>> credits_;  ///< those with open purchases
  std::deque<OpenOperation> operations_;
};

/// "upgrade of app 0x… (my-app)", "purchase of 5 USDC for 0x…", "rollback of app 0x… to what
/// release 2 was".
std::string describe(const OpenOperation& operation);

/// What the transaction calls; those of a batch one by one.
std::vector<platform::Call> calls_of(const deploy::JournalEntry& entry);
/// "PermissionController.setAppointee(account 0x…, …)".
std::string calls_in_words(const deploy::JournalEntry& entry,
                           const platform::Environment& environment);

/// For people and for --json: {"operations": […]}.
void show_operations(Context& context, const std::deque<OpenOperation>& operations);
std::vector<JsonField> operation_json_fields();

}  // namespace ecloud::cli
