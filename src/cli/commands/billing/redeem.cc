#include <algorithm>

#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/credits_wait.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kLongestCode = 200;

std::string given_code(Context& context, const Values& values) {
  const auto argument = values.argument("CODE");
  const auto option = values.text("code");
  if (argument && option && *argument != *option) {
    throw Error(Category::kUsage, "cli.conflict", "CODE and --code name different coupons",
                "give one of them");
  }
  if (!argument && !option) return values.required("code");
  const std::string given = argument ? *argument : *option;
  return given == "-" ? context.terminal().read_input(kLongestCode + 2) : given;
}

std::string coupon_code(Context& context, const Values& values) {
  const std::string code(base::trim(given_code(context, values)));
  const bool good =
      !code.empty() && code.size() <= kLongestCode &&
      std::all_of(code.begin(), code.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (good) return code;
  throw Error(Category::kUsage, "cli.bad_value",
              "CODE is \"" + base::printable_line(code, 80) + "\", which is not a coupon code",
              "a code has no spaces; give it as CODE, or - to read it from stdin");
}

/// The coupon is redeemed whatever becomes of this question.
std::optional<double> credits_after(Context& context) {
  try {
    const auto shown = read_credits(context, context.deployer().address);
    return shown ? std::optional(shown->remaining) : std::nullopt;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    context.terminal().note("the coupon is redeemed; the credits could not be read: " +
                            error.message());
    return std::nullopt;
  }
}

void print_result(Context& context, const std::optional<std::uint64_t>& cents,
                  const std::optional<double>& credits, bool dry_run) {
  base::Json document =
      base::Json::object({{"account", context.deployer().address.to_string()},
                          {"amount", cents ? base::Json(cents_amount(*cents)) : base::Json()},
                          {"remainingCredits", number_or_null(credits)}});
  if (dry_run) document.set("dryRun", true);
  context.output().result(document, [&] {
    context.output().pairs(
        {{dry_run ? "Would redeem" : "Redeemed",
          cents ? cents_text(*cents) : std::string(dry_run ? "the coupon" : "amount not stated")},
         {"Credits for", context.deployer().address.to_string()},
         {"Credits left", money(credits)}});
  });
}

void run_redeem(Context& context, const Values& values) {
  require_known_product(values);
  const std::string code = coupon_code(context, values);
  context.deployer();
  if (values.flag("dry-run")) {
    context.terminal().note("nothing is redeemed");
    return print_result(context, std::nullopt, credits_after(context), true);
  }
  const auto cents = billing_api(context).redeem_coupon(code);
  print_result(context, cents, credits_after(context), false);
}

}  // namespace

Command make_billing_redeem_command() {
  Command command;
  command.name = "redeem";
  command.aliases = {"redeem-coupon"};
  command.summary = "Redeem a coupon for credits";
  command.description =
      "Redeems a coupon for the account of the key and shows what it was worth. A coupon can be "
      "redeemed once.";
  command.positionals = {{.name = "CODE", .help = "The coupon's code, or - to read it from stdin"}};
  command.options = {
      {.name = "code", .value_name = "CODE", .help = "The same as CODE", .question = "Coupon code"},
      product_option()};
  command.examples = {{"Redeem one", "ecloud billing redeem WELCOME-25"},
                      {"From a file", "ecloud billing redeem - < coupon.txt"}};
  command.json_fields = {{"account", "the account that gets the credits"},
                         {"amount", "dollars, a decimal text, or null when it is not stated"},
                         {"remainingCredits", "dollars of credits after it, or null"},
                         {"dryRun", "true with --dry-run"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_redeem;
  return command;
}

}  // namespace ecloud::cli
