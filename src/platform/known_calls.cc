#include "ecloud/platform/known_calls.h"

#include <algorithm>

#include "ecloud/crypto/hash.h"
#include "ecloud/eth/abi.h"
#include "ecloud/platform/controller.h"

namespace ecloud::platform {
namespace {

/// Of a contract, its functions as Solidity declares them. R3 and R4 are the Release structs of
/// three and four fields.
struct Functions {
  std::string_view contract;
  std::vector<std::string_view> declarations;
};

// The released sources of Layr-Labs/eigenx-contracts, and its branches soli/gov and
// taras/app-governance for teams, timelocks and Safes.
const std::vector<Functions>& functions() {
  static const std::vector<Functions> kFunctions = {
      {"AppController",
       {"createApp(bytes32 salt,R3 release)",
        "createApp(bytes32 salt,R4 release)",
        "createAppWithIsolatedBilling(bytes32 salt,R3 release)",
        "createAppWithIsolatedBilling(bytes32 salt,R4 release)",
        "createEmptyApp(bytes32 salt)",
        "createEmptyAppWithIsolatedBilling(bytes32 salt)",
        "upgradeApp(address app,R3 release)",
        "upgradeApp(address app,R4 release)",
        "confirmUpgrade(address app)",
        "startApp(address app)",
        "stopApp(address app)",
        "terminateApp(address app)",
        "terminateAppByAdmin(address app)",
        "suspend(address account,address[] apps)",
        "updateAppMetadataURI(address app,string metadataURI)",
        "setMaxActiveAppsPerUser(address account,uint32 limit)",
        "setMaxGlobalActiveApps(uint32 limit)",
        "calculateAppId(address deployer,bytes32 salt)",
        "getMaxActiveAppsPerUser(address account)",
        "getActiveAppCount(address account)",
        "maxGlobalActiveApps()",
        "globalActiveAppCount()",
        "getAppStatus(address app)",
        "getAppCreator(address app)",
        "getAppLatestReleaseBlockNumber(address app)",
        "getAppPendingReleaseBlockNumber(address app)",
        "getAppOperatorSetId(address app)",
        "getApps(uint256 offset,uint256 limit)",
        "getAppsByDeveloper(address developer,uint256 offset,uint256 limit)",
        "getAppsByCreator(address creator,uint256 offset,uint256 limit)",
        "getAppsByBillingAccount(address account,uint256 offset,uint256 limit)",
        "getBillingAccount(address app)",
        "getBillingType(address app)",
        "version()",
        "domainSeparator()",
        "calculateApiPermissionDigestHash(bytes4 permission,uint256 expiry)"}},
      {"PermissionController",
       {"acceptAdmin(address account)", "addPendingAdmin(address account,address admin)",
        "removePendingAdmin(address account,address admin)",
        "removeAdmin(address account,address admin)",
        "setAppointee(address account,address appointee,address target,bytes4 permission)",
        "removeAppointee(address account,address appointee,address target,bytes4 permission)",
        "canCall(address account,address caller,address target,bytes4 permission)",
        "isAdmin(address account,address caller)", "getAdmins(address account)"}},
      {"USDCCredits",
       {"purchaseCredits(uint256 amount)", "purchaseCreditsFor(uint256 amount,address account)",
        "minimumPurchase()", "usdc()", "treasury()"}},
      {"delegator", {"execute(bytes32 mode,bytes calls)"}},
      {"ImageAllowlist",
       {"isImageAllowed(uint8 platform,(uint8,bytes32)[] pcrs)",
        "isTCBValid(uint8 platform,uint64 tcb)", "images(uint8 platform,bytes32 key)",
        "minimumTCB(uint8 platform)"}},
      {"AppController with team roles",
       {"createAppForTeam(address team,bytes32 salt,R3 release)",
        "transferOwnership(address app,address to)",
        "grantTeamRole(address team,uint8 role,address account)",
        "revokeTeamRole(address team,uint8 role,address account)",
        "renounceTeamRole(address team,uint8 role)",
        "hasTeamRole(address team,uint8 role,address account)",
        "getTeamRoleMembers(address team,uint8 role)",
        "getTeamRoleMember(address team,uint8 role,uint256 index)",
        "getTeamRoleMemberCount(address team,uint8 role)",
        "getAppOwner(address app)",
        "getAppTimelocked(address app)",
        "getAppsForAccount(address account,uint256 offset,uint256 limit)",
        "safeTimelockFactory()",
        "migrateAdmins(address[] apps)",
        "canCall(address caller,bytes data)",
        "grantRole(bytes32 role,address account)",
        "appAuthority()",
        "acceptOwnership(address app)",
        "cancelOwnershipTransfer(address app)",
        "getPendingOwner(address app)",
        "migrateAppsToAppAuthority(address[] apps)"}},
      {"AppAuthority",
       {"grantRole(address scope,uint8 role,address account)",
        "revokeRole(address scope,uint8 role,address account)",
        "renounceRole(address scope,uint8 role)", "scopeOwner(address scope)",
        "isScopeOwner(address scope,address account)",
        "hasRole(address scope,uint8 role,address account)",
        "hasRoleOrAdmin(address scope,uint8 role,address account)"}},
      {"SafeTimelockFactory",
       {"deploySafe((address[],uint256) config,bytes32 salt)",
        "deployTimelock((uint256,address[],address[]) config,bytes32 salt)", "isSafe(address safe)",
        "isTimelock(address timelock)", "getTimelocksByDeployer(address deployer)",
        "getSafesByDeployer(address deployer)",
        "calculateSafeAddress(address deployer,(address[],uint256) config,bytes32 salt)",
        "calculateTimelockAddress(address deployer,bytes32 salt)"}},
      {"timelock",
       {"schedule(address target,uint256 value,bytes data,bytes32 predecessor,bytes32 salt,"
        "uint256 delay)",
        "scheduleBatch(address[] targets,uint256[] values,bytes[] payloads,bytes32 predecessor,"
        "bytes32 salt,uint256 delay)",
        "execute(address target,uint256 value,bytes payload,bytes32 predecessor,bytes32 salt)",
        "executeBatch(address[] targets,uint256[] values,bytes[] payloads,bytes32 predecessor,"
        "bytes32 salt)",
        "cancel(bytes32 operation)",
        "hashOperation(address target,uint256 value,bytes data,bytes32 predecessor,bytes32 salt)",
        "hashOperationBatch(address[] targets,uint256[] values,bytes[] payloads,"
        "bytes32 predecessor,bytes32 salt)",
        "getMinDelay()", "updateDelay(uint256 delay)", "isOperationReady(bytes32 operation)",
        "isOperationPending(bytes32 operation)", "isOperationDone(bytes32 operation)",
        "getTimestamp(bytes32 operation)", "getPendingOperationIds()", "getPendingOperations()"}},
      {"Safe",
       {"nonce()",
        "getTransactionHash(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,"
        "uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"}},
  };
  return kFunctions;
}

struct Event {
  std::string_view contract;
  std::string_view signature;
  std::string_view meaning;
};

constexpr Event kEvents[] = {
    {"AppController", "AppCreated(address,address,uint32)", "an app was created"},
    {"AppController", "AppUpgraded(address,uint256,R3)", "an app got a release (before 1.5.0)"},
    {"AppController", "AppUpgraded(address,uint256,R4)", "an app got a release (from 1.5.0)"},
    {"AppController", "AppStarted(address)", "an app was started"},
    {"AppController", "AppStopped(address)", "an app was stopped"},
    {"AppController", "AppTerminated(address)", "an app was terminated"},
    {"AppController", "AppTerminatedByAdmin(address)", "the platform terminated an app"},
    {"AppController", "AppSuspended(address)", "an app was suspended"},
    {"AppController", "UpgradeConfirmed(address,uint32)",
     "the platform confirmed the upgrade of an app"},
    {"AppController", "AppMetadataURIUpdated(address,string)", "an app's metadata URI was set"},
    {"AppController", "MaxActiveAppsSet(address,uint32)",
     "the platform set the quota of an account"},
    {"AppController", "GlobalMaxActiveAppsSet(uint32)",
     "the platform set how many apps it takes in all"},
    {"USDCCredits", "CreditsPurchased(address,address,uint256)", "credits were bought"},
    {"ImageAllowlist", "ImageAdded(uint8,bytes32,string,string)",
     "the KMS accepts one more VM image"},
    {"ImageAllowlist", "ImageRemoved(uint8,bytes32)", "the KMS accepts a VM image no longer"},
    {"ImageAllowlist", "MinimumTCBUpdated(uint8,uint64)", "the KMS asks for another TCB version"},
};

std::string with_release_types(std::string_view text) {
  std::string out(text);
  for (const auto& [word, generation] :
       {std::pair("R3", Generation::kThreeFields), std::pair("R4", Generation::kFourFields)}) {
    const std::size_t at = out.find(word);
    if (at != std::string::npos) out.replace(at, 2, release_type(generation));
  }
  return out;
}

/// What stands between the commas that no parenthesis encloses.
std::vector<std::string_view> parameters_in(std::string_view list) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '(') ++depth;
    if (list[i] == ')') --depth;
    if (list[i] != ',' || depth > 0) continue;
    out.push_back(list.substr(begin, i - begin));
    begin = i + 1;
  }
  if (!list.empty()) out.push_back(list.substr(begin));
  return out;
}

KnownCall call_of(std::string_view contract, std::string_view declaration) {
  KnownCall out;
  out.contract = contract;
  out.declaration = with_release_types(declaration);
  const std::size_t open = out.declaration.find('(');
  const std::string_view list =
      std::string_view(out.declaration).substr(open + 1, out.declaration.size() - open - 2);
  std::string types;
  for (const std::string_view parameter : parameters_in(list)) {
    const std::size_t space = parameter.rfind(' ');
    types += (types.empty() ? "" : ",") + std::string(parameter.substr(0, space));
    out.parameters.emplace_back(parameter.substr(space + 1));
  }
  out.signature = out.declaration.substr(0, open) + "(" + types + ")";
  out.selector = eth::abi_selector(out.signature);
  return out;
}

}  // namespace

const std::vector<KnownCall>& known_calls() {
  static const std::vector<KnownCall> kCalls = [] {
    std::vector<KnownCall> out;
    for (const Functions& of_contract : functions()) {
      for (const std::string_view declaration : of_contract.declarations) {
        out.push_back(call_of(of_contract.contract, declaration));
      }
    }
    return out;
  }();
  return kCalls;
}

const KnownCall* find_known_call(base::ByteView data) {
  if (data.size() < 4) return nullptr;
  const auto& all = known_calls();
  const auto found = std::find_if(all.begin(), all.end(), [&](const KnownCall& call) {
    return std::equal(call.selector.begin(), call.selector.end(), data.begin());
  });
  return found == all.end() ? nullptr : &*found;
}

const std::vector<KnownEvent>& known_events() {
  static const std::vector<KnownEvent> kKnown = [] {
    std::vector<KnownEvent> out;
    for (const Event& event : kEvents) {
      const std::string signature = with_release_types(event.signature);
      out.push_back(
          {event.contract, signature, event.meaning, crypto::keccak256(base::as_bytes(signature))});
    }
    return out;
  }();
  return kKnown;
}

const KnownEvent* find_known_event(const base::Bytes32& topic) {
  const auto& all = known_events();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const KnownEvent& event) { return event.topic == topic; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace ecloud::platform
