#include "ecloud/platform/caddyfile.h"

#include <algorithm>
#include <map>

#include "support/catch.h"
#include "support/test_data.h"

namespace ecloud::platform {
namespace {

std::string problem_of(std::string_view text) {
  const auto problem = find_caddyfile_problem(text);
  return problem ? std::to_string(problem->line) + ": " + problem->message : "";
}

const std::map<std::string, std::string> kMessages = {
    {"bad-unclosed-site.1", "1: the { is never closed"},
    {"bad-unclosed-inner.1", "1: the { is never closed"},
    {"bad-one-too-many.4", "4: } closes nothing"},
    {"bad-no-space.3", "3: example.com{ needs a space before its {"},
    {"bad-one-line.1", "1: something follows { on the same line"},
    {"bad-quote.2", "2: the \" is never closed"},
    {"bad-heredoc.2", "2: the heredoc <<END is never closed"},
    {"bad-empty.1", "1: there is nothing in it but comments and space"},
    {"bad-space-only.1", "1: there is nothing in it but comments and space"},
    {"bad-comments-only.1", "1: there is nothing in it but comments and space"}};

}  // namespace

// Caddy 2.6 and later agrees with each of them, but that it serves nothing for an empty one, and
// that heredocs are of 2.7.
TEST_CASE("Caddyfiles are told apart as Caddy does", "[platform][tls]") {
  std::size_t bad = 0, good = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::test_data_path("platform/caddyfiles"))) {
    const std::string name = entry.path().filename();
    INFO(name);
    const std::string problem = problem_of(testing::test_data("platform/caddyfiles/" + name));
    if (name.starts_with("good-")) {
      CHECK(problem == "");
      ++good;
    } else {
      CHECK(problem == kMessages.at(name));
      ++bad;
    }
  }
  CHECK(bad == kMessages.size());
  CHECK(good == 12);
}

TEST_CASE("a Caddyfile that is cut anywhere is never taken for more than it is",
          "[platform][tls]") {
  const std::string whole = testing::test_data("platform/caddyfiles/good-matchers");
  const std::size_t end = whole.rfind('}');
  for (std::size_t size = whole.find('{') + 1; size < end; ++size) {
    INFO(size);
    CHECK(problem_of(whole.substr(0, size)) != "");
  }
  CHECK(problem_of(whole.substr(0, end + 1)) == "");
}

TEST_CASE("variables of a Caddyfile may hold anything", "[platform][tls]") {
  CHECK(problem_of("{$A:b c} {\n respond {$X:\"{} }\n}\n") == "3: } closes nothing");
  CHECK(problem_of("{$A:{} {\n\trespond ok\n}\n") == "");
  CHECK(problem_of(":80 {\n\trespond {$A:\n\n} \n") == "1: the { is never closed");
  CHECK(problem_of(":80 {\n\trespond {$A\n") == "1: the { is never closed");
  // Two lines of a variable are counted.
  CHECK(problem_of("{$A:\n}\n}\n") == "3: } closes nothing");
}

TEST_CASE("a heredoc of a Caddyfile ends where its marker begins a line", "[platform][tls]") {
  const std::string open = ":80 {\n\trespond <<END\n";
  CHECK(problem_of(open + "\t{\n\tEND\n}\n") == "");
  CHECK(problem_of(open + "END 200\n}\n") == "");
  CHECK(problem_of(open + "{\r\n\tEND\r\n}\r\n") == "");
  CHECK(problem_of(open + "the END\n}\n") == "2: the heredoc <<END is never closed");
  CHECK(problem_of(open + "EN\nD\n}\n") == "2: the heredoc <<END is never closed");
}

// Each took time that grew with the square of its size.
TEST_CASE("a long Caddyfile is read in one pass", "[platform][tls]") {
  constexpr std::size_t kTimes = 500'000;
  const auto repeated = [](std::string_view part) {
    std::string out;
    for (std::size_t i = 0; i < kTimes; ++i) out += part;
    return out;
  };
  const char* const kParts[] = {"x ab", "a ",    "a",    " a\n",  "{$A}",
                                "{$",   "<<a\n", "\\\n", "# a\n", "\"a"};
  for (const char* part : kParts) {
    INFO(part);
    CHECK(problem_of(":80 {\n\trespond <<ab\n" + repeated(part)) ==
          "2: the heredoc <<ab is never closed");
    find_caddyfile_problem(":80 {\n" + repeated(part));
  }
}

}  // namespace ecloud::platform
