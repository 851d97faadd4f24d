#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "devnet/http_types.h"
#include "devnet/world.h"

namespace ecloud::devnet {

/// The Billing API under /billing: the subscription to the product "compute", credits, saved cards
/// and coupons. Whoever opens a checkout page has paid; a cancelled subscription lasts until its
/// period ends. The next invoice reserves credits, but no bill ever uses them up. As on the
/// platform, amounts in cents come as text and expiries as Unix seconds; with
/// Strictness::kStrict the credits of an account are found under /v1 only, in snake_case and as
/// text.
class BillingService final : public Service {
 public:
  /// `test_chain` is the chain that sells credits for test money.
  BillingService(World& world, World& test_chain) : world_(world), test_chain_(test_chain) {}

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

 private:
  HttpResponse route(const HttpRequest& request);
  HttpResponse checkout(const std::string& what);
  HttpResponse subscription(const HttpRequest& request);
  HttpResponse subscribe(const HttpRequest& request, const eth::Address& account);
  HttpResponse account_credits(const HttpRequest& request, const std::string& account);
  HttpResponse payment_methods(const HttpRequest& request);
  HttpResponse purchase(const HttpRequest& request);
  HttpResponse redeem(const HttpRequest& request);
  /// Millionths of a dollar.
  struct Credits {
    std::uint64_t permanent = 0;
    std::uint64_t promotional = 0;
    std::optional<std::int64_t> expiry;              ///< of the first ones, unix seconds
    std::optional<std::int64_t> promotional_expiry;  ///< the same of promotional ones
    std::uint64_t total() const { return permanent + promotional; }
  };
  Credits credits_of(const eth::Address& account) const;
  /// What the next invoice takes of them, in millionths of a dollar.
  std::uint64_t applied_credits(const eth::Address& account, const Credits& credits) const;
  base::Json subscription_json(const eth::Address& account) const;

  World& world_;
  World& test_chain_;
};

/// Changes from outside; whoever calls them holds the lock of World::enter().

/// Returns the id of the new card.
std::string save_card(World& world, const eth::Address& account, std::string_view brand,
                      std::string_view last4);
void make_coupon(World& world, std::string_view code, std::uint64_t cents);
/// Throws Error{kNotFound, "devnet.no_checkout"}; paying twice changes nothing.
void complete_checkout(World& world, const std::string& id);

}  // namespace ecloud::devnet
