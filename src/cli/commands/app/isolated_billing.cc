#include "cli/commands/app/isolated_billing.h"

#include "cli/commands/billing/top_up_view.h"
#include "cli/context.h"
#include "cli/credits_chain.h"
#include "cli/transaction_course.h"
#include "cli/values.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/isolated_billing.h"
#include "ecloud/deploy/top_up.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

/// --credits, in millionths of a dollar.
eth::U256 credits_amount(const Values& values) {
  const auto text = values.text("credits");
  if (!text) throw values.missing("credits");
  const auto amount = platform::parse_usdc(*text);
  if (amount && !amount->is_zero()) return *amount;
  throw Error(Category::kUsage, "cli.bad_value",
              values.origin("credits").where + " is \"" + base::printable_line(*text) +
                  "\", which is not a valid amount of dollars",
              "write it with digits and at most six of them after a point: --credits 20");
}

deploy::TopUpRequest purchase_request(const eth::Address& app, const eth::U256& amount,
                                      const deploy::DeployRequest& request) {
  deploy::TopUpRequest out;
  out.amount = amount;
  out.account = app;
  out.app = deploy::AppToDeploy{*request.salt, request.name, request.image.to_string()};
  return out;
}

/// The purchase and what it is asked for with.
class AppPurchase {
 public:
  AppPurchase(Context& context, Workflow& workflow, const CreditsChain& chain,
              deploy::TopUpRequest request)
      : context_(context), workflow_(workflow), chain_(chain), request_(std::move(request)) {}

  deploy::TransactionOutcome pay() {
    auto outcome = run_transaction(
        workflow_, chain_.services(),
        {.resume =
             [&] { return deploy::resume_top_up(chain_.services(), workflow_.signer(), request_); },
         .plan =
             [&] {
               workflow_.phase("reading the chain that sells credits");
               plan_ = deploy::plan_top_up(chain_.services(), workflow_.signer(), request_);
               workflow_.finish_progress();
               return true;
             },
         .ask = [&] { ask(); },
         .maximum_cost = [&] { return plan_.transaction.maximum_cost; },
         .ask_again = [&] { confirm(); },
         .apply =
             [&] {
               return deploy::apply_top_up(chain_.services(), workflow_.signer(), request_,
                                           std::move(plan_));
             }});
    return std::move(*outcome);
  }

 private:
  void ask() {
    if (!context_.output().json()) {
      context_.terminal().write_error(format_top_up_plan(context_.terminal(), Stream::kError,
                                                         workflow_.signer(), chain_.environment(),
                                                         request_, plan_));
    }
    confirm();
  }

  void confirm() {
    if (chain_.environment().is_mainnet()) {
      context_.terminal().warning("this spends real USDC and ETH on Ethereum mainnet");
    }
    if (plan_.transaction.replaces_delegation) {
      context_.terminal().confirm("Replace the account's delegation to " +
                                  plan_.transaction.replaces_delegation->to_string() + "?");
    }
    context_.terminal().confirm("Buy " + platform::format_usdc(request_.amount) +
                                " of credits for app " + request_.account.to_string() +
                                ", which is deployed next, and pay at most " +
                                eth::format_ether(plan_.transaction.maximum_cost) + " ETH of gas?");
  }

  Context& context_;
  Workflow& workflow_;
  const CreditsChain& chain_;
  deploy::TopUpRequest request_;
  deploy::TopUpPlan plan_;
};

constexpr char kChainOption[] = "credits-chain";

struct BegunPurchase {
  deploy::JournalEntry entry;
  std::string chain;  ///< platform::CreditsChain::name
};

/// Of an earlier run, on whatever chain: it is never paid again on another one.
std::optional<BegunPurchase> begun_purchase(Context& context, Workflow& workflow,
                                            const deploy::DeployRequest& request) {
  const platform::Environment& environment = context.environment();
  std::vector<std::pair<std::string, std::uint64_t>> chains = {
      {std::string(platform::kMainCreditsChain), environment.credits_chain_id}};
  for (const platform::CreditsChain& other : environment.other_credits_chains) {
    chains.emplace_back(other.name, other.chain_id);
  }
  for (const auto& [name, chain_id] : chains) {
    auto entry = deploy::begun_app_purchase(workflow.services(), deploy::credits_journal(chain_id),
                                            workflow.signer().address, request);
    if (entry) return BegunPurchase{std::move(*entry), name};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Option> billing_options() {
  return {
      {.name = "bill-to",
       .kind = Kind::kChoice,
       .value_name = "WHO",
       .help = "Who pays for the app, and whose quota it takes: your account, or the app itself "
               "with credits of its own",
       .choices = {"account", "app"},
       .default_text = "account",
       .variables = {"ECLOUD_BILL_TO"},
       .project_key = "billTo"},
      {.name = "credits",
       .kind = Kind::kText,
       .value_name = "AMOUNT",
       .help = "With --bill-to app: USDC of credits to buy for the app before it is created",
       .variables = {"ECLOUD_CREDITS"}},
      credits_chain_option(kChainOption, "With --credits: where to pay the USDC"),
  };
}

bool read_bill_to_app(const Values& values) {
  const bool app = values.required("bill-to") == "app";
  if (!app && values.given("credits")) {
    throw Error(Category::kUsage, "cli.conflict",
                "--credits is only for an app that pays for itself",
                "add --bill-to app, or buy credits for your account: ecloud billing top-up");
  }
  if (!app && values.given(kChainOption)) {
    throw Error(Category::kUsage, "cli.conflict",
                "--credits-chain is only for an app that pays for itself",
                "add --bill-to app, or leave it out");
  }
  return app;
}

void choose_app_salt(Context& context, Workflow& workflow, deploy::DeployRequest& request) {
  if (request.salt) return;
  if (const auto begun = begun_purchase(context, workflow, request)) {
    workflow.note("an earlier run bought credits for app " +
                  begun->entry.purchase->account.to_string() +
                  ", which does not exist yet; the deployment continues with that ID");
    request.salt = begun->entry.salt;
    return;
  }
  request.salt = workflow.services().random.bytes32();
}

void buy_app_credits(Context& context, Workflow& workflow, const Values& values,
                     const deploy::DeployRequest& request, const deploy::DeployPlan& plan) {
  if (!plan.needs_credits) return;
  const auto begun = begun_purchase(context, workflow, request);
  const eth::U256 amount = begun ? begun->entry.purchase->amount : credits_amount(values);
  const CreditsChain chain(context, workflow,
                           begun ? begun->chain : credits_chain(context, values, kChainOption),
                           std::string("--") + kChainOption);
  std::optional<deploy::TransactionOutcome> paid;
  if (!begun || begun->entry.is_open()) {
    paid = AppPurchase(context, workflow, chain, purchase_request(plan.app, amount, request)).pay();
    if (paid->resumed) workflow.note("the earlier run has paid; nothing more is paid now");
  }
  deploy::wait_for_quota(workflow.services(), plan.app,
                         values.path().text() + " --bill-to app" + workflow.environment_flag());
  workflow.finish_progress();
  if (paid) workflow.close_told(chain.services(), *paid);
}

AppCreditsPlan plan_app_credits(Context& context, Workflow& workflow, const Values& values,
                                const deploy::DeployRequest& request,
                                const deploy::DeployPlan& plan) {
  AppCreditsPlan out;
  if (!plan.needs_credits || begun_purchase(context, workflow, request)) return out;
  const CreditsChain chain(context, workflow, credits_chain(context, values, kChainOption),
                           std::string("--") + kChainOption);
  deploy::TopUpRequest purchase = purchase_request(plan.app, credits_amount(values), request);
  purchase.may_sign_for_estimate = false;
  const deploy::TopUpPlan planned =
      deploy::plan_top_up(chain.services(), workflow.signer(), purchase);
  out.document = top_up_plan_document(workflow.signer(), chain.environment(), purchase, planned);
  out.text = format_top_up_plan(context.terminal(), Stream::kOutput, workflow.signer(),
                                chain.environment(), purchase, planned);
  return out;
}

}  // namespace ecloud::cli
