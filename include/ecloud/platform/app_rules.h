#pragma once

#include <string_view>

#include "ecloud/platform/controller.h"

namespace ecloud::platform {

/// What the AppController allows in which status, as its released sources have it (Layr-Labs/
/// eigenx-contracts, src/AppController.sol). It refuses everything else with InvalidAppStatus.

enum class AppChange { kStart, kStop, kUpgrade, kTerminate };

/// Whether the controller that calls itself `version` takes the change in that status. A suspended
/// app may be started when its account has quota again. Throws as generation_of().
bool allows(std::string_view version, AppChange change, ChainStatus status);

/// Whether an app of that status counts against the quota of whoever pays for it. Stopping an app
/// frees nothing; terminating and suspending it does.
bool counts_against_quota(ChainStatus status);

/// Whether there can be apps that pay for themselves: from 1.4.0. Throws as generation_of().
bool has_isolated_billing(std::string_view version);

base::Bytes encode_create_isolated_app(Generation generation, const base::Bytes32& salt,
                                       const Release& release);
/// Whether the call creates an app that pays for itself, in either generation.
bool creates_isolated_app(base::ByteView data);
/// getBillingType: 0 its creator pays, 1 it pays for itself.
base::Bytes encode_billing_type(const eth::Address& app);

}  // namespace ecloud::platform
