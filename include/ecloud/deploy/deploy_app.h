#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/secret.h"
#include "ecloud/deploy/account_transaction.h"
#include "ecloud/deploy/services.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/oci/registry.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

enum class LogVisibility {
  kPublic,   ///< anyone reads the app's log through the platform
  kPrivate,  ///< the deployer alone does
  kOff,      ///< the platform keeps no log
};
std::string_view to_string(LogVisibility visibility);
std::optional<LogVisibility> log_visibility_of(std::string_view word);

/// How long a release has to get on chain, in seconds, unless told otherwise.
constexpr std::uint32_t kReleaseSeconds = 3'600;

/// What to deploy: everything local, read and checked.
struct DeployRequest {
  std::string name;  ///< may be empty: then the app has no profile
  oci::Reference image;
  std::string instance_type;
  LogVisibility log_visibility = LogVisibility::kPrivate;
  platform::AppEnvironment variables;  ///< without MNEMONIC
  WalletSource wallet = WalletSource::kGenerated;
  /// Whether the release carries the recovery phrase of a generated wallet, encrypted with the
  /// deployer key (release_wallet.h).
  bool wallet_backup = true;
  base::Secret mnemonic;                        ///< for WalletSource::kEnvironment alone
  std::optional<base::Bytes32> salt;            ///< random when absent
  bool pays_for_itself = false;                 ///< quota and credits are the app's own
  std::optional<platform::AppProfile> profile;  ///< nothing: set none
  std::string picture;                          ///< file of the profile's picture, or empty
  std::string folder;                           ///< where the command ran
  std::string lock_file;  ///< ecloud.lock of the project, which is kept up; empty: none
  /// What `image` is, for callers that know or make it: its reference may be another one, which
  /// then goes on chain. Asked while the chain is asked, on another thread. Null: the registry is
  /// asked. A stand-in gives a plan for an image that does not exist yet.
  std::function<oci::ResolvedImage()> find_image;
  /// Whether an authorization may be signed to estimate gas with, at nodes that know no state
  /// overrides. False for a dry run.
  bool may_sign_for_estimate = true;
  std::uint32_t lifetime_seconds = kReleaseSeconds;  ///< in which the release has to get on chain
  bool may_share_name = false;  ///< whether another app of the account may have the name
};

/// What a deployment will do and cost. Made without signing or sending anything.
struct DeployPlan {
  eth::Address app;
  base::Bytes32 salt{};
  oci::ResolvedImage image;
  base::Secret mnemonic;                     ///< empty for WalletSource::kKms
  std::optional<WalletAddresses> addresses;  ///< nothing for WalletSource::kKms
  TransactionPlan transaction;
  /// What the platform says of the instance type; nothing when it did not answer.
  std::optional<platform::Sku> offer;
  eth::Address payer;  ///< whose quota it takes: the account, or the app itself
  /// The app pays for itself and has no quota yet: credits for it must be bought first, and only
  /// then can the transaction be planned. `transaction` is empty.
  bool needs_credits = false;
  std::uint32_t active_apps = 0, max_active_apps = 0;  ///< of the payer
  std::vector<std::string> warnings;
};

/// Asks chain, registry and UserAPI at the same time, checks quota, funds, image and instance type,
/// makes the wallet (or takes the words that an earlier attempt with the same salt stored), and
/// estimates. Errors beside those of the clients:
///   kTransaction deploy.no_subscription, deploy.quota, deploy.insufficient_funds,
///                chain.would_revert
///   kUsage       deploy.unknown_instance_type, deploy.name_taken, deploy.no_isolated_billing (the
///                contract is too old for an app that pays for itself)
///   kFailure     deploy.not_an_account (the address has code that is no delegation)
DeployPlan plan_deploy(const Services& services, const Signer& deployer,
                       const DeployRequest& request);

/// A plan of now for the same app with the same wallet: fees, nonce and the time until which the
/// release has to be on chain are those of the moment. As plan_deploy().
DeployPlan renew_plan(const Services& services, const Signer& deployer,
                      const DeployRequest& request, DeployPlan earlier);

using DeployOutcome = TransactionOutcome;

/// Stores the wallet, writes the journal, signs, sends, waits for the receipt and checks that the
/// app exists under the expected id. Uses the plan's transaction up; the rest serves renew_plan().
/// Errors:
///   kTransaction chain.nonce_taken (nothing has happened; a renewed plan may be applied),
///                chain.refused, chain.reverted, deploy.no_effect, deploy.wrong_app
///   kPending     deploy.not_mined
///   kInterrupted with a message that says whether the transaction is out
DeployOutcome apply_deploy(const Services& services, const Signer& deployer,
                           const DeployRequest& request, DeployPlan& plan);

/// Goes on with a deployment of the same name (of the same image, when it has no name) that an
/// earlier run began: finds its transaction on chain, or sends the same one again. Nothing when
/// there is none or when it can never be mined any more.
std::optional<DeployOutcome> resume_deploy(const Services& services, const Signer& deployer,
                                           const DeployRequest& request);

/// Records that nothing is left to do.
void finish_deploy(const Services& services, const DeployOutcome& outcome);

}  // namespace ecloud::deploy
