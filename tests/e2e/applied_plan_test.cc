// What applying a saved plan leaves alone: what came after it, what was cut off before it, and what
// it was not made for. And what it shows.

#include "e2e/session.h"
#include "e2e/wire.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/eth/transaction.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::Session;
using testing::Wire;
using testing::World;

namespace {

using Words = std::vector<std::string>;

std::string content(const std::filesystem::path& file) {
  return base::read_file(file, 1 << 20);
}

struct Project : World {
  Project() {
    user.write("ecloud.yaml", "name: hello\n");
    user.write(".env", "TOKEN=s3cret-marker\nGREETING_PUBLIC=hello\n");
  }
  RunResult must(const Words& arguments) {
    RunResult run = user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run;
  }
  Words upgrade_plan() const {
    return {"compute",        "app",    "plan",       "hello",  "--instance-type",
            "g1-standard-8t", "--json", "--plan-out", "it.plan"};
  }
  RunResult apply(const Words& more = {"--json"}) {
    Words arguments = {"compute", "app", "apply", "it.plan"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return user.run(arguments);
  }
  base::Json plan() const {
    return base::Json::parse(content(user.folder() / "it.plan"), "it.plan");
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }
  /// Signed, sent, and then lost by every node.
  void cut_off(const Words& arguments) {
    devnet.pause_mining();
    interrupt_at_first_wait();
    const RunResult run = user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 130);
    clock.on_sleep({});
    devnet.drop_pending();
    devnet.resume_mining();
  }
  std::filesystem::path record(const std::string& app) const {
    return user.state() / "apps/devnet" / (app + ".json");
  }
  std::filesystem::path journal(const std::string& name) const {
    return user.state() / "journal/devnet" / (name + ".json");
  }
  std::size_t wallets() const {
    std::size_t out = 0;
    std::error_code missing;
    for (const auto& file :
         std::filesystem::directory_iterator(user.state() / "wallets/devnet", missing)) {
      out += file.path().extension() == ".json" ? 1 : 0;
    }
    return out;
  }
  /// Also when it is only looked at.
  void check_refused(int code, const std::string& name, const std::string& words) {
    for (const char* how : {"--yes", "--dry-run"}) {
      const std::size_t before = sent();
      const RunResult run = apply({how, "--json"});
      INFO(how << " " << run.describe());
      CHECK(run.code == code);
      CHECK(run.error()["code"].as_string() == name);
      CHECK(run.error()["message"].as_string().find(words) != std::string::npos);
      CHECK(run.out.empty());
      CHECK(sent() == before);
    }
  }
};

}  // namespace

TEST_CASE("A plan that is applied again takes nothing back that came after it", "[e2e][plan]") {
  Project world;
  world.must(world.deploy({"--plan-out", "it.plan", "--json"}));
  const base::Json first = world.must({"compute", "app", "apply", "it.plan", "--json"}).json();
  const std::string app = first["appId"].as_string();
  bool has_other_wallet = false;
  SECTION("a release with another wallet") {
    world.devnet.set_persistent_disks(false);
    world.must({"compute", "app", "upgrade", "hello", "--wallet", "kms", "--yes",
                "--confirm-wallet-change", "hello", "--json"});
    has_other_wallet = true;
  }
  SECTION("a name") {
    world.must({"compute", "app", "rename", "hello", "better"});
  }
  SECTION("the end of the app") {
    world.must({"compute", "app", "terminate", "hello", "--yes", "--json"});
  }
  const std::vector<std::filesystem::path> files = {world.record(app), world.journal(app),
                                                    world.user.folder() / "ecloud.lock"};
  Words before;
  for (const auto& file : files) before.push_back(content(file));
  const std::string name = world.devnet.apps().front().profile_name;
  const std::size_t sent = world.sent();

  const RunResult again = world.apply();
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.json()["txHash"].as_string() == first["txHash"].as_string());
  CHECK(again.json()["status"].is_null());
  CHECK(again.err.find("applied before") != std::string::npos);
  for (std::size_t i = 0; i < files.size(); ++i) CHECK(content(files[i]) == before[i]);
  CHECK(world.devnet.apps().front().profile_name == name);
  CHECK(world.sent() == sent);
  if (has_other_wallet) {
    const RunResult next = world.must({"compute", "app", "upgrade", "hello", "--json"});
    CHECK(next.json()["wallet"]["source"].as_string() == "kms");
  }
}

TEST_CASE("A planned deployment that is seen through late keeps later wallets and names",
          "[e2e][plan]") {
  Project world;
  world.must(world.deploy({"--plan-out", "it.plan", "--json"}));
  world.devnet.add_fault({.kind = "userapi:/profile", .status = 500});
  const RunResult first = world.apply();
  INFO(first.describe());
  REQUIRE(first.code == 0);
  REQUIRE(first.err.find("its profile is not set") != std::string::npos);
  const std::string app = first.json()["appId"].as_string();
  world.devnet.set_persistent_disks(false);
  world.must({"compute", "app", "upgrade", "hello", "--wallet", "kms", "--yes",
              "--confirm-wallet-change", "hello", "--json"});
  world.must({"compute", "app", "rename", "hello", "better"});
  const std::string record = content(world.record(app));
  const std::string lock = content(world.user.folder() / "ecloud.lock");

  const RunResult again = world.apply();
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(content(world.record(app)) == record);
  CHECK(content(world.user.folder() / "ecloud.lock") == lock);
  CHECK(world.devnet.apps().front().profile_name == "better");
  CHECK(content(world.journal(app)).find("\"done\"") != std::string::npos);
}

TEST_CASE("An app that was terminated before its plan was seen through is not waited for",
          "[e2e][plan]") {
  Project world;
  world.must(world.deploy({"--plan-out", "it.plan", "--json"}));
  world.devnet.add_fault({.kind = "userapi:/profile", .status = 500});
  const RunResult first = world.apply();
  REQUIRE(first.code == 0);
  world.must({"compute", "app", "terminate", "hello", "--yes", "--json"});
  const RunResult again = world.apply();
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(again.err.find("the app has been terminated since") != std::string::npos);
  const std::string app = first.json()["appId"].as_string();
  CHECK(content(world.journal(app)).find("\"done\"") != std::string::npos);
}

TEST_CASE("A plan does not take the place of an operation that was cut off", "[e2e][plan]") {
  const std::string operation = GENERATE("upgrade", "stop");
  Project world;
  const RunResult deployed = world.must(world.deploy({"--json"}));
  world.cut_off({"compute", "app", operation, "hello", "--json"});
  world.must(world.upgrade_plan());
  const auto file = world.journal(operation + "-" + deployed.json()["appId"].as_string() + "-" +
                                  world.account().to_string());
  const std::string before = content(file);
  world.check_refused(4, "plan.unfinished", "an earlier run began to " + operation);
  CHECK(content(file) == before);
}

TEST_CASE("A deployment is neither planned nor applied beside one of its name", "[e2e][plan]") {
  Project world;
  const Words plans = world.deploy({"--plan-out", "it.plan", "--json"});
  SECTION("that was cut off before it was planned") {
    world.cut_off(world.deploy({"--json"}));
    const std::size_t wallets = world.wallets();
    const RunResult run = world.user.run(plans);
    INFO(run.describe());
    CHECK(run.code == 4);
    CHECK(run.error()["code"].as_string() == "plan.unfinished");
    CHECK_FALSE(std::filesystem::exists(world.user.folder() / "it.plan"));
    CHECK(world.wallets() == wallets);
  }
  SECTION("that was cut off after it was planned") {
    world.must(plans);
    world.cut_off(world.deploy({"--json"}));
    world.check_refused(4, "plan.unfinished", "an earlier run began to deploy");
    CHECK(world.devnet.apps().empty());
  }
  SECTION("that is there") {
    world.must({"compute", "app", "deploy", "--name", "other", "--image-ref",
                world.devnet.image("sample/layered:1.0"), "--json"});
    world.must(plans);
    world.must({"compute", "app", "rename", "other", "hello"});
    world.check_refused(2, "deploy.name_taken", "you have an app named hello already");
    CHECK(world.devnet.apps().size() == 1);
  }
}

TEST_CASE("A plan is for the contracts that it was made for", "[e2e][plan]") {
  Project world;
  const bool deploys = GENERATE(true, false);
  if (deploys) {
    world.must(world.deploy({"--plan-out", "it.plan", "--json"}));
  } else {
    world.must(world.deploy({"--json"}));
    world.must(world.upgrade_plan());
  }
  SECTION("and refused when the project names others") {
    const std::string key = GENERATE("delegator", "appController", "permissionController");
    world.user.write("ecloud.yaml", "name: hello\nenvironments:\n  devnet:\n    " + key +
                                        ": \"0x1111111111111111111111111111111111111111\"\n");
    world.check_refused(2, "plan.other_environment", "the plan was made for the " + key);
  }
  SECTION("and refused in another environment") {
    world.user.set("ECLOUD_ENV", "sepolia");
    world.check_refused(2, "plan.other_environment", "the plan is for devnet (chain ");
  }
}

TEST_CASE("A planned deployment delegates the account exactly as planned", "[e2e][plan]") {
  Project world;
  REQUIRE(world.devnet.code(world.account()).empty());
  world.must(world.deploy({"--plan-out", "it.plan", "--json"}));
  const base::Json file = world.plan();
  Wire wire(world.user);
  const RunResult run = world.apply();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const auto raw = wire.of("eth_sendRawTransaction");
  REQUIRE(raw.size() == 1);
  const eth::SignedTransaction sent =
      eth::decode_transaction(*base::from_hex(raw.front()["params"].at(0).as_string()));
  const eth::Transaction& transaction = sent.transaction;
  CHECK(transaction.type() == 4);
  CHECK(sent.sender() == world.account());
  const base::Json planned = file["transaction"];
  CHECK(transaction.chain_id.to_decimal() == planned["chainId"].as_string());
  CHECK(transaction.nonce == planned["nonce"].as_u64());
  CHECK(transaction.gas_limit == planned["gasLimit"].as_u64());
  CHECK(transaction.max_fee_per_gas.to_decimal() == planned["maxFeePerGasWei"].as_string());
  CHECK(transaction.max_priority_fee_per_gas.to_decimal() ==
        planned["maxPriorityFeePerGasWei"].as_string());
  CHECK(transaction.to == world.account());
  CHECK(transaction.value.is_zero());
  CHECK(base::to_hex_prefixed(transaction.data) == planned["data"].as_string());
  REQUIRE(transaction.authorizations.size() == 1);
  const eth::Authorization& authorization = transaction.authorizations.front();
  CHECK(authorization.address.to_string() == file["contracts"]["delegator"].as_string());
  CHECK(authorization.address == world.devnet.environment().delegator);
  CHECK(authorization.chain_id == transaction.chain_id);
  CHECK(authorization.nonce == transaction.nonce + 1);
  CHECK(authorization.authority() == world.account());
}

TEST_CASE("Looking at a plan signs nothing for a node without state overrides", "[e2e][plan]") {
  Project world;
  world.must(world.deploy({"--plan-out", "it.plan", "--json"}));
  const auto without_overrides = [&](std::uint32_t times) {
    world.devnet.add_fault({.kind = "rpc:eth_estimateGas",
                            .action = devnet::FaultAction::kRpcError,
                            .times = times,
                            .code = -32602,
                            .body = "too many arguments, want at most 2"});
  };
  Wire wire(world.user);
  without_overrides(1);
  const RunResult look = world.apply({"--dry-run", "--json"});
  INFO(look.describe());
  CHECK(look.code == 0);
  CHECK(look.err.find("so it was not tried") != std::string::npos);
  CHECK_FALSE(wire.has_authorization());
  CHECK(wire.of("eth_sendRawTransaction").empty());
  // Once before the question, which signs nothing, and once after it.
  without_overrides(2);
  const RunResult run = world.apply();
  INFO(run.describe());
  CHECK(run.code == 0);
  const auto estimates = wire.of("eth_estimateGas");
  REQUIRE(estimates.size() == 4);
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    const bool is_signed = estimates[i].dump().find("authorizationList") != std::string::npos;
    CHECK(is_signed == (i == 3));
  }
}

TEST_CASE("A release that another admin makes after the question is not overwritten",
          "[e2e][plan]") {
  Project world;
  const RunResult deployed = world.must(world.deploy({"--wallet", "kms", "--json"}));
  const std::string app = deployed.json()["appId"].as_string();
  const auto& other = devnet::Devnet::accounts().at(1);
  Session colleague(world.devnet, world.clock);
  colleague.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(other.private_key.reveal()));
  world.must({"compute", "app", "permissions", "grant", app, other.address.to_string(), "--allow",
              "upgrade", "--json"});
  world.must(world.upgrade_plan());

  Wire wire(world.user);
  // The image is looked at last, before the question.
  wire.after_manifest = [&] {
    const RunResult run =
        colleague.run({"compute", "app", "upgrade", app, world.devnet.image("sample/layered:1.0"),
                       "--wallet", "kms", "--no-wait", "--json"});
    INFO(run.describe());
    CHECK(run.code == 0);
  };
  const RunResult run = world.apply({"--yes", "--json"});
  INFO(run.describe());
  CHECK_FALSE(wire.after_manifest);
  CHECK(run.code == 4);
  CHECK(run.error()["code"].as_string() == "plan.moved");
  CHECK(run.error()["message"].as_string().find("release") != std::string::npos);
  CHECK(wire.of("eth_sendRawTransaction").empty());
}

TEST_CASE("A plan shows the balance and the difference that it was made with", "[e2e][plan]") {
  Project world;
  world.must(world.deploy({"--json"}));
  world.user.write(".env", "TOKEN=s3cret-other\nNEW=s3cret-marker\nGREETING_PUBLIC=bye\n");
  const base::Json planned = world.must(world.upgrade_plan()).json();
  REQUIRE(planned["changes"].size() == 4);
  CHECK(world.plan().dump().find("s3cret") == std::string::npos);

  const RunResult look = world.apply({"--dry-run", "--json"});
  INFO(look.describe());
  REQUIRE(look.code == 0);
  CHECK(look.json()["changes"].equals(planned["changes"]));
  CHECK(look.json()["notCompared"].equals(planned["notCompared"]));
  const eth::U256 balance = world.devnet.balance(world.account());
  CHECK(look.json()["balanceWei"].as_string() == balance.to_decimal());
  const RunResult words = world.apply({"--dry-run"});
  INFO(words.describe());
  for (const std::string& text :
       {"(balance " + eth::format_ether(balance) + " ETH)",
        std::string("g1-standard-4t -> g1-standard-8t\n"),
        std::string("Variable GREETING_PUBLIC: hello -> bye\n"), std::string("Secret NEW: added\n"),
        std::string("Secret TOKEN: another value\n")}) {
    CHECK(words.out.find(text) != std::string::npos);
  }
  const RunResult run = world.apply();
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["changes"].equals(planned["changes"]));
}

TEST_CASE("The lock of the project where a plan was made is kept up", "[e2e][plan]") {
  Project world;
  world.must(world.deploy({"--json"}));
  world.must(world.upgrade_plan());
  Session elsewhere(world.devnet, world.clock);
  elsewhere.write("ecloud.yaml", "name: another\n");
  elsewhere.write("it.plan", content(world.user.folder() / "it.plan"));
  const auto own = world.user.folder() / "ecloud.lock";
  const auto theirs = elsewhere.folder() / "ecloud.lock";
  bool is_there = true;
  SECTION("while it is there") {}
  SECTION("and that of the folder where it is applied otherwise") {
    std::filesystem::remove(own);
    std::filesystem::remove(world.user.folder() / "ecloud.yaml");
    is_there = false;
  }
  const RunResult run = elsewhere.run({"compute", "app", "apply", "it.plan", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(std::filesystem::exists(own) == is_there);
  CHECK(std::filesystem::exists(theirs) == !is_there);
  const base::Json lock = base::Json::parse(content(is_there ? own : theirs), "lock");
  REQUIRE(lock["apps"].size() == 1);
  CHECK(lock["apps"].at(0)["blockNumber"].as_u64() == run.json()["blockNumber"].as_u64());
}

TEST_CASE("An applied plan shows the current price of the instance type", "[e2e][plan]") {
  Project world;
  world.must(world.deploy({"--json"}));
  world.must(world.upgrade_plan());
  const std::string price = "Price: 0.66 USD an hour, 484.99 USD a month\n";
  const RunResult rehearsed = world.apply({"--dry-run"});
  INFO(rehearsed.describe());
  CHECK(rehearsed.out.find("Hardware: TEE: Intel TDX, 8 vCPU, 32 GB\n" + price) !=
        std::string::npos);
  const RunResult document = world.apply({"--dry-run", "--json"});
  INFO(document.describe());
  const base::Json instance = document.json()["instance"];
  CHECK(instance["name"].as_string() == "g1-standard-8t");
  CHECK(instance["hourlyUsd"].as_double() == 0.66);
  CHECK(instance["monthlyUsd"].as_double() == 484.99);

  SECTION("a platform that does not respond keeps nobody from applying it") {
    world.devnet.add_fault({.kind = "userapi:/skus", .times = 0, .status = 500});
    const RunResult run = world.apply({"--yes"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find("Price: unknown (the platform does not report it)\n") != std::string::npos);
    const std::string warning = "warning: the instance type could not be checked: ";
    const std::size_t first = run.err.find(warning);
    REQUIRE(first != std::string::npos);
    CHECK(run.err.find(warning, first + 1) == std::string::npos);
  }
  SECTION("before the question, and not in the result") {
    const RunResult run = world.apply({"--yes"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find(price) != std::string::npos);
    CHECK(run.out.find("Price:") == std::string::npos);
  }
}
