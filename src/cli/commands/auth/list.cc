#include "cli/commands/auth/commands.h"
#include "cli/context.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

struct Entry {
  std::string source;
  std::optional<std::string> address;
  std::optional<std::string> problem;
};

std::optional<Entry> look(Context& context, const KeySource& source) {
  try {
    const auto found = source.find(context);
    if (!found) return std::nullopt;
    Entry entry{found->source, std::nullopt, std::nullopt};
    if (found->address) entry.address = found->address->to_string();
    return entry;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return Entry{source.name, std::nullopt, error.message()};
  }
}

void run_list(Context& context, const Values&) {
  std::vector<Entry> entries;
  for (const KeySource& source : key_sources()) {
    if (auto entry = look(context, source)) entries.push_back(std::move(*entry));
  }
  base::Json keys = base::Json::array();
  Table table{{"ADDRESS", "KEY FROM", "USED"}, {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    keys.push(base::Json::object({{"source", entry.source},
                                  {"address", text_or_null(entry.address)},
                                  {"used", i == 0},
                                  {"problem", text_or_null(entry.problem)}}));
    const std::string shown = entry.problem ? "(" + *entry.problem + ")"
                                            : entry.address.value_or("(only its password tells)");
    table.rows.push_back({shown, entry.source, i == 0 ? "yes" : "no"});
  }
  context.output().result(base::Json::object({{"keys", std::move(keys)}}), [&] {
    context.output().table(table);
    if (entries.empty()) context.terminal().note("no key anywhere; `ecloud auth login` stores one");
  });
}

}  // namespace

Command make_auth_list_command() {
  Command command;
  command.name = "list";
  command.summary = "List every place where a private key is found";
  command.description =
      "Lists the options, variables, key files and the keyring where a key is found, with its "
      "address, in the order in which they count: the first is the one that commands use. Asks for "
      "no password.";
  command.examples = {{"Where keys are", "ecloud auth list"},
                      {"The accounts alone", "ecloud auth list --fields address"}};
  command.json_list = "keys";
  command.json_fields = {{"source", "the option, the variable, the key file, or the keyring"},
                         {"address", "the account; null when only the password of a file tells"},
                         {"used", "whether commands take this one"},
                         {"problem", "why the place gives no key; null when it does"}};
  command.exit_codes = {};
  command.key = KeyUse::kOptional;
  command.run = run_list;
  return command;
}

}  // namespace ecloud::cli
