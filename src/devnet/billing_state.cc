#include "devnet/billing_state.h"

namespace ecloud::devnet {

bool BillingState::apply(std::string_view op, const eth::Address& account,
                         const base::Json& operation, std::int64_t time_seconds) {
  const auto text = [&](const char* member) { return operation[member].as_string(); };
  if (op == "card") {
    const std::string id = text("id");
    cards_[account].push_back({id, "pm_" + id, text("brand"), text("last4"), time_seconds});
  } else if (op == "cardPurchase") {
    grants_.push_back({account, operation["cents"].as_u64(), time_seconds, false});
  } else if (op == "checkout") {
    checkouts_[text("id")] = {account, operation["cents"].as_u64(), false};
  } else if (op == "checkoutCompleted") {
    Checkout& checkout = checkouts_[text("id")];
    checkout.completed = true;
    grants_.push_back({account, checkout.cents, time_seconds, false});
    const std::string id = "card-" + text("id");
    cards_[account].push_back({id, "pm_" + id, "visa", "4242", time_seconds});
  } else if (op == "coupon") {
    coupons_[text("code")] = {operation["cents"].as_u64(), std::nullopt};
  } else if (op == "couponRedeemed") {
    Coupon& coupon = coupons_[text("code")];
    coupon.redeemed_by = account;
    grants_.push_back({account, coupon.cents, time_seconds, true});
  } else {
    return false;
  }
  return true;
}

std::vector<SavedCard> BillingState::cards(const eth::Address& account) const {
  const auto found = cards_.find(account);
  return found == cards_.end() ? std::vector<SavedCard>() : found->second;
}

const Checkout* BillingState::checkout(const std::string& id) const {
  const auto found = checkouts_.find(id);
  return found == checkouts_.end() ? nullptr : &found->second;
}

const Coupon* BillingState::coupon(const std::string& code) const {
  const auto found = coupons_.find(code);
  return found == coupons_.end() ? nullptr : &found->second;
}

}  // namespace ecloud::devnet
