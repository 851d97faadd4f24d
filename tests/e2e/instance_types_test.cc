#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

constexpr char kNoTee[] =
    "warning: instance type g1-micro-1v has NO TEE: its boot is measured, but "
    "its memory is not encrypted";

std::string deployed(World& world, const Words& more = {}) {
  Words words = world.deploy({"--json"});
  words.insert(words.end(), more.begin(), more.end());
  const RunResult run = world.user.run(words);
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["appId"].as_string();
}

}  // namespace

TEST_CASE("The instance types are listed with what the platform tells of them", "[e2e]") {
  World world;
  world.user.unset("ECLOUD_PRIVATE_KEY");
  const RunResult table = world.user.run({"compute", "instance-types"});
  INFO(table.describe());
  REQUIRE(table.code == 0);
  CHECK(table.out.starts_with(
      "g1-micro-1v\t2\t1 GB\tnone (Shielded VM)\t0.03\t19.99\t1 shared vCPU, 1 GB memory, no TEE\n"
      "g1-medium-1v\t2\t4 GB\tnone (Shielded VM)\t0.04\t29.99\t"));
  CHECK(table.out.find("g1-standard-2s\t2\t8 GB\tAMD SEV-SNP\t0.12\t85.99\t") != std::string::npos);
  // What the server does not tell is unknown, and never a price of our own.
  CHECK(table.out.find("g1-standard-2t\t2\t8 GB\tIntel TDX\tunknown\tunknown\t") !=
        std::string::npos);
  const RunResult run = world.user.run({"compute", "instance-types", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json micro = run.json()["instanceTypes"].at(0);
  CHECK(micro["name"].as_string() == "g1-micro-1v");
  CHECK(micro["hasTee"].as_bool() == false);
  CHECK(micro["vcpus"].as_u64() == 2);
  CHECK(micro["memoryMb"].as_u64() == 1024);
  CHECK(micro["hourlyUsd"].as_double() == 0.03);
  CHECK(micro["monthlyUsd"].as_double() == 19.99);
  CHECK(micro["tier"].as_string() == "Starter 1");
  CHECK(micro["platform"].as_string() == "gcp_shielded_vm");
  const base::Json unpriced = run.json()["instanceTypes"].at(4);
  CHECK(unpriced["name"].as_string() == "g1-standard-2t");
  CHECK(unpriced["hasTee"].as_bool() == true);
  CHECK(unpriced["hourlyUsd"].is_null());
  CHECK(unpriced["tier"].is_null());
}

TEST_CASE("A server of the old kind names the types only", "[e2e]") {
  World world;
  world.devnet.add_fault({.kind = "userapi:/skus",
                          .action = devnet::FaultAction::kBody,
                          .times = 0,
                          .body = R"({"SKUs":[{"SKU":"g1-standard-4t","Description":"4 vCPUs"},)"
                                  R"({"SKU":"g2-new-1x"}]})"});
  const RunResult table = world.user.run({"compute", "instance-types"});
  INFO(table.describe());
  CHECK(table.out ==
        "g1-standard-4t\tunknown\tunknown\tIntel TDX\tunknown\tunknown\t4 vCPUs\n"
        "g2-new-1x\tunknown\tunknown\tunknown\tunknown\tunknown\t-\n");
  const RunResult plan = world.user.run(world.deploy({"--dry-run"}));
  CHECK(plan.out.find("Hardware: TEE: Intel TDX\n") != std::string::npos);
  CHECK(plan.out.find("Price: unknown (the platform does not report it)\n") != std::string::npos);
  const RunResult unknown =
      world.user.run(world.deploy({"--dry-run", "--instance-type", "g2-new-1x"}));
  INFO(unknown.describe());
  CHECK(unknown.code == 0);
  CHECK(unknown.err.find("whether instance type g2-new-1x has a TEE is unknown") !=
        std::string::npos);
}

TEST_CASE("Every plan names the price", "[e2e]") {
  World world;
  const RunResult text = world.user.run(world.deploy({"--dry-run"}));
  INFO(text.describe());
  CHECK(text.out.find("Hardware: TEE: Intel TDX, 4 vCPU, 16 GB\n") != std::string::npos);
  CHECK(text.out.find("Price: 0.33 USD an hour, 239.99 USD a month\n") != std::string::npos);
  const RunResult json = world.user.run(world.deploy({"--dry-run", "--json"}));
  CHECK(json.json()["instance"]["hourlyUsd"].as_double() == 0.33);
  CHECK(json.json()["instance"]["monthlyUsd"].as_double() == 239.99);
  CHECK(json.json()["instance"]["hasTee"].as_bool());
  const std::string app = deployed(world);
  const RunResult upgrade = world.user.run(
      {"compute", "app", "upgrade", app, "--instance-type", "g1-standard-8t", "--dry-run"});
  INFO(upgrade.describe());
  CHECK(upgrade.out.find("Price: 0.66 USD an hour, 484.99 USD a month\n") != std::string::npos);
  const RunResult plan = world.user.run({"compute", "app", "plan", app, "--json"});
  CHECK(plan.json()["instance"]["monthlyUsd"].as_double() == 239.99);
}

TEST_CASE("A type that is not offered is refused with those that are", "[e2e]") {
  World world;
  const RunResult run = world.user.run(world.deploy({"--instance-type", "g1-standard-9t"}));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.find("there is no instance type g1-standard-9t; there are g1-micro-1v, ") !=
        std::string::npos);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  world.devnet.add_fault({.kind = "userapi:/skus", .times = 0, .status = 500});
  const RunResult unchecked =
      world.user.run(world.deploy({"--instance-type", "g1-standard-9t", "--dry-run"}));
  INFO(unchecked.describe());
  CHECK(unchecked.code == 0);
  CHECK(unchecked.err.find("warning: the instance type could not be checked: ") !=
        std::string::npos);
}

TEST_CASE("A type without a TEE is warned of and has to be agreed to", "[e2e]") {
  World world;
  const std::string type = "g1-micro-1v";
  SECTION("a dry run only warns") {
    const RunResult run = world.user.run(world.deploy({"--instance-type", type, "--dry-run"}));
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find(kNoTee) != std::string::npos);
  }
  SECTION("nobody to ask") {
    const RunResult run = world.user.run(world.deploy({"--instance-type", type}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.err.find(kNoTee) != std::string::npos);
    CHECK(run.err.find("this needs a confirmation: Use g1-micro-1v without the protection of a "
                       "TEE?") != std::string::npos);
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  }
  SECTION("agreed to and named") {
    const std::string where = GENERATE("flag", "variable", "ecloud.yaml");
    Words more = {"--yes"};
    if (where == "flag") more.insert(more.end(), {"--instance-type", type});
    if (where == "variable") world.user.set("ECLOUD_INSTANCE_TYPE", type);
    if (where == "ecloud.yaml") world.user.write("ecloud.yaml", "instanceType: " + type + "\n");
    const RunResult run = world.user.run(world.deploy(more));
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find(kNoTee) != std::string::npos);
  }
  SECTION("ECLOUD_FORCE agrees as --yes does") {
    world.user.set("ECLOUD_FORCE", "1");
    CHECK(world.user.run(world.deploy({"--instance-type", type})).code == 0);
  }
  SECTION("--yes with a type out of config.yaml agrees to nothing") {
    REQUIRE(world.user.run({"config", "set", "instanceType", type}).code == 0);
    const RunResult run = world.user.run(world.deploy({"--yes"}));
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.err.find("--yes does not agree to that by itself") != std::string::npos);
    CHECK(run.err.find("--instance-type " + type) != std::string::npos);
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  }
  SECTION("an upgrade to it") {
    const std::string app = deployed(world);
    const Words upgrade = {"compute", "app", "upgrade", app, "--instance-type", type};
    CHECK(world.user.run(upgrade).code == 2);
    Words agreed = upgrade;
    agreed.emplace_back("--yes");
    CHECK(world.user.run(agreed).code == 0);
    // What it has already is no news.
    const RunResult kept = world.user.run({"compute", "app", "upgrade", app});
    INFO(kept.describe());
    CHECK(kept.code == 0);
    CHECK(kept.err.find(kNoTee) != std::string::npos);
  }
}
