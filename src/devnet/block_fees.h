#pragma once

#include <cstdint>

#include "ecloud/eth/u256.h"

namespace ecloud::devnet {

/// What a block asks for, and the tip that a node suggests once that block is the latest.
struct BlockFees {
  eth::U256 base_fee;  ///< wei for each gas
  eth::U256 tip;       ///< wei for each gas
};

/// Genesis, and every block of a gentle chain: 1 gwei each.
BlockFees steady_fees();

/// The fees of block `number` on a strict chain. The base fee differs from that of the block before
/// by at most an eighth (EIP-1559) and stays between 0.05 and 3 gwei; the tip is anything from
/// 0.001 to 2 gwei, so that it is often larger than the base fee, as on Sepolia. Depends on its
/// arguments only.
BlockFees varied_fees(const BlockFees& before, std::uint64_t number);

}  // namespace ecloud::devnet
