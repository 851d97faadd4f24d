#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "devnet/block_fees.h"
#include "devnet/node_behaviour.h"
#include "devnet/transaction_processor.h"

namespace ecloud::devnet {

/// A transaction in the pool, and why it shall revert when a fault asks for it.
struct PoolEntry {
  eth::SignedTransaction transaction;
  eth::Address sender;
  std::optional<base::Bytes> forced_revert;
};

/// A mined transaction with its receipt. The platform's own have no signature.
struct MinedTransaction {
  eth::SignedTransaction transaction;
  eth::Address sender;
  base::Bytes32 hash{};
  std::uint64_t block_number = 0;
  std::uint64_t index = 0;  ///< in its block
  bool success = false;
  std::uint64_t gas_used = 0;
  std::uint64_t cumulative_gas = 0;
  eth::U256 effective_gas_price;  ///< wei
  std::uint64_t first_log_index = 0;
  std::vector<LogRecord> logs;
  std::optional<base::Bytes> forced_revert;  ///< as the PoolEntry had it
};

struct Block {
  std::uint64_t number = 0;
  std::uint64_t timestamp = 0;  ///< unix seconds
  base::Bytes32 hash{};
  base::Bytes32 parent_hash{};
  std::uint64_t gas_used = 0;
  BlockFees fees;
  std::vector<base::Bytes32> transactions;
};

/// The chain: accounts, contracts, blocks, and the pool of transactions that wait. Blocks are made
/// only of transactions. On a strict chain the fees differ from block to block and the pool has
/// geth's rules; on a gentle one the fees stay the same and the pool takes only what the next block
/// can hold. Not thread-safe: World holds the lock.
class ChainState {
 public:
  /// Genesis: the well-known accounts with 10,000 ETH, the first one also with 10,000 USDC.
  ChainState(ControllerKind kind, std::uint32_t default_quota, std::uint64_t genesis_time,
             bool strict);

  Contracts& contracts() { return contracts_; }
  const Contracts& contracts() const { return contracts_; }
  WorldState& state() { return state_; }
  const WorldState& state() const { return state_; }

  /// Takes a raw transaction into the pool. Throws RpcFailure as that node answers.
  base::Bytes32 submit(base::ByteView raw, std::optional<base::Bytes> forced_revert,
                       const NodeBehaviour& node = {});
  const std::vector<PoolEntry>& pool() const { return pool_; }
  std::vector<PoolEntry> take_pool() { return std::exchange(pool_, {}); }
  /// Takes what the next block can hold out of the pool: no gap before its nonce, and a cap of at
  /// least the base fee. What can never be mined any more is dropped.
  std::vector<PoolEntry> take_executable();

  /// Makes a block at `timestamp`; a transaction that has become impossible meanwhile is dropped.
  /// Without any transaction there is no block, unless `even_empty`. `fees` are next_fees() when
  /// nothing else is given. Gives the new logs in order.
  std::vector<LogRecord> mine(const std::vector<PoolEntry>& entries, std::uint64_t timestamp,
                              bool even_empty = false,
                              const std::optional<BlockFees>& fees = std::nullopt);
  /// A block of the platform's own that confirms an upgrade.
  std::vector<LogRecord> confirm_upgrade(const eth::Address& app, std::uint64_t timestamp);

  /// A block of the platform's own that suspends all apps that the account pays for.
  std::vector<LogRecord> suspend(const eth::Address& account, std::uint64_t timestamp);

  /// How many of the last blocks are remembered with the state before them, at most.
  static constexpr std::uint64_t kRemembered = 16;
  /// How many blocks take_back() and as_of() can go back now.
  std::uint64_t remembered() const;
  /// Takes the last `count` blocks back, with the state; the next ones have other hashes than they
  /// had. Their transactions go to the beginning of the pool when `keep`, without the platform's
  /// own. What was put into the state beside blocks since then is gone too.
  void take_back(std::uint64_t count, bool keep);
  /// The chain as it was `count` blocks ago, or as long ago as is remembered, with an empty pool.
  ChainState as_of(std::uint64_t count) const;

  /// Runs on a copy of the state, as of a block at `timestamp`.
  ExecutionResult simulate(const CallRequest& request, std::uint64_t timestamp) const;

  const std::vector<Block>& blocks() const { return blocks_; }
  const Block& head() const { return blocks_.back(); }
  const Block* find_block(const base::Bytes32& hash) const;
  const MinedTransaction* find_transaction(const base::Bytes32& hash) const;
  const PoolEntry* find_pending(const base::Bytes32& hash) const;

  eth::U256 balance(const eth::Address& account) const;
  std::uint64_t nonce(const eth::Address& account) const;
  /// With what the account has in the pool.
  std::uint64_t pending_nonce(const eth::Address& account) const;

  /// Of the latest block.
  const eth::U256& base_fee() const { return head().fees.base_fee; }
  const eth::U256& suggested_tip() const { return head().fees.tip; }
  /// Of the block after it.
  BlockFees next_fees() const;
  /// From the next block on the fees are these; nothing: as the chain's strictness has it.
  void set_fees(std::optional<BlockFees> fees) { fixed_fees_ = std::move(fees); }

 private:
  Block next_block(std::uint64_t timestamp, const BlockFees& fees) const;
  base::Bytes32 hash_of(const Block& block) const;
  void remember();
  /// Runs `act` as the platform, in a block of its own; nothing when it reverts.
  std::vector<LogRecord> act_as_platform(std::string_view what, const eth::Address& subject,
                                         std::uint64_t timestamp,
                                         const std::function<void(Execution&)>& act);
  void run(const PoolEntry& entry, Block& block, std::uint64_t& log_index);
  void record(MinedTransaction mined, Block& block, std::uint64_t& log_index);
  std::vector<LogRecord> seal(Block block, bool even_empty);

  void check_gently(const PoolEntry& entry) const;

  Contracts contracts_;
  bool strict_;
  std::optional<BlockFees> fixed_fees_;
  WorldState state_;
  std::vector<Block> blocks_;
  std::map<base::Bytes32, MinedTransaction> transactions_;
  std::vector<PoolEntry> pool_;
  std::map<std::uint64_t, WorldState> history_;  ///< by block: the state before the next one
  std::uint64_t reorganisations_ = 0;
};

/// The accounts that every local development chain funds: address and private key in hex.
struct DevelopmentAccount {
  std::string_view address;
  std::string_view private_key;
};
const std::vector<DevelopmentAccount>& development_accounts();

}  // namespace ecloud::devnet
