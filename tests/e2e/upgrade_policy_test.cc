// An upgrade and what another program allowed the container to do.

#include "e2e/direct_call.h"
#include "e2e/session.h"
#include "ecloud/crypto/random.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/controller.h"
#include "support/catch.h"

using namespace ecloud;
using platform::Generation;
using testing::RunResult;
using testing::World;

namespace {

struct Restricted : World {
  Restricted() {
    // The other program takes the wallet away, which no disk would survive.
    devnet.set_persistent_disks(false);
    const RunResult run = user.run(deploy({"--json"}));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    const std::string digest = run.json()["imageDigest"].as_string();
    platform::Release release;
    release.artifacts = {
        {*base::fixed_from_hex<32>(digest.substr(7)), devnet.image("sample/layered")}};
    release.upgrade_by_time = static_cast<std::uint32_t>(clock.unix_seconds()) + 3'600;
    release.public_env = base::to_bytes(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})");
    release.policy.args = {"--safe"};
    release.policy.env = {{"MODE", "strict"}};
    const auto app = *eth::Address::parse(run.json()["appId"].as_string());
    crypto::SystemRandom random;
    release.encrypted_env = platform::encrypt_private_environment(
        {}, app, devnet.environment().kms_encryption_key, random);
    testing::send_call(*this, devnet.environment().app_controller,
                       platform::encode_upgrade_app(Generation::kFourFields, app, release));
    clock.sleep(std::chrono::minutes(1));
  }
  RunResult plan(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"compute", "app", "upgrade", "hello", "--dry-run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    RunResult run = user.run(arguments);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run;
  }
};

}  // namespace

TEST_CASE("An upgrade keeps the container policy of the release that runs", "[e2e][upgrade]") {
  Restricted world;
  CHECK(world.plan({}).out.find("Container policy: as before\n") != std::string::npos);
  const auto data =
      base::from_hex(world.plan({"--json"}).json()["calls"].at(0)["data"].as_string());
  REQUIRE(data);
  const std::string text(base::as_chars(*data));
  for (const char* word : {"--safe", "MODE", "strict"}) {
    INFO(word);
    CHECK(text.find(word) != std::string::npos);
  }
}

TEST_CASE("A contract that knows no container policy loses it with a warning", "[e2e][upgrade]") {
  Restricted world;
  // The platform takes the release into force.
  for (int i = 0; i < 10 && world.devnet.apps().front().pending_release_block != 0; ++i) {
    world.clock.sleep(std::chrono::minutes(1));
    world.user.run({"compute", "app", "status", "hello"});
  }
  REQUIRE(world.devnet.apps().front().pending_release_block == 0);
  world.devnet.set_generation(Generation::kThreeFields);
  const RunResult run = world.plan({"--json"});
  INFO(run.describe());
  CHECK(run.err.find("a container policy), and the live contract knows no such thing: the "
                     "restriction is lost") != std::string::npos);
}
