#include "cli/browser.h"
#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/commands/billing/top_up_methods.h"
#include "cli/commands/billing/top_up_view.h"
#include "cli/credits_chain.h"

namespace ecloud::cli {
namespace {

void run_top_up(Context& context, const Values& values) {
  require_known_product(values);
  if (values.required("method") == "card") return pay_with_card(context, values);
  pay_with_usdc(context, values);
}

std::vector<Option> top_up_options() {
  return {
      {.name = "amount",
       .value_name = "DOLLARS",
       .help = "How much to pay, with at most six digits after the point",
       .question = "Amount in dollars"},
      {.name = "method",
       .kind = Kind::kChoice,
       .value_name = "METHOD",
       .help = "How to pay: usdc on Ethereum mainnet, or by card in the billing portal",
       .choices = {"usdc", "card"},
       .default_text = "usdc"},
      {.name = "account",
       .value_name = "ADDRESS",
       .help = "Whose credits they shall be",
       .default_note = "the account that pays"},
      {.name = "creator",
       .value_name = "ADDRESS",
       .help = "The creator of apps whose credits they shall be; the same as --account"},
      {.name = "app",
       .value_name = "APP",
       .help = "Id or name of an app that pays for itself, whose credits they shall be",
       .completer = Completer::kApp},
      product_option(),
      no_open_option(),
      {.name = "no-wait",
       .kind = Kind::kFlag,
       .help = "Return when it is paid, without waiting until the credits show"},
      {.name = "timeout",
       .kind = Kind::kDuration,
       .value_name = "TIME",
       .help = "How long to wait until the credits show: 90s, 10m, or seconds",
       .default_text = "5m"},
      credits_node_option(),
      confirmations_option(),
  };
}

}  // namespace

Command make_billing_top_up_command() {
  Command command;
  command.name = "top-up";
  command.summary = "Buy credits, which pay the bills before a card does";
  command.description =
      "Buys credits for the account with USDC: approves the exact amount and purchases in one "
      "transaction, after it has checked the smallest purchase and the balances and has asked. "
      "Credits are sold on Ethereum mainnet whatever the environment, for real money, also for "
      "apps on test chains. Then it waits until the billing service shows the credits.\n\n"
      "A run that was cut off is finished by running the same command again: it finds out what "
      "became of the transaction and does not pay twice.\n\n"
      "With --method card it shows the portal where a person pays.";
  command.options = top_up_options();
  command.examples = {
      {"Buy credits for 50 dollars", "ecloud billing top-up --amount 50"},
      {"See what it would cost, without signing anything",
       "ecloud billing top-up --amount 50 --dry-run"},
      {"For another account, from a script",
       "ecloud billing top-up --amount 50 --account 0x1111111111111111111111111111111111111111 "
       "--yes --json"},
  };
  command.json_fields = top_up_json_fields();
  command.exit_codes = {Category::kFailure,     Category::kTransaction, Category::kCredentials,
                        Category::kNotFound,    Category::kNetwork,     Category::kPending,
                        Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.destructive = true;
  command.run = run_top_up;
  return command;
}

}  // namespace ecloud::cli
