#include "cli/output.h"

#include "support/catch.h"
#include "unit/cli/cli_run.h"

using ecloud::base::Env;
using ecloud::base::Json;
using ecloud::cli::Command;
using ecloud::cli::Output;
using ecloud::cli::Stream;
using ecloud::cli::Table;
using ecloud::cli::Terminal;
using ecloud::cli::TerminalOptions;
using ecloud::testing::MemoryConsole;

namespace {

Json gas(int used) {
  return Json::object({{"used", used}, {"limit", 9}});
}

Json record(const char* id, int used) {
  return Json::object({{"id", id}, {"ip", nullptr}, {"gas", gas(used)}});
}

Command make_command(bool list) {
  Command command;
  command.name = "x";
  command.json_fields = {{"id", ""}, {"ip", ""}, {"gas.used", ""}, {"gas.limit", ""}};
  if (list) command.json_list = "apps";
  return command;
}

std::string result(const Json& document, std::vector<std::string> fields, bool json, bool list,
                   bool terminal = false) {
  MemoryConsole console;
  console.output_terminal = terminal;
  Env env;
  TerminalOptions options;
  options.json = json;
  Terminal out(console, env, options);
  const Command command = make_command(list);
  ecloud::cli::check_fields(command, fields);
  Output output(out, command, std::move(fields));
  output.result(document, [&] { output.line("for people"); });
  CHECK(console.err.empty());
  return console.out;
}

}  // namespace

TEST_CASE("a result is words, one document, or plain values", "[cli]") {
  const Json one = record("a", 1);
  CHECK(result(one, {}, false, false) == "for people\n");
  CHECK(result(one, {}, true, false) ==
        "{\"id\":\"a\",\"ip\":null,\"gas\":{\"used\":1,\"limit\":9}}\n");
  CHECK(result(one, {"id", "gas.used"}, true, false) == "{\"id\":\"a\",\"gas\":{\"used\":1}}\n");
  CHECK(result(one, {"gas.limit", "gas.used"}, true, false) ==
        "{\"gas\":{\"limit\":9,\"used\":1}}\n");
  CHECK(result(one, {"gas"}, false, false) == "{\"used\":1,\"limit\":9}\n");
  CHECK(result(one, {"id", "ip", "gas.used"}, false, false) == "a\t\t1\n");
}

TEST_CASE("fields of a list are those of its elements, a line each", "[cli]") {
  const Json list =
      Json::object({{"apps", Json::array({record("a", 1), record("b", 2)})}, {"total", 2}});
  CHECK(result(list, {"id", "gas.used"}, false, true) == "a\t1\nb\t2\n");
  CHECK(result(list, {"id"}, true, true) == "{\"apps\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"total\":2}\n");
}

TEST_CASE("values of --fields stay on their line and move no cursor", "[cli]") {
  CHECK(result(record("a\tb\nc\x1b[2J", 1), {"id", "gas.used"}, false, false) == "a b c?[2J\t1\n");
}

TEST_CASE("on a terminal the document is indented", "[cli]") {
  CHECK(result(Json::object({{"id", "a"}}), {}, true, false, true) == "{\n  \"id\": \"a\"\n}\n");
}

TEST_CASE("tables line up by what is seen, not by octets", "[cli]") {
  MemoryConsole console;
  console.output_terminal = true;
  Env env;
  Terminal terminal(console, env);
  const Table table{
      {"NAME", "STATE"},
      {{"caf\xc3\xa9", terminal.paint(Stream::kOutput, ecloud::cli::Style::kGreen, "up")},
       {"longer", "down\nhere"}}};
  CHECK(ecloud::cli::format_table(table, terminal, Stream::kOutput) ==
        "\x1b[2mNAME\x1b[0m    \x1b[2mSTATE\x1b[0m\n"
        "caf\xc3\xa9    \x1b[32mup\x1b[0m\n"
        "longer  down here\n");
  console.output_terminal = false;
  CHECK(ecloud::cli::format_table(table, terminal, Stream::kOutput) ==
        "caf\xc3\xa9\t\x1b[32mup\x1b[0m\nlonger\tdown here\n");
}

TEST_CASE("times are relative on a terminal and RFC 3339 elsewhere", "[cli]") {
  MemoryConsole console;
  Env env;
  const Terminal terminal(console, env);
  const std::int64_t now = 1'800'000'000;
  CHECK(show_time(terminal, now - 90, now) == "2027-01-15T07:58:30Z");
  console.output_terminal = true;
  CHECK(show_time(terminal, now - 2, now) == "just now");
  CHECK(show_time(terminal, now - 90, now) == "1 minute ago");
  CHECK(show_time(terminal, now - 7'200, now) == "2 hours ago");
  CHECK(show_time(terminal, now - 40 * 86'400, now) == "1 month ago");
  CHECK(show_time(terminal, now + 3 * 86'400, now) == "in 3 days");
}
