#include "fault/outcome.h"

#include <algorithm>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::testing {
namespace {

bool has_error_document(const std::string& err) {
  const std::string_view text = base::trim(err);
  const std::size_t line = text.rfind('\n');
  const auto json =
      base::Json::try_parse(line == std::string_view::npos ? text : text.substr(line + 1));
  return json && (*json)["error"]["code"].is_string() && (*json)["error"]["message"].is_string();
}

void add_missing(const char* sign, const Lines& from, const Lines& in, Lines& out) {
  for (const std::string& line : from) {
    const auto here = std::count(from.begin(), from.end(), line);
    if (std::count(in.begin(), in.end(), line) < here) out.push_back(sign + line);
  }
}

}  // namespace

std::string Outcome::describe() const {
  return (killed ? "killed" : "exit " + std::to_string(code)) + "\nstdout: " + out +
         "\nstderr: " + err;
}

Lines problems_of_failure(const Outcome& run) {
  // 2: what the run could not find out it asks for, an upgrade for the instance type.
  static const std::set<int> kExpected = {1, 2, 3, 4, 7, 8, 9};
  Lines out;
  if (!kExpected.contains(run.code)) out.push_back("first: " + run.describe());
  if (!run.out.empty()) out.push_back("a failure printed a result: " + run.out);
  if (!has_error_document(run.err)) out.push_back("no error document: " + run.err);
  return out;
}

Lines problems_of_second(const Outcome& first, const Outcome& second) {
  const bool done = second.code == 2 && second.err.find("deploy.name_taken") != std::string::npos;
  const bool may_be_done = first.code == 0 || first.killed;
  if (second.code == 0 || (may_be_done && done)) return {};
  return {"second: " + second.describe()};
}

Lines differences(const Lines& wanted, const Lines& found) {
  Lines out;
  add_missing("missing: ", wanted, found, out);
  add_missing("too much: ", found, wanted, out);
  return out;
}

}  // namespace ecloud::testing
