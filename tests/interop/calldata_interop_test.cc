#include "ecloud/base/hex.h"
#include "ecloud/crypto/random.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/credits.h"
#include "ecloud/platform/environment.h"
#include "interop/node_program.h"

namespace ecloud::platform {
namespace {

std::string hex(base::ByteView bytes) {
  return base::to_hex_prefixed(bytes);
}

struct Sample {
  base::Bytes32 salt;
  eth::Address app;
  Release release;
  std::vector<Call> calls;
};

eth::Address random_address(crypto::Random& random) {
  base::FixedBytes<20> bytes;
  random.fill(bytes);
  return eth::Address(bytes);
}

/// Random octets in everything, and sizes around those of an EVM word.
Sample make_sample(crypto::Random& random, std::size_t size) {
  Sample out;
  out.salt = random.bytes32();
  out.app = random_address(random);
  for (std::size_t i = 0; i < 1 + size % 3; ++i) {
    out.release.artifacts.push_back({random.bytes32(), "docker.io/" + std::string(size, 'a' + i)});
  }
  out.release.upgrade_by_time = static_cast<std::uint32_t>(4'000'000'000 + size);
  out.release.public_env = random.bytes(size);
  out.release.encrypted_env = random.bytes(size * 7);
  for (std::size_t i = 0; i < size % 5; ++i) {
    out.calls.push_back({random_address(random), eth::U256(size * i), random.bytes(size + i)});
  }
  return out;
}

base::Json to_json(const Sample& sample) {
  base::Json artifacts = base::Json::array();
  for (const Artifact& artifact : sample.release.artifacts) {
    artifacts.push(
        base::Json::object({{"digest", hex(artifact.digest)}, {"registry", artifact.registry}}));
  }
  base::Json calls = base::Json::array();
  for (const Call& call : sample.calls) {
    calls.push(base::Json::object({{"target", call.target.to_lower_hex()},
                                   {"value", call.value.to_decimal()},
                                   {"data", hex(call.data)}}));
  }
  return base::Json::object(
      {{"salt", hex(sample.salt)},
       {"app", sample.app.to_lower_hex()},
       {"release",
        base::Json::object({{"artifacts", artifacts},
                            {"upgradeByTime", std::uint64_t{sample.release.upgrade_by_time}},
                            {"publicEnv", hex(sample.release.public_env)},
                            {"encryptedEnv", hex(sample.release.encrypted_env)}})},
       {"calls", calls}});
}

TEST_CASE("viem builds the same calldata for both generations and the batch", "[interop]") {
  crypto::SystemRandom random;
  for (const std::size_t size : {0, 1, 31, 32, 33, 64, 997}) {
    const Sample sample = make_sample(random, size);
    INFO(to_json(sample).dump());
    const auto built = testing::run_node("calldata.mjs", to_json(sample));
    if (!built) return;
    for (const auto& [name, generation] : {std::pair("before", Generation::kThreeFields),
                                           std::pair("from", Generation::kFourFields)}) {
      CHECK(hex(encode_create_app(generation, sample.salt, sample.release)) ==
            (*built)[name]["createApp"].as_string());
      CHECK(hex(encode_upgrade_app(generation, sample.app, sample.release)) ==
            (*built)[name]["upgradeApp"].as_string());
    }
    CHECK(hex(encode_execute(sample.calls)) == (*built)["execute"].as_string());
  }
}

TEST_CASE("viem builds the same calldata for what changes an app", "[interop]") {
  crypto::SystemRandom random;
  const Sample sample = make_sample(random, 5);
  const auto built = testing::run_node("calldata.mjs", to_json(sample));
  if (!built) return;
  CHECK(hex(encode_start_app(sample.app)) == (*built)["startApp"].as_string());
  CHECK(hex(encode_stop_app(sample.app)) == (*built)["stopApp"].as_string());
  CHECK(hex(encode_terminate_app(sample.app)) == (*built)["terminateApp"].as_string());
  CHECK(hex(encode_set_appointee(sample.app, anyone_appointee(), api_permission_target(),
                                 kViewLogsPermission)) == (*built)["setAppointee"].as_string());
  CHECK(hex(encode_remove_appointee(sample.app, anyone_appointee(), api_permission_target(),
                                    kViewLogsPermission)) ==
        (*built)["removeAppointee"].as_string());
}

TEST_CASE("viem builds the same calldata for a whole deployment", "[interop]") {
  // As a deployment nests them: the calls of the batch hold the release.
  crypto::SystemRandom random;
  const Environment& environment = builtin_environments().at(0);
  Sample sample = make_sample(random, 300);
  for (const Generation generation : {Generation::kThreeFields, Generation::kFourFields}) {
    sample.calls = {
        {environment.app_controller, eth::U256(0),
         encode_create_app(generation, sample.salt, sample.release)},
        {environment.permission_controller, eth::U256(0), encode_accept_admin(sample.app)},
        {environment.permission_controller, eth::U256(0),
         encode_set_appointee(sample.app, anyone_appointee(), api_permission_target(),
                              kViewLogsPermission)}};
    const auto built = testing::run_node("calldata.mjs", to_json(sample));
    if (!built) return;
    CHECK(hex(encode_execute(sample.calls)) == (*built)["execute"].as_string());
  }
}

TEST_CASE("viem builds the same calldata for a purchase of credits", "[interop]") {
  crypto::SystemRandom random;
  const Environment& environment = builtin_environments().at(0);
  for (const char* amount : {"1", "5000000", "12345678", "18446744073709551616"}) {
    const eth::U256 units = *eth::U256::from_decimal(amount);
    Sample sample = make_sample(random, 1);
    const base::Bytes approve = encode_approve(sample.app, units);
    const base::Bytes purchase = encode_purchase_credits_for(units, sample.app);
    sample.calls = {{environment.usdc_token, eth::U256(0), approve},
                    {environment.usdc_credits, eth::U256(0), purchase}};
    base::Json given = to_json(sample);
    given.set("amount", amount);
    const auto built = testing::run_node("calldata.mjs", given);
    if (!built) return;
    CHECK(hex(approve) == (*built)["approve"].as_string());
    CHECK(hex(purchase) == (*built)["purchase"].as_string());
    CHECK(hex(encode_execute(sample.calls)) == (*built)["execute"].as_string());
  }
}

}  // namespace
}  // namespace ecloud::platform
