#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"

namespace ecloud::cli {

/// An option of the TypeScript CLI and what stands for it here.
struct MigratedOption {
  std::string_view theirs;     ///< "--force", with its short form where scripts use that: "-f"
  std::string_view ours = {};  ///< empty: the same
};

/// A command of the TypeScript CLI and what stands for it here. Words without "ecloud".
struct MigratedCommand {
  std::string_view theirs;              ///< "compute app deploy"
  std::string_view ours;                ///< empty: there is none, `note` says why
  std::vector<MigratedOption> options;  ///< all that a script may use
  std::string_view note = {};           ///< what is different, a sentence; may be empty
};

/// The whole surface of the TypeScript CLI, in its order.
const std::vector<MigratedCommand>& migrated_commands();

/// Its environment variables; all mean the same here.
const std::vector<std::string_view>& migrated_variables();

/// Whether `ours` of a row is in the tree.
bool is_in_tree(const Command& root, std::string_view words);

/// `ecloud help migrate`.
std::string migration_text(const Command& root, const Terminal& terminal);
/// The same as a section for the README: headings of level 3 and tables in Markdown.
std::string migration_markdown(const Command& root);
/// The same as the manual page ecloud-migrating(7).
std::string migration_man_page(const Command& root);

/// What to say about a word that is no command of the group `at` ("compute app"; empty for the
/// root), because it was one elsewhere or is one in other programs; empty when nothing is known.
std::string hint_for_old_word(const Command& root, std::string_view at, std::string_view word);

/// What to write instead of the option `word` behind the command `at` ("compute app logs"); empty
/// when nothing is known.
std::string hint_for_old_option(std::string_view at, std::string_view word);

}  // namespace ecloud::cli
