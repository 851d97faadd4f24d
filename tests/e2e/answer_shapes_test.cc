// Every member of every answer of the UserAPI and the Build API, in every shape: a recorded answer
// goes through each command that reads it, once for each member and each way to spell or damage it.
// A spelling changes nothing; damage costs what the member feeds and nothing else, or, for the few
// members that the command cannot work without, is an error that names the path.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "e2e/liar.h"
#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

using namespace ecloud;
using base::Json;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

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

/// A place in a document: member names and, for elements, "0".
using Place = std::vector<std::string>;

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

/// What becomes of a member: its name and value, or nothing when it is left out.
using Change =
    std::function<std::optional<std::pair<std::string, Json>>(const std::string&, const Json&)>;

Json changed(const Json& value, const Place& place, std::size_t depth, const Change& change) {
  const bool here = depth + 1 == place.size();
  if (value.is_array()) {
    Json out = Json::array();
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (std::to_string(i) != place[depth]) {
        out.push(testing::copy_of(value.at(i)));
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
      out.set(name, testing::copy_of(member));
    } else if (!here) {
      out.set(name, changed(member, place, depth + 1, change));
    } else if (auto made = change(name, testing::copy_of(member))) {
      out.set(made->first, std::move(made->second));
    }
  }
  return out;
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

struct Variation {
  std::string name;
  bool harmless = false;  ///< another way to write the same
  Change change;
};

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
  Json answer;
  Rules rules;
};

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

std::size_t tried = 0;

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
         run.json().size() == 2);
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

/// What the devnet answers to a request whose URL has `path` while a command runs.
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

/// /info in the shape of the platform, with addresses that the devnet's KMS signed.
Json info_answer(World& world, const eth::Address& app) {
  const Json found =
      true_answer(world, {"compute", "app", "info", app.to_string(), "--json"}, "/info?");
  const Json signed_addresses = found["apps"].at(0)["addresses"];
  return Json::object(
      {{"apps", Json::array({Json::object(
                    {{"addresses", testing::copy_of(signed_addresses)},
                     {"app_status", "Running"},
                     {"ip", "34.91.22.7"},
                     {"machine_type", "g1-standard-4t"},
                     {"profile", Json::object({{"name", "hello"},
                                               {"website", "https://example.org"},
                                               {"description", "Two\nlines"},
                                               {"xURL", "https://x.com/example"},
                                               {"imageURL", "https://example.org/a.png"}})},
                     {"metrics", Json::object({{"cpu_utilization_percent", 12.5},
                                               {"memory_utilization_percent", 40},
                                               {"memory_used_bytes", std::uint64_t{1} << 31},
                                               {"memory_total_bytes", std::uint64_t{1} << 34}})},
                     {"future_member", Json::object({{"a", 1}})}})})}});
}

Rules info_rules(const std::string& prefix) {
  Rules rules;
  rules.feeds = {
      {"apps[]", {prefix}},
      {"apps[].addresses", {prefix + "kmsAddresses"}},
      {"apps[].app_status", {prefix + "status"}},
      {"apps[].ip", {prefix + "ip"}},
      {"apps[].machine_type", {prefix + "instanceType"}},
      {"apps[].profile", {prefix + "profile", prefix + "name"}},
      {"apps[].metrics", {prefix + "metrics"}},
      {"apps[].future_member", {"nothing"}},
  };
  rules.required = {"apps"};
  rules.judged = {"apps[].addresses"};
  return rules;
}

/// /apps/ID as the indexer writes it: numbers and times as text.
Json details_answer(std::uint64_t block) {
  const std::string digest = "sha256:" + std::string(64, '5');
  return Json::object(
      {{"id", "0xa"},
       {"creator", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"},
       {"contractStatus", "STARTED"},
       {"releases",
        Json::array({Json::object(
            {{"appId", "0xa"},
             {"rmsReleaseId", "0"},
             {"imageDigest", digest},
             {"registryUrl", "docker.io/me/app"},
             {"publicEnv", Json::object({{"EIGEN_MACHINE_TYPE_PUBLIC", "g1-standard-4t"},
                                         {"GREETING_PUBLIC", "hello"}})},
             {"encryptedEnv", "eyJhbGciOi"},
             {"upgradeByTime", "1800003600"},
             {"createdAt", "1800000000"},
             {"createdAtBlock", std::to_string(block)},
             {"build", Json::object({{"build_id", "7d2f3c1e-0000-4000-8000-000000000001"},
                                     {"status", "success"},
                                     {"repo_url", "https://github.com/me/app"},
                                     {"git_ref", std::string(40, 'a')},
                                     {"image_digest", digest},
                                     {"provenance_signature", "MEUCIQ"}})}})})}});
}

Rules release_rules() {
  Rules rules;
  const std::string r = "releases[0].";
  rules.feeds = {
      {"releases", {"releases", "indexerLags"}},
      {"releases[]", {"releases", "indexerLags"}},
      {"releases[].appId", {"nothing"}},
      {"releases[].encryptedEnv", {"nothing"}},
      {"releases[].upgradeByTime", {"nothing"}},
      {"releases[].rmsReleaseId", {r + "releaseId"}},
      {"releases[].imageDigest", {r + "imageDigest"}},
      {"releases[].registryUrl", {r + "registry"}},
      {"releases[].createdAt", {r + "createdAt"}},
      {"releases[].createdAtBlock", {r + "block", r + "state", "indexerLags"}},
      {"releases[].publicEnv", {r + "publicVariables", r + "instanceType"}},
      {"releases[].build", {r + "build"}},
  };
  rules.required = {"releases"};
  rules.may_be_missing = {"releases"};
  return rules;
}

Rules info_release_rules() {
  Rules rules;
  rules.feeds = {
      {"releases", {"imageDigest", "registry", "releasedAt", "publicVariables", "build"}},
      {"releases[].appId", {"nothing"}},
      {"releases[].encryptedEnv", {"nothing"}},
      {"releases[].upgradeByTime", {"nothing"}},
      {"releases[].rmsReleaseId", {"nothing"}},
      {"releases[].createdAtBlock", {"nothing"}},
      {"releases[].imageDigest", {"imageDigest"}},
      {"releases[].registryUrl", {"registry"}},
      {"releases[].createdAt", {"releasedAt"}},
      {"releases[].publicEnv", {"publicVariables"}},
      {"releases[].build", {"build"}},
  };
  return rules;
}

Json build_record() {
  return Json::object({{"build_id", "b-1"},
                       {"billing_address", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"},
                       {"repo_url", "https://github.com/me/app"},
                       {"git_ref", std::string(40, 'a')},
                       {"status", "success"},
                       {"build_type", "application"},
                       {"image_name", "eigenlayer/eigencloud-containers"},
                       {"image_url", "docker.io/eigenlayer/eigencloud-containers:a-1"},
                       {"image_digest", "sha256:" + std::string(64, '5')},
                       {"provenance_json", R"({"_type":"https://in-toto.io/Statement/v0.1"})"},
                       {"provenance_signature", "MEUCIQ"},
                       {"error_message", "none"},
                       {"created_at", "1800000000"},
                       {"updated_at", 1'800'000'060},
                       {"dependencies", Json::object()}});
}

Rules build_rules(const std::string& at, const std::string& to) {
  Rules rules;
  const std::pair<const char*, const char*> kFeeds[] = {
      {"build_id", "buildId"},
      {"billing_address", "account"},
      {"repo_url", "repo"},
      {"git_ref", "commit"},
      {"status", "status"},
      {"build_type", "buildType"},
      {"image_name", "imageName"},
      {"image_url", "imageUrl"},
      {"image_digest", "imageDigest"},
      {"provenance_json", "provenance"},
      {"error_message", "error"},
      {"provenance_signature", "provenanceSignature"},
      {"created_at", "createdAt"},
      {"updated_at", "updatedAt"},
      {"dependencies", "dependencies"}};
  for (const auto& [member, output] : kFeeds) rules.feeds[at + member] = {to + output};
  return rules;
}

Json skus_answer() {
  return Json::object({{"skus", Json::array({Json::object({{"sku", "g1-standard-4t"},
                                                           {"description", "4 vCPUs"},
                                                           {"friendly_name", "Enterprise 1"},
                                                           {"vcpus", 4},
                                                           {"memory_mb", "16384"},
                                                           {"hourly_price_usd", "0.33"},
                                                           {"monthly_price_usd", 239.99},
                                                           {"platform", "intel_tdx"}})})}});
}

Rules sku_rules() {
  Rules rules;
  const std::string t = "instanceTypes[0].";
  rules.feeds = {
      {"skus[]", {"instanceTypes"}},
      {"skus[].sku", {"instanceTypes"}},
      {"skus[].description", {t + "description"}},
      {"skus[].friendly_name", {t + "tier"}},
      {"skus[].vcpus", {t + "vcpus"}},
      {"skus[].memory_mb", {t + "memoryMb"}},
      {"skus[].hourly_price_usd", {t + "hourlyUsd"}},
      {"skus[].monthly_price_usd", {t + "monthlyUsd"}},
      {"skus[].platform", {t + "platform"}},
  };
  rules.required = {"skus"};
  return rules;
}

/// A world with an app that runs, and its id and block.
struct Deployed : World {
  Deployed() {
    const RunResult run = user.run(deploy({"--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    id = run.json()["appId"].as_string();
    block = run.json()["blockNumber"].as_u64();
  }
  eth::Address app() const { return *eth::Address::parse(id); }

  std::string id;
  std::uint64_t block = 0;
};

}  // namespace

TEST_CASE("Every member of /info, in every shape", "[e2e][shapes]") {
  Deployed world;
  const Json answer = info_answer(world, world.app());
  const std::size_t before = tried;
  SECTION("info") {
    check_case(world,
               {"info", {"compute", "app", "info", world.id}, "/info?", answer, info_rules("")});
  }
  SECTION("list") {
    Rules rules = info_rules("apps[0].");
    check_case(world, {"list", {"compute", "app", "list"}, "/info?", answer, rules});
  }
  SECTION("a wait for a deployment") {
    Rules rules;
    rules.feeds = {{"apps[].app_status", {"status"}}};
    rules.required = {"apps", "apps[]", "apps[].app_status"};
    Case one{"status --wait",
             {"compute", "app", "status", world.id, "--wait", "--timeout", "60s"},
             "/info?",
             answer,
             rules};
    // Without an address nothing can be reached, which is what is waited for.
    const RunResult no_ip = run_with(
        world, one, changed(answer, {"apps", "0", "ip"}, 0, [](const std::string&, const Json&) {
          return std::optional<std::pair<std::string, Json>>();
        }));
    CHECK(no_ip.code == 8);
    CHECK(no_ip.err.find("Running without an IP address") != std::string::npos);
    for (const char* member : {"addresses", "machine_type", "profile", "metrics"}) {
      for (const Variation& variation : variations()) {
        check_variation(world, one, run_with(world, one, answer).json(), {"apps", "0", member},
                        variation);
      }
    }
    for (const Variation& variation : variations()) {
      if (variation.harmless || variation.name == "words") continue;
      const RunResult run =
          run_with(world, one, changed(answer, {"apps", "0", "app_status"}, 0, variation.change));
      INFO(variation.name << "\n" << run.describe());
      CHECK(run.code == 7);
      CHECK(run.err.find("$.apps[0].app_status: ") != std::string::npos);
    }
  }
  SECTION("a name that is looked up") {
    // This machine knows the name too, so that the lookup works without the platform's.
    check_case(world,
               {"info NAME", {"compute", "app", "releases", "hello"}, "/info?", answer, Rules{}});
  }
  WARN("/info: " << tried - before << " answers");
}

TEST_CASE("Every member of /status, in every shape", "[e2e][shapes]") {
  Deployed world;
  const std::size_t before = tried;
  const Json answer = Json::object(
      {{"apps", Json::array({Json::object({{"address", world.id}, {"app_status", "Running"}})})}});
  Rules rules;
  rules.feeds = {{"apps[].app_status", {"status"}}};
  rules.required = {"apps", "apps[]", "apps[].app_status"};
  check_case(world, {"status", {"compute", "app", "status", world.id}, "/status?", answer, rules});
  WARN("/status: " << tried - before << " answers");
}

TEST_CASE("Every member of /apps/ID, in every shape", "[e2e][shapes]") {
  Deployed world;
  const std::size_t before = tried;
  const Json answer = details_answer(world.block);
  SECTION("releases") {
    check_case(world, {"releases",
                       {"compute", "app", "releases", world.id},
                       "/apps/" + world.id,
                       answer,
                       release_rules()});
  }
  SECTION("info") {
    check_case(world, {"info",
                       {"compute", "app", "info", world.id},
                       "/apps/" + world.id,
                       answer,
                       info_release_rules()});
  }
  WARN("/apps/ID: " << tried - before << " answers");
}

TEST_CASE("Every member of a build, in every shape", "[e2e][shapes]") {
  World world;
  const std::size_t before = tried;
  SECTION("build info") {
    Rules rules = build_rules("", "");
    check_case(
        world,
        {"build info", {"compute", "build", "info", "b-1"}, "/builds/b-1", build_record(), [&] {
           // The one that was asked for; where it is missing it is taken for granted.
           rules.required = {};
           return rules;
         }()});
  }
  SECTION("build list") {
    check_case(world, {"build list",
                       {"compute", "build", "list"},
                       "/builds?",
                       Json::object({{"builds", Json::array({build_record()})}}),
                       [] {
                         Rules rules = build_rules("builds[].", "builds[0].");
                         rules.feeds["builds[]"] = {"builds"};
                         rules.required = {"builds"};
                         return rules;
                       }()});
  }
  SECTION("build verify") {
    const RunResult built =
        world.user.run({"compute", "build", "submit", "--repo", "https://github.com/me/app",
                        "--commit", std::string(40, 'a'), "--json"});
    INFO(built.describe());
    REQUIRE(built.code == 0);
    const Words verify = {"compute", "build", "verify", built.json()["buildId"].as_string()};
    const Case one{"build verify", verify, "/builds/verify/",
                   true_answer(world, verify, "/builds/verify/"), Rules{}};
    const RunResult intact = run_with(world, one, one.answer);
    REQUIRE(intact.code == 0);
    for (const auto& [member, value] : one.answer.members()) {
      for (const Variation& variation : variations()) {
        const RunResult run =
            run_with(world, one, changed(one.answer, {member}, 0, variation.change));
        INFO(member << ": " << variation.name << "\n" << run.describe());
        if (variation.harmless) {
          CHECK(run.code == 0);
          CHECK(run.json().equals(intact.json()));
        } else if (member == "status") {
          CHECK(is_named_error(run));
        } else {
          // What is judged fails the verification; the rest is missing in the output.
          CHECK((run.code == 0 || run.code == 9));
        }
      }
    }
  }
  SECTION("build status") {
    Rules rules = build_rules("", "");
    rules.required = {"status"};
    check_case(world, {"build status",
                       {"compute", "build", "status", "b-1"},
                       "/builds/b-1",
                       build_record(),
                       rules});
  }
  WARN("/builds: " << tried - before << " answers");
}

TEST_CASE("Every member of /skus, in every shape", "[e2e][shapes]") {
  World world;
  const std::size_t before = tried;
  SECTION("instance-types") {
    check_case(
        world,
        {"instance-types", {"compute", "instance-types"}, "/skus", skus_answer(), sku_rules()});
  }
  SECTION("the plan of a deployment") {
    // Without a list the type is not checked, which is a warning; a list without the type refuses.
    Rules rules;
    const std::string i = "instance.";
    rules.feeds = {{"skus", {"instance"}},
                   {"skus[].vcpus", {i + "vcpus"}},
                   {"skus[].memory_mb", {i + "memoryMb"}},
                   {"skus[].hourly_price_usd", {i + "hourlyUsd"}},
                   {"skus[].monthly_price_usd", {i + "monthlyUsd"}}};
    Words words = world.deploy({"--dry-run", "--wallet", "kms", "--salt", std::string(64, '1')});
    const Case one{"deploy --dry-run", words, "/skus", skus_answer(), rules};
    const RunResult intact = run_with(world, one, one.answer);
    INFO(intact.describe());
    REQUIRE(intact.code == 0);
    CHECK(intact.json()["instance"]["monthlyUsd"].as_double() == 239.99);
    for (const char* member : {"vcpus", "memory_mb", "hourly_price_usd", "monthly_price_usd"}) {
      for (const Variation& variation : variations()) {
        const RunResult run =
            run_with(world, one, changed(one.answer, {"skus", "0", member}, 0, variation.change));
        INFO(member << ": " << variation.name << "\n" << run.describe());
        CHECK(run.code == 0);
        CHECK(run.json()["instance"]["name"].as_string() == "g1-standard-4t");
        if (variation.harmless) CHECK(run.json()["instance"].equals(intact.json()["instance"]));
      }
    }
    const RunResult none = run_with(world, one, Json::object());
    CHECK(none.code == 0);
    CHECK(none.err.find("the instance type could not be checked: userapi: $.skus: expected an "
                        "array, found nothing") != std::string::npos);
  }
  WARN("/skus: " << tried - before << " answers");
}

TEST_CASE("An upgrade's wait ends with every shape of the release list", "[e2e][shapes]") {
  // Controllers before 1.5.0 confirm nothing, so that the list decides.
  World world(platform::Generation::kThreeFields);
  const RunResult deployed = world.user.run(world.deploy({"--json"}));
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  const std::string id = deployed.json()["appId"].as_string();
  const std::size_t before = tried;
  int number = 0;
  for (const char* member : {"createdAtBlock", "imageDigest", "createdAt", "rmsReleaseId"}) {
    for (const Variation& variation : variations()) {
      INFO(member << ": " << variation.name);
      ++tried;
      const std::string digest = deployed.json()["imageDigest"].as_string();
      world.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
        struct Listing final : net::Transport {
          Listing(std::unique_ptr<net::Transport> next, std::function<std::string()> make)
              : inner(std::move(next)), body(std::move(make)) {}
          net::Response send(const net::Request& request) override {
            const bool ours =
                request.method == "GET" && request.url.find("/userapi/apps/") != std::string::npos;
            if (!ours) return inner->send(request);
            net::Response response;
            response.status = 200;
            response.body = body();
            return response;
          }
          std::unique_ptr<net::Transport> inner;
          std::function<std::string()> body;
        };
        return std::make_unique<Listing>(std::move(inner), [&] {
          Json release = details_answer(world.devnet.block_number());
          return changed(changed(release, {"releases", "0", "imageDigest"}, 0,
                                 [&](const std::string& name, const Json&) {
                                   return std::optional(std::pair(name, Json(digest)));
                                 }),
                         {"releases", "0", member}, 0, variation.change)
              .dump();
        });
      });
      const auto env = world.user.write("env" + std::to_string(++number), "N=1\n");
      const RunResult run = world.user.run({"compute", "app", "upgrade", id, "--env-file",
                                            env.string(), "--yes", "--json", "--timeout", "120s"});
      world.user.wrap_transport({});
      INFO(run.describe());
      CHECK(run.code == 0);
    }
  }
  WARN("upgrade: " << tried - before << " answers");
}
