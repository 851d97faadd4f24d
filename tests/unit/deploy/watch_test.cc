#include "ecloud/deploy/watch.h"

#include "ecloud/base/error.h"
#include "support/catch.h"
#include "unit/deploy/deploy_support.h"

using namespace ecloud;
using testing::FakeServices;
using testing::make_response;

namespace {

const std::string kUrl = platform::builtin_environments().front().user_api_url +
                         "/info?apps=" + testing::test_app().to_string();

net::Response state(const std::string& word, const std::string& ip) {
  return make_response(200, R"({"apps":[{"app_status":")" + word + R"(","ip":")" + ip + R"("}]})");
}

struct Watch {
  FakeServices world;
  platform::UserApi api{world.transport, world.clock, world.environment, nullptr, {}};

  platform::AppInfo run(base::Milliseconds timeout = base::Milliseconds(60'000)) {
    return deploy::wait_until_running(world.services, api, testing::test_app(), timeout,
                                      "ecloud compute app status X --wait");
  }
  std::vector<long> sleeps() {
    std::vector<long> out;
    for (const auto sleep : world.clock.sleeps()) out.push_back(sleep.count());
    return out;
  }
};

}  // namespace

TEST_CASE("An app that runs is reported after half a second", "[deploy][watch]") {
  Watch watch;
  watch.world.transport.once("GET", kUrl, state("Running", "203.0.113.7"));
  CHECK(watch.run().ip == "203.0.113.7");
  CHECK(watch.sleeps() == std::vector<long>{500});
}

TEST_CASE("It is asked after 0.5, 1, 2 and then every 5 seconds", "[deploy][watch]") {
  Watch watch;
  watch.world.transport.once("GET", kUrl, state("Created", "No IP assigned"))
      .once("GET", kUrl, state("Deploying", "No IP assigned"))
      .once("GET", kUrl, state("Deploying", ""))
      .once("GET", kUrl, state("Running", "No IP assigned"))
      .once("GET", kUrl, state("Running", "203.0.113.7"));
  watch.run();
  CHECK(watch.sleeps() == std::vector<long>{500, 1000, 2000, 5000, 5000});
  CHECK(watch.world.observer.lines ==
        std::vector<std::string>{"detail: Created", "detail: Deploying", "detail: Deploying",
                                 "detail: Running without an IP address", "detail: Running"});
}

TEST_CASE("A failed or stopped app ends the wait", "[deploy][watch]") {
  for (const char* word : {"Failed", "Stopped", "Suspended", "Terminating", "Terminated"}) {
    Watch watch;
    watch.world.transport.once("GET", kUrl, state(word, ""));
    try {
      watch.run();
      FAIL("waited on");
    } catch (const Error& error) {
      CHECK(error.category() == Category::kFailure);
      CHECK(error.code() == "app.failed");
      CHECK(error.message() ==
            "app " + testing::test_app().to_string() + " is " + word + ", it does not run");
    }
  }
}

TEST_CASE("An API that is down is waited out, and the time limit holds", "[deploy][watch]") {
  Watch watch;
  watch.world.transport.always(
      "GET", kUrl, [](const net::Request&) { return make_response(500, R"({"error":"down"})"); });
  try {
    watch.run(base::Milliseconds(10'000));
    FAIL("waited for ever");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kPending);
    CHECK(error.code() == "app.still_pending");
    CHECK(error.message().find("is not running after 10 s") != std::string::npos);
    CHECK(error.message().find("answered 500") != std::string::npos);
    CHECK(error.hint() ==
          "the deployment goes on; wait again with: ecloud compute app status X --wait");
  }
  CHECK(watch.sleeps() == std::vector<long>{500, 1000, 2000, 5000, 1500});
}

TEST_CASE("An indexer that does not know the app yet is waited for", "[deploy][watch]") {
  Watch watch;
  watch.world.transport.once("GET", kUrl, make_response(404, R"({"error":"unknown app"})"))
      .once("GET", kUrl, state("Running", "203.0.113.7"));
  CHECK(watch.run().state == platform::RunState::kRunning);
}

TEST_CASE("Refused credentials end the wait", "[deploy][watch]") {
  Watch watch;
  watch.world.transport.once("GET", kUrl, make_response(403, R"({"error":"no"})"));
  CHECK_THROWS_AS(watch.run(), Error);
  CHECK(watch.sleeps().size() == 1);
}
