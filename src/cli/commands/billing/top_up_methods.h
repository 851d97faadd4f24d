#pragma once

#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::cli {

/// The ways to pay of `billing top-up`, and what they read alike.

/// --amount, in millionths of a dollar; asked for when missing. Throws Error{kUsage,
/// "cli.bad_value"}.
eth::U256 top_up_amount(const Values& values);

/// --account, --app or --creator, else the account that pays. Throws Error{kUsage}: cli.conflict,
/// cli.bad_value, billing.app_does_not_pay; and as deploy::find_app.
eth::Address top_up_beneficiary(Context& context, Workflow& workflow, const Values& values);

/// The app of `id_or_name`. Throws Error{kUsage, "billing.app_does_not_pay"} unless it pays for
/// itself, and as deploy::find_app.
eth::Address app_that_pays(Workflow& workflow, const std::string& id_or_name);

/// Buys credits at USDCCredits, waits until they show, and prints the result.
void pay_with_usdc(Context& context, const Values& values);
/// Charges a saved card or presents a checkout page, waits until the credits show, and prints the
/// result. An unfinished purchase with a card is found again and never made twice unasked.
void pay_with_card(Context& context, const Values& values);

}  // namespace ecloud::cli
