#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/json.h"

namespace ecloud::devnet {

/// What goes wrong.
enum class FaultAction {
  kStatus,   ///< "status": the HTTP status of `status`, with `body` or {"error":"injected fault"}
  kBody,     ///< "body": `body` with `status` (200 unless given); text/html when it begins with <
  kGarbage,  ///< "garbage": status 200 and octets that are neither JSON nor text
  kWrongShape,  ///< "wrong-shape": well-formed JSON that is no answer; for rpc: a result, per call
  kClose,       ///< "close": the connection is closed without an answer
  kReset,       ///< "reset": the connection is reset (RST)
  kCut,         ///< "cut": the connection is closed after half of the answer's body
  kDelay,       ///< "delay": acts after `delay`, or only answers after it
  kRpcError,    ///< "rpc-error": a JSON-RPC error of `code` with `body` as its message
  kRevert,   ///< "revert": eth_call and eth_estimateGas fail with code 3 and `body` (hex) as data;
             ///<   a sent transaction is mined and reverted with that data
  kNull,     ///< "null": a JSON-RPC result of null
  kWrongId,  ///< "wrong-id": the right JSON-RPC answer under the id of another call
  kDuplicate,  ///< "duplicate": the request arrives twice, and the second answer is given
};

/// "The `nth` request of `kind` and the `times` - 1 that follow go wrong."
///
/// Kinds, as the request log names them: "rpc:METHOD" for every call, also those in a batch, and
/// "rpc:batch" for a batch as such, and "rpc-lagging:…" at the lagging node; "userapi:/info",
/// "/status", "/skus", "/logs", "/apps",
/// "/profile", "/image", "/builds" (submit, list), "/builds/status", "/builds/logs",
/// "/builds/verify"; "billing:/subscription", "billing:/checkout"; "hub:/tags"; "registry:/ping",
/// "registry:/manifests" and "registry:/blobs" (GET, HEAD), "registry:/tags",
/// "registry:/uploads/post" (begin, mount), "registry:/uploads/patch", "/put", "/get", "/delete",
/// "registry:/manifests/put". A kind without its end ("rpc", "userapi", "") stands for all that
/// begin so.
struct FaultRule {
  std::string kind;
  FaultAction action = FaultAction::kStatus;
  std::uint32_t nth = 1;    ///< counted from 1 among the matching requests after the rule was added
  std::uint32_t times = 1;  ///< 0: for ever
  /// The request has its effect first, and only the answer goes wrong.
  bool after_acting = false;
  int status = 0;  ///< 0: 500 for kStatus, 200 for kBody
  std::int64_t code = -32603;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< of kStatus and kBody: Retry-After
  std::chrono::milliseconds delay{0};
};

/// From {"kind","action","nth"?,"times"?,"when"?:"before"|"after","status"?,"code"?,"body"?,
/// "headers"?:{},"delayMs"?}. Throws Error{kUsage, "devnet.fault"} or {kUsage, "json.shape"}.
FaultRule fault_rule_from_json(const base::Json& json);

/// True when `kind` is `pattern` or begins with it up to a ":" or "/".
bool kind_matches(std::string_view pattern, std::string_view kind);

/// The rules in force. Thread-safe.
class FaultRules {
 public:
  void add(FaultRule rule);
  void clear();
  /// Counts a request of `kind` against every rule and gives the first that strikes.
  std::optional<FaultRule> take(std::string_view kind);

 private:
  struct Active {
    FaultRule rule;
    std::uint32_t seen = 0;
  };
  mutable std::mutex mutex_;
  std::vector<Active> active_;
};

}  // namespace ecloud::devnet
