#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ecloud/base/bytes.h"
#include "ecloud/chain/rpc_client.h"

namespace ecloud::chain {

/// What is never paid, whatever a node suggests: a tip above 100 gwei, and a base fee of which the
/// cap of suggest_fees() would be above 1,000 gwei with that tip. The tip is what a lying node
/// could make us lose; both are dozens of times what Ethereum has asked for in ordinary hours.
constexpr std::uint64_t kMaxTipGwei = 100;
constexpr std::uint64_t kMaxBaseFeeGwei = 450;

/// Why `answer` cannot be what `call` asked for, in words that go behind the node's name: the
/// receipt or transaction of another hash, another block, logs that were not asked for, absurd
/// fees. Nothing when it can be; null can always.
std::optional<std::string> contradiction(const RpcCall& call, const base::Json& answer);

/// The same for eth_sendRawTransaction: the answer is the hash of the octets.
std::optional<std::string> wrong_transaction_hash(base::ByteView raw, const base::Json& answer);

}  // namespace ecloud::chain
