#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/deploy/watch.h"
#include "ecloud/eth/abi.h"
#include "support/catch.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using deploy::Operation;
using testing::FakeServices;
using testing::make_response;

namespace {

const std::string kApi = platform::builtin_environments().front().user_api_url;
const std::string kApp = testing::test_app().to_string();

net::Response state(const std::string& word) {
  return make_response(200, R"({"apps":[{"app_status":")" + word + R"(","ip":"203.0.113.7"}]})");
}

/// Answers every call of a batch: the chain id, the controller's version, the release's block.
net::Response chain_answer(const net::Request& request, const std::string& version,
                           std::uint64_t block) {
  const base::Json calls = base::Json::parse(request.body, "request");
  base::Json out = base::Json::array();
  for (const base::Json& call : calls.elements()) {
    base::Json result("0xaa36a7");
    if (call["method"].as_string() == "eth_call") {
      // 0x54fd4d50 is version().
      const bool asks_version = call["params"].at(0)["data"].as_string().starts_with("0x54fd4d50");
      result = base::to_hex_prefixed(asks_version ? eth::abi_encode("(string)", {version})
                                                  : eth::abi_encode("(uint256)", {block}));
    }
    out.push(base::Json::object({{"jsonrpc", "2.0"}, {"id", call["id"]}, {"result", result}}));
  }
  return make_response(200, out.dump());
}

struct Watch {
  FakeServices world;
  platform::UserApi api{world.transport, world.clock, world.environment, nullptr, {}};
  std::size_t asked = 0;

  /// The states that the UserAPI gives in turn; the last one for ever.
  void states(const char* path, std::vector<std::string> words) {
    world.transport.always("GET", kApi + path + "?apps=" + kApp,
                           [this, words = std::move(words)](const net::Request&) {
                             return state(words[std::min(asked++, words.size() - 1)]);
                           });
  }
  void chain(const std::string& version, std::uint64_t block) {
    world.transport.always("POST", world.environment.rpc_urls.front(),
                           [version, block](const net::Request& request) {
                             return chain_answer(request, version, block);
                           });
  }
  platform::AppInfo change(Operation operation) {
    return deploy::wait_for_change(world.services, api, testing::test_app(), operation,
                                   base::Milliseconds(60'000), "ecloud compute app stop X");
  }
  platform::AppInfo upgrade() {
    return deploy::wait_for_upgrade(world.services, api, testing::test_app(), 100,
                                    base::Milliseconds(60'000), "ecloud compute app upgrade X");
  }
  const base::Milliseconds begun = world.clock.monotonic();
  long waited() { return (world.clock.monotonic() - begun).count(); }
};

std::string code_of(const std::function<void()>& work) {
  try {
    work();
    return "none";
  } catch (const Error& error) {
    return error.code();
  }
}

}  // namespace

TEST_CASE("After a start an old Stopped is waited out", "[deploy][watch]") {
  Watch watch;
  watch.states("/info", {"Stopped", "Resuming", "Running"});
  CHECK(watch.change(Operation::kStart).state_word == "Running");
}

TEST_CASE("After a start an old Suspended is waited out", "[deploy][watch]") {
  Watch watch;
  watch.states("/info", {"Suspended", "Suspended", "Resuming", "Running"});
  CHECK(watch.change(Operation::kStart).state_word == "Running");
}

TEST_CASE("After a start a failure ends the wait", "[deploy][watch]") {
  for (const char* word : {"Failed", "Terminated"}) {
    Watch watch;
    watch.states("/info", {"Stopped", word});
    CHECK(code_of([&] { watch.change(Operation::kStart); }) == "app.failed");
  }
}

TEST_CASE("After a stop the app is waited for until it has stopped", "[deploy][watch]") {
  Watch watch;
  watch.states("/status", {"Running", "Stopping", "Stopped"});
  CHECK(watch.change(Operation::kStop).state_word == "Stopped");
}

TEST_CASE("A terminated app that the platform has forgotten is terminated", "[deploy][watch]") {
  Watch watch;
  watch.world.transport.always("GET", kApi + "/status?apps=" + kApp, [](const net::Request&) {
    return make_response(404, R"({"error":"app not found"})");
  });
  CHECK(watch.change(Operation::kTerminate).state == platform::RunState::kTerminated);
}

TEST_CASE("A stop that never comes gives up with a hint", "[deploy][watch]") {
  Watch watch;
  watch.states("/status", {"Stopping"});
  try {
    watch.change(Operation::kStop);
    FAIL("the wait ended");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kPending);
    CHECK(error.message() == "app " + kApp + " is not stopped after 60 s (last: Stopping)");
    CHECK(error.hint().find("ecloud compute app stop X") != std::string::npos);
  }
}

TEST_CASE("An upgrade that is Running at the first answer is believed once it is confirmed",
          "[deploy][watch]") {
  Watch watch;
  watch.states("/info", {"Running"});
  SECTION("confirmed") {
    watch.chain("1.5.0", 100);
    CHECK(watch.upgrade().state_word == "Running");
    CHECK(watch.waited() == 500);
  }
  SECTION("not confirmed") {
    watch.chain("1.5.0", 99);
    CHECK(code_of([&] { watch.upgrade(); }) == "app.still_pending");
  }
}

TEST_CASE("Before 1.5.0 a Running that never moved is believed when the release is listed",
          "[deploy][watch]") {
  Watch watch;
  watch.states("/info", {"Running"});
  watch.chain("1.1.1", 100);
  const std::string block = GENERATE("100", "99");
  watch.world.transport.always("GET", kApi + "/apps/" + kApp, [block](const net::Request&) {
    return make_response(200, R"({"releases":[{"createdAtBlock":)" + block + "}]}");
  });
  if (block == "100") {
    CHECK(watch.upgrade().state_word == "Running");
    CHECK(watch.waited() >= 20'000);
    CHECK(watch.waited() <= 30'000);
  } else {
    CHECK(code_of([&] { watch.upgrade(); }) == "app.still_pending");
  }
}

TEST_CASE("Before 1.5.0 an upgrade is done when the state has moved and come back",
          "[deploy][watch]") {
  Watch watch;
  watch.states("/info", {"Running", "Upgrading", "Running"});
  watch.chain("1.1.1", 100);
  CHECK(watch.upgrade().state_word == "Running");
  CHECK(watch.waited() == 3'500);
}

TEST_CASE("A Failed of before the upgrade is not the upgrade's", "[deploy][watch]") {
  Watch watch;
  watch.chain("1.1.1", 100);
  SECTION("it recovers") {
    watch.states("/info", {"Failed", "Failed", "Upgrading", "Running"});
    CHECK(watch.upgrade().state_word == "Running");
  }
  SECTION("it fails anew") {
    watch.states("/info", {"Failed", "Upgrading", "Failed"});
    CHECK(code_of([&] { watch.upgrade(); }) == "app.failed");
    CHECK(watch.waited() == 3'500);
  }
  SECTION("it never moves") {
    watch.states("/info", {"Failed"});
    CHECK(code_of([&] { watch.upgrade(); }) == "app.failed");
    CHECK(watch.waited() >= 20'000);
  }
}

TEST_CASE("Who may not see the address waits for the state", "[deploy][watch]") {
  Watch watch;
  watch.world.transport.always("GET", kApi + "/info?apps=" + kApp, [](const net::Request&) {
    return make_response(403, R"({"error":"not yours"})");
  });
  watch.world.transport.always("GET", kApi + "/status?apps=" + kApp, [](const net::Request&) {
    return make_response(200, R"({"apps":[{"app_status":"Running"}]})");
  });
  watch.chain("1.5.0", 100);
  const bool starts = GENERATE(true, false);
  const platform::AppInfo info = starts ? watch.change(Operation::kStart) : watch.upgrade();
  CHECK(info.state_word == "Running");
  CHECK_FALSE(info.ip);
  const auto& lines = watch.world.observer.lines;
  CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
          return line.starts_with("note: only the app's state is waited for");
        }) == 1);
}
