#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/top_up.h"
#include "ecloud/platform/credits.h"

namespace ecloud::deploy {
namespace {

/// For nodes that cannot suggest a tip.
constexpr std::uint64_t kFallbackTipWei = 1'000'000'000;

/// What the chain says of payer, token and contract.
struct Till {
  eth::Address token;
  eth::U256 minimum, token_balance, allowance, balance;
  std::uint64_t nonce = 0;
  base::Bytes code;  ///< of the payer
  bool delegator_is_there = false;
  chain::Fees fees;
};

base::Bytes view_data(const chain::RpcResult& result, std::string_view contract,
                      const eth::Address& address) {
  base::Bytes out = chain::read_data(chain::value_or_throw(result, "eth_call"));
  if (!out.empty()) return out;
  throw Error(Category::kNetwork, "chain.no_contract",
              "there is no " + std::string(contract) + " at " + address.to_string() +
                  " on the chain that sells credits",
              "check the environment: ecloud compute environment show");
}

chain::Fees fees_of(const chain::RpcResult& block, const chain::RpcResult& tip) {
  const auto* suggested = std::get_if<base::Json>(&tip);
  return chain::suggest_fees(
      chain::read_block_header(chain::value_or_throw(block, "eth_getBlockByNumber"))
          .base_fee_per_gas,
      suggested != nullptr ? chain::read_quantity(*suggested) : eth::U256(kFallbackTipWei));
}

/// The token is asked in the same round trip when the environment says which one it must be.
Till read_till(const Services& services, const eth::Address& payer, const eth::Address& token) {
  const platform::Environment& environment = services.environment;
  const eth::Address& contract = environment.usdc_credits;
  const auto results = services.rpc.batch({
      chain::eth_call(contract, platform::encode_usdc()),
      chain::eth_call(contract, platform::encode_minimum_purchase()),
      chain::eth_call(token, platform::encode_balance_of(payer)),
      chain::eth_call(token, platform::encode_allowance(payer, contract)),
      chain::get_balance(payer),
      chain::get_transaction_count(payer, chain::BlockTag::kPending),
      chain::get_code(payer),
      chain::get_code(environment.delegator),
      chain::latest_block(),
      chain::max_priority_fee_per_gas(),
  });
  Till out;
  out.token = platform::decode_address(view_data(results[0], "USDCCredits", contract));
  if (out.token != token) {
    throw Error(Category::kVerification, "billing.wrong_token",
                "USDCCredits takes " + out.token.to_string() + " for payment, and not USDC (" +
                    token.to_string() + ")",
                "check that the node is one you trust: ecloud compute environment show");
  }
  out.minimum = platform::decode_number(view_data(results[1], "USDCCredits", contract));
  out.token_balance = platform::decode_number(view_data(results[2], "USDC", token));
  out.allowance = platform::decode_number(view_data(results[3], "USDC", token));
  out.balance = chain::read_quantity(chain::value_or_throw(results[4], "eth_getBalance"));
  out.nonce = chain::read_u64(chain::value_or_throw(results[5], "eth_getTransactionCount"));
  out.code = chain::read_data(chain::value_or_throw(results[6], "eth_getCode"));
  out.delegator_is_there =
      !chain::read_data(chain::value_or_throw(results[7], "eth_getCode")).empty();
  out.fees = fees_of(results[8], results[9]);
  return out;
}

eth::Address token_of(const Services& services) {
  if (!services.environment.usdc_token.is_zero()) return services.environment.usdc_token;
  const eth::Address& contract = services.environment.usdc_credits;
  const auto results = services.rpc.batch({chain::eth_call(contract, platform::encode_usdc())});
  return platform::decode_address(view_data(results.front(), "USDCCredits", contract));
}

std::string chain_of(const Services& services) {
  return platform::chain_name(services.environment.chain_id);
}

void check_amount(const Services& services, const Till& till, const eth::Address& payer,
                  const eth::U256& amount) {
  if (amount < till.minimum) {
    throw Error(
        Category::kUsage, "billing.below_minimum",
        platform::format_usdc(amount) + " is less than the smallest purchase, " +
            platform::format_usdc(till.minimum),
        "give --amount " + eth::format_units(till.minimum, platform::kUsdcDecimals) + " or more");
  }
  if (till.token_balance < amount) {
    throw Error(Category::kTransaction, "billing.insufficient_usdc",
                "account " + payer.to_string() + " has " +
                    platform::format_usdc(till.token_balance) + " on " + chain_of(services) + "; " +
                    platform::format_usdc(amount - till.token_balance) + " are missing",
                "send USDC on " + chain_of(services) + " to " + payer.to_string());
  }
}

void check_gas_money(const Services& services, const TopUpPlan& plan, const eth::Address& payer) {
  if (plan.balance >= plan.maximum_cost) return;
  throw Error(Category::kTransaction, "billing.insufficient_eth",
              "account " + payer.to_string() + " has " + eth::format_ether(plan.balance) +
                  " ETH on " + chain_of(services) + "; the purchase may cost " +
                  eth::format_ether(plan.maximum_cost) + " ETH of gas, so " +
                  eth::format_ether(plan.maximum_cost - plan.balance) + " ETH are missing",
              "send ETH on " + chain_of(services) + " to " + payer.to_string());
}

/// USDC's approve replaces what was allowed before, so that the exact amount may be set at once.
std::vector<platform::Call> purchase_calls(const Services& services, const Till& till,
                                           const TopUpRequest& request) {
  const eth::Address& contract = services.environment.usdc_credits;
  std::vector<platform::Call> calls;
  if (till.allowance < request.amount) {
    calls.push_back({till.token, {}, platform::encode_approve(contract, request.amount)});
  }
  calls.push_back(
      {contract, {}, platform::encode_purchase_credits_for(request.amount, request.account)});
  return calls;
}

eth::Transaction transaction_of(const Services& services, const Till& till,
                                const eth::Address& payer,
                                const std::vector<platform::Call>& calls) {
  eth::Transaction out;
  out.chain_id = eth::U256(services.environment.chain_id);
  out.nonce = till.nonce;
  out.max_priority_fee_per_gas = till.fees.max_priority_fee_per_gas;
  out.max_fee_per_gas = till.fees.max_fee_per_gas;
  // One call needs no batch, and so no delegation.
  out.to = calls.size() == 1 ? calls.front().target : payer;
  out.data = calls.size() == 1 ? calls.front().data : platform::encode_execute(calls);
  return out;
}

Delegation delegation_for(const Services& services, const Till& till,
                          const std::vector<platform::Call>& calls) {
  if (calls.size() == 1) return Delegation::kInPlace;
  if (!till.delegator_is_there) {
    throw Error(Category::kNetwork, "chain.no_contract",
                "there is no EIP-7702 delegator at " + services.environment.delegator.to_string() +
                    " on " + chain_of(services),
                "check the environment: ecloud compute environment show");
  }
  return delegation_of(till.code, services.environment.delegator);
}

}  // namespace

platform::Environment credits_environment(const platform::Environment& environment) {
  if (environment.usdc_credits.is_zero() || environment.credits_chain_id == 0 ||
      environment.credits_rpc_urls.empty()) {
    throw Error(
        Category::kUsage, "billing.no_credits",
        "the environment " + environment.name + " does not say where credits are sold",
        "set usdcCredits, creditsChainId and creditsRpcUrl under environments." + environment.name);
  }
  platform::Environment out = environment;
  out.chain_id = environment.credits_chain_id;
  out.rpc_urls = environment.credits_rpc_urls;
  return out;
}

TopUpPlan plan_top_up(const Services& services, const Signer& payer, const TopUpRequest& request) {
  const Till till = read_till(services, payer.address, token_of(services));
  check_amount(services, till, payer.address, request.amount);
  TopUpPlan plan;
  plan.token = till.token;
  plan.token_balance = till.token_balance;
  plan.allowance = till.allowance;
  plan.balance = till.balance;
  plan.calls = purchase_calls(services, till, request);
  const Delegation delegation = delegation_for(services, till, plan.calls);
  plan.delegate = delegation != Delegation::kInPlace;
  if (delegation == Delegation::kForeign) {
    plan.replaces_delegation = eth::delegation_target(till.code);
  }
  plan.transaction = transaction_of(services, till, payer.address, plan.calls);
  plan.estimated_gas =
      estimate_batch(services, payer, plan.transaction, delegation, request.may_sign_for_estimate);
  plan.transaction.gas_limit = chain::gas_limit_for(plan.estimated_gas);
  plan.maximum_cost = plan.transaction.maximum_cost();
  check_gas_money(services, plan, payer.address);
  return plan;
}

}  // namespace ecloud::deploy
