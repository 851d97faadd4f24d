#include "ecloud/platform/dotenv.h"

#include <map>

#include "platform_support.h"

namespace ecloud::platform {
namespace {

using Values = std::map<std::string, std::string>;

Values values_of(std::string_view text) {
  Values out;
  for (const DotenvEntry& entry : parse_dotenv(text, ".env").entries) {
    CHECK(out.emplace(entry.name, entry.value.reveal_text()).second);
  }
  return out;
}

/// The warnings, a line each.
std::string warnings_of(std::string_view text) {
  std::string out;
  for (const DotenvWarning& warning : parse_dotenv(text, ".env").warnings) {
    out += std::to_string(warning.line) + ": " + warning.message + "\n";
  }
  return out;
}

TEST_CASE("environment files are read as the npm package dotenv reads them", "[platform]") {
  const auto cases = testing::platform_vectors()["dotenv"].elements();
  REQUIRE(cases.size() > 50);
  for (const base::Json& item : cases) {
    const std::string text = item["text"].as_string();
    INFO(text);
    Values expected;
    for (const auto& [name, value] : item["entries"].members()) expected[name] = value.as_string();
    CHECK(values_of(text) == expected);
  }
}

TEST_CASE("a byte order mark at the start does not belong to the first name", "[platform]") {
  CHECK(values_of("\xef\xbb\xbf"
                  "A=1\nB=2") == Values{{"A", "1"}, {"B", "2"}});
  CHECK(values_of("\xef\xbb\xbf").empty());
}

TEST_CASE("escapes between double quotes are resolved once, here or by the shell in the TEE",
          "[platform]") {
  CHECK(values_of(R"(A="a\nb\rc\td")")["A"] == "a\nb\rc\td");
  CHECK(values_of(R"(A="a\\b\"c\$d\`e")")["A"] == R"(a\\b\"c\$d\`e)");
  CHECK(values_of(R"(A="\\n")")["A"] == R"(\\n)");
  // Others are kept as they are written, also by the shell.
  CHECK(values_of(R"(A="\x\'\0")")["A"] == R"(\x\'\0)");
  const Dotenv read = parse_dotenv("A=\"x\\$\"\nB=\"x\\n\"\nC='x\\$'\nD=x\\$\n", ".env");
  REQUIRE(read.entries.size() == 4);
  CHECK(read.entries[0].shell_escaped);
  for (std::size_t i = 1; i < 4; ++i) CHECK_FALSE(read.entries[i].shell_escaped);
}

TEST_CASE("single quotes, backquotes and no quotes know no escapes", "[platform]") {
  CHECK(values_of(R"(A='a\nb\\c$d"e')")["A"] == R"(a\nb\\c$d"e)");
  CHECK(values_of(R"(A=`a\nb\\c$d"e'f`)")["A"] == R"(a\nb\\c$d"e'f)");
  CHECK(values_of(R"(A=a\nb\\c$d"e)")["A"] == R"(a\nb\\c$d"e)");
}

TEST_CASE("backquotes are quotes when there are two", "[platform]") {
  CHECK(values_of("A=`he said \"no, it's #1\"` # why\nB=2") ==
        Values{{"A", "he said \"no, it's #1\""}, {"B", "2"}});
  CHECK(values_of("A=`one\ntwo`\nB=2") == Values{{"A", "one\ntwo"}, {"B", "2"}});
  CHECK(values_of("A=``")["A"].empty());
  CHECK(values_of("A=`alone\nB=2") == Values{{"A", "`alone"}, {"B", "2"}});
}

TEST_CASE("a comment needs a space before it, and is reported when it ends a value", "[platform]") {
  CHECK(values_of("A=a#b")["A"] == "a#b");
  CHECK(values_of("A=a #b")["A"] == "a");
  CHECK(values_of("A=a\t# b = c")["A"] == "a");
  CHECK(values_of("A=a\xc2\xa0# b")["A"] == "a");
  CHECK(values_of("A=color:#ff0000;")["A"] == "color:#ff0000;");
  CHECK(values_of("A=#00ff7f")["A"] == "#00ff7f");
  CHECK(values_of("A=# none\nB=#\nC= #c") == Values{{"A", ""}, {"B", ""}, {"C", ""}});
  CHECK(values_of("A='x'#b\nC=d") == Values{{"A", "x"}, {"C", "d"}});
  CHECK(warnings_of("A=#00ff7f\nB=a#b\nC='x' # y\nD=\"a #b\"\n# E=f #g\n") == "");
  CHECK(warnings_of("\nPIN=12 #34\n") ==
        "2: the value of PIN ends before # (a comment); put the value in quotes if # belongs to "
        "it\n");
  CHECK(warnings_of("P= #34\n").starts_with("1: the value of P ends before #"));
}

TEST_CASE("spaces of Unicode around names and values do not belong to them", "[platform]") {
  for (const char* space : {"\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\x89", "\xef\xbb\xbf"}) {
    const std::string s(space);
    CHECK(values_of(s + "A" + s + "=" + s + "one" + s + "two" + s + "\nexport" + s + "B=" + s +
                    "'" + s + "x'" + s + "\n") == Values{{"A", "one" + s + "two"}, {"B", s + "x"}});
  }
}

TEST_CASE("a value between quotes may go over several lines", "[platform]") {
  const std::string key = "-----BEGIN PRIVATE KEY-----\nMIIB+/==\n\n# not a comment\nX=1\n-----END";
  const Values expected{{"KEY", key}, {"NEXT", "2"}};
  CHECK(values_of("KEY=\"" + key + "\"\nNEXT=2\n") == expected);
  CHECK(values_of("KEY='" + key + "' # comment\nNEXT=2\n") == expected);
}

TEST_CASE("a file with the line ends of Windows gives the same values", "[platform]") {
  const std::string_view text =
      "\xef\xbb\xbf# comment\r\n\r\nA=1\r\nB=two words \r\nC=\r\nD=\"x\ny\"\r\nexport E='z' # c\r\n"
      "F=\"first\r\nsecond\r\n\"\r\nG='first\r\nsecond'\r\nignored\r\n";
  CHECK(values_of(text) == Values{{"A", "1"},
                                  {"B", "two words"},
                                  {"C", ""},
                                  {"D", "x\ny"},
                                  {"E", "z"},
                                  {"F", "first\nsecond\n"},
                                  {"G", "first\nsecond"}});
  CHECK(warnings_of(text) == "14: ignored, because it has no =\n");
}

TEST_CASE("an escaped carriage return between quotes is kept", "[platform]") {
  CHECK(values_of("A=\"x\\r\ny\"")["A"] == "x\r\ny");
}

TEST_CASE("entries remember their lines and their order", "[platform]") {
  const Dotenv dotenv = parse_dotenv("# c\nB=1\n\nA=\"x\ny\"\nC=3", ".env");
  REQUIRE(dotenv.entries.size() == 3);
  CHECK(dotenv.entries[0].name == "B");
  CHECK(dotenv.entries[0].line == 2);
  CHECK(dotenv.entries[1].name == "A");
  CHECK(dotenv.entries[1].line == 4);
  CHECK(dotenv.entries[2].name == "C");
  CHECK(dotenv.entries[2].line == 6);
  CHECK(dotenv.warnings.empty());
}

TEST_CASE("the last of several equal names wins, with a warning", "[platform]") {
  const Dotenv dotenv = parse_dotenv("A=1\nB=2\nA=3\nA=4", ".env");
  REQUIRE(dotenv.entries.size() == 2);
  CHECK(dotenv.entries[0].name == "B");
  CHECK(dotenv.entries[1].name == "A");
  CHECK(dotenv.entries[1].value.reveal_text() == "4");
  CHECK(dotenv.entries[1].line == 4);
  CHECK(warnings_of("A=marker1\nB=2\nA=marker3\nA=marker4") ==
        "3: A was set in line 1 already; this line wins\n"
        "4: A was set in line 3 already; this line wins\n");
}

TEST_CASE("lines without = are skipped with a warning that does not repeat them", "[platform]") {
  CHECK(warnings_of("marker\nA=1\n  export B\n# c\n\n\"marker\"") ==
        "1: ignored, because it has no =\n"
        "3: ignored, because it has no =\n"
        "6: ignored, because it has no =\n");
}

TEST_CASE("a long value and many lines are read", "[platform]") {
  const std::string value(kMaxDotenvBytes - 2, 'x');
  CHECK(values_of("A=" + value)["A"] == value);
  std::string lines;
  for (int i = 0; i < 500; ++i)
    lines += "NAME_" + std::to_string(i) + "=" + std::to_string(i) + "\n";
  const Values values = values_of(lines);
  CHECK(values.size() == 500);
  CHECK(values.at("NAME_499") == "499");
}

}  // namespace
}  // namespace ecloud::platform
