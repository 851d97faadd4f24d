#include "deploy/chain_snapshot.h"

#include "deploy/release_encoding.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/platform/credits.h"

namespace ecloud::deploy {
namespace {

/// For nodes that cannot suggest a tip.
constexpr std::uint64_t kFallbackTipWei = 1'000'000'000;

/// How many account_calls() are.
constexpr std::size_t kAccountCalls = 5;

/// Reads answers in the order in which the calls were put into the batch.
class Answers {
 public:
  Answers(const std::vector<chain::RpcCall>& calls, std::vector<chain::RpcResult> results)
      : calls_(calls), results_(std::move(results)) {}

  const chain::RpcResult& next() { return results_.at(position_++); }
  std::span<const chain::RpcResult> next(std::size_t count) {
    position_ += count;
    return std::span<const chain::RpcResult>(results_).subspan(position_ - count, count);
  }
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

/// The calls that every snapshot begins with; read_common() reads their answers.
std::vector<chain::RpcCall> common_calls(const Services& services, const eth::Address& account) {
  std::vector<chain::RpcCall> out = account_calls(account);
  out.insert(out.begin(),
             chain::eth_call(services.environment.app_controller, platform::encode_version()));
  return out;
}

void read_common(const Services& services, Answers& answers, AccountSnapshot& out) {
  out.controller_version = controller_version(services, answers.next());
  out.generation = release_generation(services, out.controller_version);
  read_account_answers(answers.next(kAccountCalls), out);
}

platform::ChainStatus status_of(const eth::U256& number) {
  return number > eth::U256(5) ? platform::ChainStatus::kNone
                               : static_cast<platform::ChainStatus>(number.to_u64());
}

/// Controllers that know no pending releases revert.
std::optional<std::uint64_t> read_pending_block(const chain::RpcResult& result) {
  const auto* value = std::get_if<base::Json>(&result);
  if (value == nullptr) return std::nullopt;
  const base::Bytes data = chain::read_data(*value);
  if (data.empty()) return std::nullopt;
  const std::uint64_t block = platform::decode_number(data).to_u64();
  return block == 0 ? std::nullopt : std::optional(block);
}

/// Controllers before 1.4.0 revert: there the creator pays.
std::optional<eth::Address> read_billing_account(const chain::RpcResult& result) {
  const auto* value = std::get_if<base::Json>(&result);
  if (value == nullptr) return std::nullopt;
  const base::Bytes data = chain::read_data(*value);
  if (data.empty()) return std::nullopt;
  const eth::Address account = platform::decode_address(data);
  return account.is_zero() ? std::nullopt : std::optional(account);
}

}  // namespace

std::vector<chain::RpcCall> account_calls(const eth::Address& account) {
  return {
      chain::get_balance(account),
      chain::get_transaction_count(account, chain::BlockTag::kPending),
      chain::get_code(account),
      chain::latest_block(),
      chain::max_priority_fee_per_gas(),
  };
}

void read_account_answers(std::span<const chain::RpcResult> answers, AccountSnapshot& out) {
  if (answers.size() != kAccountCalls) fail_bug("an account is told by another number of answers");
  out.balance = chain::read_quantity(chain::value_or_throw(answers[0], "eth_getBalance"));
  out.nonce = chain::read_u64(chain::value_or_throw(answers[1], "eth_getTransactionCount"));
  out.code = chain::read_data(chain::value_or_throw(answers[2], "eth_getCode"));
  const chain::BlockHeader block =
      chain::read_block_header(chain::value_or_throw(answers[3], "eth_getBlockByNumber"));
  out.block_timestamp = block.timestamp;
  const auto* suggested = std::get_if<base::Json>(&answers[4]);
  out.fees = chain::suggest_fees(block.base_fee_per_gas, suggested != nullptr
                                                             ? chain::read_quantity(*suggested)
                                                             : eth::U256(kFallbackTipWei));
}

AccountSnapshot read_account(const Services& services, const eth::Address& account) {
  const std::vector<chain::RpcCall> calls = common_calls(services, account);
  Answers answers(calls, services.rpc.batch(calls));
  AccountSnapshot out;
  read_common(services, answers, out);
  return out;
}

ChainSnapshot read_chain(const Services& services, const eth::Address& account,
                         const base::Bytes32& salt, const std::optional<eth::Address>& namesake,
                         const eth::Address& payer) {
  const auto view = [&](const base::Bytes& data) {
    return chain::eth_call(services.environment.app_controller, data);
  };
  std::vector<chain::RpcCall> calls = common_calls(services, account);
  calls.push_back(view(platform::encode_calculate_app_id(account, salt)));
  calls.push_back(view(platform::encode_max_active_apps(payer)));
  calls.push_back(view(platform::encode_active_app_count(payer)));
  if (namesake) calls.push_back(view(platform::encode_app_status(*namesake)));

  Answers answers(calls, services.rpc.batch(calls));
  ChainSnapshot out;
  read_common(services, answers, out);
  out.app = platform::decode_address(answers.data("AppController"));
  out.max_active_apps = platform::decode_number(answers.data("AppController"));
  out.active_apps = platform::decode_number(answers.data("AppController"));
  if (namesake) {
    out.namesake_status = status_of(platform::decode_number(answers.data("AppController")));
  }
  return out;
}

AppSnapshot read_app(const Services& services, const eth::Address& account, const eth::Address& app,
                     const std::optional<eth::Transaction>& probe) {
  const auto view = [&](const base::Bytes& data) {
    return chain::eth_call(services.environment.app_controller, data);
  };
  std::vector<chain::RpcCall> calls = common_calls(services, account);
  calls.push_back(view(platform::encode_app_status(app)));
  calls.push_back(view(platform::encode_app_creator(app)));
  calls.push_back(view(platform::encode_latest_release_block(app)));
  calls.push_back(view(platform::encode_pending_release_block(app)));
  calls.push_back(chain::eth_call(
      services.environment.permission_controller,
      platform::encode_can_call(app, platform::anyone_appointee(),
                                platform::api_permission_target(), platform::kViewLogsPermission)));
  calls.push_back(view(platform::encode_billing_account(app)));
  if (probe) calls.push_back(chain::estimate_gas(account, *probe));

  Answers answers(calls, services.rpc.batch(calls));
  AppSnapshot out;
  read_common(services, answers, out);
  out.status = status_of(platform::decode_number(answers.data("AppController")));
  out.creator = platform::decode_address(answers.data("AppController"));
  out.latest_release_block = platform::decode_number(answers.data("AppController")).to_u64();
  const chain::RpcResult& pending = answers.next();
  out.pending_release_block = read_pending_block(pending);
  // Whatever it calls itself: without a pending slot its releases have three fields.
  if (is_revert(pending)) out.generation = platform::Generation::kThreeFields;
  out.logs_are_public = platform::decode_boolean(answers.data("PermissionController"));
  out.billing_account = read_billing_account(answers.next()).value_or(out.creator);
  if (probe) out.estimate = answers.next();
  return out;
}

}  // namespace ecloud::deploy
