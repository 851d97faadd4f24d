#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/chain/rpc_client.h"

namespace ecloud::chain {

/// Why one URL is left for the next. Thrown inside the module alone.
struct EndpointFailure {
  std::string reason;                             ///< in words, without the URL
  std::string hint;                               ///< what to do about it, when that is known
  std::optional<base::Milliseconds> retry_after;  ///< what the server asks for
  bool maybe_delivered = true;                    ///< the node may have acted on the request
  bool wrong_chain = false;
  bool behind = false;      ///< the node has not seen a block that others have
  bool bad_answer = false;  ///< what it answered cannot be what was asked for
  bool lacks_logs = false;  ///< it has no logs of a block that holds some
  /// When the node limited its rate for some members of a batch only: its answers to the others, in
  /// the order of the calls, and nothing for those.
  std::vector<std::optional<RpcResult>> answered = {};
};

/// The request for one call, with its id.
std::string encode_call(const RpcCall& call, std::uint64_t id);
/// The request for several, with the ids 1, 2, …
std::string encode_batch(const std::vector<RpcCall>& calls);

/// Reads the answer to the call with `id`. Throws EndpointFailure when it is none.
RpcResult decode_answer(const base::Json& answer, std::uint64_t id);

/// Reads the answers to encode_batch of `count` calls, in the order of the calls. Throws
/// EndpointFailure when one is missing, double or foreign.
std::vector<RpcResult> decode_batch(const base::Json& answers, std::size_t count);

/// True for what nodes say that take no batches: anything but an array, or a lone error in one.
bool refuses_batch(const base::Json& answer, std::size_t count);

/// How many calls to put into the next batch after a refusal of `count` with this message: the
/// number in it when it names one, half when it speaks of a length, else 1.
std::size_t shorter_batch(const std::string& message, std::size_t count);

/// The message of an error in `answer`, {"error":{"message":…}} or {"error":"…"}; nothing without.
std::optional<std::string> error_message(const base::Json& answer);

/// The code of an error in `answer`; 0 without.
std::int64_t error_code(const base::Json& answer);

/// Revert data in an error object of a node: a hex string in `data`, or in an object there, however
/// the node nests it.
std::optional<base::Bytes> find_revert_data(const base::Json& error);

/// The node limits how often it may be asked, by code (EIP-1474's -32005, HTTP's 429, and those of
/// QuickNode, Base, MUD's and Arc's nodes) or by its words. A code alone says nothing when the
/// words are about the call: Besu uses the same ones for transactions.
bool is_rate_limit(const RpcError& error);

/// The node cannot answer this call now, and another one, or the same one later, can: it is
/// overloaded, behind, or lacks the state.
bool is_unavailable(const RpcError& error);

/// The call or the transaction is at fault (it reverts, its fee is too low, a range is too wide),
/// so that every node says the same. Anything else may be the node's own: a method, a parameter or
/// an access that it lacks.
bool is_about_call(const RpcError& error);

/// A question for the logs of several blocks. Whatever a node answers to it, a narrower range may
/// help, unless it is asked too often.
bool is_range_of_logs(const RpcCall& call);
/// The words of a limit on how often a node may be asked.
bool says_too_often(const RpcError& error);

}  // namespace ecloud::chain
