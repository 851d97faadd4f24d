// Plans that are saved and applied later: what is sent is what was planned, or nothing is.

#include <functional>

#include "e2e/session.h"
#include "e2e/wire.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/deploy/saved_plan.h"
#include "ecloud/eth/transaction.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::Wire;
using testing::World;

namespace {

constexpr char kSecondKey[] = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

struct PlanWorld : World {
  PlanWorld() { user.write(".env", "TOKEN=s3cret-marker\nGREETING_PUBLIC=hello\n"); }
  RunResult must(const std::vector<std::string>& arguments) {
    RunResult run = user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run;
  }
  void deploy_hello() { must(deploy({"--json"})); }
  std::vector<std::string> upgrade(std::vector<std::string> more) const {
    std::vector<std::string> out = {"compute",
                                    "app",
                                    "plan",
                                    "hello",
                                    devnet.image("sample/layered:1.0"),
                                    "--instance-type",
                                    "g1-standard-8t",
                                    "--json"};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  base::Json plan_upgrade() { return must(upgrade({"--plan-out", "up.plan"})).json(); }
  RunResult apply(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"compute", "app", "apply", "up.plan", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return user.run(arguments);
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }
  base::Json file() const {
    return base::Json::parse(base::read_file(user.folder() / "up.plan", 1 << 20), "up.plan");
  }
  /// The plan with another content, signed with the account's key.
  void rewrite(const std::function<void(deploy::SavedPlan&)>& change) {
    const auto key = crypto::PrivateKey::from_hex(user.env().at("ECLOUD_PRIVATE_KEY"));
    const deploy::Signer signer(*key);
    deploy::SavedPlan plan = deploy::parse_saved_plan(file().dump(), "up.plan", signer);
    change(plan);
    user.write("up.plan", deploy::format_saved_plan(plan, signer));
  }
};

void check_refused(PlanWorld& world, const std::string& words, int code = 4,
                   const std::string& name = "plan.moved") {
  const std::size_t before = world.sent();
  const RunResult run = world.apply({"--yes"});
  INFO(run.describe());
  CHECK(run.code == code);
  CHECK(run.error()["code"].as_string() == name);
  CHECK(run.error()["message"].as_string().find(words) != std::string::npos);
  CHECK(run.out.empty());
  CHECK(world.sent() == before);
}

}  // namespace

TEST_CASE("What a saved plan names is what is sent", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  const std::uint64_t blocks = world.devnet.block_number();
  const base::Json planned = world.plan_upgrade();
  CHECK(planned["planFile"].as_string() == "up.plan");
  CHECK_FALSE(planned["dryRun"].as_bool());
  CHECK(world.devnet.block_number() == blocks);
  const base::Json file = world.file();
  CHECK(file.dump().find("s3cret-marker") == std::string::npos);

  Wire wire(world.user);
  const RunResult run = world.apply();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  REQUIRE(wire.sent().size() == 1);
  const eth::Transaction sent = eth::decode_transaction(wire.sent().front()).transaction;
  const base::Json transaction = file["transaction"];
  CHECK(base::to_hex_prefixed(sent.data) == transaction["data"].as_string());
  CHECK(sent.to.to_string() == transaction["to"].as_string());
  CHECK(sent.nonce == transaction["nonce"].as_u64());
  CHECK(sent.gas_limit == transaction["gasLimit"].as_u64());
  CHECK(sent.max_fee_per_gas.to_decimal() == transaction["maxFeePerGasWei"].as_string());
  CHECK(sent.max_priority_fee_per_gas.to_decimal() ==
        transaction["maxPriorityFeePerGasWei"].as_string());
  CHECK(sent.value.is_zero());
  const base::Json result = run.json();
  CHECK(result["operation"].as_string() == "upgrade");
  CHECK(result["instanceType"].as_string() == "g1-standard-8t");
  CHECK(result["status"].as_string() == "Running");
  for (const auto& [name, value] : world.devnet.tee_environment(world.devnet.apps().front().app)) {
    if (name == "TOKEN") CHECK(value.reveal_text() == "s3cret-marker");
    if (name == "EIGEN_MACHINE_TYPE_PUBLIC") CHECK(value.reveal_text() == "g1-standard-8t");
  }
}

TEST_CASE("A plan that is applied twice happens once", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  const RunResult first = world.apply();
  INFO(first.describe());
  REQUIRE(first.code == 0);
  const std::size_t sent = world.sent();
  const RunResult again = world.apply();
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["txHash"].as_string() == first.json()["txHash"].as_string());
  CHECK(again.err.find("applied before") != std::string::npos);
  CHECK(world.sent() == sent);
}

TEST_CASE("An applied plan that was interrupted is gone on with", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  world.devnet.pause_mining();
  world.interrupt_at_first_wait();
  CHECK(world.apply().code == 130);
  world.clock.on_sleep({});
  const std::uint64_t nonce = world.devnet.nonce(world.account());
  world.devnet.resume_mining();
  const RunResult run = world.apply();
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(world.devnet.nonce(world.account()) == nonce + 1);
}

TEST_CASE("A deployment is planned with its wallet stored and applied later", "[e2e][plan]") {
  PlanWorld world;
  const RunResult planned = world.user.run(
      world.deploy({"--plan-out", "up.plan", "--website", "https://example.com", "--json"}));
  INFO(planned.describe());
  REQUIRE(planned.code == 0);
  CHECK(world.devnet.apps().empty());
  const std::string app = planned.json()["appId"].as_string();
  CHECK(std::filesystem::exists(world.user.state() / "wallets/devnet" / (app + ".json")));

  SECTION("where it was planned") {
    const RunResult run = world.apply();
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["appId"].as_string() == app);
    CHECK(run.json()["status"].as_string() == "Running");
    REQUIRE(world.devnet.apps().size() == 1);
    CHECK(world.devnet.apps().front().profile_name == "hello");
    const RunResult words = world.must({"compute", "app", "wallet", "export", "hello", "--yes"});
    for (const auto& [name, value] :
         world.devnet.tee_environment(world.devnet.apps().front().app)) {
      if (name == "MNEMONIC") CHECK(words.out == std::string(value.reveal_text()) + "\n");
    }
  }
  SECTION("and nowhere else because the words are here alone") {
    Session other(world.devnet, world.clock);
    other.write("up.plan", world.file().dump());
    const RunResult run = other.run({"compute", "app", "apply", "up.plan", "--json"});
    INFO(run.describe());
    CHECK(run.code == 9);
    CHECK(run.error()["code"].as_string() == "plan.no_wallet");
    CHECK(world.devnet.apps().empty());
  }
  SECTION("unless the quota is used up") {
    world.devnet.set_max_active_apps(world.account(), 0);
    check_refused(world, "the account's quota is used up: 0 of 0 apps");
  }
  SECTION("unless the app is there already") {
    const base::Json operation = world.file()["operation"];
    const RunResult run = world.user.run(
        world.deploy({"--name", "twin", "--salt", operation["salt"].as_string(), "--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    check_refused(world, "the app exists already");
  }
}

TEST_CASE("A plan is refused when the chain has moved", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  SECTION("by another transaction of the account") {
    world.must({"compute", "app", "stop", "hello"});
    world.must({"compute", "app", "start", "hello"});
    check_refused(world, "the account's next nonce was 2 and is 4");
  }
  SECTION("by a change of the app's status") {
    world.must({"compute", "app", "stop", "hello"});
    check_refused(world, "the app was started and is stopped");
  }
  SECTION("by another release") {
    world.must({"compute", "app", "upgrade", "hello", "--log-visibility", "public"});
    check_refused(world, "the app's latest release was of block");
    check_refused(world, "the app's log was not public and is public");
  }
  SECTION("by another controller") {
    world.devnet.set_generation(platform::Generation::kThreeFields);
    check_refused(world, "the controller's version was 1.5.0 and is");
  }
  SECTION("by another delegation of the account") {
    world.devnet.set_delegate(world.account(), eth::Address());
    check_refused(world, "the account was delegated to");
  }
  SECTION("by money that went elsewhere") {
    world.devnet.set_balance(world.account(), eth::U256(1'000));
    check_refused(world, "the plan may cost");
  }
  SECTION("by fees above its ceiling") {
    world.rewrite([](deploy::SavedPlan& plan) {
      plan.transaction.transaction.max_fee_per_gas = eth::U256(1);
      plan.transaction.transaction.max_priority_fee_per_gas = eth::U256(1);
    });
    check_refused(world, "and the plan pays 0.000000001 gwei at most");
  }
  SECTION("by what the contract would do with it") {
    world.rewrite([](deploy::SavedPlan& plan) { plan.transaction.transaction.data.back() ^= 1; });
    check_refused(world, "the contract would refuse the transaction");
  }
  SECTION("by gas that it needs more of") {
    world.rewrite([](deploy::SavedPlan& plan) { plan.transaction.transaction.gas_limit = 30'000; });
    check_refused(world, "gas now, and its limit is 30000");
  }
  SECTION("by time") {
    world.clock.sleep(std::chrono::hours(25));
    world.devnet.mine_block();
    check_refused(world, "it was valid until");
  }
}

TEST_CASE("A plan whose image is gone is refused", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  world.devnet.add_fault({.kind = "registry", .times = 0, .status = 404});
  const std::size_t before = world.sent();
  const RunResult run = world.apply();
  INFO(run.describe());
  CHECK(run.code == 6);
  CHECK(world.sent() == before);
}

TEST_CASE("A plan that somebody changed is refused", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  const std::string text = base::read_file(world.user.folder() / "up.plan", 1 << 20);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    const std::size_t at = out.find(from);
    REQUIRE(at != std::string::npos);
    world.user.write("up.plan", out.replace(at, from.size(), to));
  };
  SECTION("in an amount") {
    changed("\"valueWei\": \"0\"", "\"valueWei\": \"1\"");
    check_refused(world, "up.plan is not what was saved", 9, "plan.changed");
  }
  SECTION("in its calls") {
    changed("\"data\": \"0x", "\"data\": \"0x00");
    check_refused(world, "up.plan is not what was saved", 9, "plan.changed");
  }
  SECTION("in its code") {
    changed("\"code\": \"", "\"code\": \"0");
    check_refused(world, "up.plan is not what was saved", 9, "plan.changed");
  }
  SECTION("so that it is none") {
    world.user.write("up.plan", "{\"plan\": 7}");
    check_refused(world, "up.plan is no plan: its version is 7", 2, "plan.malformed");
    world.user.write("up.plan", "{\"plan\": 1}");
    check_refused(world, "up.plan is no plan: it names no account", 2, "plan.malformed");
    world.user.write("up.plan", "hello");
    check_refused(world, "up.plan is no plan: it is not a JSON object", 2, "plan.malformed");
  }
}

TEST_CASE("A plan whose account wrote nonsense into it is refused", "[e2e][plan]") {
  using Kind = deploy::ReleaseChange::Kind;
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  std::string why;
  SECTION("a private variable with its value") {
    world.rewrite([](deploy::SavedPlan& plan) {
      plan.difference->changes.push_back({Kind::kPrivateVariable, "TOKEN", std::nullopt, "x"});
    });
    why = "has the value of a private variable";
  }
  SECTION("a change of nothing to nothing") {
    world.rewrite([](deploy::SavedPlan& plan) {
      plan.difference->changes.push_back({Kind::kLabel, "a", std::nullopt, std::nullopt});
    });
    why = "has neither a before nor an after";
  }
  SECTION("a machine with a name") {
    world.rewrite([](deploy::SavedPlan& plan) {
      plan.difference->changes.push_back({Kind::kInstanceType, "a", "b", "c"});
    });
    why = "only labels and variables have one";
  }
  SECTION("an upgrade without its difference") {
    world.rewrite([](deploy::SavedPlan& plan) { plan.difference.reset(); });
    why = "does not fit the operation";
  }
  SECTION("another operation") {
    world.rewrite(
        [](deploy::SavedPlan& plan) { plan.entry.operation = deploy::Operation::kTerminate; });
    why = "is neither a deployment nor an upgrade";
  }
  check_refused(world, why, 2, "plan.malformed");
}

TEST_CASE("A plan is for one account and one environment", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  world.user.set("ECLOUD_PRIVATE_KEY", kSecondKey);
  check_refused(world, "up.plan is for account", 2, "plan.other_account");
}

TEST_CASE("A plan can be looked at before it is applied", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  world.plan_upgrade();
  const std::size_t before = world.sent();
  const RunResult run = world.apply({"--dry-run"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["dryRun"].as_bool());
  CHECK(run.json()["calls"].at(0)["function"].as_string() == "upgradeApp");
  CHECK(world.sent() == before);
}

TEST_CASE("Planning an upgrade signs and keeps nothing", "[e2e][plan]") {
  PlanWorld world;
  world.deploy_hello();
  const std::size_t before = world.sent();
  const RunResult run = world.user.run(world.upgrade({}));
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["dryRun"].as_bool());
  CHECK(run.json()["before"]["instanceType"].as_string() == "g1-standard-4t");
  CHECK(run.json()["instanceType"].as_string() == "g1-standard-8t");
  CHECK(world.sent() == before);
  const RunResult several =
      world.user.run({"compute", "app", "upgrade", "--all", "--plan-out", "x"});
  CHECK(several.code == 2);
}
