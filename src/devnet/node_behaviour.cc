#include "devnet/node_behaviour.h"

#include <array>
#include <utility>

#include "ecloud/base/error.h"

namespace ecloud::devnet {
namespace {

template <typename Value, std::size_t kCount>
Value word_of(const base::Json& json,
              const std::array<std::pair<std::string_view, Value>, kCount>& words) {
  const std::string text = json.as_string();
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  throw json.error("is not one of the words for it");
}

constexpr std::array<std::pair<std::string_view, BatchRefusal>, 5> kRefusals = {
    {{"lone-error", BatchRefusal::kLoneError},
     {"error-object", BatchRefusal::kErrorObject},
     {"server-error", BatchRefusal::kServerError},
     {"server-text", BatchRefusal::kServerText},
     {"too-large", BatchRefusal::kTooLarge}}};

constexpr std::array<std::pair<std::string_view, NodeWords>, 5> kWords = {
    {{"geth", NodeWords::kGeth},
     {"reth", NodeWords::kReth},
     {"nethermind", NodeWords::kNethermind},
     {"erigon", NodeWords::kErigon},
     {"besu", NodeWords::kBesu}}};

}  // namespace

void change_behaviour(NodeBehaviour& behaviour, const base::Json& json) {
  NodeBehaviour out = behaviour;
  if (json["batchLimit"].exists()) {
    out.batch_limit = static_cast<std::size_t>(json["batchLimit"].as_u64());
  }
  if (json["batchRefusal"].exists()) out.batch_refusal = word_of(json["batchRefusal"], kRefusals);
  if (json["logs"].exists()) out.has_logs = json["logs"].as_bool();
  if (json["textIds"].exists()) out.text_ids = json["textIds"].as_bool();
  if (json["minimumTipWei"].exists()) {
    const auto wei = eth::U256::from_decimal(json["minimumTipWei"].as_string());
    if (!wei) throw json["minimumTipWei"].error("is not a decimal number");
    out.minimum_tip = *wei;
  }
  if (json["words"].exists()) out.words = word_of(json["words"], kWords);
  behaviour = out;
}

}  // namespace ecloud::devnet
