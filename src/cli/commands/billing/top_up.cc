#include "cli/browser.h"
#include "cli/commands/billing/card_choice.h"
#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/credits_wait.h"
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
       .help = "How to pay: with USDC on a chain, or with a card; x402 is not supported",
       .choices = {"usdc", "card"},
       .default_text = "usdc"},
      credits_chain_option("chain", "Where to pay USDC"),
      card_option(),
      {.name = "new-purchase",
       .kind = Kind::kFlag,
       .help = "With --method card: buy again although an earlier purchase is unfinished"},
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
       .default_text = kCreditsTimeout},
      credits_node_option(),
      confirmations_option(),
  };
}

}  // namespace

Command make_billing_top_up_command() {
  Command command;
  command.name = "top-up";
  command.summary = "Buy credits with USDC or a card";
  command.description =
      "Buys credits, which pay for machines, for the account of the key or for another one, and "
      "waits until the billing service shows them.\n\n"
      "With USDC it approves the exact amount and purchases in one transaction, after it has "
      "checked the chain, the smallest purchase and the balances and has asked. On Ethereum "
      "mainnet that is real money, also for apps on test chains; --chain base-sepolia takes test "
      "money for apps on Sepolia.\n\n"
      "With --method card it charges a saved card, after asking, or shows a checkout page where a "
      "person pays. Cards take at least 5 dollars, and always real money.\n\n"
      "Interrupted? Run the same command again: it finds out what became of the payment and does "
      "not pay twice. Payments over x402 are not supported.";
  command.options = top_up_options();
  command.examples = {
      {"Buy credits for 50 dollars with USDC", "ecloud billing top-up --amount 50"},
      {"With test money, for apps on Sepolia",
       "ecloud billing top-up --amount 5 --chain base-sepolia"},
      {"With the saved card that ends in 4242",
       "ecloud billing top-up --amount 50 --method card --card 4242"},
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
