#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/deploy/project_lock.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {

/// Something that a new release has otherwise than the one that runs.
struct ReleaseChange {
  enum class Kind {
    kImage,
    kEntrypoint,
    kCommand,
    kLabel,
    kPublicVariable,
    kPrivateVariable,
    kInstanceType,
    kLogVisibility,
  };
  Kind kind = Kind::kImage;
  std::string name;  ///< of a label or a variable; empty for the rest
  /// Nothing: it is not there. Of a private variable, whose value is nowhere in here, the empty
  /// text.
  std::optional<std::string> before, after;
};

/// "image", "entrypoint", "command", "label", "publicVariable", "privateVariable", "instanceType",
/// "logVisibility".
std::string_view to_string(ReleaseChange::Kind kind);
/// The kind that to_string() gives that word.
std::optional<ReleaseChange::Kind> release_change_kind_of(std::string_view word);

struct ReleaseDifference {
  std::vector<ReleaseChange> changes;  ///< by kind, then by name
  /// What could not be compared, and why.
  std::vector<std::string> unknown;
};

/// Compares an upgrade's plan with the release that runs. The image that runs is asked of its
/// registry. Private variables are told apart by the fingerprints in `locked`, which count only
/// when it speaks of the release that runs; without it their names are not known either. An image
/// that is still to be built is not compared. Throws nothing but Error{kInterrupted}.
ReleaseDifference compare_with_running(const Services& services, const Signer& signer,
                                       const CurrentApp& current, const UpgradeRequest& request,
                                       const UpgradePlan& plan,
                                       const std::optional<LockedApp>& locked, bool image_is_known);

}  // namespace ecloud::deploy
