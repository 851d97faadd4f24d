#pragma once

#include <optional>
#include <string>

#include "ecloud/chain/chain.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {

/// What a deployment has to know of the chain, read in one round trip.
struct ChainSnapshot {
  std::string controller_version;
  platform::Generation generation = platform::Generation::kFourFields;
  eth::Address app;
  eth::U256 max_active_apps, active_apps;
  eth::U256 balance;  ///< wei
  std::uint64_t nonce = 0;
  base::Bytes code;
  chain::Fees fees;
  std::uint64_t block_timestamp = 0;  ///< unix seconds
  /// Of an app that had the wanted name already.
  std::optional<platform::ChainStatus> namesake_status;
};

ChainSnapshot read_chain(const Services& services, const eth::Address& account,
                         const base::Bytes32& salt, const std::optional<eth::Address>& namesake);

}  // namespace ecloud::deploy
