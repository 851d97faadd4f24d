#include <algorithm>

#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/eth/abi.h"
#include "ecloud/platform/controller.h"

namespace ecloud::platform {
namespace {

struct KnownError {
  std::string_view signature;
  std::string_view meaning;
  std::string_view hint = {};
};

// The signatures of the errors of AppController, PermissionController, ReleaseManager and of the
// delegator; their selectors are computed from them and compared with published ones in the tests.
constexpr KnownError kErrors[] = {
    {"MaxActiveAppsExceeded()",
     "whoever pays for the app has as many apps as its quota allows; stopped apps count too",
     "terminate an app (stopping frees no quota), or raise the quota: ecloud compute app list"},
    {"GlobalMaxActiveAppsExceeded()", "the platform is full: no account can add another app now",
     "try again later"},
    {"InvalidPermissions()", "this account may not do that with this app",
     "check which account you use: ecloud auth whoami"},
    {"AppAlreadyExists()", "this account has already used this salt for an app",
     "leave out --salt, or give another one"},
    {"AppDoesNotExist()", "there is no such app on this chain",
     "see your apps: ecloud compute app list"},
    {"InvalidAppStatus()", "the app's status on chain does not allow it",
     "see the app's status: ecloud compute app list --all"},
    {"MoreThanOneArtifact()", "a release holds exactly one image"},
    {"InvalidSignature()", "a signature was refused by the contract"},
    {"SignatureExpired()", "a signature had expired", "check the clock of this machine"},
    {"InvalidReleaseMetadataURI()", "the release's metadata address is malformed"},
    {"InvalidShortString()", "a text is too long for its field on chain"},
    {"AccountHasActiveApps()", "the account still has active apps"},
    {"NoPendingUpgrade()", "no upgrade of this app is waiting to be confirmed"},
    {"StringTooLong(string)", "a text is too long for its field on chain"},
    {"AdminNotPending()", "this account was not proposed as an admin of the app"},
    {"AdminAlreadySet()", "this account is an admin of the app already"},
    {"AdminAlreadyPending()", "this account has been proposed as an admin of the app already"},
    {"AdminNotSet()", "this account is not an admin of the app, so that cannot be taken away"},
    {"AppointeeAlreadySet()", "this permission has been granted already"},
    {"AppointeeNotSet()", "this permission was not granted, so it cannot be taken away"},
    {"NotAdmin()", "this account is not an admin of the app",
     "check which account you use: ecloud auth whoami"},
    {"CannotHaveZeroAdmins()", "an app needs at least one admin"},
    {"InvalidUpgradeByTime()", "the release's deadline has passed",
     "check the clock of this machine, then run the command again"},
    {"MustPublishMetadataURI()", "the platform has not published the app's metadata address"},
    {"InvalidMetadataURI()", "the release's metadata address is empty"},
    {"NoReleases()", "the app has no release yet", "release an image: ecloud compute app upgrade"},
    {"BelowMinimumPurchase()", "less was paid than the smallest purchase of credits",
     "give a larger --amount"},
    {"ZeroAddress()", "credits cannot be bought for the zero address"},
    // Of unreleased designs for teams, timelocks and Safes.
    {"NotCreator()", "only the account that created the app may do that",
     "check which account you use: ecloud auth whoami"},
    {"InvalidTeamRole()",
     "this account lacks the role that the app's team needs for it; permissions granted with "
     "ecloud do not count with this contract",
     "ask the owner of the app for the role"},
    {"NotPendingOwner()", "the app was not offered to this account",
     "check which account you use: ecloud auth whoami"},
    {"NotScopeOwner()", "only the owner of the app may do that",
     "check which account you use: ecloud auth whoami"},
    {"InvalidRole()", "there is no such role"},
    {"CannotRemoveOwnerAdmin()", "the owner of an app is always one of its admins"},
    {"CannotRemoveLastAdmin()", "an app needs at least one admin"},
    {"CannotRevokeLastAdmin()", "a team needs at least one admin"},
    {"ScopeAlreadyInitialized()", "the app has roles already"},
    {"ScopeNotInitialized()", "the app has no roles yet: the platform has not moved it over"},
    {"OnlyConsumer()", "only the AppController may call that"},
    {"SameOwnerTransfer()", "the app belongs to that account already"},
    {"NoProposers()", "a timelock needs at least one proposer"},
    {"NoExecutors()", "a timelock needs at least one executor"},
    {"ZeroAddressProposer()", "the zero address cannot be a proposer"},
    {"ZeroAddressExecutor()", "the zero address cannot be an executor"},
    {"TooManyPendingOperations()", "the timelock holds as many pending operations as it can",
     "execute or cancel one first"},
    {"ExecutionFailed()", "one call of the batch failed"},
    {"NotEntryPointOrSelf()", "the account's delegation accepts calls from the account alone"},
    {"NotSelf()", "the account's delegation accepts calls from the account alone"},
    {"UnsupportedCallType(bytes1)", "the account's delegation does not know this kind of batch"},
    {"UnsupportedExecType(bytes1)", "the account's delegation does not know this kind of batch"},
};

/// What OpenZeppelin's Create2 says when the address has code already: the app of this account and
/// salt exists. The contracts declare AppAlreadyExists for it and never use it.
constexpr std::string_view kCreate2Failed = "Create2: Failed on deploy";

RevertReason used_salt() {
  return {"Create2: Failed on deploy", "this account has already used this salt for an app",
          "leave out --salt, or give another one"};
}

std::string name_of(std::string_view signature) {
  return std::string(signature.substr(0, signature.find('(')));
}

RevertReason reason_of(const KnownError& error) {
  return {name_of(error.signature), std::string(error.meaning), std::string(error.hint)};
}

bool starts_with_selector(base::ByteView data, std::string_view signature) {
  const auto selector = eth::abi_selector(signature);
  return data.size() >= 4 && std::equal(selector.begin(), selector.end(), data.begin());
}

}  // namespace

std::optional<RevertReason> explain_revert(base::ByteView data) {
  if (data.empty()) return std::nullopt;
  for (const KnownError& error : kErrors) {
    if (starts_with_selector(data, error.signature)) return reason_of(error);
  }
  if (const auto solidity = chain::solidity_revert_reason(data)) {
    if (*solidity == kCreate2Failed) return used_salt();
    const bool panic = starts_with_selector(data, "Panic(uint256)");
    return RevertReason{panic ? "Panic" : "Error", base::printable_line(*solidity), {}};
  }
  const std::string shown =
      base::to_hex_prefixed(data.first(std::min<std::size_t>(data.size(), 4)));
  return RevertReason{shown, "the contract refused with an error that ecloud does not know", {}};
}

std::vector<KnownRevert> known_reverts() {
  std::vector<KnownRevert> out;
  for (const KnownError& error : kErrors) {
    out.push_back({error.signature, eth::abi_selector(error.signature), reason_of(error)});
  }
  return out;
}

}  // namespace ecloud::platform
