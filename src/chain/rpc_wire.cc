#include "chain/rpc_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::chain {
namespace {

/// -32007: QuickNode; -32011: Arc; -32012: MUD's indexers; -32016: Base.
constexpr std::int64_t kRateLimitCodes[] = {-32005, -32007, -32011, -32012, -32016, 429};

constexpr std::int64_t kExecutionReverted = 3;
constexpr std::int64_t kMethodNotFound = -32601;

constexpr char kNotRpc[] = "answered with something that is not JSON-RPC";

/// Deeper than any node nests its revert data.
constexpr int kMaxErrorDepth = 6;

EndpointFailure failure(std::string reason) {
  EndpointFailure out;
  out.reason = std::move(reason);
  return out;
}

base::Json request_of(const RpcCall& call, std::uint64_t id) {
  return base::Json::object(
      {{"jsonrpc", "2.0"}, {"id", id}, {"method", call.method}, {"params", call.params}});
}

bool contains_any(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string::npos; });
}

/// `text` is the message in lower case, here and below.
bool is_revert(const RpcError& error, const std::string& text) {
  return error.data || error.code == kExecutionReverted || contains_any(text, {"revert"});
}

/// A range of blocks that is too wide, or an answer that is too long: a narrower question has one.
bool is_about_logs(const std::string& text) {
  return contains_any(text, {"block range", "blocks range", "query returned more",
                             "too many results", "response size", "range is too"});
}

/// The transaction is at fault, and another node says the same.
bool is_about_transaction(const std::string& text) {
  return contains_any(text, {"nonce", "underpriced", "insufficient funds", "gas limit", "gas price",
                             "block gas", "fee", "sender", "signature", "delegated", "reserved",
                             "oversized", "already known", "known transaction"});
}

bool says_too_often(const std::string& text) {
  return contains_any(text, {"rate limit", "ratelimit", "rate-limit", "rate exceeded",
                             "too many requests", "request limit", "requests limit", "requests per",
                             "per second", "request count", "compute units", "quota", "throttl",
                             "capacity", "usage limit", "daily limit"}) ||
         text.rfind("429", 0) == 0;
}

/// The node has not seen the block yet, or no longer has its state.
bool lacks_state(const std::string& text) {
  return contains_any(text,
                      {"header not found", "header for hash", "unknown block", "block not found",
                       "block is not available", "missing trie node", "state is not available",
                       "state not available", "state unavailable", "state already discarded",
                       "historical state", "pruned", "syncing", "not synced", "not yet synced"});
}

/// The node, or something in front of it, does not work now.
bool is_broken(const std::string& text) {
  return contains_any(text, {"timed out",
                             "timeout",
                             "deadline exceeded",
                             "unavailable",
                             "overloaded",
                             "busy",
                             "try again",
                             "retry",
                             "temporar",
                             "internal error",
                             "internal server error",
                             "internal json-rpc error",
                             "server error",
                             "no backend",
                             "upstream",
                             "bad gateway",
                             "connection refused",
                             "connection reset",
                             "no peers",
                             "context canceled"});
}

/// Some proxies answer {"id":"1"} to {"id":1}.
std::optional<std::uint64_t> id_of(const base::Json& answer) {
  const base::Json id = answer["id"];
  if (id.is_string()) return base::parse_decimal(id.as_string());
  if (!id.is_number()) return std::nullopt;
  try {
    return id.as_u64();
  } catch (const Error&) {
    return std::nullopt;
  }
}

RpcError decode_error(const base::Json& answer) {
  const base::Json error = answer["error"];
  RpcError out;
  out.code = error_code(answer);
  out.message = error_message(answer).value_or("an error without words");
  out.data = find_revert_data(error);
  return out;
}

std::optional<base::Bytes> find_hex(const base::Json& place, int depth) {
  if (depth > kMaxErrorDepth) return std::nullopt;
  if (place.is_string()) {
    std::string text = place.as_string();
    // OpenEthereum's notation.
    if (text.rfind("Reverted 0x", 0) == 0) text = text.substr(9);
    return text.rfind("0x", 0) == 0 ? base::from_hex(text) : std::nullopt;
  }
  // Below what is not there nothing is either, and the ways to it are thousands.
  if (!place.is_object()) return std::nullopt;
  for (const char* name : {"data", "originalError", "error", "result", "return", "output"}) {
    if (auto found = find_hex(place[name], depth + 1)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::string encode_call(const RpcCall& call, std::uint64_t id) {
  return request_of(call, id).dump();
}

std::string encode_batch(const std::vector<RpcCall>& calls) {
  base::Json batch = base::Json::array();
  for (std::size_t i = 0; i < calls.size(); ++i) batch.push(request_of(calls[i], i + 1));
  return batch.dump();
}

std::optional<std::string> error_message(const base::Json& answer) {
  const base::Json error = answer["error"];
  const base::Json message = error.is_string() ? error : error["message"];
  if (!message.is_string()) return std::nullopt;
  return base::printable_line(message.as_string());
}

std::int64_t error_code(const base::Json& answer) {
  const base::Json code = answer["error"]["code"];
  try {
    return code.is_number() ? code.as_i64() : 0;
  } catch (const Error&) {
    return 0;
  }
}

std::optional<base::Bytes> find_revert_data(const base::Json& error) {
  for (const char* name : {"data", "originalError"}) {
    if (auto found = find_hex(error[name], 0)) return found;
  }
  return std::nullopt;
}

RpcResult decode_answer(const base::Json& answer, std::uint64_t id) {
  const base::Json error = answer["error"];
  const bool failed = error.exists() && !error.is_null();
  const std::optional<std::string> message = error_message(answer);
  if (id_of(answer) != id) {
    if (failed && message) throw failure("answered: " + *message);
    throw failure(answer["id"].exists() ? "answered a call that was not made" : kNotRpc);
  }
  if (failed) return decode_error(answer);
  if (!answer["result"].exists()) throw failure(kNotRpc);
  return answer["result"];
}

std::vector<RpcResult> decode_batch(const base::Json& answers, std::size_t count) {
  std::vector<std::optional<RpcResult>> found(count);
  for (const base::Json& answer : answers.elements()) {
    const std::uint64_t id = id_of(answer).value_or(0);
    RpcResult result = decode_answer(answer, id);
    if (id == 0 || id > count) throw failure("answered a call that was not made");
    if (found[id - 1]) throw failure(fmt::format("answered call {} of {} twice", id, count));
    found[id - 1] = std::move(result);
  }
  std::vector<RpcResult> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (!found[i]) throw failure(fmt::format("left call {} of {} unanswered", i + 1, count));
    out.push_back(std::move(*found[i]));
  }
  return out;
}

bool refuses_batch(const base::Json& answer, std::size_t count) {
  if (!answer.is_array()) return true;
  return count > 1 && answer.size() == 1 && answer.at(0)["error"].is_object();
}

std::size_t shorter_batch(const std::string& message, std::size_t count) {
  std::size_t at = message.find_first_of("0123456789");
  while (at != std::string::npos) {
    const std::size_t end = std::min(message.find_first_not_of("0123456789", at), message.size());
    const auto number = base::parse_decimal(message.substr(at, end - at));
    if (number && *number > 0 && *number < count) return static_cast<std::size_t>(*number);
    at = message.find_first_of("0123456789", end);
  }
  const bool is_about_length =
      contains_any(base::to_lower(message), {"too large", "too long", "too many", "too big",
                                             "limit", "more than", "exceed", "maximum", "size"});
  return is_about_length ? count / 2 : 1;
}

bool is_rate_limit(const RpcError& error) {
  const std::string text = base::to_lower(error.message);
  if (is_revert(error, text) || is_about_logs(text)) return false;
  if (says_too_often(text)) return true;
  if (is_about_transaction(text)) return false;
  const bool has_code = std::find(std::begin(kRateLimitCodes), std::end(kRateLimitCodes),
                                  error.code) != std::end(kRateLimitCodes);
  return has_code || contains_any(text, {"limit exceeded", "exceeded the limit",
                                         "exceeds the limit", "over limit", "slow down",
                                         "too many connections", "concurrent requests", "backoff"});
}

bool is_unavailable(const RpcError& error) {
  const std::string text = base::to_lower(error.message);
  if (error.code == kMethodNotFound || is_revert(error, text)) return false;
  if (is_about_logs(text) || is_about_transaction(text)) return false;
  return lacks_state(text) || is_broken(text);
}

bool is_about_call(const RpcError& error) {
  const std::string text = base::to_lower(error.message);
  return is_revert(error, text) || is_about_logs(text) || is_about_transaction(text);
}

bool is_range_of_logs(const RpcCall& call) {
  if (call.method != "eth_getLogs") return false;
  const base::Json filter = call.params.at(0);
  return !filter["fromBlock"].equals(filter["toBlock"]);
}

bool says_too_often(const RpcError& error) {
  return says_too_often(base::to_lower(error.message));
}

}  // namespace ecloud::chain
