#include "devnet/fault_rules.h"

#include "ecloud/base/error.h"
#include "support/catch.h"

namespace ecloud::devnet {
namespace {

TEST_CASE("a kind stands for itself and for all that begin so", "[devnet]") {
  CHECK(kind_matches("rpc:eth_call", "rpc:eth_call"));
  CHECK(kind_matches("rpc", "rpc:eth_call"));
  CHECK(kind_matches("userapi", "userapi:/info"));
  CHECK(kind_matches("userapi:/builds", "userapi:/builds/logs"));
  CHECK(kind_matches("", "hub:/tags"));
  CHECK_FALSE(kind_matches("rpc:eth_call", "rpc:eth_callMany"));
  CHECK_FALSE(kind_matches("user", "userapi:/info"));
  CHECK_FALSE(kind_matches("rpc:eth_call", "rpc"));
}

TEST_CASE("a fault strikes the n-th request and as many as it says", "[devnet]") {
  FaultRules rules;
  rules.add({.kind = "rpc:eth_call", .nth = 2, .times = 2});
  CHECK_FALSE(rules.take("rpc:eth_call"));
  CHECK_FALSE(rules.take("rpc:eth_chainId"));
  CHECK(rules.take("rpc:eth_call"));
  CHECK(rules.take("rpc:eth_call"));
  CHECK_FALSE(rules.take("rpc:eth_call"));
}

TEST_CASE("a fault without an end strikes until it is cleared", "[devnet]") {
  FaultRules rules;
  rules.add({.kind = "", .times = 0});
  for (int i = 0; i < 5; ++i) CHECK(rules.take("hub:/tags"));
  rules.clear();
  CHECK_FALSE(rules.take("hub:/tags"));
}

TEST_CASE("when two faults would strike, the first that was added does", "[devnet]") {
  FaultRules rules;
  rules.add({.kind = "rpc", .action = FaultAction::kClose});
  rules.add({.kind = "rpc:eth_call", .action = FaultAction::kReset, .times = 2});
  CHECK(rules.take("rpc:eth_call")->action == FaultAction::kClose);
  CHECK(rules.take("rpc:eth_call")->action == FaultAction::kReset);
}

TEST_CASE("a fault is read from JSON", "[devnet]") {
  const FaultRule rule = fault_rule_from_json(base::Json::parse(
      R"({"kind":"userapi:/logs","action":"status","nth":3,"times":0,"when":"after","status":429,
          "body":"slow down","headers":{"Retry-After":"2"},"delayMs":5,"code":-32005})",
      "rule"));
  CHECK(rule.kind == "userapi:/logs");
  CHECK(rule.action == FaultAction::kStatus);
  CHECK(rule.nth == 3);
  CHECK(rule.times == 0);
  CHECK(rule.after_acting);
  CHECK(rule.status == 429);
  CHECK(rule.body == "slow down");
  CHECK(rule.headers.at(0) == std::pair<std::string, std::string>("Retry-After", "2"));
  CHECK(rule.delay == std::chrono::milliseconds(5));
  CHECK(rule.code == -32005);

  const FaultRule least =
      fault_rule_from_json(base::Json::parse(R"({"kind":"rpc","action":"wrong-shape"})", "rule"));
  CHECK(least.action == FaultAction::kWrongShape);
  CHECK(least.nth == 1);
  CHECK(least.times == 1);
  CHECK_FALSE(least.after_acting);

  for (const char* wrong : {R"({"action":"close"})", R"({"kind":"rpc","action":"explode"})",
                            R"({"kind":"rpc","action":"close","when":"later"})"}) {
    CHECK_THROWS_AS(fault_rule_from_json(base::Json::parse(wrong, "rule")), Error);
  }
}

}  // namespace
}  // namespace ecloud::devnet
