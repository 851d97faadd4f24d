#include "ecloud/chain/rpc_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>

#include "chain/answer_check.h"
#include "chain/chain_names.h"
#include "chain/rpc_endpoint.h"
#include "chain/rpc_wire.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/eth/transaction.h"

namespace ecloud::chain {
namespace {

constexpr base::Milliseconds kFirstDelay{500};
constexpr base::Milliseconds kMaxDelay{30'000};

/// More than a slot of Ethereum: nodes that are behind for longer are broken.
constexpr base::Milliseconds kBehindPatience{15'000};

using Results = std::vector<RpcResult>;
/// What one URL has answered of a batch so far, in the order of the calls; empty: nothing.
using PartialResults = std::vector<std::optional<RpcResult>>;

/// What the URLs of one round said.
struct Round {
  std::vector<std::string> reasons;  ///< in the order of the URLs
  std::string hint;                  ///< the first one
  std::optional<base::Milliseconds> retry_after;
  bool all_on_wrong_chain = true;
  bool any_behind = false;
  bool any_bad_answer = false;
  bool any_lacks_logs = false;

  explicit Round(std::size_t urls) : reasons(urls) {}

  void note(std::size_t url, const std::string& origin, const EndpointFailure& failure) {
    const bool about_node =
        failure.wrong_chain || failure.behind || failure.bad_answer || failure.lacks_logs;
    reasons[url] = origin + (about_node ? " " : ": ") + failure.reason;
    if (hint.empty()) hint = failure.hint;
    all_on_wrong_chain = all_on_wrong_chain && failure.wrong_chain;
    any_behind = any_behind || failure.behind;
    any_bad_answer = any_bad_answer || failure.bad_answer;
    any_lacks_logs = any_lacks_logs || failure.lacks_logs;
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

/// The pool rule for delegated accounts: geth and reth; nethermind; geth for an account that
/// another's authorization waits for.
bool says_account_is_busy(const std::string& message) {
  const std::string text = base::to_lower(message);
  const auto has = [&](const char* words) { return text.find(words) != std::string::npos; };
  return has("in-flight transaction limit") || has("gapped-nonce tx") ||
         has("notcurrentnoncefordelegation") || has("delegatorhaspendingtx") ||
         has("authority already reserved");
}

/// 0 for what is not a transaction.
eth::U256 tip_of(base::ByteView raw) {
  try {
    return eth::decode_transaction(raw).transaction.max_priority_fee_per_gas;
  } catch (const Error&) {
    return {};
  }
}

/// The tip that a refusal asks for. geth: "gas tip cap 0, minimum needed 1"; reth: "below minimum
/// required priority fee 1". Others only say that it is too low: then it is doubled, and at least
/// 1 gwei. Nothing for what is never paid.
std::optional<eth::U256> demanded_tip(const std::string& message, base::ByteView raw) {
  const std::string text = base::to_lower(message);
  const auto has = [&](const char* words) { return text.find(words) != std::string::npos; };
  if (says_nonce_in_pool(message)) return std::nullopt;
  const bool too_low = has("underpriced") || has("feetoolow") || has("priority fee below") ||
                       has("gas price below") || has("gas tip cap");
  if (!too_low) return std::nullopt;
  const eth::U256 most = eth::U256(kMaxTipGwei) * eth::U256(eth::kWeiPerGwei);
  std::optional<eth::U256> tip;
  for (const std::string_view before : {"minimum needed ", "required priority fee "}) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) continue;
    const std::string rest = text.substr(at + before.size());
    tip = eth::U256::from_decimal(rest.substr(0, rest.find_first_not_of("0123456789")));
  }
  if (!tip) {
    const eth::U256 ours = tip_of(raw);
    tip = std::max(ours + ours, eth::U256(eth::kWeiPerGwei));
  }
  return *tip > most ? std::nullopt : tip;
}

/// Where an empty array is no answer, or not one to be content with.
struct Emptiness {
  bool required = false;
  std::string reason;
};
std::optional<Emptiness> find_emptiness(const std::vector<RpcCall>& calls, const Results& results) {
  std::optional<Emptiness> out;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const base::Json* value = std::get_if<base::Json>(&results[i]);
    const bool is_empty = value != nullptr && value->is_array() && value->size() == 0;
    if (!is_empty || calls[i].entries == EntriesOf::kAny) continue;
    const auto block =
        eth::U256::from_hex(calls[i].params.at(0)["fromBlock"].opt_string().value_or(""));
    const bool required = calls[i].entries == EntriesOf::kRequired;
    if (out && !required) continue;
    out = Emptiness{required, "has no logs of block " + (block ? block->to_decimal() : "?") +
                                  ", which holds an event"};
    if (required) return out;
  }
  return out;
}

EndpointFailure bad_answer(std::string reason) {
  EndpointFailure failure;
  failure.reason = std::move(reason);
  failure.bad_answer = true;
  return failure;
}

/// Whether a node refused a call for a reason that may be its own.
bool is_doubtful(const std::vector<RpcCall>& calls, const Results& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const RpcError* error = std::get_if<RpcError>(&results[i]);
    if (error != nullptr && !is_about_call(*error) && !is_range_of_logs(calls[i])) return true;
  }
  return false;
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

  /// Asks a URL for what `kept` lacks, which afterwards has all that the URL has answered. The
  /// answers of different URLs are never mixed: one node may know less than another.
  static Results ask_rest(RpcEndpoint& endpoint, const std::vector<RpcCall>& calls,
                          bool changes_state, PartialResults& kept) {
    kept.resize(calls.size());
    std::vector<RpcCall> rest;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (kept[i]) continue;
      rest.push_back(calls[i]);
      places.push_back(i);
    }
    try {
      Results results = endpoint.ask(rest, changes_state);
      for (std::size_t i = 0; i < places.size(); ++i) kept[places[i]] = std::move(results[i]);
    } catch (EndpointFailure& failure) {
      for (std::size_t i = 0; i < failure.answered.size(); ++i) {
        if (failure.answered[i]) kept[places[i]] = std::move(failure.answered[i]);
      }
      throw;
    }
    Results out;
    for (const auto& result : kept) out.push_back(*result);
    return out;
  }

  /// Asks the URLs in turn, round after round; a URL that limited its rate for some of the calls is
  /// asked again for those only. `check` throws EndpointFailure for an answer that is
  /// none. `maybe_delivered` becomes true with the first attempt whose effect is unknown.
  /// A refusal that may be the node's own is the answer only when no URL of a round has another
  /// one. `fallback`, when `check` has put something there, is the answer when no URL of a round
  /// has a better one.
  Results ask(const std::vector<RpcCall>& calls, bool changes_state,
              const std::function<void(const Results&)>& check, bool& maybe_delivered,
              const std::optional<Results>& fallback = std::nullopt) {
    base::Milliseconds delay = kFirstDelay;
    const base::Milliseconds start = clock.monotonic();
    std::vector<PartialResults> kept(endpoints.size());
    for (int attempt = 1;; ++attempt) {
      Round round(endpoints.size());
      std::optional<Results> doubtful;
      const std::size_t first = last_good;
      for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const std::size_t url = (first + i) % endpoints.size();
        try {
          Results results = ask_rest(*endpoints[url], calls, changes_state, kept[url]);
          kept[url].clear();
          check_results(url, results, check);
          // Another node may have the method or the access that this one lacks.
          if (endpoints.size() > 1 && is_doubtful(calls, results)) {
            log.write("rpc", endpoints[url]->origin() + " refuses a call; the next node is asked");
            if (!doubtful) doubtful = std::move(results);
            continue;
          }
          last_good = url;
          return results;
        } catch (const EndpointFailure& failure) {
          maybe_delivered = maybe_delivered || failure.maybe_delivered;
          round.note(url, endpoints[url]->origin(), failure);
        }
      }
      if (doubtful) return *doubtful;
      if (fallback) return *fallback;
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
    if (round.any_lacks_logs) {
      throw Error(Category::kNetwork, "chain.logs_missing",
                  "no node has the logs that are needed: " + reasons,
                  "free nodes do not keep all logs; give another --rpc-url");
    }
    if (round.any_bad_answer) {
      throw Error(Category::kNetwork, "chain.bad_answer",
                  "no node gives an answer that can be used: " + reasons, "give another --rpc-url");
    }
    throw Error(Category::kNetwork, "chain.unreachable", "the chain cannot be reached: " + reasons,
                round.hint.empty() ? "check your network, or give another --rpc-url" : round.hint);
  }

  base::Clock& clock;
  const base::Log& log;
  const RpcOptions options;
  std::vector<std::unique_ptr<RpcEndpoint>> endpoints;
  std::atomic<std::size_t> last_good{0};
  std::atomic<std::uint64_t> wanted_block{0};
  std::mutex mutex;
  eth::U256 least_tip;  ///< what refusals have demanded
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
  std::optional<Results> fallback;
  const auto check = [&](const Results& results) {
    if (wanted > 0) refuse_behind(results.back(), wanted);
    refuse_contradictions(calls, results);
    const auto emptiness = find_emptiness(calls, results);
    if (!emptiness) return;
    if (!emptiness->required) fallback = results;
    EndpointFailure failure;
    failure.reason = emptiness->reason;
    failure.lacks_logs = true;
    throw failure;
  };
  bool maybe_delivered = false;
  Results results = state_->ask(asked, false, check, maybe_delivered, fallback);
  results.resize(calls.size());
  raise_tips(calls, results);
  return results;
}

void RpcClient::raise_tips(const std::vector<RpcCall>& calls,
                           std::vector<RpcResult>& results) const {
  const std::lock_guard lock(state_->mutex);
  if (state_->least_tip.is_zero()) return;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].method != "eth_maxPriorityFeePerGas") continue;
    const base::Json* value = std::get_if<base::Json>(&results[i]);
    const auto tip = value != nullptr && value->is_string()
                         ? eth::U256::from_hex(value->as_string())
                         : std::optional<eth::U256>();
    if (!tip || *tip < state_->least_tip) results[i] = base::Json(state_->least_tip.to_hex());
  }
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
  Refusal refusal{*error, maybe_delivered, nonce_too_low, says_nonce_in_pool(error->message)};
  refusal.account_is_busy = says_account_is_busy(error->message);
  refusal.demanded_tip = demanded_tip(error->message, raw);
  if (refusal.demanded_tip) {
    const std::lock_guard lock(state_->mutex);
    state_->least_tip = std::max(state_->least_tip, *refusal.demanded_tip);
  }
  return refusal;
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
