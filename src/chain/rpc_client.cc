#include "ecloud/chain/rpc_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>

#include "chain/answer_check.h"
#include "chain/chain_names.h"
#include "chain/rpc_endpoint.h"
#include "chain/rpc_wire.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/eth/u256.h"

namespace ecloud::chain {
namespace {

constexpr base::Milliseconds kFirstDelay{500};
constexpr base::Milliseconds kMaxDelay{30'000};

/// More than a slot of Ethereum: nodes that are behind for longer are broken.
constexpr base::Milliseconds kBehindPatience{15'000};

using Results = std::vector<RpcResult>;

/// What the URLs of one round said.
struct Round {
  std::vector<std::string> reasons;  ///< in the order of the URLs
  std::optional<base::Milliseconds> retry_after;
  bool all_on_wrong_chain = true;
  bool any_behind = false;
  bool any_bad_answer = false;

  explicit Round(std::size_t urls) : reasons(urls) {}

  void note(std::size_t url, const std::string& origin, const EndpointFailure& failure) {
    const bool about_node = failure.wrong_chain || failure.behind || failure.bad_answer;
    reasons[url] = origin + (about_node ? " " : ": ") + failure.reason;
    all_on_wrong_chain = all_on_wrong_chain && failure.wrong_chain;
    any_behind = any_behind || failure.behind;
    any_bad_answer = any_bad_answer || failure.bad_answer;
    if (failure.retry_after) {
      retry_after = std::min(retry_after.value_or(*failure.retry_after), *failure.retry_after);
    }
  }
};

/// The words of nodes for a transaction that they have: geth, erigon and reth; nethermind; besu;
/// anvil and OpenEthereum.
bool says_already_known(const std::string& message) {
  const std::string text = base::to_lower(message);
  const auto has = [&](const char* words) { return text.find(words) != std::string::npos; };
  return has("already known") || has("alreadyknown") || has("known transaction") ||
         has("already imported");
}

bool says_nonce_too_low(const std::string& message) {
  const std::string text = base::to_lower(message);
  return text.find("nonce too low") != std::string::npos ||
         text.find("nonce is too low") != std::string::npos;
}

/// geth, reth and besu; nethermind; erigon.
bool says_nonce_in_pool(const std::string& message) {
  const std::string text = base::to_lower(message);
  const auto has = [&](const char* words) { return text.find(words) != std::string::npos; };
  return has("replacement transaction underpriced") || has("replacementnotallowed") ||
         has("could not replace existing");
}

EndpointFailure bad_answer(std::string reason) {
  EndpointFailure failure;
  failure.reason = std::move(reason);
  failure.bad_answer = true;
  return failure;
}

void refuse_contradictions(const std::vector<RpcCall>& calls, const Results& results) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const base::Json* value = std::get_if<base::Json>(&results[i]);
    const auto reason = value != nullptr ? contradiction(calls[i], *value) : std::nullopt;
    if (reason) throw bad_answer(*reason);
  }
}

/// `answer` is that to eth_blockNumber.
void refuse_behind(const RpcResult& answer, std::uint64_t wanted) {
  const base::Json* value = std::get_if<base::Json>(&answer);
  const auto number = value != nullptr && value->is_string()
                          ? eth::U256::from_hex(value->as_string())
                          : std::nullopt;
  if (!number) throw bad_answer("answered eth_blockNumber with something that is no number");
  if (*number >= eth::U256(wanted)) return;
  EndpointFailure failure;
  failure.reason =
      fmt::format("is at block {} and has not seen block {}", number->to_decimal(), wanted);
  failure.behind = true;
  throw failure;
}

}  // namespace

struct RpcClient::State {
  State(net::Transport& transport, base::Clock& clock_now, const base::Log& log_to,
        RpcOptions given)
      : clock(clock_now), log(log_to), options(std::move(given)) {
    if (options.urls.empty()) fail_bug("an RPC client has at least one URL");
    for (const std::string& url : options.urls) {
      endpoints.push_back(
          std::make_unique<RpcEndpoint>(transport, clock, log, url, options.chain_id));
    }
  }

  /// Asks the URLs in turn, round after round. `check` throws EndpointFailure for an answer that is
  /// none. `maybe_delivered` becomes true with the first attempt whose effect is unknown.
  Results ask(const std::vector<RpcCall>& calls, bool changes_state,
              const std::function<void(const Results&)>& check, bool& maybe_delivered) {
    base::Milliseconds delay = kFirstDelay;
    const base::Milliseconds start = clock.monotonic();
    for (int attempt = 1;; ++attempt) {
      Round round(endpoints.size());
      const std::size_t first = last_good;
      for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const std::size_t url = (first + i) % endpoints.size();
        try {
          Results results = endpoints[url]->ask(calls, changes_state);
          check_results(url, results, check);
          last_good = url;
          return results;
        } catch (const EndpointFailure& failure) {
          maybe_delivered = maybe_delivered || failure.maybe_delivered;
          round.note(url, endpoints[url]->origin(), failure);
        }
      }
      const bool may_catch_up = round.any_behind && clock.monotonic() - start < kBehindPatience;
      if (round.all_on_wrong_chain || (attempt >= options.max_attempts && !may_catch_up)) {
        give_up(round);
      }
      clock.sleep(std::min(round.retry_after.value_or(delay), kMaxDelay));
      delay = std::min(delay * 2, kMaxDelay);
    }
  }

  void check_results(std::size_t url, const Results& results,
                     const std::function<void(const Results&)>& check) const {
    try {
      check(results);
    } catch (const EndpointFailure& failure) {
      log.write("rpc", endpoints[url]->origin() + " " + failure.reason);
      throw;
    }
  }

  [[noreturn]] void give_up(const Round& round) const {
    const std::string reasons = base::join(round.reasons, "; ");
    if (round.all_on_wrong_chain) {
      throw Error(Category::kNetwork, "chain.wrong_chain", reasons,
                  "give an --rpc-url of chain " + chain_in_words(options.chain_id));
    }
    if (round.any_behind) {
      throw Error(Category::kNetwork, "chain.behind", "no node is up to date: " + reasons,
                  "try again in a minute, or give another --rpc-url");
    }
    if (round.any_bad_answer) {
      throw Error(Category::kNetwork, "chain.bad_answer",
                  "no node gives an answer that can be used: " + reasons, "give another --rpc-url");
    }
    throw Error(Category::kNetwork, "chain.unreachable", "the chain cannot be reached: " + reasons,
                "check your network, or give another --rpc-url");
  }

  base::Clock& clock;
  const base::Log& log;
  const RpcOptions options;
  std::vector<std::unique_ptr<RpcEndpoint>> endpoints;
  std::atomic<std::size_t> last_good{0};
  std::atomic<std::uint64_t> wanted_block{0};
};

RpcClient::RpcClient(net::Transport& transport, base::Clock& clock, const base::Log& log,
                     RpcOptions options)
    : state_(std::make_unique<State>(transport, clock, log, std::move(options))) {}

RpcClient::~RpcClient() = default;

std::vector<RpcResult> RpcClient::batch(const std::vector<RpcCall>& calls) {
  if (calls.empty()) return {};
  const std::uint64_t wanted = state_->wanted_block;
  std::vector<RpcCall> asked = calls;
  if (wanted > 0) asked.push_back({"eth_blockNumber"});
  const auto check = [&](const Results& results) {
    if (wanted > 0) refuse_behind(results.back(), wanted);
    refuse_contradictions(calls, results);
  };
  bool maybe_delivered = false;
  Results results = state_->ask(asked, false, check, maybe_delivered);
  results.resize(calls.size());
  return results;
}

void RpcClient::require_block(std::uint64_t number) {
  std::uint64_t known = state_->wanted_block;
  while (known < number && !state_->wanted_block.compare_exchange_weak(known, number)) {
  }
}

void RpcClient::prefer_another() {
  state_->last_good = (state_->last_good + 1) % state_->endpoints.size();
}

base::Json RpcClient::call(const std::string& method, base::Json params) {
  const std::vector<RpcResult> results = batch({{method, std::move(params)}});
  return value_or_throw(results.front(), method);
}

std::optional<Refusal> RpcClient::send_raw_transaction(base::ByteView raw) {
  const RpcCall call{"eth_sendRawTransaction", base::Json::strings({base::to_hex_prefixed(raw)})};
  bool maybe_delivered = false;
  const auto check = [&](const Results& answers) {
    const base::Json* value = std::get_if<base::Json>(&answers.front());
    const auto reason = value != nullptr ? wrong_transaction_hash(raw, *value) : std::nullopt;
    if (reason) throw bad_answer(*reason);
  };
  const Results results = state_->ask({call}, true, check, maybe_delivered);
  const RpcError* error = std::get_if<RpcError>(&results.front());
  if (error == nullptr || says_already_known(error->message)) return std::nullopt;
  const bool nonce_too_low = says_nonce_too_low(error->message);
  if (maybe_delivered && nonce_too_low) return std::nullopt;
  return Refusal{*error, maybe_delivered, nonce_too_low, says_nonce_in_pool(error->message)};
}

std::uint64_t RpcClient::chain_id() const {
  return state_->options.chain_id;
}

const base::Json& value_or_throw(const RpcResult& result, const std::string& method) {
  if (const base::Json* value = std::get_if<base::Json>(&result)) return *value;
  const RpcError& error = std::get<RpcError>(result);
  throw Error(Category::kNetwork, "chain.rpc_error",
              fmt::format("{} failed: {} (code {})", method, error.message, error.code));
}

}  // namespace ecloud::chain
