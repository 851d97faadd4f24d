#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/eth/address.h"

namespace ecloud::cli {

/// How long a purchase waits for its credits unless told otherwise.
constexpr char kCreditsTimeout[] = "3m";

/// An account's credits as the billing service shows them, in dollars.
struct ShownCredits {
  double total = 0;      ///< with what the next invoice takes: rises with every purchase
  double remaining = 0;  ///< without it
};

/// The credits of the key's account, or of another account or app. Nothing when the service does
/// not tell those of others. Warns of a payment that is due. Throws as platform::BillingApi.
std::optional<ShownCredits> read_credits(Context& context, const eth::Address& owner);

/// Asks every five seconds until the total is above `before`. A service that is away is asked
/// again. Throws Error{kPending, "billing.credits_pending"} after `timeout`; `what` is "50.00 USDC
/// were paid".
ShownCredits wait_for_credits(Context& context, Workflow& workflow, const eth::Address& owner,
                              double before, base::Milliseconds timeout, const std::string& what);

/// Whether the credits have risen above `before`: the service's numbers may be rounded.
bool has_risen(const ShownCredits& shown, double before);

/// "50.00 USD" for cents.
std::string cents_text(std::uint64_t cents);
/// "50" or "12.5", as an amount on the command line.
std::string cents_amount(std::uint64_t cents);

}  // namespace ecloud::cli
