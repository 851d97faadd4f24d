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
  std::string name;                        ///< profile name, else the one it was deployed with
  std::optional<platform::AppInfo> info;   ///< nothing when the UserAPI did not answer
  std::optional<std::int64_t> created_at;  ///< unix seconds; only of apps deployed from here
  /// Time of the block of its latest release, in unix seconds; nothing when it was not asked for
  /// or the node did not say.
  std::optional<std::int64_t> released_at;

  bool is_gone() const { return chain.status == platform::ChainStatus::kTerminated; }
};

struct AppList {
  std::vector<ListedApp> apps;  ///< in the order of the chain: oldest first
  /// Why run states are missing, of one app or of all; empty when they are not.
  std::string problem;
  /// Which apps may be missing, and why; empty when none is.
  std::string incomplete;
  std::string controller_version;
};

struct ListOptions {
  bool all = false;            ///< terminated ones too
  bool release_times = false;  ///< fill in ListedApp::released_at
};

/// The apps of the signer, as chain_apps() finds them; then the UserAPI for ten apps a request,
/// eight requests at a time, and the chain for the times at the same time. The UserAPI failing
/// leaves the chain's part; its refusing a group of ten, because it does not know one of them yet,
/// costs that one alone. The names learnt go to the NameCache.
AppList list_apps(const Services& services, const Signer& signer, const ListOptions& options);

/// The apps on chain that any account is an admin of, without the UserAPI. The chain is asked for
/// pages of 100, the first one alone and then up to ten in a batch. A node that cannot answer,
/// since that walks all apps of the platform, is asked for those in pages instead. Throws
/// Error{kNetwork, "platform.too_many_apps"} beyond 100,000.
struct ChainApps {
  std::string controller_version;
  std::vector<platform::AppRecord> apps;
  std::string incomplete;  ///< which may be missing, and why; empty when none is
};
ChainApps chain_apps(const Services& services, const eth::Address& account);

/// A name that another program's record on this machine gives an app: the reference CLI's.
struct KnownName {
  std::string name;
  eth::Address app;
};

/// An id is taken as it is, and nothing is asked. A name is looked for
///   among the apps that this machine deployed for the signer, and among `known`,
///   among the profile names of those apps that the chain says are the signer's,
/// and must lead to one app that is not terminated; what a server says never leads to another
/// account's app. When this machine and the platform mean different apps by it, that is an error
/// which lists them. Terminated apps are found by this machine's names alone. Without a signer only
/// this machine's names count, and nothing is asked. Throws
///   kUsage    app.bad_id, app.ambiguous (with id, state and creation of each)
///   kNotFound app.not_found (with the closest name)
///   kNetwork  app.unknown_name (the UserAPI did not answer and this machine knows no such name)
eth::Address find_app(const Services& services, const Signer* signer, std::string_view id_or_name,
                      const std::vector<KnownName>& known = {});

/// The app of the signer other than `except` that has the name already, on the platform or here,
/// and is not terminated. Throws Error{kNetwork, "app.unknown_name"} when the UserAPI does not
/// answer.
std::optional<eth::Address> app_named(const Services& services, const Signer& signer,
                                      std::string_view name, const eth::Address& except);

/// An app that has a name already.
struct Namesake {
  eth::Address app;
  std::string name;
  platform::ChainStatus status = platform::ChainStatus::kNone;
};

struct NamesakeSearch {
  std::optional<Namesake> found;
  std::string problem;  ///< why not every name could be compared; empty when all were
};

/// Looks among all apps that the chain lists for the signer, terminated ones left out, for one of
/// that name: its profile's, or where it has none the one it was deployed with from this machine.
/// Spaces at the ends and the case of ASCII letters do not count. `except` is left out. Throws
/// nothing but kInterrupted: what fails is in the result.
NamesakeSearch find_namesake(const Services& services, const Signer& signer, std::string_view name,
                             const std::vector<eth::Address>& except);

/// The newest app deployed from `folder`; nothing when there is none.
std::optional<AppRecord> last_deployment(const Services& services, const std::string& folder);

}  // namespace ecloud::deploy
