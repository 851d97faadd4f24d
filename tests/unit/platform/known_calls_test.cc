// The selectors and topics below are the published ones of the contracts, checked with viem's
// toFunctionSelector; the program's own are hashed from signatures.
#include "ecloud/platform/known_calls.h"

#include <set>

#include "ecloud/eth/abi.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::hex;
using testing::unhex;

struct Published {
  std::string_view hash;
  std::string_view signature;  ///< R3 and R4 for the releases of three and four fields
};

const Published kCalls[] = {
    {"0xa60daa8f", "createApp(bytes32,R3)"},
    {"0x5e92a19f", "createApp(bytes32,R4)"},
    {"0xd80a956b", "upgradeApp(address,R3)"},
    {"0xe71ad404", "upgradeApp(address,R4)"},
    {"0x559cf359", "createAppWithIsolatedBilling(bytes32,R3)"},
    {"0xb7fe2169", "createAppWithIsolatedBilling(bytes32,R4)"},
    {"0xae7001b3", "createEmptyApp(bytes32)"},
    {"0xf6e842d3", "createEmptyAppWithIsolatedBilling(bytes32)"},
    {"0x4dd8ef81", "startApp(address)"},
    {"0xe70b81b1", "stopApp(address)"},
    {"0x90e2196b", "terminateApp(address)"},
    {"0xbbc1c204", "confirmUpgrade(address)"},
    {"0xcb1e6ff7", "suspend(address,address[])"},
    {"0xd66f7771", "terminateAppByAdmin(address)"},
    {"0x65aa9a65", "updateAppMetadataURI(address,string)"},
    {"0x36b18874", "calculateAppId(address,bytes32)"},
    {"0x40f70a9e", "getMaxActiveAppsPerUser(address)"},
    {"0x0c2199fb", "getActiveAppCount(address)"},
    {"0xa46530a2", "maxGlobalActiveApps()"},
    {"0xa8aa2bd3", "globalActiveAppCount()"},
    {"0xd5aae178", "getAppStatus(address)"},
    {"0x67962d48", "getAppCreator(address)"},
    {"0x9ffbdce6", "getAppLatestReleaseBlockNumber(address)"},
    {"0xc3478d14", "getAppPendingReleaseBlockNumber(address)"},
    {"0x6eb2099f", "getAppOperatorSetId(address)"},
    {"0xf36618ac", "getAppsByDeveloper(address,uint256,uint256)"},
    {"0x8099ef2e", "getAppsByCreator(address,uint256,uint256)"},
    {"0xa37e7e44", "getApps(uint256,uint256)"},
    {"0xdbb1c4e1", "getAppsByBillingAccount(address,uint256,uint256)"},
    {"0x3e032115", "getBillingAccount(address)"},
    {"0x85e9babb", "getBillingType(address)"},
    {"0x54fd4d50", "version()"},
    {"0xf698da25", "domainSeparator()"},
    {"0x9690b7e7", "calculateApiPermissionDigestHash(bytes4,uint256)"},
    {"0xd49fec2b", "setMaxActiveAppsPerUser(address,uint32)"},
    {"0xb438c141", "setMaxGlobalActiveApps(uint32)"},
    {"0x628806ef", "acceptAdmin(address)"},
    {"0x950d806e", "setAppointee(address,address,address,bytes4)"},
    {"0x06641201", "removeAppointee(address,address,address,bytes4)"},
    {"0xdf595cb8", "canCall(address,address,address,bytes4)"},
    {"0x91006745", "isAdmin(address,address)"},
    {"0xad5f2210", "getAdmins(address)"},
    {"0xe9ae5c53", "execute(bytes32,bytes)"},
    {"0xdfeddbc3", "purchaseCreditsFor(uint256,address)"},
    {"0xbef101fb", "purchaseCredits(uint256)"},
    {"0xaa2de6c3", "minimumPurchase()"},
    {"0x3e413bee", "usdc()"},
    {"0x61d027b3", "treasury()"},
    {"0x688c3ec3", "createAppForTeam(address,bytes32,R3)"},
    {"0x6d435421", "transferOwnership(address,address)"},
    {"0x58f2c536", "grantTeamRole(address,uint8,address)"},
    {"0x11b652e2", "revokeTeamRole(address,uint8,address)"},
    {"0x17f4c90b", "renounceTeamRole(address,uint8)"},
    {"0x54bfb170", "hasTeamRole(address,uint8,address)"},
    {"0x1d349e61", "getTeamRoleMember(address,uint8,uint256)"},
    {"0x3c98ff65", "getTeamRoleMemberCount(address,uint8)"},
    {"0x60257ae6", "getTeamRoleMembers(address,uint8)"},
    {"0xffb42b51", "getAppOwner(address)"},
    {"0x508ac1d6", "getAppTimelocked(address)"},
    {"0xf61b3a25", "getAppsForAccount(address,uint256,uint256)"},
    {"0xa03d2a81", "safeTimelockFactory()"},
    {"0x00b73d4c", "migrateAdmins(address[])"},
    {"0x9614801b", "canCall(address,bytes)"},
    {"0x2f2ff15d", "grantRole(bytes32,address)"},
    {"0x8029bbca", "appAuthority()"},
    {"0x51710e45", "acceptOwnership(address)"},
    {"0x7b37e561", "cancelOwnershipTransfer(address)"},
    {"0x66f6a5ed", "getPendingOwner(address)"},
    {"0xa6a062cd", "migrateAppsToAppAuthority(address[])"},
    {"0x61919bc1", "grantRole(address,uint8,address)"},
    {"0xdf30958a", "revokeRole(address,uint8,address)"},
    {"0x496764a1", "renounceRole(address,uint8)"},
    {"0x021b14f8", "scopeOwner(address)"},
    {"0xdf596b36", "isScopeOwner(address,address)"},
    {"0x67125a1b", "hasRole(address,uint8,address)"},
    {"0xbc8eea40", "hasRoleOrAdmin(address,uint8,address)"},
    {"0xd15a64ce", "deploySafe((address[],uint256),bytes32)"},
    {"0xb7638897", "deployTimelock((uint256,address[],address[]),bytes32)"},
    {"0x769a28ac", "isSafe(address)"},
    {"0x9e93963c", "isTimelock(address)"},
    {"0xb145953e", "getTimelocksByDeployer(address)"},
    {"0x1eae53e8", "getSafesByDeployer(address)"},
    {"0x68282cf3", "calculateSafeAddress(address,(address[],uint256),bytes32)"},
    {"0x0e5ceba7", "calculateTimelockAddress(address,bytes32)"},
    {"0x01d5062a", "schedule(address,uint256,bytes,bytes32,bytes32,uint256)"},
    {"0x8f2a0bb0", "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)"},
    {"0x134008d3", "execute(address,uint256,bytes,bytes32,bytes32)"},
    {"0xe38335e5", "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)"},
    {"0xc4d252f5", "cancel(bytes32)"},
    {"0x8065657f", "hashOperation(address,uint256,bytes,bytes32,bytes32)"},
    {"0xb1c5f427", "hashOperationBatch(address[],uint256[],bytes[],bytes32,bytes32)"},
    {"0xf27a0c92", "getMinDelay()"},
    {"0x64d62353", "updateDelay(uint256)"},
    {"0x13bc9f20", "isOperationReady(bytes32)"},
    {"0x584b153e", "isOperationPending(bytes32)"},
    {"0x2ab0f529", "isOperationDone(bytes32)"},
    {"0xd45c4435", "getTimestamp(bytes32)"},
    {"0x7b146198", "getPendingOperationIds()"},
    {"0x64440ce5", "getPendingOperations()"},
    {"0xaffed0e0", "nonce()"},
    {"0xd8d11f78",
     "getTransactionHash(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,"
     "uint256)"},
    {"0x43e3dd05", "isTCBValid(uint8,uint64)"},
    {"0x4a4f02de", "images(uint8,bytes32)"},
    {"0x4ec8d4fa", "minimumTCB(uint8)"},
    {"0x2d5a1daf", "isImageAllowed(uint8,(uint8,bytes32)[])"},
};

const Published kEvents[] = {
    {"0xe9e6e5409b80e2dab7d38194fb370b2e8045a1af28177b94ddcf19d2495d7589",
     "AppCreated(address,address,uint32)"},
    {"0xb5d2b7df0352a87a587a430bfceab43859b3b3c404f0425c4c1ab0675ed57b94",
     "AppUpgraded(address,uint256,R3)"},
    {"0x5e69c7a791a6bb49176e938952d5ebf7b706e399ca57a98ea0de48d5ed248408",
     "AppUpgraded(address,uint256,R4)"},
    {"0x8426864999f5f9244a203f75107b05f8b474838bc43ff0d8abe18ee5f4427513", "AppStarted(address)"},
    {"0x143b9e3b5aa0fb8cf19b1bdb2eb8d7a94657d4b505070c667433d322b90b1f78", "AppStopped(address)"},
    {"0x2465e924a1e9a02843493e65702fd09152c8a631caf7b9b58e4b01ee20ced416",
     "AppTerminated(address)"},
    {"0x4636ad9a0a072d9c8b05a5bcda7d33256c5401515e612c25c13273b378cb2809",
     "AppTerminatedByAdmin(address)"},
    {"0xbb85757a09bd73484c9fb6857c3e9f8dbf92c3e22ce1655213c9481dacf81c62", "AppSuspended(address)"},
    {"0x49f25db622ae262096322c8be00886655e649a53333641c2c34004f9458042f7",
     "UpgradeConfirmed(address,uint32)"},
    {"0xc874c4e2852c19bd03d42a5232ce93e85f2da325dddac46c2472043b7f0d7e8d",
     "AppMetadataURIUpdated(address,string)"},
    {"0x708c955faa87ece750a9700c153a20797167e2fcbde9fca9186801f874663a99",
     "MaxActiveAppsSet(address,uint32)"},
    {"0xc3c99803ad2e80be7382791ca0b23147a94739b9e66a656b9c8c47f9d6963414",
     "GlobalMaxActiveAppsSet(uint32)"},
    {"0x04297192211dd6ce4c4f2aac1d314a51360598d084022b5e7a4148b2dabc9898",
     "CreditsPurchased(address,address,uint256)"},
    {"0x4e54da158c3f3db628647ffcc4dde7cfb80f110852579df816369378d1f0e460",
     "ImageAdded(uint8,bytes32,string,string)"},
    {"0xd855ac1cd71d5bd4e672e802d6eac6dc10e971cf55a870ee15586de49aeb3e77",
     "ImageRemoved(uint8,bytes32)"},
    {"0xaf8be91f34cee8255c2e461ce2588f8ffa3e5c01d2f0ec91b0f4a010bce9a392",
     "MinimumTCBUpdated(uint8,uint64)"},
};

std::string full(std::string_view signature) {
  std::string out(signature);
  for (const auto& [word, generation] :
       {std::pair("R3", Generation::kThreeFields), std::pair("R4", Generation::kFourFields)}) {
    const std::size_t at = out.find(word);
    if (at != std::string::npos) out.replace(at, 2, release_type(generation));
  }
  return out;
}

TEST_CASE("every function of the contracts has the published selector", "[platform]") {
  for (const Published& published : kCalls) {
    INFO(published.signature);
    const KnownCall* call = find_known_call(unhex(std::string(published.hash)));
    REQUIRE(call != nullptr);
    CHECK(call->signature == full(published.signature));
  }
  // And none is in the table that is not in this list, but two of the PermissionController's.
  std::set<std::string> listed;
  for (const Published& published : kCalls) listed.insert(full(published.signature));
  for (const KnownCall& call : known_calls()) {
    if (call.signature.find("ndingAdmin(") != std::string::npos) continue;
    if (call.signature == "removeAdmin(address,address)") continue;
    INFO(call.signature);
    CHECK(listed.contains(call.signature));
  }
}

TEST_CASE("every event of the contracts has the published topic", "[platform]") {
  CHECK(known_events().size() == std::size(kEvents));
  for (const Published& published : kEvents) {
    INFO(published.signature);
    base::Bytes32 topic{};
    const base::Bytes bytes = unhex(std::string(published.hash));
    std::copy(bytes.begin(), bytes.end(), topic.begin());
    const KnownEvent* event = find_known_event(topic);
    REQUIRE(event != nullptr);
    CHECK(event->signature == full(published.signature));
  }
}

TEST_CASE("every known call is put into words with its arguments", "[platform]") {
  for (const KnownCall& call : known_calls()) {
    INFO(call.signature);
    // A selector without arguments is malformed, unless it takes none: it is an error or words,
    // never a crash.
    const Environment& environment = builtin_environments().at(0);
    try {
      const DecodedCall decoded = describe_call(
          {environment.app_controller, {}, base::Bytes(call.selector.begin(), call.selector.end())},
          environment);
      CHECK(call.parameters.empty());
      CHECK(decoded.function + "()" == call.signature);
    } catch (const Error& error) {
      CHECK(error.code() == "eth.abi_data");
    }
  }
}

TEST_CASE("calls that ecloud never makes are described by their declarations", "[platform]") {
  const Environment& environment = builtin_environments().at(0);
  const auto words = [&](base::Bytes data) {
    const DecodedCall call =
        describe_call({environment.app_controller, {}, std::move(data)}, environment);
    std::string out = call.contract + "." + call.function + "(";
    for (const auto& [name, value] : call.arguments) out += name + "=" + value + ";";
    return out + ")";
  };
  const eth::Address app = testing::sample_app();
  CHECK(words(eth::abi_encode_call("suspend(address,address[])",
                                   {testing::other_app(), eth::AbiValue::List{app}})) ==
        "AppController.suspend(account=0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa;apps=[" +
            app.to_string() + "];)");
  CHECK(words(eth::abi_encode_call("updateAppMetadataURI(address,string)",
                                   {app, "https://a\x1b[2J"})) ==
        "AppController.updateAppMetadataURI(app=" + app.to_string() +
            ";metadataURI=https://a?[2J;)");
  CHECK(words(eth::abi_encode_call("grantTeamRole(address,uint8,address)", {app, 2, app})) ==
        "AppController.grantTeamRole(team=" + app.to_string() +
            ";role=2;account=" + app.to_string() + ";)");
  CHECK(words(eth::abi_encode_call("createEmptyApp(bytes32)", {base::Bytes32{}})) ==
        "AppController.createEmptyApp(salt=0x" + std::string(64, '0') + ";)");
}

}  // namespace
}  // namespace ecloud::platform
