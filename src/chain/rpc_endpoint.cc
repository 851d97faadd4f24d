#include "chain/rpc_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "chain/chain_names.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/net/retry.h"

namespace ecloud::chain {
namespace {

/// A node answers within a second; another URL may be waiting.
constexpr base::Milliseconds kTimeout{20'000};
constexpr base::Milliseconds kConnectTimeout{5'000};

/// Keys of RPC providers have 32 characters; shorter parts of a path are words.
constexpr std::size_t kShortestKey = 16;

std::vector<std::string> keys_in(std::string_view url) {
  std::vector<std::string> keys;
  while (!url.empty()) {
    const std::size_t end = std::min(url.find_first_of("/?&=@:#"), url.size());
    if (end >= kShortestKey) keys.emplace_back(url.substr(0, end));
    url.remove_prefix(std::min(end + 1, url.size()));
  }
  return keys;
}

/// All of a URL but scheme, host and port.
std::vector<std::string> keys_of(const std::string& url) {
  const std::size_t host = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", host), url.size());
  const std::string authority = url.substr(host, path - host);
  std::vector<std::string> keys = keys_in(std::string_view(url).substr(path));
  if (const std::size_t at = authority.rfind('@'); at != std::string::npos) {
    for (std::string& key : keys_in(authority.substr(0, at))) keys.push_back(std::move(key));
  }
  return keys;
}

bool is_html(std::string_view body) {
  const std::string_view start = base::trim(body);
  return !start.empty() && start.front() == '<';
}

EndpointFailure no_answer(const Error& error, const std::string& origin) {
  EndpointFailure out;
  const std::string prefix = origin + ": ";
  out.reason = error.message();
  if (out.reason.rfind(prefix, 0) == 0) out.reason.erase(0, prefix.size());
  const std::string& code = error.code();
  out.maybe_delivered =
      code != "net.resolve" && code != "net.refused" && code != "net.tls" && code != "net.proxy";
  if (code == "net.tls" || code == "net.proxy") out.hint = error.hint();
  return out;
}

EndpointFailure wrong_chain(const std::string& reason) {
  EndpointFailure out;
  out.reason = reason;
  out.maybe_delivered = false;
  out.wrong_chain = true;
  return out;
}

EndpointFailure rate_limited(const std::string& message) {
  EndpointFailure out;
  out.reason = "limits our rate: " + message;
  out.maybe_delivered = false;
  return out;
}

bool has_id(const base::Json& answer) {
  return answer["id"].is_number() || answer["id"].is_string();
}

std::string methods_of(const std::vector<RpcCall>& calls) {
  std::vector<std::string> names;
  for (const RpcCall& call : calls) names.push_back(call.method);
  return base::join(names, ", ");
}

}  // namespace

RpcEndpoint::RpcEndpoint(net::Transport& transport, base::Clock& clock, const base::Log& log,
                         std::string url, std::uint64_t chain_id)
    : transport_(transport),
      clock_(clock),
      log_(log),
      url_(std::move(url)),
      origin_(base::url_origin(url_)),
      chain_id_(chain_id),
      keys_(keys_of(url_)) {}

std::vector<RpcResult> RpcEndpoint::ask(const std::vector<RpcCall>& calls, bool changes_state) {
  try {
    std::vector<RpcResult> results = ask_unguarded(calls, changes_state);
    for (RpcResult& result : results) hide_keys(result);
    return results;
  } catch (EndpointFailure& failure) {
    failure.reason = without_keys(failure.reason);
    for (auto& result : failure.answered) {
      if (result) hide_keys(*result);
    }
    log_.write("rpc", origin_ + ": " + failure.reason);
    throw;
  }
}

std::vector<RpcResult> RpcEndpoint::ask_unguarded(const std::vector<RpcCall>& calls,
                                                  bool changes_state) {
  {
    const std::lock_guard lock(mutex_);
    if (!wrong_chain_.empty()) throw wrong_chain(wrong_chain_);
  }
  const RpcCall chain_id{"eth_chainId", base::Json::array()};
  if (changes_state && !chain_is_right_) {
    const std::vector<RpcResult> answer = exchange({chain_id});
    refuse_busy(answer.front());
    check_chain(answer.front());
  }
  std::vector<RpcResult> results;
  if (chain_is_right_) {
    results = exchange(calls, !changes_state);
  } else {
    std::vector<RpcCall> all = {chain_id};
    all.insert(all.end(), calls.begin(), calls.end());
    results = exchange(all);
    refuse_busy(results.front());
    check_chain(results.front());
    results.erase(results.begin());
  }
  refuse_busy(calls, results);
  return results;
}

std::vector<RpcResult> RpcEndpoint::exchange(const std::vector<RpcCall>& calls,
                                             bool safe_to_repeat) {
  log_.write("rpc", origin_ + ": " + methods_of(calls));
  if (calls.size() == 1) return {exchange_one(calls.front(), safe_to_repeat)};
  return exchange_batches(calls);
}

std::vector<RpcResult> RpcEndpoint::exchange_batches(const std::vector<RpcCall>& calls) {
  std::size_t size = std::min<std::size_t>(batch_size_, calls.size());
  const auto part = [&](std::size_t begin) {
    const auto first = calls.begin() + static_cast<std::ptrdiff_t>(begin);
    return std::vector<RpcCall>(
        first, first + static_cast<std::ptrdiff_t>(std::min(size, calls.size() - begin)));
  };
  std::vector<std::vector<RpcResult>> answered(1);
  bool refused = false;
  while (size > 1) {
    BatchAnswer answer = exchange_batch(part(0));
    if (answer.results) {
      answered[0] = std::move(*answer.results);
      break;
    }
    refused = true;
    size = std::min(answer.next_size, size - 1);
    // A node that is broken gets no flood of single requests.
    if (size <= 1 && answer.may_be_broken) answered[0] = {exchange_one(calls.front())};
  }
  if (size <= 1 && answered[0].empty()) {
    answered[0] = exchange_singly(calls);
  } else {
    const std::size_t done = answered[0].size();
    for (std::size_t begin = done; begin < calls.size(); begin += size) answered.emplace_back();
    std::vector<std::function<void()>> tasks;
    for (std::size_t i = 1; i < answered.size(); ++i) {
      tasks.push_back([this, &answered, &part, i, begin = done + (i - 1) * size] {
        answered[i] = exchange_part(part(begin));
      });
    }
    base::run_concurrently(std::move(tasks));
  }
  if (refused) batch_size_ = size;
  std::vector<RpcResult> results;
  for (auto& some : answered) std::move(some.begin(), some.end(), std::back_inserter(results));
  return results;
}

std::vector<RpcResult> RpcEndpoint::exchange_part(const std::vector<RpcCall>& calls) {
  if (calls.size() == 1) return {exchange_one(calls.front())};
  BatchAnswer answer = exchange_batch(calls);
  if (answer.results) return std::move(*answer.results);
  EndpointFailure failure;
  failure.reason = "refuses a batch as long as one that it took";
  throw failure;
}

RpcEndpoint::BatchAnswer RpcEndpoint::exchange_batch(const std::vector<RpcCall>& calls) {
  const net::Response response = post_unchecked(encode_batch(calls), true);
  const bool server_error = response.status == 500;
  if (!server_error) refuse_failure(response);
  const std::optional<base::Json> answer = parse(response);
  const bool client_error = response.status >= 400 && response.status < 500;
  if (!answer && !client_error && !server_error) throw refused(response);
  if (answer && !server_error && !refuses_batch(*answer, calls.size())) {
    return {.results = decode_batch(*answer, calls.size())};
  }
  const base::Json lone =
      answer && answer->is_array() ? answer->at(0) : answer.value_or(base::Json());
  const std::string message = error_message(lone).value_or("");
  const bool is_about_batch = base::to_lower(message).find("batch") != std::string::npos;
  const RpcError error{error_code(lone), message, std::nullopt};
  if (response.ok() && !is_about_batch && is_rate_limit(error)) {
    throw rate_limited(message.empty() ? "no reason given" : message);
  }
  log_.write("rpc", origin_ + ": refuses a batch of " + std::to_string(calls.size()) + " calls");
  return {.results = std::nullopt,
          .next_size = is_about_batch ? shorter_batch(message, calls.size()) : 1,
          .may_be_broken = server_error};
}

std::vector<RpcResult> RpcEndpoint::exchange_singly(const std::vector<RpcCall>& calls) {
  std::vector<RpcResult> results(calls.size());
  std::vector<std::function<void()>> tasks;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    tasks.push_back([this, &results, &calls, i] { results[i] = exchange_one(calls[i]); });
  }
  base::run_concurrently(std::move(tasks));
  return results;
}

RpcResult RpcEndpoint::exchange_one(const RpcCall& call, bool safe_to_repeat) {
  const net::Response response = post(encode_call(call, 1), safe_to_repeat);
  const std::optional<base::Json> answer = parse(response);
  if (!answer || !answer->is_object() || (!response.ok() && !has_id(*answer))) {
    throw refused(response);
  }
  return decode_answer(*answer, 1);
}

/// An answer that may hold JSON-RPC; some nodes send error objects with a status of 400.
net::Response RpcEndpoint::post(std::string body, bool safe_to_repeat) {
  net::Response response = post_unchecked(std::move(body), safe_to_repeat);
  refuse_failure(response);
  return response;
}

void RpcEndpoint::refuse_failure(const net::Response& response) const {
  const bool client_error = response.status >= 400 && response.status < 500;
  if (response.status == 429 || !(response.ok() || client_error)) throw refused(response);
}

net::Response RpcEndpoint::post_unchecked(std::string body, bool safe_to_repeat) {
  net::Request request;
  request.method = "POST";
  request.url = url_;
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = std::move(body);
  request.timeout = kTimeout;
  request.connect_timeout = kConnectTimeout;
  request.secret_path = true;
  request.safe_to_repeat = safe_to_repeat;
  try {
    return transport_.send(request);
  } catch (const Error& error) {
    if (error.category() != Category::kNetwork) throw;
    throw no_answer(error, origin_);
  }
}

std::optional<base::Json> RpcEndpoint::parse(const net::Response& response) const {
  try {
    return base::Json::parse(response.body, origin_);
  } catch (const Error&) {
    return std::nullopt;
  }
}

EndpointFailure RpcEndpoint::refused(const net::Response& response) const {
  EndpointFailure out;
  out.maybe_delivered = response.ok() || response.status >= 500;
  out.retry_after = net::retry_after(response, clock_.unix_seconds());
  if (!response.ok()) {
    out.reason = fmt::format("answered {}", response.status);
    const std::optional<base::Json> answer = parse(response);
    if (answer) {
      if (const auto message = error_message(*answer)) out.reason += ": " + *message;
    }
  } else if (base::trim(response.body).empty()) {
    out.reason = "answered nothing";
  } else if (is_html(response.body)) {
    out.reason = "answered with a web page instead of JSON-RPC";
  } else {
    out.reason = "answered with something that is not JSON-RPC";
  }
  return out;
}

void RpcEndpoint::check_chain(const RpcResult& answer) {
  EndpointFailure failure;
  failure.maybe_delivered = false;
  if (const RpcError* error = std::get_if<RpcError>(&answer)) {
    failure.reason = "refuses eth_chainId: " + error->message;
    throw failure;
  }
  std::uint64_t found = 0;
  try {
    found = read_u64(std::get<base::Json>(answer));
  } catch (const Error&) {
    failure.reason = "answered eth_chainId with something that is no number";
    throw failure;
  }
  if (found == chain_id_) {
    chain_is_right_ = true;
    return;
  }
  const std::lock_guard lock(mutex_);
  wrong_chain_ = "is on chain " + chain_in_words(found) + ", not " + chain_in_words(chain_id_);
  throw wrong_chain(wrong_chain_);
}

void RpcEndpoint::refuse_busy(const RpcResult& result) {
  const RpcError* error = std::get_if<RpcError>(&result);
  if (error == nullptr) return;
  if (is_rate_limit(*error)) throw rate_limited(error->message);
  if (!is_unavailable(*error)) return;
  EndpointFailure failure;
  failure.reason = "cannot answer now: " + error->message;
  throw failure;
}

/// The other answers are kept for a rate limit only: a member that fails because the node lacks a
/// block or a state makes all of them doubtful.
void RpcEndpoint::refuse_busy(const std::vector<RpcCall>& calls, std::vector<RpcResult>& results) {
  std::optional<EndpointFailure> limited;
  std::vector<std::optional<RpcResult>> answered(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const RpcError* error = std::get_if<RpcError>(&results[i]);
    if (error != nullptr && is_range_of_logs(calls[i]) && !says_too_often(*error)) {
      // The caller splits the range.
      answered[i] = std::move(results[i]);
      continue;
    }
    if (error != nullptr && is_rate_limit(*error)) {
      if (!limited) limited = rate_limited(error->message);
      continue;
    }
    refuse_busy(results[i]);
    answered[i] = std::move(results[i]);
  }
  if (!limited) {
    for (std::size_t i = 0; i < results.size(); ++i) results[i] = std::move(*answered[i]);
    return;
  }
  limited->answered = std::move(answered);
  throw EndpointFailure(*limited);
}

void RpcEndpoint::hide_keys(RpcResult& result) const {
  if (RpcError* error = std::get_if<RpcError>(&result)) {
    error->message = without_keys(error->message);
  }
}

std::string RpcEndpoint::without_keys(std::string text) const {
  for (const std::string& key : keys_) {
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key)) {
      text.replace(at, key.size(), "...");
    }
  }
  return text;
}

}  // namespace ecloud::chain
