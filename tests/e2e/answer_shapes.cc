#include "e2e/answer_shapes.h"

#include <algorithm>
#include <memory>

#include "e2e/liar.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

namespace ecloud::testing {

using base::Json;

namespace {

std::size_t tried = 0;

/// Answers GET requests whose path (behind the service's prefix) begins with `path` with `body`,
/// and passes all others on.
class Recorded final : public net::Transport {
 public:
  Recorded(std::unique_ptr<net::Transport> inner, std::string path, std::string body)
      : inner_(std::move(inner)), path_(std::move(path)), body_(std::move(body)) {}
  net::Response send(const net::Request& request) override {
    const bool ours = request.method == "GET" && request.url.find(path_) != std::string::npos;
    if (!ours) return inner_->send(request);
    net::Response response;
    response.status = 200;
    response.body = body_;
    return response;
  }

 private:
  std::unique_ptr<net::Transport> inner_;
  std::string path_, body_;
};

std::string to_text(const Place& place) {
  std::string out;
  for (const std::string& step : place) {
    const bool element = step.find_first_not_of("0123456789") == std::string::npos;
    out += element ? "[]" : (out.empty() ? "" : ".") + step;
  }
  return out;
}

/// Every member below `value`, and every first element.
void collect(const Json& value, const Place& at, std::vector<Place>& out) {
  const auto visit = [&](const std::string& step, const Json& child) {
    Place place = at;
    place.push_back(step);
    out.push_back(place);
    collect(child, place, out);
  };
  if (value.is_object()) {
    for (const auto& [name, member] : value.members()) visit(name, member);
  } else if (value.is_array() && value.size() > 0) {
    visit("0", value.at(0));
  }
}

std::string snake_case(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') out.push_back('_');
    out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
  }
  return out;
}

std::string camel_case(const std::string& name) {
  std::string out;
  bool up = false;
  for (const char c : name) {
    if (c == '_') {
      up = true;
    } else {
      out.push_back(static_cast<char>(up && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
      up = false;
    }
  }
  return out;
}

std::string capitalised(const std::string& name) {
  std::string out = name;
  bool up = true;
  for (char& c : out) {
    if (up && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    up = c == '_';
  }
  return out;
}

Variation spelling(const std::string& name, std::string (*spell)(const std::string&)) {
  return {name, true, [spell](const std::string& member, const Json& value) {
            return std::optional(std::pair(spell(member), value));
          }};
}

Variation replaced(const std::string& name, Json with) {
  return {name, false, [with](const std::string& member, const Json&) {
            return std::optional(std::pair(member, with));
          }};
}

/// Leaves of a document by their path, "releases[0].block".
void flatten(const Json& value, const std::string& at, std::map<std::string, std::string>& out) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.members()) {
      flatten(member, at.empty() ? name : at + "." + name, out);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      flatten(value.at(i), at + "[" + std::to_string(i) + "]", out);
    }
  } else if (!value.is_null()) {
    out[at] = value.dump();
  }
}

Words fed_by(const Rules& rules, Place place) {
  for (; !place.empty(); place.pop_back()) {
    const auto found = rules.feeds.find(to_text(place));
    if (found != rules.feeds.end()) return found->second;
  }
  return {};
}

bool starts_with_any(const std::string& text, const Words& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

/// The output's leaves that differ and that the member does not feed.
Words side_effects(const Json& expected, const Json& found, const Words& fed) {
  std::map<std::string, std::string> before, after;
  flatten(expected, "", before);
  flatten(found, "", after);
  Words out;
  for (const auto& [path, value] : before) {
    const auto other = after.find(path);
    const bool same = other != after.end() && other->second == value;
    if (!same && !starts_with_any(path, fed)) out.push_back(path + " was " + value);
  }
  for (const auto& [path, value] : after) {
    if (!before.contains(path) && !starts_with_any(path, fed)) out.push_back(path + " is new");
  }
  return out;
}

}  // namespace

Json changed(const Json& value, const Place& place, std::size_t depth, const Change& change) {
  const bool here = depth + 1 == place.size();
  if (value.is_array()) {
    Json out = Json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (std::to_string(i) != place[depth]) {
        out.push(copy_of(value.at(i)));
      } else if (!here) {
        out.push(changed(value.at(i), place, depth + 1, change));
      } else if (auto made = change("", value.at(i))) {
        out.push(std::move(made->second));
      }
    }
    return out;
  }
  Json out = Json::object();
  for (const auto& [name, member] : value.members()) {
    if (name != place[depth]) {
      out.set(name, copy_of(member));
    } else if (!here) {
      out.set(name, changed(member, place, depth + 1, change));
    } else if (auto made = change(name, copy_of(member))) {
      out.set(made->first, std::move(made->second));
    }
  }
  return out;
}

std::vector<Variation> variations() {
  return {
      spelling("snake_case", snake_case),
      spelling("camelCase", camel_case),
      spelling("Capitalised", capitalised),
      {"number as text", true,
       [](const std::string& member, const Json& value) {
         return std::optional(std::pair(member, value.is_number() ? Json(value.dump()) : value));
       }},
      {"text as number", true,
       [](const std::string& member, const Json& value) {
         const auto number = value.is_string() ? base::parse_decimal(value.as_string())
                                               : std::optional<std::uint64_t>();
         return std::optional(std::pair(member, number ? Json(*number) : value));
       }},
      {"missing", false,
       [](const std::string&, const Json&) {
         return std::optional<std::pair<std::string, Json>>();
       }},
      replaced("null", Json()),
      replaced("empty text", Json("")),
      replaced("words", Json("not what was expected")),
      replaced("a negative number", Json(-7)),
      replaced("a fraction", Json(0.5)),
      replaced("true", Json(true)),
      replaced("a list", Json::array({Json(1), Json("two")})),
      replaced("an object", Json::object({{"unexpected", Json(1)}})),
  };
}

std::size_t answers_tried() {
  return tried;
}

RunResult run_with(World& world, const Case& one, const Json& answer) {
  ++tried;
  world.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
    return std::make_unique<Recorded>(std::move(inner), one.path, answer.dump());
  });
  Words words = one.command;
  words.emplace_back("--json");
  RunResult run = world.user.run(words);
  world.user.wrap_transport({});
  return run;
}

bool is_named_error(const RunResult& run) {
  return run.code == 7 && run.err.find("$") != std::string::npos &&
         (run.err.find("expected") != std::string::npos ||
          run.err.find(" is ") != std::string::npos || run.err.find(" has ") != std::string::npos);
}

void check_variation(World& world, const Case& one, const Json& baseline, const Place& place,
                     const Variation& variation) {
  const Json answer = changed(one.answer, place, 0, variation.change);
  if (answer.dump() == one.answer.dump()) return;
  const std::string member = to_text(place);
  INFO(one.name << ": " << member << ": " << variation.name);
  INFO(answer.dump());
  const RunResult run = run_with(world, one, answer);
  INFO(run.describe());
  if (variation.harmless) {
    CHECK(run.code == 0);
    CHECK(side_effects(baseline, run.json(), {}) == Words{});
    return;
  }
  // An app less than was asked for belongs to nobody.
  if (member == "apps[]" && variation.name == "missing") {
    // Or, where this machine can go on without it, told.
    CHECK((is_named_error(run) ||
           run.err.find("$.apps: has 0 entries for 1 apps") != std::string::npos));
    return;
  }
  // What is not the build that was asked for, and a list of which nothing can be read.
  const bool contradicts = member == "build_id" || member == "skus[]" || member == "skus[].sku";
  if (contradicts && is_named_error(run)) return;
  const bool optional_here = one.rules.may_be_missing.contains(member) &&
                             (variation.name == "missing" || variation.name == "null");
  if (one.rules.required.contains(member) && !optional_here) {
    const bool valid_text = run.code == 0 && variation.name == "words";
    // A list stays one, and says of each entry that it cannot be read.
    const bool told =
        run.code == 0 && variation.name == "a list" &&
        (run.err.find("2 entries of the platform's list cannot be read") != std::string::npos ||
         (run.json().is_array() && run.json().size() == 2));
    CHECK((is_named_error(run) || valid_text || told));
    return;
  }
  if (starts_with_any(member, one.rules.judged) && run.code == 9) return;
  CHECK(run.code == 0);
  if (run.code == 0) CHECK(side_effects(baseline, run.json(), fed_by(one.rules, place)) == Words{});
}

void check_case(World& world, const Case& one) {
  const RunResult intact = run_with(world, one, one.answer);
  INFO(one.name << "\n" << intact.describe());
  REQUIRE(intact.code == 0);
  std::vector<Place> places;
  collect(one.answer, {}, places);
  for (const Place& place : places) {
    for (const Variation& variation : variations()) {
      const bool element = to_text(place).ends_with("[]");
      if (element && variation.harmless) continue;
      // Names of variables are not names of members.
      const bool free_name = place.size() > 1 && place[place.size() - 2] == "publicEnv";
      if (free_name && variation.harmless) continue;
      check_variation(world, one, intact.json(), place, variation);
    }
  }
}

Json true_answer(World& world, const Words& command, const std::string& path) {
  std::string body;
  world.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
    struct Tap final : net::Transport {
      Tap(std::unique_ptr<net::Transport> next, std::string part, std::string& out)
          : inner(std::move(next)), path(std::move(part)), body(out) {}
      net::Response send(const net::Request& request) override {
        net::Response response = inner->send(request);
        if (request.url.find(path) != std::string::npos) body = response.body;
        return response;
      }
      std::unique_ptr<net::Transport> inner;
      std::string path;
      std::string& body;
    };
    return std::make_unique<Tap>(std::move(inner), path, body);
  });
  const RunResult run = world.user.run(command);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  world.user.wrap_transport({});
  return Json::parse(body, "recorded");
}

}  // namespace ecloud::testing
