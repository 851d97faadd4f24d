#pragma once

#include <optional>
#include <vector>

#include "devnet/chain_state.h"
#include "devnet/node_behaviour.h"

namespace ecloud::devnet {

/// The rules by which geth takes a transaction into its pool, in geth's order and words
/// (go-ethereum: core/txpool/validation.go, core/txpool/legacypool/legacypool.go), or in those of
/// another client where these are known.

/// The most bytes of a signed transaction: txMaxSize of geth's legacy pool, 128 KiB.
constexpr std::size_t kMaxTransactionBytes = 131'072;

/// Why the pool refuses `candidate`; nothing when it does not. Replacements of a waiting
/// transaction have to raise both fees by a tenth. What cannot be mined yet, because its nonce is
/// ahead or its cap below the base fee, is taken and waits.
std::optional<RpcFailure> pool_refusal(const WorldState& state, const std::vector<PoolEntry>& pool,
                                       const PoolEntry& candidate, const NodeBehaviour& node);

/// "already known" in the node's words.
RpcFailure already_known(const NodeBehaviour& node);

/// Whether `later` pays enough more than `earlier` to take its place.
bool outbids(const eth::Transaction& later, const eth::Transaction& earlier);

}  // namespace ecloud::devnet
