#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/json.h"
#include "ecloud/eth/address.h"

namespace ecloud::devnet {

/// What the billing service remembers besides subscriptions and the chains: saved cards, checkouts,
/// coupons, and the credits that they came to. Changed by operations of World only.

struct SavedCard {
  std::string id;         ///< what a purchase names
  std::string stripe_id;  ///< what the payment service calls it
  std::string brand, last4;
  std::int64_t created_at = 0;  ///< unix seconds
};

/// A page at which a person pays for credits.
struct Checkout {
  eth::Address account;
  std::uint64_t cents = 0;
  bool completed = false;
};

struct Coupon {
  std::uint64_t cents = 0;
  std::optional<eth::Address> redeemed_by;
};

/// Credits that were not bought with USDC.
struct Grant {
  eth::Address account;
  std::uint64_t cents = 0;
  std::int64_t time = 0;  ///< unix seconds
  bool promotional = false;
};

class BillingState {
 public:
  /// Applies an operation on `account`; false when it is not one of ours:
  ///   card              {"id","brand","last4"}
  ///   cardPurchase      {"cents"}
  ///   checkout          {"id","cents"}
  ///   checkoutCompleted {"id"}: also saves the card that it was paid with
  ///   coupon            {"code","cents"}
  ///   couponRedeemed    {"code"}
  bool apply(std::string_view op, const eth::Address& account, const base::Json& operation,
             std::int64_t time_seconds);

  /// Oldest first.
  std::vector<SavedCard> cards(const eth::Address& account) const;
  const Checkout* checkout(const std::string& id) const;
  const Coupon* coupon(const std::string& code) const;
  const std::vector<Grant>& grants() const { return grants_; }
  std::size_t checkout_count() const { return checkouts_.size(); }

 private:
  std::map<eth::Address, std::vector<SavedCard>> cards_;
  std::map<std::string, Checkout> checkouts_;
  std::map<std::string, Coupon> coupons_;
  std::vector<Grant> grants_;
};

}  // namespace ecloud::devnet
