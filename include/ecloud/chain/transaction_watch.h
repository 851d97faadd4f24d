#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/clock.h"
#include "ecloud/chain/chain.h"

namespace ecloud::chain {

/// A transaction on its way, and those that were signed to take its place: all of one account and
/// one nonce, so that at most one of them can be mined.
struct WatchedTransaction {
  std::vector<base::Bytes32> hashes;  ///< at least one
  eth::Address sender;
  std::uint64_t nonce = 0;
};

/// How a transaction is waited for. It is asked for at once, then after 100 ms, growing by half up
/// to 1 s: Sepolia and mainnet make a block every 12 s, a devnet at once.
struct WatchOptions {
  /// Blocks from the one that holds it on, itself included, until it counts as mined; at least 1.
  std::uint64_t confirmations = 1;
  base::Milliseconds timeout{180'000};
  base::Milliseconds first_delay{100};
  base::Milliseconds max_delay{1'000};
  /// A node may know an account's new nonce before it finds the receipt: how long it is given.
  base::Milliseconds late_receipt{15'000};
  /// Nodes forget transactions: after every such time without a trace `resend` is called.
  base::Milliseconds resend_after{30'000};
  std::function<void()> resend;  ///< may be empty
  /// It is in a block, and more are waited for; told once for each block.
  std::function<void(const Receipt&)> on_seen;
  /// The block that held it is no part of the chain any more.
  std::function<void(const Receipt&)> on_reorganised;
};

/// What became of a transaction.
struct Watched {
  enum class End {
    kMined,       ///< `receipt` has as many confirmations as were asked for
    kNonceTaken,  ///< another transaction of the account took the nonce: it can never be mined
    kTimeOut,     ///< neither; with `receipt` it is in a block that has too few confirmations
  };
  End end = End::kTimeOut;
  std::optional<Receipt> receipt;
};

/// Waits until there is an end. Failures of the RPC are waited out until then, but for
/// chain.wrong_chain. A timeout of 0 is one look, or as long as `late_receipt` when the nonce is
/// used and the receipt has not been found.
Watched watch_transaction(RpcClient& rpc, base::Clock& clock, const WatchedTransaction& transaction,
                          const WatchOptions& options = {});

}  // namespace ecloud::chain
