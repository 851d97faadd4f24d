#include "chain/rpc_wire.h"

#include <fmt/format.h>

#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::chain {
namespace {

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

std::optional<std::uint64_t> id_of(const base::Json& answer) {
  const base::Json id = answer["id"];
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

bool is_rate_limit(std::int64_t error_code) {
  return error_code == -32005 || error_code == 429;
}

}  // namespace ecloud::chain
