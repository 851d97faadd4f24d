#include "ecloud/eth/abi.h"
#include "ecloud/platform/controller.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::unhex;

std::string words(const base::Bytes& data) {
  const auto reason = explain_revert(data);
  if (!reason) return "nothing";
  return reason->name + ": " + reason->meaning + (reason->hint.empty() ? "" : " | " + reason->hint);
}

struct PublishedError {
  std::string_view selector;  ///< from the contracts' published interfaces
  std::string_view words;
};

const PublishedError kPublished[] = {
    {"0x82d7ade6",
     "MaxActiveAppsExceeded: whoever pays for the app has as many apps as its quota allows; "
     "stopped "
     "apps count too | terminate an app (stopping frees no quota), or raise the quota: ecloud "
     "compute app list"},
    {"0x42ca568f",
     "GlobalMaxActiveAppsExceeded: the platform is full: no account can add another app now | "
     "try again later"},
    {"0x932d94f7",
     "InvalidPermissions: this account may not do that with this app | check which account you "
     "use: ecloud auth whoami"},
    {"0x6ccdc2fd",
     "AppAlreadyExists: this account has already used this salt for an app | leave out --salt, or "
     "give another one"},
    {"0x54e0d7d2",
     "AppDoesNotExist: there is no such app on this chain | see your apps: ecloud compute app "
     "list"},
    {"0x609749e2",
     "InvalidAppStatus: the app's status on chain does not allow it | see the app's status: ecloud "
     "compute app list --all"},
    {"0x98c82cef", "MoreThanOneArtifact: a release holds exactly one image"},
    {"0x8baa579f", "InvalidSignature: a signature was refused by the contract"},
    {"0x0819bdcd", "SignatureExpired: a signature had expired | check the clock of this machine"},
    {"0xc0c0e766", "InvalidReleaseMetadataURI: the release's metadata address is malformed"},
    {"0xb3512b0c", "InvalidShortString: a text is too long for its field on chain"},
    {"0x0b9a8c79", "AccountHasActiveApps: the account still has active apps"},
    {"0xdd61275e", "NoPendingUpgrade: no upgrade of this app is waiting to be confirmed"},
    {"0x305a27a9", "StringTooLong: a text is too long for its field on chain"},
    {"0xbed8295f", "AdminNotPending: this account was not proposed as an admin of the app"},
    {"0x980b0728", "AdminAlreadySet: this account is an admin of the app already"},
    {"0x3357dbc6",
     "AdminAlreadyPending: this account has been proposed as an admin of the app already"},
    {"0xe2db0360",
     "AdminNotSet: this account is not an admin of the app, so that cannot be taken away"},
    {"0xad8efeb7", "AppointeeAlreadySet: this permission has been granted already"},
    {"0x262118cd", "AppointeeNotSet: this permission was not granted, so it cannot be taken away"},
    {"0x7bfa4b9f",
     "NotAdmin: this account is not an admin of the app | check which account you use: ecloud "
     "auth whoami"},
    {"0x86744958", "CannotHaveZeroAdmins: an app needs at least one admin"},
    {"0x325ec75f",
     "InvalidUpgradeByTime: the release's deadline has passed | check the clock of this machine, "
     "then run the command again"},
    {"0x827cdcae",
     "MustPublishMetadataURI: the platform has not published the app's metadata address"},
    {"0xeec403f0", "InvalidMetadataURI: the release's metadata address is empty"},
    {"0xf4634142",
     "NoReleases: the app has no release yet | release an image: ecloud compute app upgrade"},
    {"0xfcd2aaeb",
     "BelowMinimumPurchase: less was paid than the smallest purchase of credits | give a larger "
     "--amount"},
    {"0xd92e233d", "ZeroAddress: credits cannot be bought for the zero address"},
    {"0x93687c0b",
     "NotCreator: only the account that created the app may do that | check which account you "
     "use: ecloud auth whoami"},
    {"0x8a008e17",
     "InvalidTeamRole: this account lacks the role that the app's team needs for it; permissions "
     "granted with ecloud do not count with this contract | ask the owner of the app for the "
     "role"},
    {"0x1853971c",
     "NotPendingOwner: the app was not offered to this account | check which account you use: "
     "ecloud auth whoami"},
    {"0xd3670770",
     "NotScopeOwner: only the owner of the app may do that | check which account you use: ecloud "
     "auth whoami"},
    {"0xd954416a", "InvalidRole: there is no such role"},
    {"0x5d1d8bcf", "CannotRemoveOwnerAdmin: the owner of an app is always one of its admins"},
    {"0xc13a62ad", "CannotRemoveLastAdmin: an app needs at least one admin"},
    {"0x7b3c5626", "CannotRevokeLastAdmin: a team needs at least one admin"},
    {"0xa6f2d51b", "ScopeAlreadyInitialized: the app has roles already"},
    {"0xf691b88d",
     "ScopeNotInitialized: the app has no roles yet: the platform has not moved it over"},
    {"0x4d898076", "OnlyConsumer: only the AppController may call that"},
    {"0x2d0a88f7", "SameOwnerTransfer: the app belongs to that account already"},
    {"0x80ffbcc3", "NoProposers: a timelock needs at least one proposer"},
    {"0xebad7a39", "NoExecutors: a timelock needs at least one executor"},
    {"0x765e2e8c", "ZeroAddressProposer: the zero address cannot be a proposer"},
    {"0xfd1d5901", "ZeroAddressExecutor: the zero address cannot be an executor"},
    {"0x1778db9d",
     "TooManyPendingOperations: the timelock holds as many pending operations as it can | execute "
     "or cancel one first"},
    {"0xacfdb444", "ExecutionFailed: one call of the batch failed"},
    {"0x0796d945",
     "NotEntryPointOrSelf: the account's delegation accepts calls from the account alone"},
    {"0x29c3b7ee", "NotSelf: the account's delegation accepts calls from the account alone"},
    {"0xb96fcfe4",
     "UnsupportedCallType: the account's delegation does not know this kind of batch"},
    {"0x1187dc06",
     "UnsupportedExecType: the account's delegation does not know this kind of batch"},
};

TEST_CASE("every error of the contracts is put into words", "[platform]") {
  for (const PublishedError& error : kPublished) {
    INFO(error.selector);
    CHECK(words(unhex(error.selector)) == error.words);
  }
}

TEST_CASE("an error is known whatever arguments follow", "[platform]") {
  base::Bytes data = unhex("0x305a27a9");
  base::append(data, eth::abi_encode("(string)", {"marker"}));
  CHECK(words(data) == "StringTooLong: a text is too long for its field on chain");
  base::Bytes call_type = unhex("0xb96fcfe4");
  call_type.resize(36);
  CHECK(words(call_type).starts_with("UnsupportedCallType: "));
}

TEST_CASE("a reason in Solidity's own words is shown", "[platform]") {
  // cast abi-encode-with-signature "Error(string)" "too late", written out.
  const std::string reason =
      "0x08c379a0"
      "0000000000000000000000000000000000000000000000000000000000000020"
      "0000000000000000000000000000000000000000000000000000000000000008"
      "746f6f206c617465000000000000000000000000000000000000000000000000";
  CHECK(words(unhex(reason)) == "Error: too late");
  base::Bytes hostile = unhex("0x08c379a0");
  base::append(hostile, eth::abi_encode("(string)", {"\x1b[31mred\nline"}));
  CHECK(words(hostile) == "Error: ?[31mred line");
}

TEST_CASE("a salt that was used is named as that", "[platform]") {
  // As the real contracts answer: Error(string) of OpenZeppelin's Create2.
  CHECK(words(unhex("0x08c379a0"
                    "0000000000000000000000000000000000000000000000000000000000000020"
                    "0000000000000000000000000000000000000000000000000000000000000019"
                    "437265617465323a204661696c6564206f6e206465706c6f7900000000000000")) ==
        "Create2: Failed on deploy: this account has already used this salt for an app | leave "
        "out --salt, or give another one");
}

TEST_CASE("a panic of Solidity is shown with its meaning", "[platform]") {
  // Panic(0x11) of the Solidity documentation: arithmetic overflow.
  const auto reason = explain_revert(unhex("0x4e487b71" + std::string(62, '0') + "11"));
  REQUIRE(reason);
  CHECK(reason->name == "Panic");
  CHECK(reason->meaning.find("overflow") != std::string::npos);
}

TEST_CASE("an unknown error is shown by its selector", "[platform]") {
  const std::string unknown = ": the contract refused with an error that ecloud does not know";
  CHECK(words(unhex("0xdeadbeef")) == "0xdeadbeef" + unknown);
  CHECK(words(unhex("0xdeadbeef0102")) == "0xdeadbeef" + unknown);
  CHECK(words(unhex("0x12")) == "0x12" + unknown);
  // Error(string) without its string.
  CHECK(words(unhex("0x08c379a0")) == "0x08c379a0" + unknown);
}

TEST_CASE("no data is no reason", "[platform]") {
  CHECK(words({}) == "nothing");
}

}  // namespace
}  // namespace ecloud::platform
