#pragma once

#include <string>
#include <string_view>

#include "ecloud/deploy/journal.h"

namespace ecloud::deploy {

/// The entry in a file of the journal. `name` is what errors call the text. Throws
/// Error{kFailure} with a code of base::Json.
JournalEntry parse_journal_entry(std::string_view text, const std::string& name);
/// What parse_journal_entry() reads, with its last line break.
std::string format_journal_entry(const JournalEntry& entry);

}  // namespace ecloud::deploy
