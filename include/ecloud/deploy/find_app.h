#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// An app of an account as the chain has it, with what the platform and this machine add.
struct ListedApp {
  platform::AppRecord chain;
  std::string name;                       ///< profile name, else the one it was deployed with
  std::optional<platform::AppInfo> info;  ///< nothing when the UserAPI did not answer
};

struct AppList {
  std::vector<ListedApp> apps;  ///< in the order of the chain: oldest first
  /// Why run states are missing; empty when they are not.
  std::string problem;
};

/// The apps of the signer: the chain is asked for pages of 100, the UserAPI for ten apps a request,
/// all at the same time. Terminated ones only with `all`. The UserAPI failing leaves the chain's
/// part.
AppList list_apps(const Services& services, const Signer& signer, bool all);

/// The apps of any account on chain, without the UserAPI.
struct ChainApps {
  std::string controller_version;
  std::vector<platform::AppRecord> apps;
};
ChainApps chain_apps(const Services& services, const eth::Address& account);

/// An id is taken as it is. A name is looked up among the apps that this machine deployed, then
/// among the profile names of the signer's apps (which needs a signer). Throws Error{kUsage,
/// "app.bad_id"} for a malformed id, Error{kNotFound, "app.not_found"}, Error{kUsage,
/// "app.ambiguous"} with the ids.
eth::Address find_app(const Services& services, const Signer* signer, std::string_view id_or_name);

/// The newest app deployed from `folder`; nothing when there is none.
std::optional<AppRecord> last_deployment(const Services& services, const std::string& folder);

}  // namespace ecloud::deploy
