#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ecloud/chain/chain.h"
#include "ecloud/deploy/purchase_journal.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {

/// The purchase of credits with USDC. `services` are those of the chain that sells them: see
/// credits_environment(). The caller holds lock_account() from resume_top_up() on.

/// `environment` with the chain that sells credits in the place of its own. Throws Error{kUsage,
/// "billing.no_credits"} when it knows none.
platform::Environment credits_environment(const platform::Environment& environment);

struct TopUpRequest {
  eth::U256 amount;      ///< millionths of a dollar
  eth::Address account;  ///< whose credits they shall be
  /// Dollars of credits that the billing service shows now; nothing when it was not asked.
  std::optional<double> credits_before;
  /// Whether an authorization may be signed to estimate gas with, at nodes that know no state
  /// overrides. False for a dry run.
  bool may_sign_for_estimate = true;
};

/// What a purchase will do and cost. Made without signing or sending anything.
struct TopUpPlan {
  eth::Address token;
  eth::U256 token_balance;  ///< millionths of a dollar
  eth::U256 allowance;      ///< what the payer allows USDCCredits to take already
  /// approve, when the allowance does not suffice, and purchaseCreditsFor.
  std::vector<platform::Call> calls;
  eth::Transaction transaction;  ///< complete but for the authorization
  bool delegate = false;         ///< the payer's account has to be delegated first
  std::optional<eth::Address> replaces_delegation;
  std::uint64_t estimated_gas = 0;
  eth::U256 maximum_cost;  ///< wei
  eth::U256 balance;       ///< wei
};

/// Reads everything in one round trip and checks all of it before it estimates. Errors beside those
/// of the RPC client:
///   kUsage        billing.below_minimum
///   kVerification billing.wrong_token (the contract takes another token than the environment says)
///   kTransaction  billing.insufficient_usdc, billing.insufficient_eth, chain.would_revert
///   kNetwork      chain.no_contract
///   kFailure      deploy.not_an_account
TopUpPlan plan_top_up(const Services& services, const Signer& payer, const TopUpRequest& request);

struct TopUpOutcome {
  PurchaseEntry entry;
  chain::Receipt receipt;
  bool resumed = false;  ///< an earlier run had begun it
};

/// Signs, writes the journal, sends, waits for the receipt, and looks for the payment in it.
/// Errors:
///   kTransaction chain.refused, chain.reverted, billing.no_effect, billing.wrong_payment
///   kPending     billing.not_mined
///   kInterrupted with a message that says whether the transaction is out
TopUpOutcome apply_top_up(const Services& services, const Signer& payer,
                          const TopUpRequest& request, TopUpPlan plan);

/// Finds out what became of purchases that earlier runs began: looks for their transactions, sends
/// again what may still be mined, and waits. Gives the one of the same amount for the same account;
/// nothing when there is none and a new purchase may be made.
std::optional<TopUpOutcome> resume_top_up(const Services& services, const Signer& payer,
                                          const TopUpRequest& request);

/// Records that nothing is left to do.
void finish_top_up(const Services& services, const TopUpOutcome& outcome);

}  // namespace ecloud::deploy
