#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/account_transaction.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// A release of an app as the event on chain tells it.
struct PastRelease {
  std::uint64_t id = 0;  ///< counted by the chain from 0 for each app
  std::uint64_t block = 0;
  platform::Release release;
  std::string image_name, image_digest, instance_type;
  std::map<std::string, std::string> public_variables;  ///< without the instance type

  /// What users call it: 1 is the app's first one.
  std::uint64_t number() const { return id + 1; }
};

/// The releases of an app that were found on chain.
struct PastReleases {
  eth::Address app;
  std::string controller_version;
  platform::ChainStatus status = platform::ChainStatus::kNone;
  std::uint64_t current_block = 0;
  std::optional<std::uint64_t> pending_block;
  std::vector<PastRelease> list;  ///< oldest first

  /// What the app was told last, also where the platform has not confirmed it yet.
  const PastRelease* newest() const { return list.empty() ? nullptr : &list.back(); }
  /// Whether none is missing between the first release and the newest.
  bool is_complete() const;
};

/// How a user names a release: "3" (its number), "id:2" (the chain's), or the beginning of its
/// digest ("sha256:ab12…", or seven hex digits and more).
class ReleaseName {
 public:
  /// Throws Error{kUsage, "rollback.bad_release"}.
  static ReleaseName parse(std::string_view text);
  bool means(std::uint64_t id, std::string_view image_digest) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::optional<std::uint64_t> id_;
  std::string digest_;  ///< without "sha256:"
};

/// Finds them by the blocks that the platform lists, and by that of the newest one, which the
/// controller names; each is then read from the controller's own event in that block, and what the
/// platform says otherwise is warned of and not used. When the platform does not answer or leaves
/// some out, and `enough` says that what was found does not do, the events are looked for backwards
/// through the chain, in ranges that the node takes. Throws Error{kNotFound, "app.not_found"}.
PastReleases find_releases(const Services& services, platform::UserApi& api,
                           const eth::Address& app,
                           const std::function<bool(const PastReleases&)>& enough);

/// The release that a rollback is to put back: the one of that name, of several the newest; without
/// a name the one before the newest. Null when it is not among them.
const PastRelease* choose_release(const PastReleases& releases,
                                  const std::optional<ReleaseName>& name);

/// A recovery phrase of an app that a release has on chain.
struct FoundPhrase {
  base::Secret mnemonic;
  std::uint64_t release = 0;  ///< number, as PastRelease::number()
};

/// Searches the releases, newest first, for a phrase that the signer's key opens: see
/// release_wallet.h. It may be that of a wallet which the app has given up. Errors as of
/// find_releases().
std::optional<FoundPhrase> find_phrase(const Services& services, const Signer& signer,
                                       platform::UserApi& api, const eth::Address& app);

/// What to put back.
struct RollbackRequest {
  eth::Address app;
  std::optional<ReleaseName> name;  ///< nothing: the one before the newest
  std::string lock_file;            ///< as in DeployRequest
  bool may_sign_for_estimate = true;
  /// Put back also an image of a runtime generation that the platform no longer serves.
  bool allow_old_runtime = false;
};

/// What a rollback will do and cost. Made without signing anything.
struct RollbackPlan {
  PastReleases releases;
  PastRelease target;
  PastRelease current;
  bool needed = true;  ///< false: the app runs that already, and the transaction is empty
  /// Whether the app is known to have the same wallet as then: this machine made both releases with
  /// it, both hold the same encrypted variables, neither can hold a MNEMONIC, so that both have the
  /// KMS's, or both say so on chain.
  bool keeps_wallet = true;
  bool wallet_seen_on_chain = false;  ///< only the last of these
  /// What becomes of the wallet, as a sentence for a question; empty when it is kept.
  std::string gives_up;
  LogVisibility log_visibility = LogVisibility::kPrivate;  ///< afterwards
  std::string lock_file;                                   ///< that of the request
  TransactionPlan transaction;
  std::vector<std::string> warnings;
};

/// Errors beside those of the clients:
///   kNotFound    app.not_found, rollback.no_release
///   kImage       rollback.image_gone (the registry does not serve the image any more)
///   kFailure     rollback.policy_lost (the release restricts its container in a way that the live
///                controller cannot say)
///   kUsage       deploy.unknown_instance_type, image.old_runtime and image.mixed_runtime (the app
///                would get no variables; layer_image.h)
///   kCredentials app.not_permitted
///   kVerification wallet.forged (what the release says of its wallet on chain is refused)
///   kTransaction app.wrong_status, chain.would_revert, deploy.insufficient_funds
RollbackPlan plan_rollback(const Services& services, const Signer& signer, platform::UserApi& api,
                           const RollbackRequest& request);

/// As apply_change(). An interrupted one is found again by resume_change(…, kRollback).
TransactionOutcome apply_rollback(const Services& services, const Signer& signer,
                                  RollbackPlan plan);

/// An earlier rollback of this account that is signed, and that no node knows. resume_change()
/// would send it: whoever asks for another release looks first. One round trip when there is an
/// open one.
std::optional<JournalEntry> unsent_rollback(const Services& services, const Signer& signer,
                                            const eth::Address& app);

}  // namespace ecloud::deploy
