#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/clock.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/net/transport.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

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
  std::optional<double> remaining_credits;
  std::string next_credit_expiry;
  bool cancel_at_period_end = false;
  std::string canceled_at;  ///< when somebody cancelled; empty: nobody has
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

/// The billing API, product "compute". Errors: kCredentials billing.forbidden (401, 403), kNetwork
/// billing.failed. All outlive the object. Thread-safe.
class BillingApi {
 public:
  BillingApi(net::Transport& transport, base::Clock& clock, const Environment& environment,
             const crypto::PrivateKey& key);

  Subscription subscription();
  /// Opens a checkout and returns the URL at which a person pays.
  std::string open_checkout();
  /// Cancels the subscription; what became of it is subscription()'s to say.
  void cancel();

 private:
  net::Response send(std::string method, std::string purpose);

  net::Transport& transport_;
  base::Clock& clock_;
  const Environment& environment_;
  const crypto::PrivateKey& key_;
};

}  // namespace ecloud::platform
