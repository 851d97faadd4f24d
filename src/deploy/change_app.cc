#include "ecloud/deploy/change_app.h"

#include <algorithm>
#include <utility>

#include "deploy/app_status.h"
#include "deploy/expected_effects.h"
#include "deploy/plan_transaction.h"
#include "deploy/send_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/app_permissions.h"
#include "ecloud/deploy/unfinished.h"

namespace ecloud::deploy {
namespace {

using platform::ChainStatus;

platform::Call change_call(const Services& services, const eth::Address& app, Operation change) {
  base::Bytes data = change == Operation::kStart  ? platform::encode_start_app(app)
                     : change == Operation::kStop ? platform::encode_stop_app(app)
                                                  : platform::encode_terminate_app(app);
  return {services.environment.app_controller, {}, std::move(data)};
}

/// Throws for states that the contract would refuse; false when there is nothing to do.
bool is_needed(const Services& services, const eth::Address& app, const AppSnapshot& chain,
               Operation change) {
  require_exists(services, app, chain);
  if (chain.status == status_after(change)) return false;
  const auto asked = change == Operation::kStart  ? platform::AppChange::kStart
                     : change == Operation::kStop ? platform::AppChange::kStop
                                                  : platform::AppChange::kTerminate;
  require_allowed(app, chain.status, asked, chain.controller_version);
  return true;
}

/// A suspended app takes a place of its payer's quota again.
void require_place(const Services& services, const eth::Address& payer) {
  const auto view = [&](const base::Bytes& data) {
    return chain::eth_call(services.environment.app_controller, data);
  };
  const auto results = services.rpc.batch({view(platform::encode_active_app_count(payer)),
                                           view(platform::encode_max_active_apps(payer))});
  const auto number = [&](std::size_t i) {
    return platform::decode_number(chain::read_data(chain::value_or_throw(results[i], "eth_call")));
  };
  require_quota(payer, number(0), number(1));
}

NeededPermission needed_for(const Services& services, const eth::Address& app, Operation change) {
  const std::string name(to_string(change));
  const auto found =
      platform::find_permission(services.environment, name, platform::Generation::kFourFields);
  if (!found) fail_bug("a change that no permission is named for");
  return {
      .permission = found->permission, .name = name, .action = name + " app " + app.to_string()};
}

bool leads_to_status(Operation change) {
  return change == Operation::kStart || change == Operation::kStop ||
         change == Operation::kTerminate;
}

/// Whether the app is still what the operation made of it.
bool still_stands(const Services& services, const JournalEntry& entry) {
  const auto results = services.rpc.batch({chain::eth_call(
      services.environment.app_controller, platform::encode_app_status(entry.app))});
  const eth::U256 status =
      platform::decode_number(chain::read_data(chain::value_or_throw(results.front(), "eth_call")));
  return status == eth::U256(static_cast<std::uint64_t>(status_after(entry.operation)));
}

/// "roll back app 0x… to what release 2 was".
std::string what_began(const JournalEntry& entry) {
  const std::string out =
      std::string(infinitive(entry.operation)) + " app " + entry.app.to_string();
  return entry.restored
             ? out + " to what release " + std::to_string(entry.restored->id + 1) + " was"
             : out;
}

/// Of those whose command alone does not say all (whom a grant is for, which release comes back)
/// the journal's own words lead back to it.
void refuse_unsent(const Services& services, const JournalEntry& entry) {
  if (entry.operation == Operation::kTerminate || fate_of(services, entry) != Fate::kUnknown)
    return;
  throw Error(Category::kPending, "deploy.not_mined",
              "an earlier run signed transaction " + hash_of(entry) + " to " + what_began(entry) +
                  ", and no node knows it",
              "see what it does, and send it after all: ecloud resume " + hash_of(entry) +
                  "\nor take its nonce away, so that it can never be mined: ecloud resume " +
                  hash_of(entry) + " --cancel");
}

/// Nothing when the transaction can never be mined. `wanted`: the user asks for the same again.
std::optional<TransactionOutcome> settle(const Services& services, JournalEntry entry,
                                         bool wanted) {
  services.observer.note("an earlier run began to " + what_began(entry) + " with transaction " +
                         hash_of(entry) + "; looking for it");
  const bool may_send = wanted || !needs_consent(entry.operation);
  if (!may_send) refuse_unsent(services, entry);
  const Operation operation = entry.operation;
  auto outcome = go_on(services, std::move(entry), expected_effect(services, operation), may_send);
  if (outcome && wanted && concerns_platform(operation))
    outcome->domain_separator = ask_domain_separator(services);
  return outcome;
}

/// One that failed has had no effect, so that nothing stands in the way of the next.
void settle_other(const Services& services, JournalEntry entry) {
  try {
    const auto outcome = settle(services, std::move(entry), false);
    if (outcome) finish_operation(services, *outcome);
  } catch (const Error& error) {
    if (error.category() != Category::kTransaction) throw;
    services.observer.warning(error.message());
  }
}

}  // namespace

ChainStatus status_after(Operation change) {
  switch (change) {
    case Operation::kStart:
      return ChainStatus::kStarted;
    case Operation::kStop:
      return ChainStatus::kStopped;
    case Operation::kTerminate:
      return ChainStatus::kTerminated;
    default:
      fail_bug("an operation that leads to no status");
  }
}

ChangePlan plan_change(const Services& services, const Signer& signer, const eth::Address& app,
                       Operation change) {
  const platform::Call call = change_call(services, app, change);
  const AppSnapshot chain = read_app(services, signer.address, app, plain_transaction(call));
  ChangePlan plan;
  plan.app = app;
  plan.change = change;
  plan.status = chain.status;
  plan.needed = is_needed(services, app, chain, change);
  plan.transaction.controller_version = chain.controller_version;
  if (plan.needed) {
    if (chain.status == ChainStatus::kSuspended && change == Operation::kStart) {
      require_place(services, chain.billing_account);
    }
    const auto needed = [&] { return std::vector{needed_for(services, app, change)}; };
    plan.transaction = plan_permitted(services, signer.address, app, needed, [&] {
      return plan_transaction(services, signer, chain, {call}, false, "the transaction",
                              chain.estimate);
    });
  }
  return plan;
}

TransactionOutcome apply_change(const Services& services, const Signer& signer, ChangePlan plan) {
  JournalEntry entry;
  entry.operation = plan.change;
  entry.app = plan.app;
  return apply_to_app(services, signer, std::move(plan.transaction), std::move(entry));
}

std::optional<TransactionOutcome> resume_change(const Services& services, const Signer& signer,
                                                const eth::Address& app, Operation change) {
  std::optional<TransactionOutcome> last;
  for (JournalEntry& entry : journal_of(services).open_changes(signer.address, app)) {
    if (entry.operation != change && entry.step == Step::kMined) {
      // The user has stopped waiting for it.
      set_step(services, entry, Step::kDone);
      continue;
    }
    if (entry.operation == change) {
      last = settle(services, std::move(entry), true);
    } else {
      settle_other(services, std::move(entry));
      last.reset();
    }
  }
  if (last && leads_to_status(change) && !still_stands(services, last->entry)) {
    services.observer.note("it was mined, and the app has been changed again since");
    finish_operation(services, *last);
    last.reset();
  }
  return last;
}

}  // namespace ecloud::deploy
