#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "ecloud/platform/billing_api.h"

namespace ecloud::cli {

/// "visa ending in 4242".
std::string card_words(const platform::SavedCard& card);

/// --card CARD.
Option card_option();

/// The saved card that --card names by its id or last four digits, or the only one; asks when there
/// are several and the user can be asked. Nothing for a checkout page: --card new, or no saved
/// card. Throws Error{kUsage}: "billing.unknown_card" with the cards there are, "cli.missing_value"
/// when nobody can choose.
std::optional<platform::SavedCard> choose_card(Context& context, const Values& values,
                                               const std::vector<platform::SavedCard>& cards);

}  // namespace ecloud::cli
