#include <string>

#include "ecloud/platform/dotenv.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

// Stands wherever a value may stand: no message may hold any part of it.
constexpr std::string_view kMarker = "s3cr3tMARKERvalue";

std::string refusal(std::string_view text) {
  return testing::error_of([&] { parse_dotenv(text, "dir/.env"); });
}

struct BadFile {
  std::string text;
  std::string refusal;
};

const std::string kNoName =
    "the name before = is missing or does not start with a letter or _ | write NAME=VALUE; inside "
    "the TEE a shell reads these names";
const std::string kBadName =
    "the name before = holds other characters than letters, digits and _ | write NAME=VALUE; "
    "inside the TEE a shell reads these names";

std::string never_ends(const std::string& name, char quote) {
  return "the quote that opens the value of " + name + " never ends | close it with " + quote;
}

std::string behind_quote(const std::string& name) {
  return "there is something behind the closing quote of " + name +
         " | put the whole value between the quotes";
}

std::vector<BadFile> bad_files() {
  const std::string m(kMarker);
  return {
      {"=" + m, "1: " + kNoName},
      {"  = " + m, "1: " + kNoName},
      {"export =" + m, "1: " + kNoName},
      {"A=1\n\n9LIVES=" + m, "3: " + kNoName},
      {"-A=" + m, "1: " + kNoName},
      {"\"A\"=" + m, "1: " + kNoName},
      {"\xc3\xa4=" + m, "1: " + kNoName},
      {"A B=" + m, "1: " + kBadName},
      {"A.B=" + m, "1: " + kBadName},
      {"A-B=" + m, "1: " + kBadName},
      {"A\xc3\xa4=" + m, "1: " + kBadName},
      {"A: " + m + "=", "1: " + kBadName},
      {"export A B=" + m, "1: " + kBadName},
      {"A # " + m + "=", "1: " + kBadName},
      {"A=\"" + m, "1: " + never_ends("A", '"')},
      {"A='" + m, "1: " + never_ends("A", '\'')},
      {"# c\r\nA=\"" + m + "\nB=2\n\nC='" + m + "'\n", "2: " + never_ends("A", '"')},
      {"A=\"" + m + "\\\"", "1: " + never_ends("A", '"')},
      {"A=\"" + m + "\\", "1: " + never_ends("A", '"')},
      {"A=\"", "1: " + never_ends("A", '"')},
      {"A=\"x\" " + m, "1: " + behind_quote("A")},
      {"A='x'" + m, "1: " + behind_quote("A")},
      {"A=\"x\"\"" + m + "\"", "1: " + behind_quote("A")},
      {"B=1\nA=\"" + m + "\n\n" + m + "\" " + m + "\n", "4: " + behind_quote("A")},
  };
}

TEST_CASE("a line that cannot be read is refused with its number", "[platform]") {
  for (const BadFile& bad : bad_files()) {
    INFO(bad.text);
    CHECK(refusal(bad.text) == "2 dotenv.syntax: dir/.env:" + bad.refusal);
  }
}

TEST_CASE("no message ever repeats a value", "[platform]") {
  for (const BadFile& bad : bad_files()) {
    INFO(bad.text);
    CHECK(refusal(bad.text).find(kMarker) == std::string::npos);
  }
}

TEST_CASE("a key pasted without quotes does not come back in the message", "[platform]") {
  // The second line has a = like those of NAME=VALUE, and what stands before it is secret.
  const std::string text = "KEY=-----BEGIN PRIVATE KEY-----\n" + std::string(kMarker) + "+/" +
                           std::string(kMarker) + "==\n-----END PRIVATE KEY-----\n";
  CHECK(refusal(text) == "2 dotenv.syntax: dir/.env:2: " + kBadName);
}

TEST_CASE("what is no text is refused as a whole", "[platform]") {
  const std::string expected =
      "2 dotenv.binary: dir/.env is not a text file (UTF-8 without NUL bytes) | give the file with "
      "your NAME=VALUE lines: --env-file FILE";
  const std::string marker(kMarker);
  CHECK(refusal(std::string("A=1\0B=2", 7)) == expected);
  CHECK(refusal(marker + std::string(1, '\0')) == expected);
  CHECK(refusal("A=\xff" + marker) == expected);
  CHECK(refusal("A=\xc3") == expected);
  CHECK(refusal("A=\xed\xa0\x80") == expected);  // a surrogate
  CHECK(refusal("A=\xc0\x80") == expected);      // an overlong NUL
  CHECK(refusal("\xff\xfe"
                "A\0=\0" +
                marker) == expected);  // UTF-16
  CHECK(refusal("\x7f"
                "ELF\x02\x01\x01" +
                std::string(9, '\0')) == expected);
}

}  // namespace
}  // namespace ecloud::platform
