#include "deploy/batch_transaction.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/journal.h"

namespace ecloud::deploy {
namespace {

/// Intrinsic gas of one authorization (PER_EMPTY_ACCOUNT_COST of EIP-7702), which an estimate over
/// a state override does not hold.
constexpr std::uint64_t kAuthorizationGas = 25'000;

constexpr std::int64_t kExecutionReverted = 3;
constexpr std::int64_t kInvalidParams = -32602;

chain::RpcCall estimate_as_delegated(const eth::Address& account,
                                     const eth::Transaction& transaction,
                                     const eth::Address& delegator) {
  chain::RpcCall call = chain::estimate_gas(account, transaction);
  const base::Json override =
      base::Json::object({{"code", base::to_hex_prefixed(eth::delegation_code(delegator))}});
  if (call.params.size() < 2) call.params.push("latest");
  call.params.push(base::Json::object({{account.to_lower_hex(), override}}));
  return call;
}

/// Calldata in tokens of EIP-7623: one for a zero octet, four for another.
std::uint64_t calldata_tokens(const base::Bytes& data) {
  const auto zeros = static_cast<std::uint64_t>(std::count(data.begin(), data.end(), 0));
  return zeros + 4 * (data.size() - zeros);
}

/// What a call costs that runs no code: the floor of EIP-7623.
std::uint64_t gas_without_execution(const base::Bytes& data) {
  return 21'000 + 10 * calldata_tokens(data);
}

/// Whether so much is sent that the floor is above all that running it can cost: 4 gas a token, 8
/// an octet for the event, and a million for the rest. Then it makes no difference.
bool floor_decides(const base::Bytes& data) {
  const std::uint64_t running = 21'000 + 4 * calldata_tokens(data) + 8 * data.size() + 1'000'000;
  return gas_without_execution(data) >= running;
}

/// Whether the transaction raises its account's nonce twice: once by itself, and once by the
/// authorization in it.
bool delegates_itself(const JournalEntry& entry) {
  const auto list =
      eth::decode_transaction(entry.latest_raw_transaction()).transaction.authorizations;
  return std::any_of(list.begin(), list.end(), [&](const eth::Authorization& authorization) {
    return authorization.authority() == entry.deployer;
  });
}

bool waits_in_pool(const Services& services, const JournalEntry& entry) {
  const auto answers = services.rpc.batch({chain::get_transaction_by_hash(entry.latest_hash())});
  const auto* found = std::get_if<base::Json>(&answers.front());
  return found != nullptr && found->is_object() && (*found)["blockNumber"].is_null();
}

/// Nodes that do not know the third parameter say so in several ways, or estimate as if it were not
/// there: then no code runs, and the figure is that of the calldata alone.
bool minds_no_override(const chain::RpcResult& result, const base::Bytes& data) {
  if (const auto* value = std::get_if<base::Json>(&result)) {
    // Nodes round an estimate up by as much as 1.5 %.
    return !floor_decides(data) &&
           chain::read_u64(*value) <= gas_without_execution(data) * 103 / 100;
  }
  const auto& error = std::get<chain::RpcError>(result);
  const std::string message = base::to_lower(error.message);
  return error.code == kInvalidParams || message.find("too many arguments") != std::string::npos ||
         message.find("override") != std::string::npos;
}

/// What a contract does with a call that it does not know, passed on by a delegation as it is or as
/// ExecutionFailed().
bool gives_no_reason(const chain::RpcError& error) {
  if (!error.data || error.data->empty()) return true;
  const auto wrapped = eth::abi_selector("ExecutionFailed()");
  return std::equal(wrapped.begin(), wrapped.end(), error.data->begin(), error.data->end());
}

/// geth's words for an estimate above the cap, and those for a limit above it.
bool says_too_much_gas(const chain::RpcError& error) {
  const std::string text = base::to_lower(error.message);
  return text.find("exceeds allowance (" + std::to_string(eth::kMaxTransactionGas) + ")") !=
             std::string::npos ||
         text.find("gas limit too high") != std::string::npos;
}

}  // namespace

std::uint64_t next_nonce(const Services& services, const eth::Address& account,
                         std::uint64_t pending) {
  const Journal journal(services.paths.state, services.environment.name);
  for (const JournalEntry& entry : journal.all()) {
    const bool is_before = entry.deployer == account && entry.nonce + 1 == pending;
    if (!is_before || entry.raw_transaction.empty() || !delegates_itself(entry)) continue;
    if (waits_in_pool(services, entry)) return pending + 1;
  }
  return pending;
}

std::uint64_t gas_or_throw(const chain::RpcResult& result) {
  if (const auto* value = std::get_if<base::Json>(&result)) return chain::read_u64(*value);
  const auto& error = std::get<chain::RpcError>(result);
  if (const auto revert = revert_of(error)) {
    if (gives_no_reason(error)) {
      throw UnknownCall(Category::kTransaction, "chain.would_revert",
                        "the contract would refuse the transaction: " + revert->message,
                        revert->hint);
    }
    throw Error(Category::kTransaction, "chain.would_revert",
                "the contract would refuse the transaction: " + revert->message, revert->hint);
  }
  if (says_too_much_gas(error)) {
    throw Error(Category::kUsage, "deploy.too_much_gas",
                "the transaction needs more than the " + std::to_string(eth::kMaxTransactionGas) +
                    " gas that the network accepts in one transaction (EIP-7825): " +
                    base::printable_line(error.message),
                "put less into the env file; nothing was sent");
  }
  throw Error(Category::kNetwork, "chain.estimate_failed",
              "the node could not estimate the gas: " + base::printable_line(error.message),
              "try another node: --rpc-url URL");
}

std::optional<Revert> revert_of(const chain::RpcError& error) {
  const bool said = error.code == kExecutionReverted ||
                    base::to_lower(error.message).find("revert") != std::string::npos;
  if (!said && !error.data) return std::nullopt;
  const auto reason = error.data ? platform::explain_revert(*error.data) : std::nullopt;
  if (!reason) {
    return Revert{"it gave no reason (" + base::printable_line(error.message) + ")",
                  "check the environment: ecloud compute environment show"};
  }
  return Revert{reason->meaning + " (" + reason->name + ")", reason->hint};
}

Delegation delegation_of(const base::Bytes& code, const eth::Address& delegator) {
  if (code.empty()) return Delegation::kMissing;
  const auto target = eth::delegation_target(code);
  if (!target) {
    throw Error(Category::kFailure, "deploy.not_an_account",
                "the deployer's address holds a contract, not an account",
                "deploy with the key of an ordinary account");
  }
  return *target == delegator ? Delegation::kInPlace : Delegation::kForeign;
}

eth::Transaction batch_transaction(const Services& services, const eth::Address& account,
                                   const AccountSnapshot& chain,
                                   const std::vector<platform::Call>& calls) {
  eth::Transaction transaction;
  transaction.chain_id = eth::U256(services.environment.chain_id);
  transaction.nonce = next_nonce(services, account, chain.nonce);
  transaction.max_priority_fee_per_gas = chain.fees.max_priority_fee_per_gas;
  transaction.max_fee_per_gas = chain.fees.max_fee_per_gas;
  transaction.to = account;
  transaction.data = platform::encode_execute(calls);
  return transaction;
}

void authorize(eth::Transaction& transaction, const Signer& deployer,
               const eth::Address& delegator) {
  // The account's nonce has risen by one when its authorization is processed (EIP-7702).
  transaction.authorizations = {eth::sign_authorization(deployer.key, transaction.chain_id,
                                                        delegator, transaction.nonce + 1)};
}

std::uint64_t estimate_batch(const Services& services, const Signer& deployer,
                             const eth::Transaction& transaction, Delegation delegation,
                             bool may_sign) {
  const eth::Address& delegator = services.environment.delegator;
  if (delegation == Delegation::kInPlace) {
    return gas_or_throw(
        services.rpc.batch({chain::estimate_gas(deployer.address, transaction)}).front());
  }
  const chain::RpcResult supposed =
      services.rpc.batch({estimate_as_delegated(deployer.address, transaction, delegator)}).front();
  const auto* error = std::get_if<chain::RpcError>(&supposed);
  const bool reverted = error != nullptr && error->code == kExecutionReverted;
  if (reverted || !minds_no_override(supposed, transaction.data)) {
    return gas_or_throw(supposed) + kAuthorizationGas;
  }
  // Nobody has agreed yet to replace a delegation.
  if (!may_sign || delegation == Delegation::kForeign) {
    throw Error(Category::kNetwork, "chain.no_overrides",
                "the node cannot estimate for an account that is not delegated yet without a "
                "signature, and nothing is signed for a dry run or to replace a delegation",
                "try another node: --rpc-url URL");
  }
  eth::Transaction authorized = transaction;
  authorize(authorized, deployer, delegator);
  return gas_or_throw(
      services.rpc.batch({chain::estimate_gas(deployer.address, authorized)}).front());
}

}  // namespace ecloud::deploy
