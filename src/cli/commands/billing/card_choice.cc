#include "cli/commands/billing/card_choice.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr char kNewCard[] = "new";

/// "card-1 (visa ending in 4242), card-2 (…)".
std::string list_of(const std::vector<platform::SavedCard>& cards) {
  std::vector<std::string> words;
  for (const platform::SavedCard& card : cards) {
    words.push_back(card.id + " (" + card_words(card) + ")");
  }
  return base::join(words, ", ");
}

platform::SavedCard named_card(const Values& values, const std::string& wanted,
                               const std::vector<platform::SavedCard>& cards) {
  const auto by_id = std::find_if(cards.begin(), cards.end(), [&](const auto& card) {
    return card.id == wanted || (!card.stripe_id.empty() && card.stripe_id == wanted);
  });
  if (by_id != cards.end()) return *by_id;
  std::vector<platform::SavedCard> ending;
  for (const platform::SavedCard& card : cards) {
    if (!card.last4.empty() && card.last4 == wanted) ending.push_back(card);
  }
  if (ending.size() == 1) return ending.front();
  const std::string where = values.origin("card").where;
  const std::string shown = base::printable_line(wanted, 80);
  if (ending.size() > 1) {
    throw Error(Category::kUsage, "billing.unknown_card",
                where + ": several saved cards end in " + shown + ": " + list_of(ending),
                "name one by its id");
  }
  throw Error(Category::kUsage, "billing.unknown_card",
              where + ": there is no saved card \"" + shown + "\"" +
                  (cards.empty() ? "" : "; saved cards: " + list_of(cards)),
              "see the saved cards: ecloud billing cards; or pay with another one: --card new");
}

}  // namespace

std::string card_words(const platform::SavedCard& card) {
  return (card.brand.empty() ? "card" : card.brand) +
         (card.last4.empty() ? " " + card.id : " ending in " + card.last4);
}

Option card_option() {
  return {.name = "card",
          .value_name = "CARD",
          .help =
              "With --method card: a saved card by its last four digits or id, or new for a "
              "checkout page",
          .default_note = "the only saved card, else a checkout page"};
}

std::optional<platform::SavedCard> choose_card(Context& context, const Values& values,
                                               const std::vector<platform::SavedCard>& cards) {
  if (values.given("card")) {
    const std::string wanted = *values.text("card");
    if (wanted == kNewCard) return std::nullopt;
    return named_card(values, wanted, cards);
  }
  if (cards.empty()) return std::nullopt;
  if (cards.size() == 1) return cards.front();
  if (!context.terminal().can_prompt()) {
    throw Error(Category::kUsage, "cli.missing_value",
                "there are several saved cards: " + list_of(cards),
                "choose one: --card LAST4 or --card ID; or --card new for a checkout page");
  }
  std::vector<std::string> choices;
  for (const platform::SavedCard& card : cards) choices.push_back(card_words(card));
  choices.emplace_back("another card (checkout page)");
  const std::size_t chosen = context.terminal().select("Which card?", choices);
  return chosen < cards.size() ? std::optional(cards[chosen]) : std::nullopt;
}

}  // namespace ecloud::cli
