#include "cli/commands/billing/card_choice.h"
#include "cli/commands/billing/commands.h"
#include "cli/commands/billing/subscription_view.h"
#include "cli/json_values.h"

namespace ecloud::cli {
namespace {

base::Json document_of(const std::vector<platform::SavedCard>& cards) {
  base::Json list = base::Json::array();
  for (const platform::SavedCard& card : cards) {
    list.push(base::Json::object({{"id", card.id},
                                  {"brand", text_or_null(card.brand)},
                                  {"last4", text_or_null(card.last4)},
                                  {"createdAt", text_or_null(card.created_at)}}));
  }
  return base::Json::object({{"cards", list}});
}

void run_cards(Context& context, const Values& values) {
  require_known_product(values);
  const std::vector<platform::SavedCard> cards = billing_api(context).saved_cards();
  context.output().list_result("cards", document_of(cards), [&] {
    if (cards.empty()) {
      context.terminal().note(
          "no saved cards; a card that pays at the checkout page is saved: "
          "ecloud billing top-up --method card --amount 50");
      return;
    }
    Table table{.headers = {"BRAND", "LAST4", "ID", "SAVED"}, .rows = {}};
    for (const platform::SavedCard& card : cards) {
      table.rows.push_back(
          {or_dash(card.brand), or_dash(card.last4), card.id, or_dash(card.created_at)});
    }
    context.output().table(table);
  });
}

}  // namespace

Command make_billing_cards_command() {
  Command command;
  command.name = "cards";
  command.aliases = {"list-cards"};
  command.summary = "List the saved cards";
  command.description =
      "Lists the cards that the account has saved at the billing service, for `ecloud billing "
      "top-up --method card --card LAST4`. Card numbers stay with the payment service.";
  command.options = {product_option()};
  command.examples = {{"List them", "ecloud billing cards"}};
  command.json_list = "cards";
  command.json_fields = {{"id", "what --card takes"},
                         {"brand", "visa, mastercard, …, or null"},
                         {"last4", "the last four digits, or null"},
                         {"createdAt", "when it was saved, RFC 3339, or null"}};
  command.exit_codes = {Category::kCredentials, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_cards;
  return command;
}

}  // namespace ecloud::cli
