#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/release_difference.h"
#include "ecloud/deploy/upgrade_app.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// A deployment or an upgrade that is complete but for its signature, to be kept in a file and
/// applied later, perhaps on another machine with the same account. Holds no secret: the private
/// variables are encrypted for the KMS, a generated wallet is in the WalletStore.
struct SavedPlan {
  std::string environment;
  /// The environment's, as they were: what the account delegates to, and what is called.
  eth::Address delegator, app_controller, permission_controller;
  JournalEntry entry;  ///< the operation, without a transaction
  TransactionPlan transaction;
  /// What an upgrade found; a deployment is of an app that is not there.
  std::optional<AppState> app_state;
  /// What an upgrade has otherwise than the release that ran when it was planned.
  std::optional<ReleaseDifference> difference;
  std::int64_t made_at = 0;  ///< unix seconds
};

/// For how long a plan that is to be saved may be applied: the release names that time, and the
/// contract refuses it afterwards.
constexpr std::uint32_t kSavedPlanSeconds = 86'400;

/// Throws Error{kTransaction, "plan.unfinished"} when an earlier run signed a deployment of that
/// name (of that image, when it has no name) and nobody has seen yet what became of it: a plan
/// beside it could make a second app.
void refuse_unfinished_deploy(const Services& services, const Signer& deployer,
                              const DeployRequest& request);

/// Stores the wallet that the plan has made, because its words are nowhere else. The plan is used
/// up. Throws as refuse_unfinished_deploy().
SavedPlan save_plan(const Services& services, const Signer& deployer, const DeployRequest& request,
                    DeployPlan plan);
SavedPlan save_plan(const Services& services, const Signer& signer, const UpgradeRequest& request,
                    UpgradePlan plan, ReleaseDifference difference);

/// A JSON document with a code that only the account's key can make (HKDF-SHA-256, RFC 5869), so
/// that nobody else changes what will be signed.
std::string format_saved_plan(const SavedPlan& plan, const Signer& signer);
/// `name` is what errors call the text. Throws Error{kUsage, "plan.malformed"} for what is no plan,
/// "plan.other_account", and Error{kVerification, "plan.changed"} when the code is not right.
SavedPlan parse_saved_plan(std::string_view text, const std::string& name, const Signer& signer);

/// What a saved plan meets when it is about to be applied.
struct SavedPlanCheck {
  eth::U256 balance;                   ///< of the account, in wei
  std::optional<platform::Sku> offer;  ///< the instance type's current one; empty: not read
  std::vector<std::string> warnings;
};

/// Throws when the plan is not to be applied any more; nothing is sent. Asks the journal and the
/// chain for all that the plan rests on, lets a node run the transaction, and asks the registry for
/// the image and the platform for the instance type. Nothing is signed unless `may_sign`, which is
/// for after the user has agreed: a node that knows no state overrides needs the authorization of
/// an account that is not delegated yet. Without it such a node is not asked to run the
/// transaction, which is noted. A platform that does not respond is a warning. Errors:
///   kUsage        plan.other_environment, deploy.name_taken, deploy.unknown_instance_type
///   kTransaction  plan.moved, with everything that is not as it was; plan.unfinished (an earlier
///                 transaction of the app, or of a deployment of the same name, was signed and not
///                 seen through)
///   kVerification plan.no_wallet (the words that were generated for it are not on this machine)
SavedPlanCheck check_saved_plan(const Services& services, const Signer& signer,
                                const SavedPlan& plan, bool may_sign);

/// Signs and sends exactly the plan's transaction, waits, and checks the effect, as apply_deploy()
/// and apply_upgrade().
TransactionOutcome apply_saved_plan(const Services& services, const Signer& signer,
                                    const SavedPlan& plan);

/// What became of the plan's transaction, when it was applied before on this machine. One that is
/// not seen through is gone on with as resume_deploy(). With one that is, or whose app has been
/// terminated since, the entry says kDone and nothing is changed: other releases, names and wallets
/// may have come after it. Nothing when it was not applied. Errors beside those of
/// send_and_conclude(): kUsage plan.other_environment, kPending deploy.not_mined (no node has the
/// receipt any more).
std::optional<TransactionOutcome> resume_saved_plan(const Services& services, const Signer& signer,
                                                    const SavedPlan& plan);

}  // namespace ecloud::deploy
