#pragma once

#include <string>
#include <string_view>

#include "deploy/chain_snapshot.h"
#include "ecloud/platform/app_rules.h"

namespace ecloud::deploy {

/// Throws Error{kNotFound, "app.not_found"} when the chain has no such app.
void require_exists(const Services& services, const eth::Address& app, const AppSnapshot& chain);

/// Throws Error{kTransaction, "app.wrong_status"} when the controller of that version refuses the
/// change: "app 0x… is terminated: it cannot be stopped", and what can be done about it.
/// `participle` replaces the change's own word.
void require_allowed(const eth::Address& app, platform::ChainStatus status,
                     platform::AppChange change, const std::string& controller_version,
                     std::string_view participle = {});

/// Throws Error{kTransaction} deploy.no_subscription or deploy.quota when whoever pays has no place
/// for one more app.
void require_quota(const eth::Address& payer, const eth::U256& active_apps,
                   const eth::U256& max_active_apps);

}  // namespace ecloud::deploy
