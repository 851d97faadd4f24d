#include "ecloud/deploy/undelegate.h"

#include <utility>

#include "deploy/batch_transaction.h"
#include "deploy/chain_snapshot.h"
#include "deploy/expected_effects.h"
#include "deploy/plan_transaction.h"
#include "ecloud/base/error.h"

namespace ecloud::deploy {
namespace {

/// A transaction without data and with one authorization: 21,000 and PER_EMPTY_ACCOUNT_COST of
/// EIP-7702. No code runs, so that nothing is left to estimate.
constexpr std::uint64_t kUndelegateGas = 21'000 + 25'000;

/// Nodes behind one address may lag behind the one that gave the receipt.
constexpr int kAttempts = 5;
constexpr base::Milliseconds kBetweenAttempts{1'000};

base::Bytes code_of(const Services& services, const eth::Address& account) {
  const auto results = services.rpc.batch({chain::get_code(account)});
  return chain::read_data(chain::value_or_throw(results.front(), "eth_getCode"));
}

}  // namespace

Check code_is_gone(const Services& services) {
  return [&services](JournalEntry& entry, const chain::Receipt&) {
    for (int attempt = 1; !code_of(services, entry.deployer).empty(); ++attempt) {
      if (attempt < kAttempts) {
        services.clock.sleep(kBetweenAttempts);
        continue;
      }
      set_step(services, entry, Step::kAbandoned);
      throw Error(Category::kTransaction, "deploy.no_effect",
                  "transaction " + hash_of(entry) + " succeeded, but account " +
                      entry.deployer.to_string() +
                      " is still delegated (another transaction of the account came between)",
                  "run the command again");
    }
  };
}

UndelegatePlan plan_undelegate(const Services& services, const Signer& signer) {
  const AccountSnapshot chain = read_account(services, signer.address);
  UndelegatePlan plan;
  // Refuses code that is no delegation.
  if (delegation_of(chain.code, services.environment.delegator) == Delegation::kMissing) {
    return plan;
  }
  plan.delegated_to = eth::delegation_target(chain.code);
  TransactionPlan& out = plan.transaction;
  out.transaction = batch_transaction(services, signer.address, chain, {});
  out.transaction.data.clear();
  out.undelegate = true;
  out.estimated_gas = kUndelegateGas;
  out.transaction.gas_limit = chain::gas_limit_for(kUndelegateGas);
  out.maximum_cost = out.transaction.maximum_cost();
  out.balance = chain.balance;
  out.controller_version = chain.controller_version;
  check_funds(services, signer.address, out.balance, out.maximum_cost, "undelegating");
  return plan;
}

TransactionOutcome apply_undelegate(const Services& services, const Signer& signer,
                                    UndelegatePlan plan) {
  JournalEntry entry;
  entry.operation = Operation::kUndelegate;
  sign_and_record(services, signer, std::move(plan.transaction), entry);
  return send_and_conclude(services, std::move(entry), code_is_gone(services));
}

std::optional<TransactionOutcome> resume_undelegate(const Services& services,
                                                    const Signer& signer) {
  auto entries = journal_of(services).open_changes(signer.address, eth::Address());
  if (entries.empty()) return std::nullopt;
  JournalEntry entry = std::move(entries.back());
  services.observer.note("an earlier run began to undelegate the account with transaction " +
                         hash_of(entry) + "; looking for it");
  return go_on(services, std::move(entry), code_is_gone(services), true);
}

}  // namespace ecloud::deploy
