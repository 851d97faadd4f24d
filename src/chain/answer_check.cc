#include "chain/answer_check.h"

#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/eth/u256.h"

namespace ecloud::chain {
namespace {

using Reason = std::optional<std::string>;

bool same_hex(const base::Json& answer, const base::Json& asked) {
  return answer.is_string() && base::to_lower(answer.as_string()) == asked.as_string();
}

std::optional<eth::U256> number_of(const base::Json& value) {
  return value.is_string() ? eth::U256::from_hex(value.as_string()) : std::nullopt;
}

Reason wrong_hash(const RpcCall& call, const base::Json& answer, const char* member,
                  const char* thing) {
  if (answer.is_null() || same_hex(answer[member], call.params.at(0))) return std::nullopt;
  return answer[member].is_string()
             ? "answered with another " + std::string(thing) + " than the one asked for"
             : "answered " + call.method + " with something that is no " + thing;
}

std::string gwei(const eth::U256& wei) {
  return eth::format_units(wei, 9) + " gwei";
}

Reason too_high(const base::Json& value, const std::string& what, std::uint64_t most_gwei) {
  const auto number = number_of(value);
  const eth::U256 most = eth::U256(most_gwei) * eth::U256(eth::kWeiPerGwei);
  if (!number || *number <= most) return std::nullopt;
  return "names " + what + " of " + gwei(*number) + ", and more than " + gwei(most) +
         " is never paid";
}

Reason wrong_block(const RpcCall& call, const base::Json& answer) {
  if (answer.is_null() || !answer.is_object()) return std::nullopt;
  const base::Json asked = call.params.at(0);
  if (asked.as_string() == "latest") {
    if (!number_of(answer["baseFeePerGas"])) return "answered with a block without a base fee";
    return too_high(answer["baseFeePerGas"], "a base fee", kMaxBaseFeeGwei);
  }
  const auto number = number_of(answer["number"]);
  if (number && number == number_of(asked)) return std::nullopt;
  return "answered with another block than the one asked for";
}

bool matches(const base::Json& log, const base::Json& filter) {
  const auto number = number_of(log["blockNumber"]);
  if (!same_hex(log["address"], filter["address"])) return false;
  const auto first = number_of(filter["fromBlock"]);
  const auto last = number_of(filter["toBlock"]);
  if (!number || !first || !last || *number < *first || *last < *number) return false;
  const base::Json topics = filter["topics"];
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (topics.at(i).is_null()) continue;
    if (i >= log["topics"].size() || !same_hex(log["topics"].at(i), topics.at(i))) return false;
  }
  return true;
}

Reason foreign_logs(const RpcCall& call, const base::Json& answer) {
  if (!answer.is_array()) return std::nullopt;
  for (const base::Json& log : answer.elements()) {
    if (!matches(log, call.params.at(0))) return "answered with logs that were not asked for";
  }
  return std::nullopt;
}

}  // namespace

Reason contradiction(const RpcCall& call, const base::Json& answer) {
  if (call.params.size() == 0) {
    const bool tip = call.method == "eth_maxPriorityFeePerGas";
    return tip ? too_high(answer, "a tip", kMaxTipGwei) : std::nullopt;
  }
  if (call.method == "eth_getTransactionReceipt") {
    return wrong_hash(call, answer, "transactionHash", "receipt");
  }
  if (call.method == "eth_getTransactionByHash") {
    return wrong_hash(call, answer, "hash", "transaction");
  }
  if (call.method == "eth_getBlockByNumber") return wrong_block(call, answer);
  if (call.method == "eth_getLogs") return foreign_logs(call, answer);
  return std::nullopt;
}

Reason wrong_transaction_hash(base::ByteView raw, const base::Json& answer) {
  const auto hash = answer.is_string() ? base::fixed_from_hex<32>(answer.as_string())
                                       : std::optional<base::Bytes32>();
  if (!hash) return "answered eth_sendRawTransaction with something that is no hash";
  if (*hash == crypto::keccak256(raw)) return std::nullopt;
  return "answered eth_sendRawTransaction with the hash of another transaction";
}

}  // namespace ecloud::chain
