#include "ecloud/chain/transaction_watch.h"

#include <algorithm>

namespace ecloud::chain {
namespace {

using base::Milliseconds;

/// What one node said at one moment.
struct Sight {
  std::optional<Receipt> receipt;
  std::uint64_t next_nonce = 0;  ///< of the latest block
  std::uint64_t head = 0;        ///< 0 when it was not asked for
};

class Watch {
 public:
  Watch(RpcClient& rpc, base::Clock& clock, const WatchedTransaction& transaction,
        const WatchOptions& options)
      : rpc_(rpc), clock_(clock), transaction_(transaction), options_(options) {
    for (const base::Bytes32& hash : transaction.hashes) {
      calls_.push_back(get_transaction_receipt(hash));
    }
    calls_.push_back(get_transaction_count(transaction.sender, BlockTag::kLatest));
    if (wants_depth()) calls_.push_back(block_number());
  }

  Watched run() {
    Milliseconds delay = options_.first_delay;
    deadline_ = clock_.monotonic() + options_.timeout;
    silent_since_ = clock_.monotonic();
    for (;;) {
      if (const auto sight = look()) {
        if (auto end = judge(*sight)) return std::move(*end);
      }
      const Milliseconds now = clock_.monotonic();
      const Milliseconds until = nonce_used_since_ ? late_end() : deadline_;
      if (until <= now) return {Watched::End::kTimeOut, seen_};
      resend_when_silent(now);
      clock_.sleep(std::min(delay, until - now));
      // The node may have stopped in the past; another one tells more.
      if (!seen_) rpc_.prefer_another();
      delay = std::min(delay * 3 / 2, options_.max_delay);
    }
  }

 private:
  bool wants_depth() const { return options_.confirmations > 1; }
  Milliseconds late_end() const { return *nonce_used_since_ + options_.late_receipt; }

  /// Nothing while the RPC fails in a way that time may mend.
  std::optional<Sight> look() {
    try {
      const std::vector<RpcResult> answers = rpc_.batch(calls_);
      const std::size_t hashes = transaction_.hashes.size();
      Sight sight;
      for (std::size_t i = 0; i < hashes && !sight.receipt; ++i) {
        sight.receipt = read_receipt(value_or_throw(answers[i], calls_[i].method));
        if (sight.receipt && sight.receipt->transaction_hash != transaction_.hashes[i]) {
          throw Error(Category::kNetwork, "chain.bad_answer",
                      "a node answered with the receipt of another transaction");
        }
      }
      sight.next_nonce = read_u64(value_or_throw(answers[hashes], calls_[hashes].method));
      if (wants_depth()) {
        sight.head = read_u64(value_or_throw(answers[hashes + 1], calls_[hashes + 1].method));
      }
      return sight;
    } catch (const Error& error) {
      if (error.category() != Category::kNetwork || error.code() == "chain.wrong_chain") throw;
      return std::nullopt;
    }
  }

  std::optional<Watched> judge(const Sight& sight) {
    if (sight.receipt) {
      nonce_used_since_.reset();
      take_receipt(*sight.receipt);
      const std::uint64_t block = sight.receipt->block_number;
      const bool deep = !wants_depth() || sight.head + 1 >= block + options_.confirmations;
      if (deep) return Watched{Watched::End::kMined, sight.receipt};
      return std::nullopt;
    }
    // A node that is behind has not seen the block yet, which says nothing.
    if (seen_ && sight.head >= seen_->block_number) lose_receipt();
    if (seen_ || has_block_without_receipt_ || sight.next_nonce <= transaction_.nonce) {
      nonce_used_since_.reset();
      return std::nullopt;
    }
    if (!nonce_used_since_) nonce_used_since_ = clock_.monotonic();
    if (clock_.monotonic() < late_end()) return std::nullopt;
    return conclude_without_receipt();
  }

  /// The nonce is used and there is no receipt. A node that knows the transaction all the same has
  /// only lost the receipt; one that cannot say settles nothing.
  std::optional<Watched> conclude_without_receipt() {
    std::vector<RpcCall> calls;
    for (const base::Bytes32& hash : transaction_.hashes) {
      calls.push_back(get_transaction_by_hash(hash));
    }
    try {
      const std::vector<RpcResult> answers = rpc_.batch(calls);
      for (std::size_t i = 0; i < answers.size(); ++i) {
        const base::Json& found = value_or_throw(answers[i], calls[i].method);
        if (!found.is_object()) continue;
        if (found["blockNumber"].is_null()) return still_in_pool();
        has_block_without_receipt_ = true;
        nonce_used_since_.reset();
        return std::nullopt;
      }
      return Watched{Watched::End::kNonceTaken, std::nullopt};
    } catch (const Error& error) {
      if (error.category() != Category::kNetwork || error.code() == "chain.wrong_chain") throw;
      return Watched{Watched::End::kTimeOut, std::nullopt};
    }
  }

  /// Nodes behind one address disagree: one of them will notice.
  std::optional<Watched> still_in_pool() {
    if (clock_.monotonic() >= deadline_) return Watched{Watched::End::kTimeOut, std::nullopt};
    nonce_used_since_ = clock_.monotonic();
    return std::nullopt;
  }

  void take_receipt(const Receipt& receipt) {
    silent_since_ = clock_.monotonic();
    const bool same = seen_ && seen_->block_hash == receipt.block_hash;
    if (seen_ && !same) lose_receipt();
    if (!same && wants_depth() && options_.on_seen) options_.on_seen(receipt);
    seen_ = receipt;
  }

  void lose_receipt() {
    if (options_.on_reorganised) options_.on_reorganised(*seen_);
    seen_.reset();
    // It has to find its way into a block once more.
    deadline_ = std::max(deadline_, clock_.monotonic() + options_.timeout);
    silent_since_ = clock_.monotonic() - options_.resend_after;
  }

  void resend_when_silent(Milliseconds now) {
    if (!options_.resend || seen_ || nonce_used_since_) return;
    if (now - silent_since_ < options_.resend_after) return;
    silent_since_ = now;
    options_.resend();
  }

  RpcClient& rpc_;
  base::Clock& clock_;
  const WatchedTransaction& transaction_;
  const WatchOptions& options_;
  std::vector<RpcCall> calls_;
  Milliseconds deadline_{0};
  Milliseconds silent_since_{0};
  std::optional<Milliseconds> nonce_used_since_;
  bool has_block_without_receipt_ = false;
  std::optional<Receipt> seen_;
};

}  // namespace

Watched watch_transaction(RpcClient& rpc, base::Clock& clock, const WatchedTransaction& transaction,
                          const WatchOptions& options) {
  return Watch(rpc, clock, transaction, options).run();
}

}  // namespace ecloud::chain
