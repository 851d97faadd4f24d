#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

std::string control(DevnetFixture& net, const std::string& what, const std::string& body) {
  const ProbeAnswer answer = probe(net.devnet.port(), "POST", "/_devnet/" + what, {}, body);
  return std::to_string(answer.status) + " " + answer.body;
}

const std::string kDone = R"(200 {"ok":true})";

TEST_CASE("the description of the devnet is what an environment is made of", "[devnet]") {
  DevnetFixture net;
  const base::Json info = DevnetFixture::json(net.get("/_devnet/info"));
  CHECK(info.equals(net.devnet.info()));
  CHECK(info["url"].as_string() == net.devnet.url());
  CHECK(info["generation"].as_string() == "1.5.0");
  CHECK(info["registry"].as_string() == "127.0.0.1:" + std::to_string(net.devnet.port()));
  CHECK(info["images"].size() == 5);
  CHECK(info["accounts"].at(0)["address"].as_string() == DevnetFixture::address(0).to_string());
  CHECK(info["accounts"].at(0)["privateKey"].as_string() ==
        vectors()["accounts"].at(0)["privateKey"].as_string());
  const platform::Environment at = platform::environment_from_devnet_info(info);
  CHECK(at.chain_id == 31337);
  CHECK(at.rpc_urls == std::vector<std::string>{net.devnet.url() + "/rpc"});
  CHECK(at.kms_encryption_key == test_data("devnet/kms-encryption.pem"));
  CHECK(at.kms_signing_key == test_data("devnet/kms-signing.pem"));
}

TEST_CASE("the environment is shown as the TEE sees it", "[devnet]") {
  DevnetFixture net;
  net.result("eth_sendRawTransaction", base::Json::array({vectors()["deployFour"]}));
  const std::string app = vectors()["appId"].as_string();
  const base::Json document = DevnetFixture::json(net.get("/_devnet/env/" + app));
  // No app really runs here.
  CHECK(document["running"].is_null());
  const base::Json seen = document["environment"];
  CHECK(seen["API_TOKEN"].as_string() == "from jose");
  CHECK(seen["GREETING_PUBLIC"].as_string() == "hello");
  CHECK(seen["EIGEN_MACHINE_TYPE_PUBLIC"].as_string() == "g1-standard-2s");
  CHECK(seen["MNEMONIC"].exists());
  const auto direct = net.devnet.tee_environment(*eth::Address::parse(app));
  CHECK(direct.size() == seen.size());
  CHECK(direct.at(0).first == "API_TOKEN");
  CHECK(DevnetFixture::error_text(
            net.get("/_devnet/env/0x00000000000000000000000000000000000000aa")) ==
        "404 no app 0x00000000000000000000000000000000000000AA");
  const base::Json apps = DevnetFixture::json(net.get("/_devnet/apps"))["apps"];
  CHECK(apps.at(0)["app"].as_string() == app);
  CHECK(apps.at(0)["chainStatus"].as_string() == "started");
  CHECK(apps.at(0)["runState"].as_string() == "Deploying");
}

TEST_CASE("accounts are changed from outside", "[devnet]") {
  DevnetFixture net;
  const eth::Address who = DevnetFixture::address(3);
  const auto change = [&](const std::string& rest) {
    return control(net, "account", R"({"address":")" + who.to_string() + "\"," + rest + "}");
  };
  CHECK(change(R"("balanceWei":"12")") == kDone);
  CHECK(net.devnet.balance(who) == eth::U256(12));
  CHECK(change(R"("delegate":"0x00000000000000000000000000000000000000cc")") == kDone);
  CHECK(base::to_hex(net.devnet.code(who)) == "ef010000000000000000000000000000000000000000cc");
  const auto quota = [&] {
    return platform::decode_number(net.call_result(net.environment().app_controller,
                                                   platform::encode_max_active_apps(who)))
        .to_u64();
  };
  CHECK(change(R"("maxActiveApps":2)") == kDone);
  CHECK(quota() == 2);
  CHECK(change(R"("subscription":"canceled")") == kDone);
  CHECK(quota() == 0);
  CHECK(change(R"("balanceWei":"lots")").starts_with("400 "));
  CHECK(control(net, "account", R"({"address":"0x1"})").starts_with("400 "));
  CHECK(control(net, "account", "{").starts_with("400 "));
}

TEST_CASE("apps, mining, faults and latency are changed from outside", "[devnet]") {
  DevnetFixture net;
  const eth::Address app = net.create_app();
  const std::string id = R"({"app":")" + app.to_string() + "\",";
  CHECK(control(net, "app", id + R"("runState":"Suspended","log":"by hand"})") == kDone);
  net.pass(100);
  CHECK(net.devnet.app(app)->run_state == "Suspended");
  CHECK(control(net, "app", id + R"("runState":"Running"})") == kDone);
  CHECK(net.devnet.app(app)->run_state == "Running");
  CHECK(net.devnet.app(app)->ip == "203.0.113.1");
  CHECK(control(net, "app", R"({"app":"0x00000000000000000000000000000000000000aa"})")
            .starts_with("404 "));

  CHECK(control(net, "mining", R"({"paused":true})") == kDone);
  net.send(1, net.transaction(1, DevnetFixture::address(0)));
  CHECK(net.devnet.block_number() == 2);
  CHECK(control(net, "mining", R"({"paused":false})") == kDone);
  CHECK(net.devnet.block_number() == 3);

  CHECK(control(net, "faults", R"({"kind":"hub","action":"status","status":418,"times":0})") ==
        kDone);
  CHECK(net.get("/hub/v2/repositories/sample/hello/tags/1.0").status == 418);
  CHECK(control(net, "faults", R"({"clear":true})") == kDone);
  CHECK(net.get("/hub/v2/repositories/sample/hello/tags/1.0").status == 200);
  CHECK(control(net, "faults", R"({"kind":"hub","action":"smile"})") ==
        R"(400 {"error":"unknown fault action smile"})");
  CHECK(control(net, "latency", R"({"kind":"hub","ms":1})") == kDone);
  CHECK(control(net, "nothing", "{}") == R"(404 {"error":"not found"})");

  const base::Json log = DevnetFixture::json(net.get("/_devnet/requests"));
  CHECK(log["counts"]["hub:/tags"].as_u64() == 2);
  CHECK(control(net, "requests/reset", "") == kDone);
  CHECK(net.devnet.requests().empty());
}

TEST_CASE("the controller is upgraded in place", "[devnet]") {
  devnet::Options options;
  options.generation = platform::Generation::kThreeFields;
  DevnetFixture net(std::move(options));
  const eth::Address app = net.create_app();
  CHECK(control(net, "generation", R"({"version":"1.5.0"})") == kDone);
  CHECK(net.devnet.info()["generation"].as_string() == "1.5.0");
  CHECK(net.devnet.apps().at(0).app == app);
  net.create_app(0, 2);
  CHECK(net.devnet.apps().size() == 2);
  CHECK(control(net, "generation", R"({"version":"9"})") ==
        R"(400 {"error":"unknown generation 9: it must be one of 1.1, 1.4, 1.5, 1.5.0-teams"})");
}

TEST_CASE("a reset leaves nothing but the keys", "[devnet]") {
  DevnetFixture net;
  net.create_app();
  net.devnet.add_fault({.kind = "rpc", .times = 0});
  CHECK(control(net, "reset", "{}") == kDone);
  CHECK(net.devnet.apps().empty());
  CHECK(net.devnet.block_number() == 0);
  CHECK(net.devnet.requests().empty());
  CHECK(net.devnet.environment().kms_signing_key == test_data("devnet/kms-signing.pem"));
  CHECK(net.result("eth_blockNumber").as_string() == "0x0");
}

}  // namespace
}  // namespace ecloud::testing
