#include "cli/commands/billing/top_up_methods.h"

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

eth::Address address_given(const Values& values, const char* option) {
  const std::string text = *values.text(option);
  const auto address = eth::Address::parse(text);
  if (address) return *address;
  throw Error(Category::kUsage, "cli.bad_value",
              values.origin(option).where + " " + eth::Address::problem(text));
}

}  // namespace

eth::Address app_that_pays(Workflow& workflow, const std::string& id_or_name) {
  const eth::Address app =
      deploy::find_app(workflow.services(), workflow.find_signer(), id_or_name);
  const auto results = workflow.services().rpc.batch({chain::eth_call(
      workflow.services().environment.app_controller, platform::encode_billing_account(app))});
  const auto* value = std::get_if<base::Json>(&results.front());
  const base::Bytes data = value != nullptr ? chain::read_data(*value) : base::Bytes();
  const auto payer = data.empty() ? std::nullopt : std::optional(platform::decode_address(data));
  if (payer == app) return app;
  throw Error(Category::kUsage, "billing.app_does_not_pay",
              "app " + app.to_string() + " does not pay for itself" +
                  (payer && !payer->is_zero() ? "; its bill goes to " + payer->to_string() : ""),
              "buy credits for the account that pays: --account ADDRESS");
}

eth::U256 top_up_amount(const Values& values) {
  const std::string text = values.required("amount");
  const auto amount = platform::parse_usdc(text);
  if (amount && !amount->is_zero()) return *amount;
  throw Error(Category::kUsage, "cli.bad_value",
              values.origin("amount").where + " is \"" + base::printable_line(text) +
                  "\", which is not an amount of dollars",
              "write it with digits and at most six of them after a point: --amount 50");
}

eth::Address top_up_beneficiary(Context& context, Workflow& workflow, const Values& values) {
  std::vector<std::string> given;
  for (const char* option : {"account", "app", "creator"}) {
    if (values.given(option)) given.push_back("--" + std::string(option));
  }
  if (given.size() > 1) {
    throw Error(Category::kUsage, "cli.conflict",
                base::join(given, " and ") + " exclude each other",
                "say once the account that gets the credits");
  }
  if (given.empty()) return context.deployer().address;
  if (given.front() == "--app") return app_that_pays(workflow, *values.text("app"));
  return address_given(values, given.front().c_str() + 2);
}

}  // namespace ecloud::cli
