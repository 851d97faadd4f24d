// Every member of what the UserAPI answers about apps, in every shape: /info, /status, /apps/ID.

#include "e2e/answer_shapes.h"
#include "e2e/liar.h"
#include "support/catch.h"

using namespace ecloud;
using namespace ecloud::testing;
using base::Json;

namespace {

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
      {"releases[].rmsReleaseId", {r + "releaseId", r + "rmsReleaseId"}},
      {"releases[].imageDigest", {r + "imageDigest"}},
      {"releases[].registryUrl", {r + "registry", r + "registryUrl"}},
      {"releases[].createdAt", {r + "createdAt", r + "createdAtTime"}},
      {"releases[].createdAtBlock", {r + "block", r + "createdAtBlock", r + "state", "indexerLags"}},
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
  const std::size_t before = answers_tried();
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
  WARN("/info: " << answers_tried() - before << " answers");
}

TEST_CASE("Every member of /status, in every shape", "[e2e][shapes]") {
  Deployed world;
  const std::size_t before = answers_tried();
  const Json answer = Json::object(
      {{"apps", Json::array({Json::object({{"address", world.id}, {"app_status", "Running"}})})}});
  Rules rules;
  rules.feeds = {{"apps[].app_status", {"status"}}};
  rules.required = {"apps", "apps[]", "apps[].app_status"};
  check_case(world, {"status", {"compute", "app", "status", world.id}, "/status?", answer, rules});
  WARN("/status: " << answers_tried() - before << " answers");
}

TEST_CASE("Every member of /apps/ID, in every shape", "[e2e][shapes]") {
  Deployed world;
  const std::size_t before = answers_tried();
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
  WARN("/apps/ID: " << answers_tried() - before << " answers");
}

TEST_CASE("An upgrade's wait ends with every shape of the release list", "[e2e][shapes]") {
  // Controllers before 1.5.0 confirm nothing, so that the list decides.
  World world(platform::Generation::kThreeFields);
  const RunResult deployed = world.user.run(world.deploy({"--json"}));
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  const std::string id = deployed.json()["appId"].as_string();
  int number = 0;
  for (const char* member : {"createdAtBlock", "imageDigest", "createdAt", "rmsReleaseId"}) {
    for (const Variation& variation : variations()) {
      INFO(member << ": " << variation.name);
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
  WARN("upgrade: " << number << " answers");
}
