#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/deploy/account_transaction.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/u256.h"

namespace ecloud::deploy {

/// The purchase of credits with USDC. `services` are those of the chain that sells them: see
/// credits_environment(). The caller holds lock_account() from resume_top_up() on.

/// `environment` with the chain of that name (platform::CreditsChain::name) that sells credits in
/// the place of its own, and named "credits-CHAINID": environments that are billed in one place
/// share the journal of purchases. Throws Error{kUsage}: "billing.no_credits" when it knows none,
/// "billing.unknown_chain" when credits for its apps are not sold on that one, with a hint for
/// `option`.
platform::Environment credits_environment(const platform::Environment& environment,
                                          std::string_view chain = platform::kMainCreditsChain,
                                          const std::string& option = "--chain");
/// The name of the journal of purchases on a chain.
std::string credits_journal(std::uint64_t chain_id);
/// The names for all chains that sell credits to apps of the environment.
std::vector<std::string> credits_journals(const platform::Environment& environment);

/// An app that is to be deployed with the credits that are bought for it.
struct AppToDeploy {
  base::Bytes32 salt{};  ///< what its ID was computed from
  std::string name;      ///< may be empty
  std::string image_reference;
};

struct TopUpRequest {
  eth::U256 amount;      ///< millionths of a dollar
  eth::Address account;  ///< whose credits they shall be
  /// Dollars of credits that the billing service shows now; nothing when it was not asked.
  std::optional<double> credits_before;
  /// Whether an authorization may be signed to estimate gas with, at nodes that know no state
  /// overrides. False for a dry run.
  bool may_sign_for_estimate = true;
  /// Kept in the journal, so that the deployment that follows finds its salt again.
  std::optional<AppToDeploy> app;
};

/// What a purchase will do and cost. Made without signing or sending anything.
struct TopUpPlan {
  eth::Address token;
  eth::U256 token_balance;  ///< millionths of a dollar
  eth::U256 allowance;      ///< what the payer allows USDCCredits to take already
  /// Calls approve, when the allowance does not suffice, and purchaseCreditsFor.
  TransactionPlan transaction;
};

/// Reads everything in one round trip and checks all of it before it estimates. Errors beside those
/// of the RPC client:
///   kUsage        billing.below_minimum
///   kVerification billing.wrong_token (the contract takes another token than the environment says)
///   kTransaction  billing.insufficient_usdc, deploy.insufficient_funds, chain.would_revert
///   kNetwork      chain.no_contract, billing.no_delegator (two calls are needed, and the chain has
///                 no contract that batches them)
///   kFailure      deploy.not_an_account
TopUpPlan plan_top_up(const Services& services, const Signer& payer, const TopUpRequest& request);

/// Signs, writes the journal, sends, waits for the receipt, and looks for the payment and for the
/// credits (CreditsPurchased) in it.
/// Errors:
///   kTransaction chain.refused, chain.reverted, billing.no_effect, billing.wrong_payment,
///                billing.not_credited
///   kPending     deploy.not_mined
///   kInterrupted with a message that says that the transaction may be out
/// finish_operation() closes the purchase.
TransactionOutcome apply_top_up(const Services& services, const Signer& payer,
                                const TopUpRequest& request, TopUpPlan plan);

/// Finds out what became of purchases that earlier runs began: looks for their transactions and
/// waits for them. Gives the one of the same amount for the same account, which is sent again when
/// it may still be mined; another one that no node knows is kPending deploy.not_mined, since it
/// would be paid unasked. Nothing when there is none, or when it was reverted: a new purchase may
/// be made.
std::optional<TransactionOutcome> resume_top_up(const Services& services, const Signer& payer,
                                                const TopUpRequest& request);

}  // namespace ecloud::deploy
