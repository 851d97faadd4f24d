#include "deploy/plan_transaction.h"

#include <utility>

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"

namespace ecloud::deploy {

eth::Transaction plain_transaction(const platform::Call& call) {
  eth::Transaction transaction;
  transaction.to = call.target;
  transaction.value = call.value;
  transaction.data = call.data;
  return transaction;
}

TransactionPlan plan_transaction(const Services& services, const Signer& signer,
                                 const AccountSnapshot& chain, std::vector<platform::Call> calls,
                                 bool may_sign_for_estimate, std::string_view what,
                                 const std::optional<chain::RpcResult>& estimate) {
  TransactionPlan plan;
  plan.transaction = batch_transaction(services, signer.address, chain, calls);
  if (calls.size() == 1) {
    const eth::Transaction plain = plain_transaction(calls.front());
    plan.transaction.to = plain.to;
    plan.transaction.value = plain.value;
    plan.transaction.data = plain.data;
    plan.estimated_gas = gas_or_throw(
        estimate ? *estimate
                 : services.rpc.batch({chain::estimate_gas(signer.address, plain)}).front());
  } else {
    const Delegation delegation = delegation_of(chain.code, services.environment.delegator);
    plan.delegate = delegation != Delegation::kInPlace;
    if (delegation == Delegation::kForeign) {
      plan.replaces_delegation = eth::delegation_target(chain.code);
    }
    plan.estimated_gas =
        estimate_batch(services, signer, plan.transaction, delegation, may_sign_for_estimate);
  }
  plan.transaction.gas_limit = chain::gas_limit_for(plan.estimated_gas);
  plan.calls = std::move(calls);
  plan.maximum_cost = plan.transaction.maximum_cost();
  plan.balance = chain.balance;
  plan.controller_version = chain.controller_version;
  plan.account_code = chain.code;
  check_funds(services, signer.address, plan.balance, plan.maximum_cost, what);
  return plan;
}

void check_funds(const Services& services, const eth::Address& account, const eth::U256& balance,
                 const eth::U256& maximum_cost, std::string_view what) {
  if (balance >= maximum_cost) return;
  const std::string chain_name = platform::chain_name(services.environment.chain_id);
  throw Error(Category::kTransaction, "deploy.insufficient_funds",
              "account " + account.to_string() + " has " + eth::format_ether(balance) + " ETH on " +
                  chain_name + "; " + std::string(what) + " may cost " +
                  eth::format_ether(maximum_cost) + " ETH, so " +
                  eth::format_ether(maximum_cost - balance) + " ETH are missing",
              "send ETH on " + chain_name + " to " + account.to_string());
}

}  // namespace ecloud::deploy
