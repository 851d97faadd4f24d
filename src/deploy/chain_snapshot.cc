#include "deploy/chain_snapshot.h"

#include "ecloud/base/error.h"

namespace ecloud::deploy {
namespace {

/// For nodes that cannot suggest a tip.
constexpr std::uint64_t kFallbackTipWei = 1'000'000'000;

/// Reads answers in the order in which the calls were put into the batch.
class Answers {
 public:
  Answers(const std::vector<chain::RpcCall>& calls, std::vector<chain::RpcResult> results)
      : calls_(calls), results_(std::move(results)) {}

  const chain::RpcResult& next() { return results_.at(position_++); }
  const base::Json& value() {
    const std::string& method = calls_.at(position_).method;
    return chain::value_or_throw(next(), method);
  }
  /// The data that a view function of `contract` returned.
  base::Bytes data(std::string_view contract) {
    base::Bytes out = chain::read_data(value());
    if (out.empty()) {
      throw Error(Category::kNetwork, "chain.no_contract",
                  "there is no " + std::string(contract) + " at the address of this environment",
                  "check the environment and its RPC URL: ecloud compute environment show");
    }
    return out;
  }

 private:
  const std::vector<chain::RpcCall>& calls_;
  std::vector<chain::RpcResult> results_;
  std::size_t position_ = 0;
};

}  // namespace

ChainSnapshot read_chain(const Services& services, const eth::Address& account,
                         const base::Bytes32& salt, const std::optional<eth::Address>& namesake) {
  const eth::Address& controller = services.environment.app_controller;
  const auto view = [&](const base::Bytes& data) { return chain::eth_call(controller, data); };
  std::vector<chain::RpcCall> calls = {
      view(platform::encode_version()),
      view(platform::encode_calculate_app_id(account, salt)),
      view(platform::encode_max_active_apps(account)),
      view(platform::encode_active_app_count(account)),
      chain::get_balance(account),
      chain::get_transaction_count(account, chain::BlockTag::kPending),
      chain::get_code(account),
      chain::latest_block(),
      chain::max_priority_fee_per_gas(),
  };
  if (namesake) calls.push_back(view(platform::encode_app_status(*namesake)));

  Answers answers(calls, services.rpc.batch(calls));
  ChainSnapshot out;
  out.controller_version = platform::decode_text(answers.data("AppController"));
  out.generation = platform::generation_of(out.controller_version);
  out.app = platform::decode_address(answers.data("AppController"));
  out.max_active_apps = platform::decode_number(answers.data("AppController"));
  out.active_apps = platform::decode_number(answers.data("AppController"));
  out.balance = chain::read_quantity(answers.value());
  out.nonce = chain::read_u64(answers.value());
  out.code = chain::read_data(answers.value());
  const chain::BlockHeader block = chain::read_block_header(answers.value());
  out.block_timestamp = block.timestamp;
  const chain::RpcResult& tip = answers.next();
  const auto* suggested = std::get_if<base::Json>(&tip);
  out.fees = chain::suggest_fees(block.base_fee_per_gas, suggested != nullptr
                                                             ? chain::read_quantity(*suggested)
                                                             : eth::U256(kFallbackTipWei));
  if (namesake) {
    const eth::U256 status = platform::decode_number(answers.data("AppController"));
    out.namesake_status = status > eth::U256(5)
                              ? platform::ChainStatus::kNone
                              : static_cast<platform::ChainStatus>(status.to_u64());
  }
  return out;
}

}  // namespace ecloud::deploy
