// rollback: a past release comes back as it stands on chain, and nothing else does.

#include <map>

#include "e2e/direct_call.h"
#include "e2e/liar.h"
#include "e2e/session.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/controller.h"
#include "support/catch.h"
#include "support/http_probe.h"

using namespace ecloud;
using platform::Generation;
using testing::copy_of;
using testing::Liar;
using testing::lies_of_node;
using testing::RunResult;
using testing::Session;
using testing::World;

namespace {

using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

/// "hello" with two releases: the first one with TOKEN=old and GREETING_PUBLIC=hi on a large
/// machine, the second one with TOKEN=new on a small one.
struct TwoReleases : World {
  explicit TwoReleases(Generation first = Generation::kFourFields,
                       std::optional<Generation> second = std::nullopt)
      : World(first) {
    user.write(".env", "TOKEN=old\nGREETING_PUBLIC=hi\n");
    const RunResult run = user.run(
        deploy({"--instance-type", "g1-standard-8t", "--log-visibility", "public", "--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    first_variables = variables();
    first_digest = run.json()["imageDigest"].as_string();
    user.write(".env", "TOKEN=new\nADDED_PUBLIC=yes\n");
    if (second) devnet.set_generation(*second);
    must({"compute", "app", "upgrade", "hello", "--instance-type", "g1-standard-4t"});
    REQUIRE(variables() != first_variables);
    devnet.clear_requests();
  }

  void must(Words words) {
    const RunResult run = user.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 0);
  }
  RunResult rollback(Words more = {}) { return rollback_as(user, std::move(more)); }
  RunResult rollback_as(Session& session, Words more = {}) const {
    Words words = {"compute", "app", "rollback", app.to_string()};
    words.insert(words.end(), more.begin(), more.end());
    return session.run(words);
  }
  /// What the KMS hands out.
  Variables variables() const {
    Variables out;
    for (const auto& [name, value] : devnet.tee_environment(app)) {
      out[name] = std::string(value.reveal_text());
    }
    return out;
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }

  eth::Address app;
  Variables first_variables;
  std::string first_digest;
};

}  // namespace

TEST_CASE("A rollback gives the TEE what the old release gave it in both generations",
          "[e2e][rollback]") {
  const auto generation = GENERATE(Generation::kThreeFields, Generation::kFourFields);
  TwoReleases world(generation);
  // The env file of now has no part in it.
  std::filesystem::remove(world.user.folder() / ".env");
  const RunResult run = world.rollback({"--yes", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.variables() == world.first_variables);
  CHECK(world.variables()["TOKEN"] == "old");
  CHECK(world.variables()["GREETING_PUBLIC"] == "hi");
  CHECK(run.json()["changed"].as_bool());
  CHECK(run.json()["release"].as_u64() == 1);
  CHECK(run.json()["releaseId"].as_u64() == 0);
  CHECK(run.json()["imageDigest"].as_string() == world.first_digest);
  CHECK(run.json()["instanceType"].as_string() == "g1-standard-8t");
  CHECK(run.json()["status"].as_string() == "Running");
  CHECK(run.json()["blockNumber"].as_u64() == world.devnet.app(world.app)->latest_release_block);
  CHECK(run.err.find("secrets that have been replaced since are in force again") !=
        std::string::npos);
  CHECK(world.sent() == 1);
  // Who reads the logs is no part of a release.
  CHECK(world.devnet.can_call(world.app, platform::anyone_appointee(),
                              platform::api_permission_target(), platform::kViewLogsPermission));
}

TEST_CASE("A release of one generation comes back under the other", "[e2e][rollback]") {
  const bool newer = GENERATE(true, false);
  TwoReleases world(newer ? Generation::kThreeFields : Generation::kFourFields,
                    newer ? Generation::kFourFields : Generation::kThreeFields);
  const RunResult run = world.rollback({"--to", "1", "--yes", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.variables() == world.first_variables);
}

TEST_CASE("A container policy comes back with its release or the release does not",
          "[e2e][rollback]") {
  TwoReleases world;
  // A third release, which another program made.
  platform::Release release;
  release.artifacts = {{*base::fixed_from_hex<32>(world.first_digest.substr(7)),
                        world.devnet.image("sample/layered")}};
  release.upgrade_by_time = static_cast<std::uint32_t>(world.clock.unix_seconds()) + 3'600;
  release.public_env = base::to_bytes(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})");
  release.policy.args = {"--safe"};
  release.policy.env = {{"MODE", "strict"}};
  release.policy.restart_policy = "Never";
  testing::send_call(world, world.devnet.environment().app_controller,
                     platform::encode_upgrade_app(Generation::kFourFields, world.app, release));
  world.clock.sleep(std::chrono::minutes(1));
  // The other program has taken the wallet away, which no disk would survive.
  world.must({"compute", "app", "rollback", "hello", "--to", "2", "--yes",
              "--confirm-wallet-change", "hello"});
  const RunResult plan = world.rollback({"--to", "3", "--dry-run", "--json"});
  INFO(plan.describe());
  REQUIRE(plan.code == 0);
  const auto data = base::from_hex(plan.json()["calls"].at(0)["data"].as_string());
  REQUIRE(data);
  const std::string text(base::as_chars(*data));
  for (const char* word : {"--safe", "MODE", "strict", "Never"}) {
    INFO(word);
    CHECK(text.find(word) != std::string::npos);
  }
  world.devnet.set_generation(Generation::kThreeFields);
  world.devnet.clear_requests();
  const RunResult refused = world.rollback({"--to", "3", "--yes", "--json"});
  INFO(refused.describe());
  CHECK(refused.code == 1);
  CHECK(refused.error()["code"].as_string() == "rollback.policy_lost");
  CHECK(world.sent() == 0);
}

TEST_CASE("The plan of a rollback shows what differs and a dry run sends nothing",
          "[e2e][rollback]") {
  TwoReleases world;
  const RunResult words = world.rollback({"--dry-run"});
  INFO(words.describe());
  REQUIRE(words.code == 0);
  CHECK(words.out.find("g1-standard-4t -> g1-standard-8t") != std::string::npos);
  CHECK(words.out.find("ADDED_PUBLIC yes -> (none), GREETING_PUBLIC (none) -> hi") !=
        std::string::npos);
  CHECK(words.out.find("2 -> what release 1 of block ") != std::string::npos);
  CHECK(words.out.find("kept: this machine made that release with the same one") !=
        std::string::npos);
  const RunResult run = world.rollback({"--dry-run", "--json"});
  CHECK(run.json()["dryRun"].as_bool());
  CHECK(run.json()["before"]["release"].as_u64() == 2);
  CHECK(run.json()["privateVariablesChange"].as_bool());
  CHECK(run.json()["keepsWallet"].as_bool());
  CHECK(run.json()["calls"].at(0)["function"].as_string() == "upgradeApp");
  CHECK(world.sent() == 0);
}

TEST_CASE("Old secrets come back only when that is agreed to", "[e2e][rollback]") {
  TwoReleases world;
  const RunResult run = world.rollback();
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.find("--yes") != std::string::npos);
  CHECK(world.sent() == 0);
  CHECK(world.variables()["TOKEN"] == "new");
}

TEST_CASE("A release is named by number, by the count of the chain and by digest",
          "[e2e][rollback]") {
  TwoReleases world;
  for (const std::string& name : {std::string("1"), std::string("id:0")}) {
    const RunResult run = world.rollback({"--to", name, "--dry-run", "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    CHECK(run.json()["release"].as_u64() == 1);
  }
  // Both have the same image: the newer one is meant, and that runs.
  const RunResult same =
      world.rollback({"--to", world.first_digest.substr(0, 20), "--dry-run", "--json"});
  INFO(same.describe());
  CHECK(same.code == 0);
  CHECK_FALSE(same.json()["changed"].as_bool());
  CHECK(same.json()["dryRun"].as_bool());
  CHECK(same.err.find("nothing to do") != std::string::npos);
  for (const std::string& bad : {std::string("0"), std::string("first"), std::string("id:"),
                                 std::string("sha256:12"), std::string("-1")}) {
    const RunResult run = world.rollback({"--to=" + bad, "--json"});
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "rollback.bad_release");
  }
  for (const std::string& unknown :
       {std::string("3"), std::string("id:7"), "sha256:" + std::string(64, '1')}) {
    const RunResult run = world.rollback({"--to", unknown, "--yes", "--json"});
    INFO(run.describe());
    CHECK(run.code == 6);
    CHECK(run.error()["code"].as_string() == "rollback.no_release");
  }
  CHECK(world.sent() == 0);
}

TEST_CASE("What runs already is not sent again", "[e2e][rollback]") {
  TwoReleases world;
  world.must({"compute", "app", "rollback", "hello", "--to", "1", "--yes"});
  CHECK(world.sent() == 1);
  const RunResult again = world.rollback({"--to", "1", "--yes", "--json"});
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK_FALSE(again.json()["changed"].as_bool());
  CHECK_FALSE(again.json()["dryRun"].exists());
  CHECK(world.sent() == 1);
  // The one before the newest is the bad one, which can be had back.
  world.must({"compute", "app", "rollback", "hello", "--yes"});
  CHECK(world.variables()["TOKEN"] == "new");
}

TEST_CASE("An app with one release has none to go back to", "[e2e][rollback]") {
  World world;
  REQUIRE(world.user.run(world.deploy()).code == 0);
  const RunResult run = world.user.run({"compute", "app", "rollback", "hello", "--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 6);
  CHECK(run.error()["message"].as_string().find("there is none to go back to") !=
        std::string::npos);
}

TEST_CASE("The list of releases is the chain's", "[e2e][rollback]") {
  TwoReleases world;
  const RunResult run = world.rollback({"--list", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json list = run.json()["releases"];
  REQUIRE(list.size() == 2);
  CHECK(run.json()["complete"].as_bool());
  CHECK(list.at(0)["release"].as_u64() == 2);
  CHECK(list.at(0)["state"].as_string() == "current");
  CHECK(list.at(0)["publicVariables"]["ADDED_PUBLIC"].as_string() == "yes");
  CHECK(list.at(1)["release"].as_u64() == 1);
  CHECK(list.at(1)["state"].is_null());
  CHECK(list.at(1)["imageDigest"].as_string() == world.first_digest);
  CHECK(list.at(1)["instanceType"].as_string() == "g1-standard-8t");
  CHECK(list.at(1)["createdAt"].as_string().ends_with("Z"));
  // Nobody's key is needed.
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult words = world.rollback({"--list"});
  INFO(words.describe());
  CHECK(words.code == 0);
  CHECK(words.out.starts_with("2\t"));
  CHECK(world.rollback({"--yes"}).code == 5);
}

TEST_CASE("Releases are found through the chain when the platform does not answer",
          "[e2e][rollback]") {
  TwoReleases world;
  for (int i = 0; i < 30; ++i) world.devnet.mine_block();
  world.devnet.add_fault(
      {.kind = "userapi:/apps", .action = devnet::FaultAction::kStatus, .times = 0, .status = 404});
  const RunResult run = world.rollback({"--yes", "--no-wait", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.variables() != Variables());
  CHECK(run.json()["release"].as_u64() == 1);
}

TEST_CASE("A node that takes short ranges alone is asked for short ones", "[e2e][rollback]") {
  TwoReleases world;
  world.devnet.add_fault(
      {.kind = "userapi:/apps", .action = devnet::FaultAction::kStatus, .times = 0, .status = 404});
  std::size_t ranges = 0;
  Liar node(world.devnet, [&](const testing::ServerRequest& request, testing::Reply& reply) {
    const auto asked = base::Json::try_parse(request.body);
    if (!asked) return;
    const bool alone = asked->is_object();
    const base::Json call = alone ? copy_of(*asked) : copy_of(asked->at(0));
    if (call["method"].opt_string() != "eth_getLogs") return;
    const base::Json filter = call["params"].at(0);
    const bool one_block = filter["toBlock"].as_string() == filter["fromBlock"].as_string();
    if (one_block || ++ranges > 2) return;
    const base::Json refusal = base::Json::object(
        {{"jsonrpc", "2.0"},
         {"id", call["id"]},
         {"error",
          base::Json::object({{"code", -32602}, {"message", "query exceeds max block range"}})}});
    reply.body = alone ? refusal.dump() : base::Json::array({refusal}).dump();
  });
  const RunResult run = world.rollback({"--list", "--rpc-url", node.url("/rpc"), "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(ranges == 3);
  CHECK(run.json()["releases"].size() == 2);
}

TEST_CASE("A node that takes ten blocks at once is asked for fewer, whatever it says",
          "[e2e][rollback]") {
  TwoReleases world;
  for (int i = 0; i < 30; ++i) world.devnet.mine_block();
  world.devnet.add_fault(
      {.kind = "userapi:/apps", .action = devnet::FaultAction::kStatus, .times = 0, .status = 404});
  const auto refused =
      GENERATE(std::pair(-32600, "You can make eth_getLogs requests with up to a 10 block range"),
               std::pair(-32005, "limit exceeded"), std::pair(-32000, "query timeout exceeded"));
  INFO(refused.second);
  Liar node(world.devnet, [&](const testing::ServerRequest& request, testing::Reply& reply) {
    const auto asked = base::Json::try_parse(request.body);
    if (!asked) return;
    const bool alone = asked->is_object();
    const base::Json call = alone ? copy_of(*asked) : copy_of(asked->at(0));
    if (call["method"].opt_string() != "eth_getLogs") return;
    const base::Json filter = call["params"].at(0);
    const auto block = [&](const char* name) {
      return eth::U256::from_hex(filter[name].as_string())->to_u64();
    };
    if (block("toBlock") - block("fromBlock") < 10) return;
    const base::Json refusal = base::Json::object(
        {{"jsonrpc", "2.0"},
         {"id", call["id"]},
         {"error", base::Json::object({{"code", refused.first}, {"message", refused.second}})}});
    reply.body = alone ? refusal.dump() : base::Json::array({refusal}).dump();
  });
  const auto start = world.clock.unix_seconds();
  const RunResult run = world.rollback({"--list", "--rpc-url", node.url("/rpc"), "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["releases"].size() == 2);
  // It is no reason to wait.
  CHECK(world.clock.unix_seconds() == start);
}

TEST_CASE("A release event of another contract is not believed", "[e2e][rollback]") {
  TwoReleases world;
  const std::string forged_digest(64, 'e');
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json&,
                                           const base::Json& result) -> std::optional<base::Json> {
              if (method != "eth_getLogs") return std::nullopt;
              base::Json out = base::Json::array();
              for (const base::Json& log : result.elements()) {
                out.push(copy_of(log));
                // The same event with another image, out of a contract that anybody may deploy.
                std::string text = log.dump();
                const std::string digest = world.first_digest.substr(7);
                for (auto at = text.find(digest); at != std::string::npos; at = text.find(digest)) {
                  text.replace(at, digest.size(), forged_digest);
                }
                base::Json forged = base::Json::parse(text, "forged");
                forged.set("address", "0x00000000000000000000000000000000000000aa");
                out.push(forged);
              }
              return out;
            }));
  const RunResult run =
      world.rollback({"--to", "1", "--rpc-url", node.url("/rpc"), "--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["message"].as_string().find("answered with logs that were not asked for") !=
        std::string::npos);
  CHECK(world.sent() == 0);
  CHECK(world.variables()["TOKEN"] == "new");
}

TEST_CASE("A release that only the platform lists is not believed", "[e2e][rollback]") {
  TwoReleases world;
  const std::string forged = "sha256:" + std::string(64, 'e');
  const bool invented = GENERATE(false, true);
  Liar server(world.devnet, [&](const testing::ServerRequest& request, testing::Reply& reply) {
    if (request.path.find("/apps/") == std::string::npos) return;
    const auto answer = base::Json::try_parse(reply.body);
    if (!answer || !(*answer)["releases"].exists()) return;
    base::Json releases = base::Json::array();
    for (const base::Json& one : (*answer)["releases"].elements()) {
      base::Json release = copy_of(one);
      const bool first = one["rmsReleaseId"].opt_string() == "0";
      if (first && !invented) release.set("imageDigest", forged);
      releases.push(release);
      if (!first || !invented) continue;
      // One of a block in which the chain has none.
      release.set("imageDigest", forged);
      release.set("rmsReleaseId", "5");
      release.set("createdAtBlock", 0);
      releases.push(release);
    }
    base::Json out = copy_of(*answer);
    out.set("releases", releases);
    reply.body = out.dump();
    reply.headers = {{"Content-Type", "application/json"}};
  });
  const RunResult list =
      world.rollback({"--list", "--userapi-url", server.url("/userapi"), "--json"});
  INFO(list.describe());
  REQUIRE(list.code == 0);
  CHECK(list.out.find(forged) == std::string::npos);
  CHECK(list.json()["releases"].size() == 2);
  CHECK(list.err.find("with the image " + forged) != std::string::npos);
  CHECK(list.err.find(invented ? "the chain has none there; it is left out"
                               : "the chain has " + world.first_digest + ", which counts") !=
        std::string::npos);
  const RunResult asked =
      world.rollback({"--to", forged, "--userapi-url", server.url("/userapi"), "--yes", "--json"});
  CHECK(asked.code == 6);
  CHECK(world.sent() == 0);
  const RunResult run =
      world.rollback({"--to", "1", "--userapi-url", server.url("/userapi"), "--yes", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(world.variables() == world.first_variables);
}

TEST_CASE("An image that the registry does not serve any more is not put back", "[e2e][rollback]") {
  TwoReleases world;
  world.devnet.add_fault({.kind = "registry:/manifests", .times = 0, .status = 404});
  const RunResult run = world.rollback({"--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.error()["code"].as_string() == "rollback.image_gone");
  CHECK(run.error()["message"].as_string().find(world.first_digest) != std::string::npos);
  CHECK(world.sent() == 0);
}

TEST_CASE("A rollback that was cut off is seen through and not done twice", "[e2e][rollback]") {
  TwoReleases world;
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  CHECK(world.rollback({"--yes"}).code == 130);
  world.clock.on_sleep({});
  const bool by_resume = GENERATE(false, true);
  if (by_resume) world.devnet.drop_pending();
  world.devnet.resume_mining();
  CHECK(world.user.run({"resume", "--list", "--json"})
            .json()["operations"]
            .at(0)["operation"]
            .as_string() == "rollback");
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  const RunResult run = by_resume ? world.user.run({"resume", "--yes", "--json"})
                                  : world.rollback({"--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.variables() == world.first_variables);
  CHECK(world.devnet.nonce(world.account()) <= nonce + 1);
  CHECK(world.user.run({"resume", "--json"}).json()["operations"].size() == 0);
}

TEST_CASE("A key that may upgrade may roll back and another one may not", "[e2e][rollback]") {
  TwoReleases world;
  Session colleague(world.devnet, world.clock);
  const auto& other = devnet::Devnet::accounts().at(1);
  colleague.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
  const RunResult refused = world.rollback_as(colleague, {"--yes", "--json"});
  INFO(refused.describe());
  CHECK(refused.code == 5);
  CHECK(refused.error()["code"].as_string() == "app.not_permitted");
  CHECK(world.sent() == 0);
  world.must({"compute", "app", "share", "hello", other.address.to_string(), "--allow", "upgrade"});
  // The colleague's machine sees on chain that both releases have the same wallet.
  const RunResult run = world.rollback_as(colleague, {"--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.variables() == world.first_variables);
  CHECK(run.err.find("and so is the wallet that the app had then") == std::string::npos);
}

TEST_CASE("An app that takes no release is not rolled back", "[e2e][rollback]") {
  TwoReleases world;
  world.must({"compute", "app", "terminate", "hello", "--yes"});
  world.devnet.clear_requests();
  const RunResult run = world.rollback({"--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "app.wrong_status");
  CHECK(world.rollback({"--list"}).code == 0);
  CHECK(world.sent() == 0);
}
