#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::deploy {

/// The record of one purchase of credits.
struct PurchaseEntry {
  Step step = Step::kSigned;  ///< kMined: paid, and its credits may not show yet
  eth::Address payer;
  eth::Address account;  ///< whose credits they are
  eth::Address token;    ///< what was paid with
  eth::U256 amount;      ///< millionths of a dollar
  std::uint64_t chain_id = 0;
  std::uint64_t nonce = 0;
  std::uint64_t gas_limit = 0;
  eth::U256 maximum_cost;  ///< wei
  base::Bytes raw_transaction;
  base::Bytes32 transaction_hash{};
  std::int64_t created_at = 0;  ///< unix seconds
  /// Dollars of credits that the billing service showed before; nothing when it was not asked.
  std::optional<double> credits_before;

  bool is_open() const { return step == Step::kSigned || step == Step::kMined; }
};

/// STATE/purchases/CHAIN/TRANSACTION.json (mode 0600), written atomically and synced before
/// anything that depends on it happens.
class PurchaseJournal {
 public:
  PurchaseJournal(const std::filesystem::path& state, std::uint64_t chain_id);

  void write(const PurchaseEntry& entry);
  /// What that account has begun to pay and not seen through, oldest first. Throws Error{kFailure,
  /// "journal.damaged"} for a file that cannot be read: it speaks of money.
  std::vector<PurchaseEntry> open(const eth::Address& payer) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace ecloud::deploy
