#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/error_catalogue.h"
#include "cli/help.h"
#include "cli/page.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/known_calls.h"

namespace ecloud::cli {
namespace {

/// One thing that can be explained: an error code, an exit code, a contract's error.
struct Explanation {
  std::string kind;  ///< "error", "exit", "revert", "call", "event"
  std::string name;  ///< "deploy.quota", "4", "InvalidAppStatus"
  std::vector<int> exit_codes;
  std::string what, cause, todo;
  std::string selector;  ///< of a contract's error
};

constexpr int kExitOfSuccess = 0;

Explanation explain_error(const ErrorEntry& entry) {
  Explanation out{.kind = "error",
                  .name = std::string(entry.code),
                  .exit_codes = {},
                  .what = std::string(entry.what),
                  .cause = std::string(entry.cause),
                  .todo = std::string(entry.todo),
                  .selector = {}};
  for (const Category category : entry.categories) out.exit_codes.push_back(exit_code(category));
  return out;
}

std::string capitalized(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 32);
  return out;
}

Explanation explain_exit(int code, std::string_view meaning) {
  Explanation out{.kind = "exit",
                  .name = std::to_string(code),
                  .exit_codes = {code},
                  .what = capitalized(meaning) + ".",
                  .cause = {},
                  .todo = {},
                  .selector = {}};
  if (code == kExitOfSuccess || code == kExitOutputClosed) return out;
  std::vector<std::string> codes;
  for (const ErrorEntry& entry : error_catalogue()) {
    for (const Category category : entry.categories) {
      if (exit_code(category) == code) codes.emplace_back(entry.code);
    }
  }
  out.cause = "Errors that end so: " + base::join(codes, ", ") + ".";
  out.todo =
      "The error itself is on stderr; with --json it is a document that holds its code. "
      "`ecloud explain CODE` tells about it.";
  return out;
}

Explanation explain_reason(const platform::RevertReason& reason, std::string selector) {
  return {.kind = "revert",
          .name = reason.name,
          .exit_codes = {exit_code(Category::kTransaction)},
          .what = "The contract refused the transaction: " + reason.meaning + ".",
          .cause = {},
          .todo = reason.hint.empty() ? std::string() : capitalized(reason.hint) + ".",
          .selector = std::move(selector)};
}

Explanation explain_known(const platform::KnownRevert& revert) {
  return explain_reason(revert.reason, base::to_hex_prefixed(revert.selector));
}

std::vector<Explanation> explain_all() {
  std::vector<Explanation> out;
  for (const ErrorEntry& entry : error_catalogue()) out.push_back(explain_error(entry));
  for (const int code : all_exit_codes()) {
    out.push_back(explain_exit(code, exit_code_meaning(code)));
  }
  out.push_back(
      explain_exit(kExitOutputClosed, "the reader of the output has gone (a closed pipe)"));
  for (const auto& revert : platform::known_reverts()) out.push_back(explain_known(revert));
  return out;
}

/// What people copy along with a code: brackets of --verbose, parentheses of a signature.
std::string bare_word(std::string_view word) {
  std::string_view rest = base::trim(word);
  if (rest.size() > 2 && rest.front() == '[' && rest.back() == ']') {
    rest = rest.substr(1, rest.size() - 2);
  }
  return std::string(rest.substr(0, rest.find('(')));
}

std::optional<Explanation> explain_event(base::ByteView data) {
  base::Bytes32 topic{};
  if (data.size() != topic.size()) return std::nullopt;
  std::copy(data.begin(), data.end(), topic.begin());
  const platform::KnownEvent* event = platform::find_known_event(topic);
  if (event == nullptr) return std::nullopt;
  return Explanation{.kind = "event",
                     .name = event->signature.substr(0, event->signature.find('(')),
                     .exit_codes = {},
                     .what = "An event of the " + std::string(event->contract) + ": " +
                             std::string(event->meaning) + ".",
                     .cause = {},
                     .todo = {},
                     .selector = base::to_hex_prefixed(topic)};
}

std::optional<Explanation> explain_call(base::ByteView data) {
  const platform::KnownCall* call = platform::find_known_call(data);
  if (call == nullptr) return std::nullopt;
  return Explanation{
      .kind = "call",
      .name = call->signature.substr(0, call->signature.find('(')),
      .exit_codes = {},
      .what = "A call of the " + std::string(call->contract) + ": " + call->declaration + ".",
      .cause = {},
      .todo = {},
      .selector = base::to_hex_prefixed(call->selector)};
}

bool is_known_revert(base::ByteView data) {
  const auto all = platform::known_reverts();
  return std::any_of(all.begin(), all.end(), [&](const platform::KnownRevert& revert) {
    return std::equal(revert.selector.begin(), revert.selector.end(), data.begin());
  });
}

std::optional<Explanation> explain_data(std::string_view word) {
  if (!word.starts_with("0x")) return std::nullopt;
  const auto data = base::from_hex(word);
  if (!data || data->size() < 4) return std::nullopt;
  if (auto event = explain_event(*data)) return event;
  if (!is_known_revert(*data)) {
    if (auto call = explain_call(*data)) return call;
  }
  const auto reason = platform::explain_revert(*data);
  if (!reason) return std::nullopt;
  return explain_reason(*reason, base::to_hex_prefixed(base::ByteView(*data).first(4)));
}

Error unknown_word(const std::string& word, const std::vector<Explanation>& all) {
  std::vector<std::string> names;
  for (const Explanation& one : all) names.push_back(one.name);
  const auto close = base::closest(word, names);
  return Error(Category::kUsage, "explain.unknown",
               "there is no error code, exit code or contract error \"" +
                   base::printable_line(word, 60) + "\"",
               (close ? "did you mean " + *close + "?\n" : std::string()) +
                   "`ecloud explain` lists all of them");
}

/// All that `word` names: one thing, or a family ("chain" for chain.*).
std::vector<Explanation> find_explanations(const std::string& word) {
  std::vector<Explanation> all = explain_all();
  std::vector<Explanation> exact, family;
  for (Explanation& one : all) {
    if (base::equal_ignoring_case(one.name, word)) exact.push_back(one);
    if (one.name.starts_with(word + ".")) family.push_back(one);
  }
  if (!exact.empty()) return exact;
  if (auto data = explain_data(word)) return {std::move(*data)};
  if (!family.empty()) return family;
  throw unknown_word(word, all);
}

base::Json document_of(const std::vector<Explanation>& explanations) {
  base::Json list = base::Json::array();
  for (const Explanation& one : explanations) {
    base::Json codes = base::Json::array();
    for (const int code : one.exit_codes) codes.push(code);
    const auto text = [](const std::string& value) {
      return value.empty() ? base::Json() : base::Json(value);
    };
    list.push(base::Json::object({{"name", one.name},
                                  {"kind", one.kind},
                                  {"exitCodes", std::move(codes)},
                                  {"what", one.what},
                                  {"cause", text(one.cause)},
                                  {"todo", text(one.todo)},
                                  {"selector", text(one.selector)}}));
  }
  return base::Json::object({{"explanations", std::move(list)}});
}

std::string codes_text(const Explanation& one) {
  std::vector<std::string> codes;
  for (const int code : one.exit_codes) codes.push_back(std::to_string(code));
  return base::join(codes, ", ");
}

void print_one(Terminal& terminal, const Explanation& one) {
  Page page(terminal);
  std::string title = one.name;
  if (one.kind == "exit") title = "exit code " + one.name;
  if (!one.selector.empty()) title += " (" + one.selector + ")";
  terminal.line(terminal.paint(Stream::kOutput, Style::kBold, title));
  page.indented(one.what);
  const auto part = [&](std::string_view heading, const std::string& text) {
    if (text.empty()) return;
    page.heading(heading);
    page.indented(text);
  };
  part(one.kind == "exit" ? "CODES" : "WHAT IT USUALLY MEANS", one.cause);
  part("WHAT TO DO", one.todo);
  if (one.kind != "exit" && !one.exit_codes.empty()) part("EXIT CODE", codes_text(one));
  terminal.write(terminal.in_locale(page.take()));
}

void run_explain(Context& context, const Values& values) {
  const auto word = values.argument("CODE");
  const std::vector<Explanation> found = word ? find_explanations(bare_word(*word)) : explain_all();
  context.output().result(document_of(found), [&] {
    if (found.size() == 1) return print_one(context.terminal(), found.front());
    Table table{{"CODE", "EXIT", "WHAT HAPPENED"}, {}};
    for (const Explanation& one : found) {
      table.rows.push_back({one.name, codes_text(one), one.what});
    }
    context.output().table(table);
  });
}

}  // namespace

Command make_explain_command() {
  Command command;
  command.name = "explain";
  command.group = "OTHER COMMANDS";
  command.summary = "Explain an error code, an exit code or a contract's error";
  command.description =
      "Tells what an error means, what it usually comes from and what to do about it. CODE is the "
      "code of an error (as the document of --json has it, and --verbose shows in brackets), the "
      "beginning of such codes (chain), the exit code of a command, or the name, selector or whole "
      "data of an error that a contract reverted with. The selector of a function and the topic of "
      "an event of the platform's contracts are named too. Without CODE all errors are listed. "
      "Makes no network request.";
  command.positionals = {{.name = "CODE", .help = "What to explain; all when left out"}};
  command.examples = {{"An error of a deployment", "ecloud explain deploy.quota"},
                      {"What exit code 8 means", "ecloud explain 8"},
                      {"An error that a block explorer shows", "ecloud explain 0x609749e2"}};
  command.json_list = "explanations";
  command.json_fields = {
      {"name", "the code"},
      {"kind", "error, exit, revert, call or event"},
      {"exitCodes", "the exit codes that it comes with"},
      {"what", "what happened"},
      {"cause", "what it usually means, or null"},
      {"todo", "what to do, or null"},
      {"selector", "of a contract's error or function 4 bytes in hex, of an event 32; else null"}};
  command.run = run_explain;
  return command;
}

}  // namespace ecloud::cli
