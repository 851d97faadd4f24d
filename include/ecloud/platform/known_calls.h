#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"

namespace ecloud::platform {

/// The functions and events of the platform's contracts by their selectors and topics, so that a
/// call or an event that ecloud never makes itself can be named: of AppController and
/// PermissionController in all releases, USDCCredits, ImageAllowlist, and of the contracts of two
/// unreleased designs for teams and timelocks.

struct KnownCall {
  std::string_view contract;  ///< "AppController"
  std::string signature;      ///< canonical: "startApp(address)"
  std::string declaration;    ///< with the names of its parameters: "startApp(address app)"
  std::vector<std::string> parameters;
  base::FixedBytes<4> selector{};
};
const std::vector<KnownCall>& known_calls();
/// The one that the first four bytes name; null when none does. Of several contracts' calls with
/// the same signature it is the first.
const KnownCall* find_known_call(base::ByteView data);

struct KnownEvent {
  std::string_view contract;
  std::string signature;
  std::string_view meaning;  ///< in words for the user
  base::Bytes32 topic{};
};
const std::vector<KnownEvent>& known_events();
/// Null when the topic is of none of them.
const KnownEvent* find_known_event(const base::Bytes32& topic);

}  // namespace ecloud::platform
