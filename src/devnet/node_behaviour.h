#pragma once

#include <cstddef>
#include <string_view>

#include "ecloud/base/json.h"
#include "ecloud/eth/u256.h"

namespace ecloud::devnet {

/// How a node answers a batch of more calls than it takes.
enum class BatchRefusal {
  kLoneError,    ///< an array of one error, with the id of the first call: geth
  kErrorObject,  ///< one error object and no array
  kServerError,  ///< HTTP 500 with an error object: dRPC's free tier
  kServerText,   ///< HTTP 500 with plain text
  kTooLarge,     ///< HTTP 413
};

/// In whose words the pool refuses a transaction.
enum class NodeWords { kGeth, kReth, kNethermind, kErigon, kBesu };

/// What one node of the devnet does in its own way.
struct NodeBehaviour {
  std::size_t batch_limit = 100;  ///< calls in a batch; 0: any number
  BatchRefusal batch_refusal = BatchRefusal::kLoneError;
  bool has_logs = true;      ///< false: eth_getLogs finds nothing, whatever the blocks hold
  bool text_ids = false;     ///< answers {"id":"1"} to {"id":1}
  eth::U256 minimum_tip{1};  ///< wei for each gas; a strict pool refuses less
  NodeWords words = NodeWords::kGeth;
};

/// Changes what `json` names: {"batchLimit"?, "batchRefusal"? ("lone-error", "error-object",
/// "server-error", "server-text", "too-large"), "logs"?, "textIds"?, "minimumTipWei"? (a decimal
/// text), "words"? ("geth", "reth", "nethermind", "erigon", "besu")}. Throws Error{kUsage,
/// "json.shape"} for anything else.
void change_behaviour(NodeBehaviour& behaviour, const base::Json& json);

}  // namespace ecloud::devnet
