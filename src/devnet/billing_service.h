#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "devnet/http_types.h"
#include "devnet/world.h"

namespace ecloud::devnet {

/// The Billing API under /billing: the subscription to the product "compute". Who opens the
/// checkout page has paid; a cancelled subscription lasts until its period ends. Credits are what
/// was bought at USDCCredits, and no bill ever uses them up.
class BillingService final : public Service {
 public:
  explicit BillingService(World& world) : world_(world) {}

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

 private:
  HttpResponse route(const HttpRequest& request);
  HttpResponse subscribe(const HttpRequest& request, const eth::Address& account);
  struct Credits {
    double dollars = 0;
    std::optional<std::int64_t> expiry;  ///< of the first ones, unix seconds
  };
  Credits credits_of(const eth::Address& account) const;
  base::Json subscription_json(const eth::Address& account) const;

  World& world_;
};

}  // namespace ecloud::devnet
