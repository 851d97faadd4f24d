#include "cli/transaction_course.h"

#include "ecloud/base/error.h"
#include "ecloud/deploy/account_lock.h"
#include "ecloud/deploy/journal.h"

namespace ecloud::cli {
namespace {

/// As many machines may deploy with one key at once.
constexpr int kMostPlans = 6;

/// Nothing is on chain, and another plan avoids what was in the way.
bool may_plan_again(const Error& error) {
  return error.code() == "chain.nonce_taken" || error.code() == "chain.nonce_gap" ||
         error.code() == "chain.tip_too_low";
}

class Run {
 public:
  Run(Workflow& workflow, const deploy::Services& services, const TransactionCourse& course)
      : workflow_(workflow), services_(services), course_(course) {}

  std::optional<deploy::TransactionOutcome> from_the_start() {
    {
      const base::FileLock lock = deploy::lock_account(services_, account());
      if (auto outcome = course_.resume()) return outcome;
    }
    const auto known = signed_so_far();
    if (!course_.plan()) return std::nullopt;
    course_.ask();
    agreed_cost_ = course_.maximum_cost();
    const bool is_old = course_.prepare && course_.prepare();

    const base::FileLock lock = deploy::lock_account(services_, account());
    if (auto outcome = course_.resume()) return outcome;
    const bool is_overtaken = signed_so_far() != known;
    if ((is_old || is_overtaken) && !plan_anew()) return std::nullopt;
    return apply();
  }

 private:
  const eth::Address& account() const { return workflow_.signer().address; }

  std::vector<base::Bytes32> signed_so_far() const {
    return deploy::Journal(services_.paths.state, services_.environment.name).signed_by(account());
  }

  bool plan_anew() {
    workflow_.phase("asking the chain again");
    const bool needed = course_.plan();
    workflow_.finish_progress();
    if (!needed) return false;
    if (course_.maximum_cost() > agreed_cost_) course_.ask_again();
    return true;
  }

  std::optional<deploy::TransactionOutcome> apply() {
    for (int plans = 1;; ++plans) {
      try {
        return course_.apply();
      } catch (const Error& error) {
        if (!may_plan_again(error) || plans == kMostPlans) throw;
        workflow_.finish_progress();
        workflow_.note(error.message() + "; planning again");
      }
      if (!plan_anew()) return std::nullopt;
    }
  }

  Workflow& workflow_;
  const deploy::Services& services_;
  const TransactionCourse& course_;
  eth::U256 agreed_cost_;
};

}  // namespace

std::optional<deploy::TransactionOutcome> run_transaction(Workflow& workflow,
                                                          const deploy::Services& services,
                                                          const TransactionCourse& course) {
  return Run(workflow, services, course).from_the_start();
}

}  // namespace ecloud::cli
