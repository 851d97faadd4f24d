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
    {"MaxActiveAppsExceeded()", "your account already runs as many apps as its quota allows",
     "stop or terminate an app, or raise the quota: ecloud compute app list"},
    {"GlobalMaxActiveAppsExceeded()", "the platform is full: no account can start another app now",
     "try again later"},
    {"InvalidPermissions()", "this account may not do that with this app",
     "check which account you use: ecloud auth whoami"},
    {"AppAlreadyExists()", "this account has already used this salt for an app",
     "leave out --salt, or give another one"},
    {"AppDoesNotExist()", "there is no such app on this chain",
     "see your apps: ecloud compute app list"},
    {"InvalidAppStatus()", "the app's status does not allow it (already stopped, or terminated)",
     "see the app's status: ecloud compute app list"},
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
    {"ExecutionFailed()", "one call of the batch failed"},
    {"NotEntryPointOrSelf()", "the account's delegation accepts calls from the account alone"},
    {"NotSelf()", "the account's delegation accepts calls from the account alone"},
    {"UnsupportedCallType(bytes1)", "the account's delegation does not know this kind of batch"},
    {"UnsupportedExecType(bytes1)", "the account's delegation does not know this kind of batch"},
};

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
