#pragma once

#include <optional>
#include <string>

#include "ecloud/deploy/services.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {

/// What a view function of the AppController returned. Throws Error{kNetwork, "chain.no_contract"}
/// when nothing stands at its address.
base::Bytes controller_data(const Services& services, const chain::RpcResult& result);

/// The answer to version(). Throws Error{kNetwork, "chain.no_contract"} when there is no contract
/// at the address, or one that has no version.
std::string controller_version(const Services& services, const chain::RpcResult& result);

/// What the chain has of an app now; nothing when the node does not say.
std::optional<platform::ChainStatus> chain_status(const Services& services,
                                                  const eth::Address& app);

/// Whether the node says that the call reverted, rather than that it could not answer.
bool is_revert(const chain::RpcResult& result);

}  // namespace ecloud::deploy
