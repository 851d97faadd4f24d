#include "ecloud/base/text.h"

#include "support/catch.h"

namespace ecloud::base {
namespace {

using Parts = std::vector<std::string>;

TEST_CASE("blanks around a text are removed", "[base]") {
  CHECK(trim("  a b \t\r\n") == "a b");
  CHECK(trim("a") == "a");
  CHECK(trim("") == "");
  CHECK(trim(" \n ") == "");
}

TEST_CASE("splitting keeps empty fields", "[base]") {
  CHECK(split("a,b", ',') == Parts{"a", "b"});
  CHECK(split(",a,,", ',') == Parts{"", "a", "", ""});
  CHECK(split("", ',') == Parts{""});
  CHECK(split("a", ',') == Parts{"a"});
}

TEST_CASE("joining is the inverse of splitting", "[base]") {
  CHECK(join({"a", "", "b"}, ", ") == "a, , b");
  CHECK(join({}, ",") == "");
  CHECK(join({"a"}, ",") == "a");
  CHECK(join(split(",a,,", ','), ",") == ",a,,");
}

TEST_CASE("case is that of ASCII", "[base]") {
  CHECK(to_lower("AbZ[09\xc3\x84") == "abz[09\xc3\x84");
  CHECK(equal_ignoring_case("Content-Type", "content-TYPE"));
  CHECK_FALSE(equal_ignoring_case("a", "ab"));
  CHECK_FALSE(equal_ignoring_case("a", "b"));
  CHECK(equal_ignoring_case("", ""));
}

TEST_CASE("decimal numbers have digits alone", "[base]") {
  CHECK(parse_decimal("0") == 0u);
  CHECK(parse_decimal("007") == 7u);
  CHECK(parse_decimal("18446744073709551615") == UINT64_MAX);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "a", "1a",
                           "18446744073709551616", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

TEST_CASE("a mistyped word finds the closest known one", "[base]") {
  const std::vector<std::string> known = {"deploy", "destroy", "list", "logs", "environment"};
  CHECK(closest("depoly", known) == "deploy");
  CHECK(closest("lst", known) == "list");
  CHECK(closest("log", known) == "logs");
  CHECK(closest("deploy", known) == "deploy");
  CHECK(closest("enviroment", known) == "environment");
  CHECK(closest("envrnmt", known) == std::nullopt);
  CHECK(closest("enviromet", known) == "environment");
  CHECK(closest("upgrade", known) == std::nullopt);
  CHECK(closest("", known) == std::nullopt);
  CHECK(closest("x", {}) == std::nullopt);
  // Replacing every character is no similarity.
  CHECK(closest("ab", {"xy"}) == std::nullopt);
}

TEST_CASE("UTF-8 is checked as RFC 3629 says", "[base]") {
  for (const char* text :
       {"", "abc", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe2\x82",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80", "\xff", "\xfe", "abc\xc3"}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("text of others cannot move the cursor", "[base]") {
  CHECK(printable("plain text") == "plain text");
  CHECK(printable("two\nlines\tand a tab") == "two\nlines\tand a tab");
  CHECK(printable("\x1b[2J\x1b]0;title\x07") == "?[2J?]0;title?");
  CHECK(printable("over\rwritten\b") == "over?written?");
  // U+202E and U+2066 turn the direction of what follows; U+2028's neighbour U+2027 does not.
  CHECK(printable("a\xe2\x80\xae"
                  "b\xe2\x81\xa6"
                  "c\xe2\x80\xa7") == "a?b?c\xe2\x80\xa7");
  CHECK(printable(std::string_view("a\0b", 3)) == "a?b");
  CHECK(printable("del\x7f") == "del?");
  // C1 controls: U+009B is a one-character CSI for some terminals.
  CHECK(printable("\xc2\x9b"
                  "2J") == "?2J");
  CHECK(printable("\xc2\x85") == "?");
  CHECK(printable("\xc2\xa0") == "\xc2\xa0");
  CHECK(printable("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
  CHECK(printable("\xc3(\xff\xe2\x82") == "?(???");
}

TEST_CASE("printable text is cut between characters", "[base]") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdef", 5) == "abcde...");
  CHECK(printable("abc", 0) == "...");
  CHECK(printable("", 0) == "");
  CHECK(printable("a\xe2\x82\xac"
                  "b",
                  3) == "a...");
  CHECK(printable("a\xe2\x82\xac"
                  "b",
                  4) == "a\xe2\x82\xac...");
}

TEST_CASE("a printable line has no line breaks", "[base]") {
  CHECK(printable_line("a\nb\tc\r\nd") == "a b c? d");
  CHECK(printable_line(std::string(400, 'x')) == std::string(300, 'x') + "...");
  CHECK(printable_line("abc", 2) == "ab...");
}

TEST_CASE("spaces of Unicode separate words and are trimmed", "[base]") {
  for (const char* space :
       {" ", "\t", "\r\n", "\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a",
        "\xe2\x80\x8b", "\xe2\x80\xa8", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe2\x81\xa0",
        "\xe3\x80\x80", "\xef\xbb\xbf"}) {
    const std::string s(space);
    CAPTURE(s);
    CHECK(trim_spaces(s + "a" + s + "\xc3\xa4" + s + s) == "a" + s + "\xc3\xa4");
    CHECK(trim_spaces(s).empty());
    CHECK(words_of(s + "a" + s + s + "bc") == std::vector<std::string_view>{"a", "bc"});
  }
  CHECK(words_of(" ").empty());
  CHECK(space_length("") == 0);
  // What only begins like a space is none.
  for (const char* text : {"\xc2\xa1", "\xe2\x80\x8c", "\xe2\x80", "\xe3\x80\x81", "x"}) {
    CHECK(space_length(text) == 0);
    CHECK(trim_spaces(text) == text);
  }
}

TEST_CASE("what may be a private key is hidden", "[base]") {
  const std::string key(64, 'a');
  CHECK(without_keys("no such file: /x/0x" + key) == "no such file: /x/0x(hidden)");
  CHECK(without_keys(key + "." + key + "b") == "(hidden).(hidden)");
  CHECK(without_keys(key.substr(1) + " and g") == key.substr(1) + " and g");
  CHECK(without_keys("") == "");
}

}  // namespace
}  // namespace ecloud::base
