#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "ecloud/base/files.h"
#include "ecloud/eth/address.h"

namespace ecloud::deploy {

/// A purchase of credits with a card that was begun, and whose credits have not been seen yet. A
/// card can be charged although no answer came, so that this is written before the request is sent:
///   asked     the request may or may not have reached the billing service
///   answered  the card was charged (purchase_id may be unknown), or a checkout page is open
/// and removed when the credits show, when the service refuses, or when the user gives it up.
struct CardPurchase {
  eth::Address account;
  std::uint64_t cents = 0;
  std::string card;          ///< "visa ending in 4242"; empty: a checkout page
  std::string purchase_id;   ///< as the service calls it, or empty
  std::string checkout_url;  ///< where a person pays, or empty
  bool answered = false;
  double credits_before = 0;    ///< dollars that the billing service showed
  std::int64_t started_at = 0;  ///< Unix seconds
};

/// STATE/card-purchases/HOST/ACCOUNT.json (mode 0600), one unfinished purchase for each account and
/// billing service. Holds no card number.
class CardPurchases {
 public:
  /// `billing_url` is the service's.
  CardPurchases(const std::filesystem::path& state, const std::string& billing_url);

  /// Held from looking for an unfinished purchase until the answer to a new one is written. Throws
  /// Error{kFailure, "file.locked"} when another ecloud has it.
  base::FileLock lock(const eth::Address& account) const;
  /// Throws Error{kFailure, "journal.damaged"} for a file that cannot be read.
  std::optional<CardPurchase> unfinished(const eth::Address& account) const;
  /// Written and synced when it returns.
  void write(const CardPurchase& purchase);
  void remove(const eth::Address& account);

 private:
  std::filesystem::path file(const eth::Address& account) const;

  std::filesystem::path directory_;
};

}  // namespace ecloud::deploy
