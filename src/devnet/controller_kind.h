#pragma once

#include <string>
#include <string_view>

#include "ecloud/platform/controller.h"

namespace ecloud::devnet {

/// The releases of the AppController that the devnet can play.
enum class ControllerKind {
  kV1_1,   ///< "1.1.1"
  kV1_4,   ///< "1.4.0": three fields, apps that pay for themselves
  kV1_5,   ///< "1.5.0": four fields, two-phase upgrades, empty apps
  kTeams,  ///< calls itself "1.5.0" and takes releases of three fields (never released)
};

/// The latest release that takes releases of that many fields.
ControllerKind controller_kind_of(platform::Generation generation);

/// What version() returns.
std::string_view version_of(ControllerKind kind);
/// The fields that its Release struct has.
platform::Generation release_generation_of(ControllerKind kind);

/// The word of the command line and of the journal: "1.1.1", "1.4.0", "1.5.0", "1.5.0-teams".
std::string_view to_string(ControllerKind kind);
/// From those words, or "1.1", "1.4", "1.5". Throws Error{kUsage, "devnet.generation"}.
ControllerKind parse_controller_kind(std::string_view text);

}  // namespace ecloud::devnet
