#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/project_lock.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// What an app is meant to be: as far as ecloud.lock and ecloud.yaml say so.
struct DriftRequest {
  eth::Address app;
  std::optional<LockedApp> locked;
  std::optional<oci::Reference> image;  ///< of ecloud.yaml
  std::optional<std::string> instance_type;
  std::optional<LogVisibility> log_visibility;
  /// Of the env file; nothing when there is none.
  std::optional<platform::AppEnvironment> variables;
  /// Names of variables that ecloud.yaml wants the release to have.
  std::vector<std::string> wanted_names;
};

/// Something that is not as it is meant to be.
struct DriftFinding {
  /// "chain-gone", "chain-status", "chain-release", "chain-image", "chain-instance",
  /// "chain-variables", "chain-logs", "registry-gone" (the image that runs), "registry-untagged"
  /// (the tag that is meant), "registry-moved", "registry-logs" (the image's label),
  /// "platform-state", "account-delegation", "account-quota", "account-subscription",
  /// "variables-private", "lock-missing".
  std::string what;
  std::string expected, found;
};

struct DriftReport {
  eth::Address app;
  std::string name;  ///< empty: unknown
  std::vector<DriftFinding> findings;
  /// What could not be looked at, and why.
  std::vector<std::string> not_checked;
};

/// Compares chain, registry and platform with what is meant. `signer` may be null: then private
/// variables are compared by name alone, as with another account's key than the one of the lock.
/// Throws Error{kNotFound, "app.not_found"} for an app that neither chain nor lock knows; servers
/// that do not answer end up in not_checked, but the chain, which has to.
DriftReport find_drift(const Services& services, const Signer* signer, const DriftRequest& request);

}  // namespace ecloud::deploy
