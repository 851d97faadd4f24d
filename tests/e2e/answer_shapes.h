#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "e2e/session.h"

namespace ecloud::testing {

/// An answer of a service in every shape: it goes through a command that reads it, once for each
/// member and each way to spell or damage it. A spelling changes nothing; damage costs what the
/// member feeds and nothing else, or, for the few members that the command cannot work without, is
/// an error that names the path.

using Words = std::vector<std::string>;

/// A place in a document: member names and, for elements, "0".
using Place = std::vector<std::string>;

/// What becomes of a member: its name and value, or nothing when it is left out.
using Change = std::function<std::optional<std::pair<std::string, base::Json>>(const std::string&,
                                                                               const base::Json&)>;

/// A copy of `value` in which the member at `place` is changed; `depth` is 0 for callers.
base::Json changed(const base::Json& value, const Place& place, std::size_t depth,
                   const Change& change);

/// A way to write or to damage a member.
struct Variation {
  std::string name;
  bool harmless = false;  ///< another way to write the same
  Change change;
};
std::vector<Variation> variations();

/// What the members of an answer are for.
struct Rules {
  /// Members, as to_text(), and the output that they feed (a prefix of its paths). A member's
  /// members feed the same where they are not named themselves.
  std::map<std::string, Words> feeds;
  /// What the command cannot work without: damage is exit 7 with the path.
  std::set<std::string> required;
  /// Damage here may be a failed verification instead (exit 9): signed or judged members.
  Words judged;
  /// Required, and its absence is a normal answer.
  std::set<std::string> may_be_missing;
};

struct Case {
  std::string name;
  Words command;
  std::string path;  ///< of the request that is answered
  base::Json answer;
  Rules rules;
};

/// Runs the command of `one` with --json, its request answered with `answer`.
RunResult run_with(World& world, const Case& one, const base::Json& answer);
/// How many answers run_with has given in this process.
std::size_t answers_tried();

/// Whether it is exit 7 with the path of a member and what is wrong with it.
bool is_named_error(const RunResult& run);

/// Tries one variation of one member; `baseline` is the output for the answer as it is.
void check_variation(World& world, const Case& one, const base::Json& baseline, const Place& place,
                     const Variation& variation);
/// Tries all variations of all members.
void check_case(World& world, const Case& one);

/// What the devnet answers to a request whose URL has `path` while the command runs.
base::Json true_answer(World& world, const Words& command, const std::string& path);

}  // namespace ecloud::testing
