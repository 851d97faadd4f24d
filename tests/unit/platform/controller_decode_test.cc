#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::error_of;
using testing::unhex;
using testing::vector_text;

constexpr auto kThree = Generation::kThreeFields;
constexpr auto kFour = Generation::kFourFields;

base::Bytes answer(std::string_view name) {
  return unhex(vector_text("answers", name));
}

TEST_CASE("the apps of a developer are read from a controller before 1.5.0", "[platform]") {
  const auto apps = decode_apps(kThree, answer("apps before 1.5.0"));
  REQUIRE(apps.size() == 2);
  CHECK(apps[0].app == testing::sample_app());
  CHECK(apps[0].creator.to_string() == testing::kSampleAccount);
  CHECK(apps[0].latest_release_block == 9000001);
  CHECK_FALSE(apps[0].pending_release_block);
  CHECK(apps[0].status == ChainStatus::kStarted);
  CHECK(apps[1].app == testing::other_app());
  CHECK(apps[1].creator == testing::other_app());
  CHECK(apps[1].latest_release_block == 4294967295);
  CHECK(apps[1].status == ChainStatus::kCreated);
}

TEST_CASE("the apps of a developer are read from a controller from 1.5.0", "[platform]") {
  const auto apps = decode_apps(kFour, answer("apps from 1.5.0"));
  REQUIRE(apps.size() == 2);
  CHECK(apps[0].latest_release_block == 9000001);
  CHECK(apps[0].pending_release_block == 0u);
  CHECK(apps[0].status == ChainStatus::kStarted);
  CHECK(apps[1].latest_release_block == 4294967295);
  CHECK(apps[1].pending_release_block == 9000002u);
  CHECK(apps[1].status == ChainStatus::kCreated);
}

TEST_CASE("a developer without apps has an empty list in both generations", "[platform]") {
  CHECK(decode_apps(kThree, answer("no apps")).empty());
  CHECK(decode_apps(kFour, answer("no apps")).empty());
}

TEST_CASE("a list of apps with something wrong is refused", "[platform]") {
  CHECK(error_of([] { decode_apps(kFour, answer("unknown status")); }) ==
        "7 platform.status: the AppController gave an unknown app status: 6");
  CHECK(error_of([] { decode_apps(kFour, answer("more apps than records")); }) ==
        "7 eth.abi_data: the AppController listed 2 apps with 1 records");
  // The older records are shorter, so they cannot be taken for the newer ones.
  CHECK(error_of([] {
          decode_apps(kFour, answer("apps before 1.5.0"));
        }).starts_with("7 eth.abi_data: "));
  CHECK(error_of([] { decode_apps(kThree, {}); }).starts_with("7 eth.abi_data: "));
}

TEST_CASE("simple answers are read", "[platform]") {
  CHECK(decode_text(answer("version")) == "1.5.0");
  CHECK(decode_number(answer("count")) == eth::U256(7));
  CHECK(decode_address(answer("app id")) == testing::sample_app());
  CHECK(decode_boolean(answer("yes")));
  CHECK_FALSE(decode_boolean(answer("no")));
}

TEST_CASE("an answer of another kind or of no contract is refused", "[platform]") {
  // eth_call to an address without code answers 0x.
  CHECK(error_of([] { decode_text({}); }).starts_with("7 eth.abi_data: "));
  CHECK(error_of([] { decode_number({}); }).starts_with("7 eth.abi_data: "));
  CHECK(error_of([] { decode_address({}); }).starts_with("7 eth.abi_data: "));
  CHECK(error_of([] { decode_boolean({}); }).starts_with("7 eth.abi_data: "));
  CHECK(error_of([] { decode_boolean(answer("count")); }).starts_with("7 eth.abi_data: "));
  CHECK(error_of([] { decode_address(base::Bytes(32, 0xff)); }).starts_with("7 eth.abi_data: "));
  CHECK(error_of([] { decode_text(answer("app id")); }).starts_with("7 eth.abi_data: "));
}

TEST_CASE("every status on chain has a word", "[platform]") {
  CHECK(to_string(ChainStatus::kNone) == "none");
  CHECK(to_string(ChainStatus::kStarted) == "started");
  CHECK(to_string(ChainStatus::kStopped) == "stopped");
  CHECK(to_string(ChainStatus::kTerminated) == "terminated");
  CHECK(to_string(ChainStatus::kSuspended) == "suspended");
  CHECK(to_string(ChainStatus::kCreated) == "created");
}

eth::Address controller() {
  return builtin_environments().at(0).app_controller;
}

chain::LogEntry created_log() {
  return {controller(),
          {topic_app_created(), testing::address(testing::kSampleAccount).to_word(),
           testing::sample_app().to_word()},
          base::Bytes(32)};
}

TEST_CASE("created apps are found among the logs of a receipt", "[platform]") {
  chain::Receipt receipt;
  CHECK(find_app_created(receipt, controller()).empty());
  chain::LogEntry foreign = created_log();
  foreign.address = builtin_environments().at(1).app_controller;
  chain::LogEntry started = created_log();
  started.topics[0] = topic_app_started();
  chain::LogEntry shorter = created_log();
  shorter.topics.pop_back();
  receipt.logs = {foreign, started, shorter, {controller(), {}, {}}};
  CHECK(find_app_created(receipt, controller()).empty());
  receipt.logs.push_back(created_log());
  receipt.logs.push_back(created_log());
  receipt.logs.back().topics[2] = testing::other_app().to_word();
  const auto found = find_app_created(receipt, controller());
  REQUIRE(found.size() == 2);
  CHECK(found[0].creator.to_string() == testing::kSampleAccount);
  CHECK(found[0].app == testing::sample_app());
  CHECK(found[1].app == testing::other_app());
}

/// The data of an AppUpgraded event from 1.5.0, as viem's encodeAbiParameters makes it: release 1
/// with a container policy.
constexpr std::string_view kUpgradedData =
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "0000000000000000000000000000000000000000000000000000000000000080"
    "0000000000000000000000000000000000000000000000000000000000000180"
    "00000000000000000000000000000000000000000000000000000000000001c0"
    "0000000000000000000000000000000000000000000000000000000000000200"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "000000000000000000000000000000000000000000000000000000006b49e010"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "abababababababababababababababababababababababababababababababab"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "0000000000000000000000000000000000000000000000000000000000000010"
    "646f636b65722e696f2f6d652f61707000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "7b7d000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000003"
    "6a77650000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000000000000000a0"
    "0000000000000000000000000000000000000000000000000000000000000120"
    "00000000000000000000000000000000000000000000000000000000000001a0"
    "00000000000000000000000000000000000000000000000000000000000002a0"
    "00000000000000000000000000000000000000000000000000000000000003a0"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000006"
    "2d2d736166650000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000003"
    "72756e0000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "0000000000000000000000000000000000000000000000000000000000000080"
    "0000000000000000000000000000000000000000000000000000000000000004"
    "4d4f444500000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000006"
    "7374726963740000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "0000000000000000000000000000000000000000000000000000000000000080"
    "0000000000000000000000000000000000000000000000000000000000000005"
    "4c4556454c000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "3100000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000005"
    "4e65766572000000000000000000000000000000000000000000000000000000";

chain::LogEntry upgraded_log(Generation generation, std::uint64_t block, base::Bytes data) {
  chain::LogEntry log;
  log.address = controller();
  log.topics = {topic_app_upgraded(generation), testing::sample_app().to_word()};
  log.data = std::move(data);
  log.block_number = block;
  return log;
}

TEST_CASE("all releases are found among the logs in both generations", "[platform]") {
  const base::Bytes data = unhex("0x" + std::string(kUpgradedData));
  const Release plain;
  const chain::LogEntry old =
      upgraded_log(kThree, 5,
                   eth::abi_encode("(uint256," + std::string(release_type(kThree)) + ")",
                                   {std::uint64_t{0}, release_value(plain, kThree)}));
  const chain::LogEntry four = upgraded_log(kFour, 7, data);
  chain::LogEntry foreign = four;
  foreign.address = builtin_environments().at(1).app_controller;
  chain::LogEntry other = four;
  other.topics[1] = testing::other_app().to_word();
  const auto found =
      find_all_app_upgraded({old, foreign, other, four}, controller(), testing::sample_app());
  REQUIRE(found.size() == 2);
  CHECK(found[0].release_id == 0);
  CHECK(found[0].block == 5);
  CHECK(found[0].release.policy.is_empty());
  CHECK(found[1].release_id == 1);
  CHECK(found[1].block == 7);
  const Release& release = found[1].release;
  REQUIRE(release.artifacts.size() == 1);
  CHECK(release.artifacts[0].registry == "docker.io/me/app");
  CHECK(release.upgrade_by_time == 1'800'003'600);
  CHECK(release.encrypted_env == base::to_bytes("jwe"));
  CHECK(release.policy.args == std::vector<std::string>{"--safe"});
  CHECK(release.policy.cmd_override == std::vector<std::string>{"run"});
  CHECK(release.policy.env == ContainerPolicy::Pairs{{"MODE", "strict"}});
  CHECK(release.policy.env_override == ContainerPolicy::Pairs{{"LEVEL", "1"}});
  CHECK(release.policy.restart_policy == "Never");
  // And it is sent again as it is.
  CHECK(eth::abi_encode("(uint256," + std::string(release_type(kFour)) + ")",
                        {std::uint64_t{1}, release_value(release, kFour)}) == data);
}

}  // namespace
}  // namespace ecloud::platform
