#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/clock.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/net/transport.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

/// Dollars an hour for `quantity` hours, whatever the description says.
struct LineItem {
  std::string description;
  std::string currency;
  std::optional<double> price, quantity, subtotal;
};

/// What an account has subscribed to. Amounts are in the currency's main unit, times RFC 3339.
struct Subscription {
  std::string status;  ///< "active", "trialing", "past_due", "inactive", …
  std::string period_start, period_end;
  std::vector<LineItem> line_items;
  std::optional<double> upcoming_subtotal, upcoming_total;  ///< of the next invoice
  std::optional<double> credits_applied;                    ///< to the next invoice
  std::optional<double> remaining_credits;                  ///< besides credits_applied
  std::string next_credit_expiry;
  bool cancel_at_period_end = false;
  std::string canceled_at;  ///< when it was cancelled; empty: it was not
  std::string portal_url;

  /// Whether apps may run: active or trialing.
  bool is_active() const { return status == "active" || status == "trialing"; }
  /// Whether a payment is due that only the portal can take.
  bool is_overdue() const { return status == "past_due" || status == "unpaid"; }
  /// Whether there is something to cancel.
  bool is_subscribed() const { return is_active() || is_overdue() || status == "paused"; }
  /// Whether it has been cancelled, at once or with the end of the period.
  bool is_canceled() const {
    return cancel_at_period_end || !canceled_at.empty() || status == "canceled";
  }
};

/// The credits of an account, or of an app that pays for itself, in dollars.
struct CreditBalance {
  double remaining = 0;
  double permanent = 0;                 ///< bought
  double promotional = 0;               ///< given, with an expiry
  std::string next_promotional_expiry;  ///< RFC 3339; empty: none
};

/// A card that the account has saved at the billing service.
struct SavedCard {
  std::string id;         ///< what a purchase names
  std::string stripe_id;  ///< what the payment service calls it
  std::string brand;      ///< "visa"
  std::string last4;
  std::string created_at;  ///< RFC 3339
};

/// What became of a purchase of credits with a card.
struct CardPurchase {
  std::string id;  ///< of the payment with a saved card; empty: there was none, or unknown
  std::string checkout_url;  ///< where a person pays; empty when the saved card was charged
};

/// The least that can be paid with a card, in cents.
constexpr std::uint64_t kLeastCardPurchaseCents = 500;

/// The billing API, product "compute". A missing or malformed optional member of an answer costs
/// only that member. Errors:
///   kCredentials billing.forbidden  401, 403
///   kFailure     billing.refused    400, 402, 404, 409, 410 and 422 to a purchase or a coupon:
///                                   nothing was paid or redeemed
///   kNetwork     net.bot_check      403 with a page that asks whether a person is there; nothing
///                                   was paid or redeemed
///                billing.failed     everything else; json.shape for a missing required member
/// Only reading is repeated by the transport's policy. All outlive the object. Thread-safe.
class BillingApi {
 public:
  BillingApi(net::Transport& transport, base::Clock& clock, const Environment& environment,
             const crypto::PrivateKey& key);

  Subscription subscription();
  /// Opens a checkout and returns the URL at which a person pays.
  std::string open_checkout();
  /// Cancels the subscription; subscription() tells what became of it.
  void cancel();

  /// The credits of any account or app; nothing when the service does not tell them apart (404).
  std::optional<CreditBalance> credits(const eth::Address& account);
  /// Empty also when the service knows no saved cards (404).
  std::vector<SavedCard> saved_cards();
  /// Buys credits for the key's account. Charges the saved card of that id at once; without one it
  /// opens a checkout. Throws besides Error{kTransaction, "billing.wrong_payment"} when the answer
  /// names another amount.
  CardPurchase purchase_credits(std::uint64_t cents, const std::string& card_id);
  /// Returns what the coupon was worth in cents; nothing when the service does not say.
  std::optional<std::uint64_t> redeem_coupon(const std::string& code);

 private:
  net::Request request(std::string method, const std::string& path, std::string purpose) const;
  net::Response send(const net::Request& request) const;
  /// As send(); nothing when the answer is 404.
  std::optional<net::Response> find(const net::Request& request) const;
  void require_success(const net::Request& request, const net::Response& response) const;
  base::Json post(const std::string& path, const std::string& purpose, const base::Json& body);

  net::Transport& transport_;
  base::Clock& clock_;
  const Environment& environment_;
  const crypto::PrivateKey& key_;
};

}  // namespace ecloud::platform
