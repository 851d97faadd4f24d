#pragma once

#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/platform/controller.h"

namespace ecloud::platform {

/// Signatures of the functions and events that ecloud knows, in one place.
constexpr std::string_view kVersionCall = "version()";
constexpr std::string_view kCalculateAppIdCall = "calculateAppId(address,bytes32)";
constexpr std::string_view kMaxActiveAppsCall = "getMaxActiveAppsPerUser(address)";
constexpr std::string_view kActiveAppCountCall = "getActiveAppCount(address)";
constexpr std::string_view kAppStatusCall = "getAppStatus(address)";
constexpr std::string_view kAppCreatorCall = "getAppCreator(address)";
constexpr std::string_view kLatestReleaseBlockCall = "getAppLatestReleaseBlockNumber(address)";
constexpr std::string_view kPendingReleaseBlockCall = "getAppPendingReleaseBlockNumber(address)";
constexpr std::string_view kAppsByDeveloperCall = "getAppsByDeveloper(address,uint256,uint256)";
constexpr std::string_view kStartAppCall = "startApp(address)";
constexpr std::string_view kStopAppCall = "stopApp(address)";
constexpr std::string_view kTerminateAppCall = "terminateApp(address)";
constexpr std::string_view kAcceptAdminCall = "acceptAdmin(address)";
constexpr std::string_view kSetAppointeeCall = "setAppointee(address,address,address,bytes4)";
constexpr std::string_view kRemoveAppointeeCall = "removeAppointee(address,address,address,bytes4)";
constexpr std::string_view kAddPendingAdminCall = "addPendingAdmin(address,address)";
constexpr std::string_view kRemovePendingAdminCall = "removePendingAdmin(address,address)";
constexpr std::string_view kRemoveAdminCall = "removeAdmin(address,address)";
constexpr std::string_view kCanCallCall = "canCall(address,address,address,bytes4)";
constexpr std::string_view kExecuteCall = "execute(bytes32,bytes)";

constexpr std::string_view kAppsCall = "getApps(uint256,uint256)";
constexpr std::string_view kBillingTypeCall = "getBillingType(address)";

/// "createApp(bytes32,RELEASE)", "createAppWithIsolatedBilling(bytes32,RELEASE)" and
/// "upgradeApp(address,RELEASE)" of a generation.
std::string create_app_call(Generation generation);
std::string create_isolated_app_call(Generation generation);
std::string upgrade_app_call(Generation generation);

/// "(bytes32,RELEASE)" out of "createApp(bytes32,RELEASE)".
std::string_view parameters_of(std::string_view call);

/// Whether `data` is a call of that function.
bool calls(base::ByteView data, std::string_view call);

}  // namespace ecloud::platform
