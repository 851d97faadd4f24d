#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/json.h"
#include "ecloud/base/log.h"
#include "ecloud/eth/u256.h"
#include "ecloud/net/transport.h"

namespace ecloud::chain {

/// What an empty array means in the answer to a call. Free nodes answer eth_getLogs with one for
/// blocks that hold the event.
enum class EntriesOf {
  kAny,       ///< that there is nothing
  kWanted,    ///< nothing yet: the other nodes are asked too, and it counts when all say so
  kRequired,  ///< that the node lacks what exists, so that it has no answer
};

struct RpcCall {
  std::string method;
  base::Json params = base::Json::array();  ///< an array
  EntriesOf entries = EntriesOf::kAny;
};

/// An error object of JSON-RPC 2.0. `data` holds revert data when the node gave any.
struct RpcError {
  std::int64_t code = 0;
  std::string message;
  std::optional<base::Bytes> data;
};

/// A transaction that a node did not take.
struct Refusal {
  RpcError error;
  /// An earlier attempt had no answer, or none that can be read, so that its node may have taken
  /// the transaction all the same.
  bool maybe_delivered = false;
  bool nonce_too_low = false;  ///< mined already, or another one took its nonce
  bool nonce_in_pool = false;  ///< another one with its nonce waits in the node's pool
  /// The account is delegated, or is going to be, and has another transaction in flight or one that
  /// the node has not seen: when that one is mined, the node takes this one.
  bool account_is_busy = false;
  /// The tip in wei that would be enough, when it is the tip that is too low.
  std::optional<eth::U256> demanded_tip;
};

/// The answer to one call.
using RpcResult = std::variant<base::Json, RpcError>;

struct RpcOptions {
  std::vector<std::string> urls;  ///< tried in turn, at least one
  std::uint64_t chain_id = 0;     ///< what every one of them must be on
  int max_attempts = 3;           ///< rounds over all URLs for calls that are safe to repeat
};

/// JSON-RPC 2.0 over HTTP. The first request to each URL asks for eth_chainId too, in the same
/// batch, and before it sends a transaction in one of its own. Answers of another chain's node are
/// dropped and nothing more is sent to it: Error{kNetwork, "chain.wrong_chain"} when no URL has the
/// right one. A URL that fails (no answer, 5xx, 429, something that is not JSON-RPC, or an error
/// object that shows that the node cannot answer now: a rate limit, an overload, a block or state
/// that it lacks) is left for the next one; the one that answered last is asked first. When all
/// have failed, the client waits for the shortest Retry-After (at most 30 s), else 500 ms,
/// doubling. Of a batch that a URL's rate limit hit in some members only, that URL is then asked
/// for those members, and another URL for the whole batch. A node that refuses a batch gets smaller ones when it says that it is too long, else
/// single requests, at the same time and from then on. HTTP 500 to a batch may be such a refusal
/// too.
///
/// An answer that cannot be what was asked for is none, and the URL has failed: the receipt or
/// transaction of another hash, another block, a latest block without a base fee, foreign logs, a
/// tip above 100 gwei or a base fee above 450. Error{kNetwork, "chain.bad_answer"} when no URL has
/// a better one, {kNetwork, "chain.logs_missing"} when what no URL has are logs that exist.
///
/// After a refusal that demands a higher tip (at most 100 gwei), eth_maxPriorityFeePerGas is
/// answered with at least that.
///
/// URLs may hold keys: only scheme, host and port are shown. Thread-safe.
class RpcClient {
 public:
  /// All outlive the client. `transport` does not retry by itself.
  RpcClient(net::Transport& transport, base::Clock& clock, const base::Log& log,
            RpcOptions options);
  ~RpcClient();
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;

  /// Answers in the order of `calls`, in one round trip. For reads: sent again elsewhere when a URL
  /// fails. Throws Error{kNetwork, "chain.unreachable"} when all have failed, with each URL's
  /// reason.
  std::vector<RpcResult> batch(const std::vector<RpcCall>& calls);

  /// From here on every batch() and call() takes the answers of a node that has seen that block: it
  /// asks for eth_blockNumber with the rest. Nodes that are behind are asked again for 15 s, then
  /// it is Error{kNetwork, "chain.behind"}. A number below that of an earlier call changes nothing.
  /// For after a receipt was seen, so that what follows is read from a node that knows of it.
  void require_block(std::uint64_t number);

  /// From here on another URL is asked first, when there is one. For what a node should know in
  /// time and does not, such as a receipt: it may have stopped in the past without a failure.
  void prefer_another();

  /// One read. An error object becomes Error{kNetwork, "chain.rpc_error"} with its message.
  base::Json call(const std::string& method, base::Json params);

  /// eth_sendRawTransaction: the same octets have the same effect however often they arrive, so it
  /// is tried again too. "already known" is success, and so is "nonce too low" after an attempt
  /// that had no answer: the caller looks for the hash. An answer with any other hash is none.
  /// Returns nothing on success. Throws as
  /// batch() does; after that the transaction may have arrived all the same.
  std::optional<Refusal> send_raw_transaction(base::ByteView raw);

  std::uint64_t chain_id() const;

 private:
  /// As demanded by refusals.
  void raise_tips(const std::vector<RpcCall>& calls, std::vector<RpcResult>& results) const;

  struct State;
  std::unique_ptr<State> state_;
};

/// The value of a result; an error object becomes Error{kNetwork, "chain.rpc_error"} naming
/// `method`.
const base::Json& value_or_throw(const RpcResult& result, const std::string& method);

}  // namespace ecloud::chain
