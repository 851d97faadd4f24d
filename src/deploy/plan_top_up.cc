#include <algorithm>
#include <span>
#include <utility>

#include "deploy/plan_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/top_up.h"
#include "ecloud/platform/credits.h"

namespace ecloud::deploy {
namespace {

/// What the chain says of payer, token and contract.
struct Till {
  eth::Address token;
  eth::U256 minimum, token_balance, allowance;
  bool delegator_is_there = false;
  AccountSnapshot payer;
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

/// The token is asked in the same round trip when the environment says which one it must be.
Till read_till(const Services& services, const eth::Address& payer, const eth::Address& token) {
  const platform::Environment& environment = services.environment;
  const eth::Address& contract = environment.usdc_credits;
  std::vector<chain::RpcCall> calls = {
      chain::eth_call(contract, platform::encode_usdc()),
      chain::eth_call(contract, platform::encode_minimum_purchase()),
      chain::eth_call(token, platform::encode_balance_of(payer)),
      chain::eth_call(token, platform::encode_allowance(payer, contract)),
      chain::get_code(environment.delegator),
  };
  const std::size_t of_contracts = calls.size();
  for (chain::RpcCall& call : account_calls(payer)) calls.push_back(std::move(call));
  const auto results = services.rpc.batch(calls);
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
  out.delegator_is_there =
      !chain::read_data(chain::value_or_throw(results[4], "eth_getCode")).empty();
  read_account_answers(std::span(results).subspan(of_contracts), out.payer);
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

/// Several calls need the account's delegation, which does nothing without its contract: the
/// transaction would succeed and pay nothing.
void check_delegator(const Services& services, const Till& till, const eth::U256& amount) {
  if (till.delegator_is_there) return;
  const eth::Address& contract = services.environment.usdc_credits;
  throw Error(Category::kNetwork, "billing.no_delegator",
              "approval and purchase need one transaction, and " + chain_of(services) +
                  " has no EIP-7702 delegator at " + services.environment.delegator.to_string(),
              "approve " + platform::format_usdc(amount) + " (token " + till.token.to_string() +
                  ") for " + contract.to_string() + " on " + chain_of(services) +
                  " with any wallet, then run this command again: it then sends the purchase only");
}

}  // namespace

std::string credits_journal(std::uint64_t chain_id) {
  return "credits-" + std::to_string(chain_id);
}

std::vector<std::string> credits_journals(const platform::Environment& environment) {
  // Also where the environment sells no credits any more: purchases may still be open.
  std::vector<std::string> out = {credits_journal(environment.credits_chain_id)};
  for (const platform::CreditsChain& other : environment.other_credits_chains) {
    out.push_back(credits_journal(other.chain_id));
  }
  return out;
}

platform::Environment credits_environment(const platform::Environment& environment,
                                          std::string_view chain, const std::string& option) {
  const auto chains = platform::credits_chains(environment);
  const auto found = std::find_if(chains.begin(), chains.end(),
                                  [&](const auto& known) { return known.name == chain; });
  if (found == chains.end() && !chains.empty() && chain != platform::kMainCreditsChain) {
    std::vector<std::string> names;
    for (const platform::CreditsChain& known : chains) names.push_back(known.name);
    throw Error(Category::kUsage, "billing.unknown_chain",
                "credits for apps in " + environment.name + " are not sold on " +
                    base::printable_line(chain),
                "use " + option + " " + base::join(names, " or " + option + " "));
  }
  if (found == chains.end()) {
    throw Error(
        Category::kUsage, "billing.no_credits",
        "the environment " + environment.name + " does not say where credits are sold",
        "set usdcCredits, creditsChainId and creditsRpcUrl under environments." + environment.name);
  }
  platform::Environment out = environment;
  out.name = credits_journal(found->chain_id);
  out.chain_id = found->chain_id;
  out.rpc_urls = found->rpc_urls;
  out.usdc_credits = found->usdc_credits;
  out.usdc_token = found->usdc_token;
  out.credits_chain_id = found->chain_id;
  out.credits_rpc_urls = found->rpc_urls;
  out.other_credits_chains.clear();
  return out;
}

TopUpPlan plan_top_up(const Services& services, const Signer& payer, const TopUpRequest& request) {
  const Till till = read_till(services, payer.address, token_of(services));
  check_amount(services, till, payer.address, request.amount);
  TopUpPlan plan;
  plan.token = till.token;
  plan.token_balance = till.token_balance;
  plan.allowance = till.allowance;
  std::vector<platform::Call> calls = purchase_calls(services, till, request);
  if (calls.size() > 1) check_delegator(services, till, request.amount);
  plan.transaction = plan_transaction(services, payer, till.payer, std::move(calls),
                                      request.may_sign_for_estimate, "the purchase");
  return plan;
}

}  // namespace ecloud::deploy
