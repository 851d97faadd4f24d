#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/secret.h"
#include "ecloud/deploy/account_transaction.h"
#include "ecloud/deploy/app_wallet.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/release_wallet.h"

namespace ecloud::deploy {

/// What an app runs now, as the chain has it.
struct CurrentApp {
  platform::ChainStatus status = platform::ChainStatus::kNone;
  eth::Address creator;
  /// Of the last release, also where the platform has not confirmed it yet.
  std::uint64_t release_block = 0;
  /// Block of an upgrade that the platform has not confirmed yet.
  std::optional<std::uint64_t> pending_release_block;
  bool logs_are_public = false;
  /// Who pays for it: its creator, or the app itself.
  eth::Address billing_account;
  /// Out of the AppUpgraded log of the latest release; nothing when the node does not give it.
  std::optional<platform::Release> release;
  std::string image_name, image_digest;  ///< of `release`
  std::string instance_type;             ///< of `release`; may be empty
  std::map<std::string, std::string> public_variables;
  /// False when the encrypted variables are too short to hold a mnemonic, so that the wallet can
  /// only be the KMS's.
  bool may_hold_mnemonic = true;
  /// What `release` says of the wallet; nothing when it says nothing, or was not read.
  std::optional<ReleaseWallet> wallet;
  std::optional<Error> wallet_problem;  ///< what it says is refused: "wallet.forged"
};

/// Throws Error{kNotFound, "app.not_found"}, and Error{kTransaction, "app.wrong_status"} for an app
/// that takes no release (platform::allows): a terminated one, and before controller 1.5.0 also a
/// suspended one.
CurrentApp read_current_app(const Services& services, const eth::Address& account,
                            const eth::Address& app);

/// What an upgrade's plan rests on, beside the account.
struct AppState {
  platform::ChainStatus status = platform::ChainStatus::kNone;
  std::uint64_t release_block = 0;
  std::optional<std::uint64_t> pending_release_block;
  bool logs_are_public = false;
  bool operator==(const AppState&) const = default;
};

/// What to put in the place of the release that runs. What is absent stays as it is.
struct UpgradeRequest {
  eth::Address app;
  std::optional<oci::Reference> image;
  /// As in DeployRequest.
  std::function<oci::ResolvedImage()> find_image;
  std::optional<std::string> instance_type;
  std::optional<LogVisibility> log_visibility;
  /// Without MNEMONIC; all of them, none is kept. Not used with WalletChoice::keeps_release, where
  /// the variables of the running release are sent again, the encrypted ones as they are.
  platform::AppEnvironment variables;
  WalletChoice wallet;
  /// Whether the release carries the recovery phrase of a generated wallet, encrypted with the
  /// deployer key. Nothing: as the running release does, and yes when that says nothing.
  std::optional<bool> wallet_backup;
  std::string lock_file;  ///< as in DeployRequest
  /// As in DeployRequest.
  bool may_sign_for_estimate = true;
  std::uint32_t lifetime_seconds = kReleaseSeconds;
};

/// What an upgrade will do and cost. Made without signing or sending anything.
struct UpgradePlan {
  eth::Address app;
  oci::Reference reference;  ///< the image that is asked for
  oci::ResolvedImage image;
  std::string instance_type;
  LogVisibility log_visibility = LogVisibility::kPrivate;  ///< afterwards
  platform::ContainerPolicy policy;                        ///< that of the release that runs, kept
  ReleaseWallet wallet;                                    ///< what the release will say of it
  TransactionPlan transaction;
  AppState found;
  std::optional<platform::Sku> offer;  ///< as in DeployPlan
  std::vector<std::string> warnings;
};

/// Errors beside those of the clients: kTransaction chain.would_revert,
/// deploy.insufficient_funds; kUsage deploy.unknown_instance_type, upgrade.unknown_image,
/// upgrade.unknown_instance_type (to be given, because the release that runs could not be read).
UpgradePlan plan_upgrade(const Services& services, const Signer& signer,
                         const UpgradeRequest& request, const CurrentApp& current);

/// As apply_change(). An interrupted one is found again by resume_change(…, kUpgrade).
TransactionOutcome apply_upgrade(const Services& services, const Signer& signer,
                                 const UpgradeRequest& request, UpgradePlan plan);

/// Whether the release that `outcome` is of, an upgrade by `signer`, has exactly these variables.
/// False also where that cannot be told.
bool release_has_variables(const Services& services, const Signer& signer,
                           const TransactionOutcome& outcome,
                           const platform::AppEnvironment& variables);

}  // namespace ecloud::deploy
