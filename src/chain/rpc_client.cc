#include "ecloud/chain/rpc_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>

#include "chain/chain_names.h"
#include "chain/rpc_endpoint.h"
#include "chain/rpc_wire.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::chain {
namespace {

constexpr base::Milliseconds kFirstDelay{500};
constexpr base::Milliseconds kMaxDelay{30'000};

using Results = std::vector<RpcResult>;

/// What the URLs of one round said.
struct Round {
  std::vector<std::string> reasons;  ///< in the order of the URLs
  std::optional<base::Milliseconds> retry_after;
  bool all_on_wrong_chain = true;

  explicit Round(std::size_t urls) : reasons(urls) {}

  void note(std::size_t url, const std::string& origin, const EndpointFailure& failure) {
    reasons[url] = origin + (failure.wrong_chain ? " " : ": ") + failure.reason;
    all_on_wrong_chain = all_on_wrong_chain && failure.wrong_chain;
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

/// A node that accepts a transaction answers its hash.
void require_hash(const Results& results) {
  const base::Json* value = std::get_if<base::Json>(&results.front());
  if (value == nullptr) return;
  if (value->is_string() && base::fixed_from_hex<32>(value->as_string())) return;
  EndpointFailure failure;
  failure.reason = "answered eth_sendRawTransaction with something that is no hash";
  throw failure;
}

}  // namespace

struct RpcClient::State {
  State(net::Transport& transport, base::Clock& clock_now, const base::Log& log, RpcOptions given)
      : clock(clock_now), options(std::move(given)) {
    if (options.urls.empty()) fail_bug("an RPC client has at least one URL");
    for (const std::string& url : options.urls) {
      endpoints.push_back(
          std::make_unique<RpcEndpoint>(transport, clock, log, url, options.chain_id));
    }
  }

  /// Asks the URLs in turn, round after round. `check` may throw EndpointFailure for an answer that
  /// is none. `maybe_delivered` becomes true with the first attempt whose effect is unknown.
  Results ask(const std::vector<RpcCall>& calls, bool changes_state,
              const std::function<void(const Results&)>& check, bool& maybe_delivered) {
    base::Milliseconds delay = kFirstDelay;
    for (int attempt = 1;; ++attempt) {
      Round round(endpoints.size());
      const std::size_t first = last_good;
      for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const std::size_t url = (first + i) % endpoints.size();
        try {
          Results results = endpoints[url]->ask(calls, changes_state);
          if (check) check(results);
          last_good = url;
          return results;
        } catch (const EndpointFailure& failure) {
          maybe_delivered = maybe_delivered || failure.maybe_delivered;
          round.note(url, endpoints[url]->origin(), failure);
        }
      }
      if (round.all_on_wrong_chain || attempt >= options.max_attempts) give_up(round);
      clock.sleep(std::min(round.retry_after.value_or(delay), kMaxDelay));
      delay = std::min(delay * 2, kMaxDelay);
    }
  }

  [[noreturn]] void give_up(const Round& round) const {
    const std::string reasons = base::join(round.reasons, "; ");
    if (round.all_on_wrong_chain) {
      throw Error(Category::kNetwork, "chain.wrong_chain", reasons,
                  "give an --rpc-url of chain " + chain_in_words(options.chain_id));
    }
    throw Error(Category::kNetwork, "chain.unreachable", "the chain cannot be reached: " + reasons,
                "check your network, or give another --rpc-url");
  }

  base::Clock& clock;
  const RpcOptions options;
  std::vector<std::unique_ptr<RpcEndpoint>> endpoints;
  std::atomic<std::size_t> last_good{0};
};

RpcClient::RpcClient(net::Transport& transport, base::Clock& clock, const base::Log& log,
                     RpcOptions options)
    : state_(std::make_unique<State>(transport, clock, log, std::move(options))) {}

RpcClient::~RpcClient() = default;

std::vector<RpcResult> RpcClient::batch(const std::vector<RpcCall>& calls) {
  if (calls.empty()) return {};
  bool maybe_delivered = false;
  return state_->ask(calls, false, nullptr, maybe_delivered);
}

base::Json RpcClient::call(const std::string& method, base::Json params) {
  const std::vector<RpcResult> results = batch({{method, std::move(params)}});
  return value_or_throw(results.front(), method);
}

std::optional<Refusal> RpcClient::send_raw_transaction(base::ByteView raw) {
  const RpcCall call{"eth_sendRawTransaction", base::Json::strings({base::to_hex_prefixed(raw)})};
  bool maybe_delivered = false;
  const Results results = state_->ask({call}, true, require_hash, maybe_delivered);
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
