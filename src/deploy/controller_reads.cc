#include "ecloud/deploy/controller_reads.h"

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"

namespace ecloud::deploy {
namespace {

constexpr const char* kCheckEnvironment =
    "check the environment and its RPC URL: ecloud compute environment show";

}  // namespace

base::Bytes controller_data(const Services& services, const chain::RpcResult& result) {
  base::Bytes out = chain::read_data(chain::value_or_throw(result, "eth_call"));
  if (!out.empty()) return out;
  throw Error(Category::kNetwork, "chain.no_contract",
              "there is no AppController at the address of this environment (" +
                  services.environment.app_controller.to_string() + " on " +
                  platform::chain_name(services.environment.chain_id) + ")",
              kCheckEnvironment);
}

std::string controller_version(const Services& services, const chain::RpcResult& result) {
  if (is_revert(result)) {
    throw Error(Category::kNetwork, "chain.no_contract",
                "the contract at " + services.environment.app_controller.to_string() + " on " +
                    platform::chain_name(services.environment.chain_id) +
                    " is not an AppController: it has no version",
                kCheckEnvironment);
  }
  return platform::decode_text(controller_data(services, result));
}

std::optional<platform::ChainStatus> chain_status(const Services& services,
                                                  const eth::Address& app) {
  const auto results = services.rpc.batch(
      {chain::eth_call(services.environment.app_controller, platform::encode_app_status(app))});
  const auto* value = std::get_if<base::Json>(&results.front());
  if (value == nullptr) return std::nullopt;
  const eth::U256 number = platform::decode_number(chain::read_data(*value));
  if (number > eth::U256(static_cast<std::uint64_t>(platform::ChainStatus::kCreated))) {
    return std::nullopt;
  }
  return static_cast<platform::ChainStatus>(number.to_u64());
}

bool is_revert(const chain::RpcResult& result) {
  const auto* error = std::get_if<chain::RpcError>(&result);
  return error != nullptr && revert_of(*error).has_value();
}

}  // namespace ecloud::deploy
