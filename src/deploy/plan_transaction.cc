#include "deploy/plan_transaction.h"

#include <algorithm>
#include <utility>

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::deploy {
namespace {

/// What nodes take into their pools: txMaxSize of geth's legacy pool, and the same elsewhere.
constexpr std::size_t kMostTransactionBytes = 131'072;

/// What of a compact JWE is not ciphertext, with an RSA-4096 key: header, wrapped key, IV and tag.
constexpr std::size_t kEncryptionOverhead = 860;

/// RLP leaves the zeros before a number out, and another key's signature may have none.
std::size_t left_out(const crypto::RecoverableSignature& signature) {
  const auto zeros = [](const auto& word) {
    return static_cast<std::size_t>(
        std::find_if(word.begin(), word.end(), [](std::uint8_t byte) { return byte != 0; }) -
        word.begin());
  };
  return zeros(signature.r) + zeros(signature.s);
}

/// The most bytes that the signed transaction can have, whatever the key.
std::size_t signed_size(eth::Transaction transaction, bool has_authorization) {
  base::Bytes32 number{};
  number.back() = 1;
  const auto key = crypto::PrivateKey::from_bytes(number);
  if (!key) fail_bug("1 is a private key");
  if (has_authorization && transaction.authorizations.empty()) {
    transaction.authorizations = {
        eth::sign_authorization(*key, transaction.chain_id, transaction.to, transaction.nonce + 1)};
  }
  transaction.gas_limit = std::max(transaction.gas_limit, eth::kMaxTransactionGas);
  const eth::SignedTransaction signed_one = eth::sign_transaction(*key, std::move(transaction));
  std::size_t out = signed_one.raw.size() + left_out(signed_one.signature);
  for (const eth::Authorization& one : signed_one.transaction.authorizations) {
    out += left_out(one.signature);
  }
  return out;
}

/// Bytes of the variables in the calls, before they are encrypted.
std::size_t variable_bytes(const Services& services, const std::vector<platform::Call>& calls) {
  std::size_t out = 0;
  for (const platform::Call& call : calls) {
    for (const auto& [name, value] :
         platform::describe_call(call, services.environment).arguments) {
      if (name != "publicEnv" && name != "encryptedEnv") continue;
      const auto bytes = base::parse_decimal(value.substr(0, value.find(' '))).value_or(0);
      const auto size = static_cast<std::size_t>(bytes);
      if (name == "publicEnv") out += size;
      // Base64 makes four characters of three bytes.
      if (name == "encryptedEnv" && size > kEncryptionOverhead) {
        out += (size - kEncryptionOverhead) * 3 / 4;
      }
    }
  }
  return out;
}

std::string kib(std::size_t bytes) {
  const std::size_t tenths = bytes * 10 / 1024;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " KiB";
}

[[noreturn]] void fail_too_large(const Services& services, const TransactionPlan& plan,
                                 std::size_t size) {
  std::string message = "the transaction would be " + std::to_string(size) +
                        " bytes, and nodes accept at most " + std::to_string(kMostTransactionBytes);
  const std::size_t variables = variable_bytes(services, plan.calls);
  if (variables > 0) {
    const std::size_t excess = (size - kMostTransactionBytes) * 3 / 4;
    const std::size_t room = variables > excess ? variables - excess : 0;
    message += "; the env file's variables take up " + kib(variables) + " of it, and about " +
               kib(room) + " fit";
  }
  throw Error(Category::kUsage, "deploy.too_large", message,
              "nothing was sent; move large values out of the env file: into the image when they "
              "are public, or to where the app fetches them when it starts");
}

}  // namespace

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
  plan.calls = std::move(calls);
  if (plan.calls.size() == 1) {
    const eth::Transaction plain = plain_transaction(plan.calls.front());
    plan.transaction.to = plain.to;
    plan.transaction.value = plain.value;
    plan.transaction.data = plain.data;
    check_size(services, plan);
    plan.estimated_gas = gas_or_throw(
        estimate ? *estimate
                 : services.rpc.batch({chain::estimate_gas(signer.address, plain)}).front());
  } else {
    const Delegation delegation = delegation_of(chain.code, services.environment.delegator);
    plan.delegate = delegation != Delegation::kInPlace;
    if (delegation == Delegation::kForeign) {
      plan.replaces_delegation = eth::delegation_target(chain.code);
    }
    check_size(services, plan);
    plan.estimated_gas =
        estimate_batch(services, signer, plan.transaction, delegation, may_sign_for_estimate);
  }
  check_size(services, plan);
  plan.transaction.gas_limit = chain::gas_limit_for(plan.estimated_gas);
  plan.maximum_cost = plan.transaction.maximum_cost();
  plan.balance = chain.balance;
  plan.controller_version = chain.controller_version;
  plan.account_code = chain.code;
  check_funds(services, signer.address, plan.balance, plan.maximum_cost, what);
  return plan;
}

void check_size(const Services& services, const TransactionPlan& plan) {
  const std::size_t size = signed_size(plan.transaction, plan.delegate || plan.undelegate);
  if (size > kMostTransactionBytes) fail_too_large(services, plan, size);
  if (plan.estimated_gas <= eth::kMaxTransactionGas) return;
  throw Error(Category::kUsage, "deploy.too_much_gas",
              "the transaction needs " + std::to_string(plan.estimated_gas) +
                  " gas, and the network accepts at most " +
                  std::to_string(eth::kMaxTransactionGas) + " in one transaction (EIP-7825)",
              "put less into the env file; nothing was sent");
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
