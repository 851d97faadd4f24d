#pragma once

#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "chain/rpc_wire.h"
#include "ecloud/chain/rpc_client.h"

namespace ecloud::chain {

/// One URL, and what has been learned about it. Thread-safe.
class RpcEndpoint {
 public:
  /// All outlive the endpoint.
  RpcEndpoint(net::Transport& transport, base::Clock& clock, const base::Log& log, std::string url,
              std::uint64_t chain_id);

  /// One attempt, without retries: answers in the order of `calls`. The first also asks for the
  /// chain id: in the same batch, or before it when `changes_state`. Throws EndpointFailure, whose
  /// `answered` belongs to `calls`.
  std::vector<RpcResult> ask(const std::vector<RpcCall>& calls, bool changes_state);

  /// Scheme, host and port.
  const std::string& origin() const { return origin_; }

 private:
  /// A transaction is not `safe_to_repeat` by the transport, which would not say that it did.
  std::vector<RpcResult> exchange(const std::vector<RpcCall>& calls, bool safe_to_repeat = true);
  /// In batches as long as the node takes them.
  std::vector<RpcResult> exchange_batches(const std::vector<RpcCall>& calls);
  struct BatchAnswer {
    std::optional<std::vector<RpcResult>> results;  ///< nothing: the node refuses the batch
    std::size_t next_size = 1;                      ///< after a refusal: what to try
    bool may_be_broken = false;  ///< it was HTTP 500, which may have another cause
  };
  BatchAnswer exchange_batch(const std::vector<RpcCall>& calls);
  std::vector<RpcResult> exchange_part(const std::vector<RpcCall>& calls);
  std::vector<RpcResult> exchange_singly(const std::vector<RpcCall>& calls);
  RpcResult exchange_one(const RpcCall& call, bool safe_to_repeat = true);
  net::Response post(std::string body, bool safe_to_repeat = true);
  net::Response post_unchecked(std::string body, bool safe_to_repeat);
  void refuse_failure(const net::Response& response) const;
  std::optional<base::Json> parse(const net::Response& response) const;
  EndpointFailure refused(const net::Response& response) const;
  void check_chain(const RpcResult& answer);
  static void refuse_busy(const RpcResult& result);
  static void refuse_busy(const std::vector<RpcCall>& calls, std::vector<RpcResult>& results);
  std::vector<RpcResult> ask_unguarded(const std::vector<RpcCall>& calls, bool changes_state);
  /// Servers quote URLs, and so their keys.
  void hide_keys(RpcResult& result) const;
  std::string without_keys(std::string text) const;

  net::Transport& transport_;
  base::Clock& clock_;
  const base::Log& log_;
  const std::string url_;
  const std::string origin_;
  const std::uint64_t chain_id_;
  std::vector<std::string> keys_;  // parts of the URL that servers may echo and nobody shall see
  std::atomic<bool> chain_is_right_{false};
  std::atomic<std::size_t> batch_size_{std::numeric_limits<std::size_t>::max()};
  std::mutex mutex_;
  std::string wrong_chain_;  // the reason, once known
};

}  // namespace ecloud::chain
