// What outlives the process.
#include "devnet/state_store.h"

#include <fstream>

#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

devnet::Options in(const TempDir& directory) {
  devnet::Options options;
  options.state_dir = directory / "state";
  return options;
}

TEST_CASE("a restart finds chain, apps and addresses as they were", "[devnet]") {
  const TempDir directory;
  std::string before, logs, address, hash;
  std::uint16_t port = 0;
  const auto look = [](DevnetFixture& net) {
    return net.get("/_devnet/apps").body +
           net.result("eth_getLogs",
                      base::Json::array({base::Json::object({{"fromBlock", "0x0"}})}))
               .dump() +
           net.result("eth_getBlockByNumber", base::Json::array({"latest", true})).dump() +
           net.devnet.balance(DevnetFixture::address(0)).to_decimal() +
           net.get("/billing/checkout/none").body;
  };
  {
    DevnetFixture net(in(directory));
    port = net.devnet.port();
    const base::Json sent =
        net.result("eth_sendRawTransaction", base::Json::array({vectors()["deployFour"]}));
    hash = sent.as_string();
    net.pass(2);
    const eth::Address app = *eth::Address::parse(vectors()["appId"].as_string());
    net.devnet.append_log(app, "app: kept");
    net.run(0, net.environment().app_controller,
            platform::encode_upgrade_app(net.generation(), app, net.release(app)));
    net.pass(2);
    net.devnet.set_balance(DevnetFixture::address(5), eth::U256(5));
    net.devnet.set_subscription(DevnetFixture::address(1), "past_due");
    before = look(net);
    logs = net.get("/userapi/logs/" + app.to_string()).body;
    CHECK(logs.find("app: kept") != std::string::npos);
  }
  DevnetFixture net(in(directory));
  net.pass(4);
  CHECK(net.devnet.port() == port);
  CHECK(look(net) == before);
  CHECK(net.get("/userapi/logs/" + vectors()["appId"].as_string()).body == logs);
  CHECK(net.devnet.balance(DevnetFixture::address(5)) == eth::U256(5));
  CHECK(net.receipt(base::Json(hash))["status"].as_string() == "0x1");
  // And it goes on.
  net.create_app(0, 9);
  CHECK(net.devnet.apps().size() == 2);
}

TEST_CASE("what was on its way when the devnet ended arrives after it", "[devnet]") {
  const TempDir directory;
  {
    DevnetFixture net(in(directory));
    net.create_app();
    net.pass(1);
    CHECK(net.devnet.apps().at(0).run_state == "Deploying");
  }
  DevnetFixture net(in(directory));
  net.pass(1);
  CHECK(net.devnet.apps().at(0).run_state == "Deploying");
  net.pass(1);
  CHECK(net.devnet.apps().at(0).run_state == "Running");
}

TEST_CASE("a line that a crash has torn is dropped, and the next one is whole", "[devnet]") {
  const TempDir directory;
  const auto journal = directory / "state/journal.jsonl";
  {
    DevnetFixture net(in(directory));
    net.devnet.set_balance(DevnetFixture::address(5), eth::U256(5));
  }
  std::ofstream(journal, std::ios::app) << R"({"op":"balance","addr)";
  {
    DevnetFixture net(in(directory));
    CHECK(net.devnet.balance(DevnetFixture::address(5)) == eth::U256(5));
    net.devnet.set_balance(DevnetFixture::address(5), eth::U256(6));
  }
  DevnetFixture net(in(directory));
  CHECK(net.devnet.balance(DevnetFixture::address(5)) == eth::U256(6));
}

TEST_CASE("a state that is damaged or none of ours is refused", "[devnet]") {
  const TempDir directory;
  const auto refusal = [&](const std::string& content) {
    directory.write("state/journal.jsonl", content);
    try {
      DevnetFixture net(in(directory));
    } catch (const Error& error) {
      CHECK(error.category() == Category::kUsage);
      CHECK(error.code() == "devnet.state");
      return error.message();
    }
    return std::string("taken");
  };
  const std::string file = (directory / "state/journal.jsonl").string();
  CHECK(refusal("hello\n") == file + " is damaged in line 1");
  CHECK(refusal("{\"a\":1}\n") == file + " is no journal of a devnet");
}

TEST_CASE("a state belongs to one devnet at a time", "[devnet]") {
  const TempDir directory;
  DevnetFixture net(in(directory));
  try {
    DevnetFixture second(in(directory));
    FAIL("two devnets with one state");
  } catch (const Error& error) {
    CHECK(error.code() == "file.locked");
  }
}

TEST_CASE("a state of the other generation is an upgrade of the contract", "[devnet]") {
  const TempDir directory;
  {
    devnet::Options options = in(directory);
    options.generation = platform::Generation::kThreeFields;
    DevnetFixture net(std::move(options));
    net.create_app();
  }
  DevnetFixture net(in(directory));
  CHECK(net.devnet.info()["generation"].as_string() == "1.5.0");
  CHECK(net.devnet.apps().size() == 1);
  net.create_app(0, 2);
  CHECK(net.devnet.apps().size() == 2);
}

TEST_CASE("a reset is kept too", "[devnet]") {
  const TempDir directory;
  {
    DevnetFixture net(in(directory));
    net.create_app();
    CHECK(net.post("/_devnet/reset", "{}").status == 200);
  }
  DevnetFixture net(in(directory));
  CHECK(net.devnet.apps().empty());
}

TEST_CASE("the files of the state are the user's own", "[devnet]") {
  const TempDir directory;
  DevnetFixture net(in(directory));
  const auto others = std::filesystem::perms(077);
  for (const char* file : {"state", "state/journal.jsonl"}) {
    CHECK((std::filesystem::status(directory / file).permissions() & others) ==
          std::filesystem::perms::none);
  }
}

}  // namespace
}  // namespace ecloud::testing
