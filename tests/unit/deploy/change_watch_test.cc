#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
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
    return deploy::wait_for_upgrade(world.services, api, testing::test_app(),
                                    {100, "sha256:" + std::string(64, 'a')},
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

TEST_CASE("Before 1.5.0 the list of releases is read in every shape", "[deploy][watch]") {
  const std::string sent = std::string(64, 'a');
  const std::string other = std::string(64, 'b');
  struct Case {
    std::string releases;
    const char* code;
  };
  const Case kCases[] = {
      {R"([{"createdAtBlock":"100"}])", "none"},
      {R"([{"created_at_block":"100"}])", "none"},
      {R"([{"CreatedAtBlock":100}])", "none"},
      // Blocks that are not told: the image of the newest decides.
      {R"([{"imageDigest":"sha256:)" + sent + R"("},{"imageDigest":"sha256:)" + other + R"("}])",
       "none"},
      {R"([{"image_digest":"0x)" + sent + R"(","createdAtBlock":"soon"}])", "none"},
      {R"([{"imageDigest":")" + base::to_lower(sent) + R"(","createdAtBlock":null}])", "none"},
      {R"([{"imageDigest":"sha256:)" + other + R"("}])", "app.still_pending"},
      {R"([{"createdAtBlock":"99"}])", "app.still_pending"},
      {"[]", "app.still_pending"},
      // What can never be read ends the wait.
      {R"([{"createdAtBlock":[],"imageDigest":7}])", "json.shape"},
      {R"({"0":{}})", "json.shape"},
      {R"("none")", "json.shape"},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.releases);
    Watch watch;
    watch.states("/info", {"Running"});
    watch.chain("1.1.1", 100);
    watch.world.transport.always("GET", kApi + "/apps/" + kApp, [&one](const net::Request&) {
      return make_response(200, R"({"releases":)" + one.releases + "}");
    });
    CHECK(code_of([&] { watch.upgrade(); }) == one.code);
    if (one.code == std::string("json.shape")) CHECK(watch.waited() < 50'000);
  }
}

TEST_CASE("A page of a proxy in between does not end the wait", "[deploy][watch]") {
  Watch watch;
  int asked = 0;
  watch.world.transport.always("GET", kApi + "/status?apps=" + kApp, [&](const net::Request&) {
    if (++asked < 5) return make_response(200, "<html>one moment</html>");
    return make_response(200, R"({"Apps":[{"App_Status":"Stopped"}]})");
  });
  CHECK(watch.change(Operation::kStop).state_word == "Stopped");
}

TEST_CASE("A state that can never be read ends every wait with its path", "[deploy][watch]") {
  const std::string answer = GENERATE(R"({"apps":[{"app_status":7}]})", R"({"apps":[{}]})",
                                      R"({"apps":[null]})", R"({"apps":{}})", "<html>");
  CAPTURE(answer);
  for (const Operation operation : {Operation::kStart, Operation::kStop, Operation::kTerminate}) {
    Watch watch;
    for (const char* path : {"/info", "/status"}) {
      watch.world.transport.always(
          "GET", kApi + path + std::string("?apps=") + kApp,
          [answer](const net::Request&) { return make_response(200, answer); });
    }
    try {
      watch.change(operation);
      FAIL("the wait ended");
    } catch (const Error& error) {
      CHECK(error.category() == Category::kNetwork);
      CHECK(error.message().starts_with("the platform's answers about app " + kApp +
                                        " cannot be read: userapi: "));
      CHECK(error.hint().find("ecloud compute app stop X") != std::string::npos);
    }
    CHECK(watch.waited() == 13'500);
  }
}

TEST_CASE("The list of releases is given 45 seconds to catch up", "[deploy][watch]") {
  using State = deploy::ListedRelease::State;
  const std::string sent = std::string(64, 'a');
  const std::string other = std::string(64, 'b');
  const auto entry = [](const std::string& digest, const std::string& block) {
    return R"({"imageDigest":")" + digest + "\"" +
           (block.empty() ? "" : R"(,"createdAtBlock":)" + block) + "}";
  };
  struct Case {
    std::vector<std::string> answers;  ///< the last one for ever
    State state;
    std::string digest;
    long waited;
  };
  const Case kCases[] = {
      {{"[" + entry("sha256:" + sent, "\"100\"") + "]"}, State::kSettled, sent, 0},
      {{"[" + entry("0x" + sent, "100") + "]"}, State::kSettled, sent, 0},
      {{"[" + entry(sent, "") + "]"}, State::kSettled, sent, 0},
      {{"[]", "[]", "[" + entry(sent, "100") + "]"}, State::kSettled, sent, 6'000},
      // The newest entry counts, in whatever order the list is.
      {{"[" + entry(other, "90") + "," + entry(sent, "100") + "]"}, State::kSettled, sent, 0},
      {{"[" + entry(other, "99") + "]"}, State::kLagging, other, 45'000},
      {{"[]"}, State::kLagging, "", 45'000},
      {{"[" + entry(other, "100") + "]"}, State::kOther, other, 45'000},
      {{"[" + entry(other, "101") + "," + entry(sent, "100") + "]"}, State::kOther, other, 45'000},
      {{"[" + entry(other, "") + "]"}, State::kOther, other, 45'000},
      {{"[" + entry(other, "") + "]", "[" + entry(sent, "") + "]"}, State::kSettled, sent, 3'000},
      {{R"([{"imageDigest":7,"createdAtBlock":"100"}])"}, State::kUnknown, "", 0},
      {{"{}"}, State::kUnknown, "", 0},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.answers);
    Watch watch;
    std::size_t asked = 0;
    watch.world.transport.always("GET", kApi + "/apps/" + kApp, [&](const net::Request&) {
      const std::string& list = one.answers[std::min(asked++, one.answers.size() - 1)];
      return make_response(200, R"({"releases":)" + list + "}");
    });
    const deploy::ListedRelease listed = deploy::wait_until_listed(
        watch.world.services, watch.api, testing::test_app(), {100, "sha256:" + sent});
    CHECK(listed.state == one.state);
    CHECK(listed.image_digest == (one.digest.empty() ? "" : "sha256:" + one.digest));
    CHECK(listed.problem.empty() == (one.state != State::kUnknown));
    CHECK(watch.waited() == one.waited);
  }
}
