#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "ecloud/platform/billing_api.h"

namespace ecloud::cli {

/// What the billing commands have in common.

/// --product, of which there is one.
Option product_option();
/// Refuses another product: Error{kUsage, "cli.bad_value"}.
void require_known_product(const Values& values);

/// The billing API with the command's key. Throws as Context::deployer().
platform::BillingApi billing_api(Context& context);

/// "USD" for "usd", and for an empty one.
std::string currency_name(const std::string& currency);
/// "12.50 USD"; empty for nothing.
std::string money(const std::optional<double>& amount, const std::string& currency = "usd");

/// Warns of a payment that is due, and says where it is made.
void warn_of_overdue(Context& context, const platform::Subscription& subscription);

}  // namespace ecloud::cli
