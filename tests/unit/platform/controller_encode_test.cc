#include <algorithm>
#include <map>

#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::hex;
using testing::sample_app;
using testing::unhex;
using testing::vector_text;

constexpr auto kThree = Generation::kThreeFields;
constexpr auto kFour = Generation::kFourFields;

// The inputs of tests/interop/make_platform_vectors.mjs.
base::Bytes32 sample_salt() {
  base::Bytes32 salt;
  salt.fill(0x5a);
  return salt;
}

Release sample_release() {
  Artifact image;
  image.digest.fill(0xab);
  image.registry = "docker.io/library/nginx";
  return {.artifacts = {image},
          .upgrade_by_time = 1800003600,
          .public_env = base::to_bytes(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})"),
          .encrypted_env = base::to_bytes("aaa.bbb.ccc.ddd.eee")};
}

eth::Address sample_account() {
  return testing::address(testing::kSampleAccount);
}

/// Every call that ecloud makes, by the name it has in the vectors.
std::map<std::string, base::Bytes> all_calls() {
  const eth::Address app = sample_app();
  const eth::Address anyone = anyone_appointee();
  const eth::Address api = api_permission_target();
  return {
      {"createApp before 1.5.0", encode_create_app(kThree, sample_salt(), sample_release())},
      {"createApp from 1.5.0", encode_create_app(kFour, sample_salt(), sample_release())},
      {"upgradeApp before 1.5.0", encode_upgrade_app(kThree, app, sample_release())},
      {"upgradeApp from 1.5.0", encode_upgrade_app(kFour, app, sample_release())},
      {"startApp", encode_start_app(app)},
      {"stopApp", encode_stop_app(app)},
      {"terminateApp", encode_terminate_app(app)},
      {"version", encode_version()},
      {"calculateAppId", encode_calculate_app_id(sample_account(), sample_salt())},
      {"getMaxActiveAppsPerUser", encode_max_active_apps(app)},
      {"getActiveAppCount", encode_active_app_count(app)},
      {"getAppStatus", encode_app_status(app)},
      {"getAppCreator", encode_app_creator(app)},
      {"getAppLatestReleaseBlockNumber", encode_latest_release_block(app)},
      {"getAppsByDeveloper", encode_apps_by_developer(app, 20, 10)},
      {"acceptAdmin", encode_accept_admin(app)},
      {"setAppointee", encode_set_appointee(app, anyone, api, kViewLogsPermission)},
      {"removeAppointee", encode_remove_appointee(app, anyone, api, kViewLogsPermission)},
      {"canCall", encode_can_call(app, anyone, api, kViewLogsPermission)},
  };
}

std::vector<Call> sample_batch() {
  const eth::Address permissions = builtin_environments().at(0).permission_controller;
  return {{permissions, eth::U256(0), encode_accept_admin(sample_app())},
          {permissions, eth::U256(7),
           encode_set_appointee(sample_app(), anyone_appointee(), api_permission_target(),
                                kViewLogsPermission)}};
}

TEST_CASE("every call is encoded as viem and ethers encode it", "[platform]") {
  for (const auto& [name, data] : all_calls()) {
    INFO(name);
    CHECK(hex(data) == vector_text("calls", name));
  }
}

TEST_CASE("every call has the selector that the platform publishes", "[platform]") {
  // As the contracts' published interfaces have them.
  const std::map<std::string, std::string> published = {
      {"createApp before 1.5.0", "0xa60daa8f"},
      {"createApp from 1.5.0", "0x5e92a19f"},
      {"upgradeApp before 1.5.0", "0xd80a956b"},
      {"upgradeApp from 1.5.0", "0xe71ad404"},
      {"startApp", "0x4dd8ef81"},
      {"stopApp", "0xe70b81b1"},
      {"terminateApp", "0x90e2196b"},
      {"version", "0x54fd4d50"},
      {"calculateAppId", "0x36b18874"},
      {"getMaxActiveAppsPerUser", "0x40f70a9e"},
      {"getActiveAppCount", "0x0c2199fb"},
      {"getAppStatus", "0xd5aae178"},
      {"getAppCreator", "0x67962d48"},
      {"getAppLatestReleaseBlockNumber", "0x9ffbdce6"},
      {"getAppsByDeveloper", "0xf36618ac"},
      {"acceptAdmin", "0x628806ef"},
      {"setAppointee", "0x950d806e"},
      {"removeAppointee", "0x06641201"},
      {"canCall", "0xdf595cb8"},
  };
  const auto calls = all_calls();
  REQUIRE(calls.size() == published.size());
  for (const auto& [name, data] : calls) {
    INFO(name);
    REQUIRE(data.size() >= 4);
    CHECK(hex(base::ByteView(data).first(4)) == published.at(name));
  }
  CHECK(hex(base::ByteView(encode_execute({})).first(4)) == "0xe9ae5c53");
}

TEST_CASE("every event has the topic that the platform publishes", "[platform]") {
  CHECK(hex(topic_app_created()) ==
        "0xe9e6e5409b80e2dab7d38194fb370b2e8045a1af28177b94ddcf19d2495d7589");
  CHECK(hex(topic_app_upgraded(kThree)) ==
        "0xb5d2b7df0352a87a587a430bfceab43859b3b3c404f0425c4c1ab0675ed57b94");
  CHECK(hex(topic_app_upgraded(kFour)) ==
        "0x5e69c7a791a6bb49176e938952d5ebf7b706e399ca57a98ea0de48d5ed248408");
  CHECK(hex(topic_app_started()) ==
        "0x8426864999f5f9244a203f75107b05f8b474838bc43ff0d8abe18ee5f4427513");
  CHECK(hex(topic_app_stopped()) ==
        "0x143b9e3b5aa0fb8cf19b1bdb2eb8d7a94657d4b505070c667433d322b90b1f78");
  CHECK(hex(topic_app_terminated()) ==
        "0x2465e924a1e9a02843493e65702fd09152c8a631caf7b9b58e4b01ee20ced416");
}

TEST_CASE("the version of the controller decides how a release is written", "[platform]") {
  for (const std::string_view before : {"1.1.1", "1.4.9", "0.9.0", "1.0", "1.4.0-rc.1"}) {
    INFO(before);
    CHECK(generation_of(before) == kThree);
  }
  for (const std::string_view from : {"1.5.0", "1.5", "1.10.0", "2.0.0", "2.0", "10.1.1"}) {
    INFO(from);
    CHECK(generation_of(from) == kFour);
  }
}

TEST_CASE("what is no version is refused and shown", "[platform]") {
  const auto refusal = [](std::string_view text) {
    return testing::error_of([&] { generation_of(text); });
  };
  const auto expected = [](const std::string& shown) {
    return "7 platform.version: the AppController returned \"" + shown +
           "\" as its version, not something like 1.5.0 | check that the environment names the "
           "right contract";
  };
  CHECK(refusal("garbage") == expected("garbage"));
  CHECK(refusal("") == expected(""));
  CHECK(refusal("1") == expected("1"));
  CHECK(refusal("v1.5.0") == expected("v1.5.0"));
  CHECK(refusal("1.x") == expected("1.x"));
  CHECK(refusal("-1.5") == expected("-1.5"));
  CHECK(refusal("1.99999999999999999999") == expected("1.99999999999999999999"));
  CHECK(refusal("\x1b[2Jx\n") == expected("?[2Jx "));
  CHECK(refusal(std::string(50, 'a')) == expected(std::string(40, 'a') + "..."));
}

TEST_CASE("a batch is encoded as viem encodes it", "[platform]") {
  CHECK(hex(encode_execute(sample_batch())) == vector_text("calls", "execute"));
  CHECK(hex(encode_execute({})) == vector_text("calls", "execute nothing"));
}

TEST_CASE("a batch is read back from viem's octets", "[platform]") {
  const auto calls = decode_execute(unhex(vector_text("calls", "execute")));
  REQUIRE(calls);
  const std::vector<Call> expected = sample_batch();
  REQUIRE(calls->size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK((*calls)[i].target == expected[i].target);
    CHECK((*calls)[i].value == expected[i].value);
    CHECK((*calls)[i].data == expected[i].data);
  }
  const auto nothing = decode_execute(unhex(vector_text("calls", "execute nothing")));
  REQUIRE(nothing);
  CHECK(nothing->empty());
}

TEST_CASE("what is no batch is not read as one", "[platform]") {
  CHECK_FALSE(decode_execute({}));
  CHECK_FALSE(decode_execute(unhex("0xe9ae5c")));
  CHECK_FALSE(decode_execute(unhex(vector_text("calls", "acceptAdmin"))));
  CHECK_FALSE(decode_execute(unhex(vector_text("calls", "execute in another mode"))));
}

TEST_CASE("a batch cut off anywhere is refused", "[platform]") {
  const base::Bytes whole = unhex(vector_text("calls", "execute"));
  for (std::size_t size = 4; size + 32 < whole.size(); size += 31) {
    INFO(size);
    CHECK(testing::error_of([&] {
            decode_execute(base::ByteView(whole).first(size));
          }).starts_with("7 eth.abi_data: "));
  }
}

TEST_CASE("the same release is read back from both generations", "[platform]") {
  for (const Generation generation : {kThree, kFour}) {
    const Release read = release_from_value(release_value(sample_release(), generation));
    REQUIRE(read.artifacts.size() == 1);
    CHECK(read.artifacts[0].digest == sample_release().artifacts[0].digest);
    CHECK(read.artifacts[0].registry == "docker.io/library/nginx");
    CHECK(read.upgrade_by_time == 1800003600);
    CHECK(read.public_env == sample_release().public_env);
    CHECK(read.encrypted_env == sample_release().encrypted_env);
  }
}

TEST_CASE("who may read public logs and of what are the platform's addresses", "[platform]") {
  CHECK(anyone_appointee().to_lower_hex() == "0x493219d9949348178af1f58740655951a8cd110c");
  CHECK(api_permission_target().to_lower_hex() == "0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d");
}

}  // namespace
}  // namespace ecloud::platform
