// A secret that a command is asked to print is printed and not kept.

#include "cli/output.h"
#include "cli/printable_json.h"
#include "ecloud/base/env.h"
#include "ecloud/base/json.h"
#include "support/catch.h"
#include "support/freed_memory.h"

namespace ecloud::cli {
namespace {

constexpr std::string_view kWords =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

/// Writes into memory of its own, which never moves.
class FixedConsole final : public Console {
 public:
  bool input_is_terminal() const override { return false; }
  bool output_is_terminal() const override { return false; }
  bool error_is_terminal() const override { return false; }
  int width() const override { return 0; }
  void write_output(std::string_view text) override {
    for (const char c : text) octets_[size_++] = c;
  }
  void write_error(std::string_view) override {}
  std::optional<std::string> read_line(bool) override { return std::nullopt; }
  std::string read_all(std::size_t) override { return {}; }

  std::string_view text() const { return {octets_, size_}; }

 private:
  char octets_[1024] = {};
  std::size_t size_ = 0;
};

struct Printed {
  FixedConsole console;
  std::size_t left = 0;
};

void print(Printed& out, bool json, std::vector<std::string> fields) {
  const base::Secret words{base::as_bytes(kWords)};
  const base::Env env;
  Command command;
  command.json_fields = {{"appId", ""}, {"words", ""}};
  TerminalOptions options;
  options.json = json;
  const testing::FreedMemory memory("winner thank year wave");
  {
    Terminal terminal(out.console, env, options);
    Output output(terminal, command, std::move(fields));
    output.secret_result(base::Json::object({{"appId", "0x1"}}), "words", words,
                         [&] { terminal.write(words.reveal_text()); });
  }
  out.left = memory.found();
}

}  // namespace

TEST_CASE("A secret in a JSON document stays in no memory", "[cli][memory]") {
  Printed out;
  print(out, true, {});
  CHECK(out.console.text() == "{\"appId\":\"0x1\",\"words\":\"" + std::string(kWords) + "\"}\n");
  CHECK(out.left == 0);
}

TEST_CASE("A secret among chosen fields is printed where it was chosen", "[cli][memory]") {
  Printed line;
  print(line, false, {"words", "appId"});
  CHECK(line.console.text() == std::string(kWords) + "\t0x1\n");
  CHECK(line.left == 0);
  Printed without;
  print(without, true, {"appId"});
  CHECK(without.console.text() == "{\"appId\":\"0x1\"}\n");
  Printed human;
  print(human, false, {});
  CHECK(human.console.text() == kWords);
  CHECK(human.left == 0);
}

TEST_CASE("Characters that deceive are escaped in JSON and letters stay", "[cli]") {
  // DEL, U+0080, U+009F, U+061C, U+200E, U+200F, U+202A, U+202E, U+2066, U+2069, U+2028
  const base::Json document =
      base::Json::object({{"a",
                           "\x7f\xc2\x80\xc2\x9f\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xaa"
                           "\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\xa8"},
                          {"b", "\xc2\xa0\xd8\x9b\xe2\x80\x8d\xe2\x81\xa5\xf0\x9f\x98\x80"}});
  const std::string text = printable_json(document);
  CHECK(text ==
        "{\"a\":\"\\u007f\\u0080\\u009f\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066"
        "\\u2069\\u2028\",\"b\":\"\xc2\xa0\xd8\x9b\xe2\x80\x8d\xe2\x81\xa5\xf0\x9f\x98\x80\"}");
  CHECK(base::Json::parse(text, "test")["a"].as_string() == document["a"].as_string());
}

}  // namespace ecloud::cli
