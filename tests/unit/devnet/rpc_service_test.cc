#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

TEST_CASE("the node answers what it is asked", "[devnet]") {
  DevnetFixture net;
  CHECK(net.result("eth_chainId").as_string() == "0x7a69");
  CHECK(net.result("net_version").as_string() == "31337");
  CHECK(net.result("web3_clientVersion").as_string().starts_with("ecloud-devnet/"));
  CHECK(net.result("eth_blockNumber").as_string() == "0x0");
  CHECK(net.result("eth_maxPriorityFeePerGas").as_string() == "0x3b9aca00");
  CHECK(net.result("eth_gasPrice").as_string() == "0x77359400");
  CHECK(net.result("eth_accounts").size() == 10);
  const base::Json block = net.result("eth_getBlockByNumber", base::Json::array({"latest", false}));
  CHECK(block["number"].as_string() == "0x0");
  CHECK(block["baseFeePerGas"].as_string() == "0x3b9aca00");
  CHECK(block["timestamp"].as_string() == eth::U256(kVectorTime).to_hex());
  const base::Json fees =
      net.result("eth_feeHistory", base::Json::array({"0x4", "latest", base::Json::array({50})}));
  CHECK(fees["oldestBlock"].as_string() == "0x0");
  CHECK(fees["baseFeePerGas"].size() == 2);
  CHECK(fees["reward"].at(0).at(0).as_string() == "0x3b9aca00");
}

TEST_CASE("the contracts have code, accounts have none", "[devnet]") {
  DevnetFixture net;
  const auto code = [&](const eth::Address& address) {
    return net.result("eth_getCode", base::Json::array({address.to_string(), "latest"}))
        .as_string();
  };
  const platform::Environment at = net.environment();
  CHECK(code(at.app_controller).size() > 2);
  CHECK(code(at.permission_controller).size() > 2);
  CHECK(code(at.delegator).size() > 2);
  CHECK(code(DevnetFixture::address(0)) == "0x");
}

TEST_CASE("wrong requests are answered with the codes of JSON-RPC", "[devnet]") {
  DevnetFixture net;
  const auto error = [&](const std::string& body) {
    return DevnetFixture::error_of(net.rpc_text(body));
  };
  CHECK(error("{") == "-32700 parse error");
  CHECK(error("[]") == "-32600 empty batch");
  CHECK(error("{}") == "-32600 invalid request");
  CHECK(error(R"({"id":1,"method":"eth_mine"})") ==
        "-32601 the method eth_mine does not exist/is not available");
  CHECK(error(R"({"id":1,"method":"eth_getBalance","params":[]})").starts_with("-32602 "));
  CHECK(error(R"({"id":1,"method":"eth_getBalance","params":["0x12","latest"]})")
            .starts_with("-32602 "));
  CHECK(error(R"({"id":1,"method":"eth_call","params":[{"to":"0x12"}]})").starts_with("-32602 "));
  CHECK(error(R"({"id":1,"method":"eth_call","params":[{}]})").starts_with("-32000 "));
  CHECK(error(R"({"id":1,"method":"eth_call","params":
        [{"to":"0x00000000000000000000000000000000000000cc"},"0x99"]})") ==
        "-32000 header not found");
  CHECK(probe(net.devnet.port(), "GET", "/rpc").status == 405);
}

TEST_CASE("a batch is answered in its order, each call for itself", "[devnet]") {
  DevnetFixture net;
  const base::Json answers = net.rpc_text(
      R"([{"jsonrpc":"2.0","id":"a","method":"eth_chainId"},
          {"jsonrpc":"2.0","id":2,"method":"nonsense"},
          7,
          {"jsonrpc":"2.0","id":null,"method":"eth_blockNumber","params":[]}])");
  REQUIRE(answers.size() == 4);
  CHECK(answers.at(0)["id"].as_string() == "a");
  CHECK(answers.at(0)["result"].as_string() == "0x7a69");
  CHECK(answers.at(1)["id"].as_u64() == 2);
  CHECK(answers.at(1)["error"]["code"].as_i64() == -32601);
  CHECK(answers.at(2)["error"]["code"].as_i64() == -32600);
  CHECK(answers.at(3)["result"].as_string() == "0x0");
  CHECK(net.devnet.count("rpc:eth_chainId") == 1);
  CHECK(net.devnet.count("rpc:batch") == 1);
}

TEST_CASE("what the controller says is what the standards say", "[devnet]") {
  DevnetFixture net;
  const eth::Address controller = net.environment().app_controller;
  CHECK(platform::decode_text(net.call_result(controller, platform::encode_version())) == "1.5.0");
  // The app id that viem computes as CREATE2.
  CHECK(net.app_id(0, 0x5a).to_string() == vectors()["appId"].as_string());
  CHECK(platform::decode_number(net.call_result(
            controller, platform::encode_max_active_apps(DevnetFixture::address(0)))) ==
        eth::U256(10));
}

TEST_CASE("logs are found by block, address and topics", "[devnet]") {
  DevnetFixture net;
  const eth::Address first = net.create_app(0, 1);
  const eth::Address second = net.create_app(1, 2);
  const platform::Environment at = net.environment();
  const auto count = [&](base::Json filter) {
    return net.result("eth_getLogs", base::Json::array({std::move(filter)})).size();
  };
  const std::string created = base::to_hex_prefixed(platform::topic_app_created());
  const std::string upgraded =
      base::to_hex_prefixed(platform::topic_app_upgraded(platform::Generation::kFourFields));
  const auto word = [](const eth::Address& address) {
    return base::to_hex_prefixed(address.to_word());
  };
  const auto filter = [&](std::vector<base::Json> topics) {
    return base::Json::object({{"fromBlock", "0x0"}, {"topics", base::Json::array(topics)}});
  };
  CHECK(count(base::Json::object({{"fromBlock", "earliest"}})) == 8);
  CHECK(count(base::Json::object({})) == 1);  // acceptAdmin, in the latest block
  CHECK(count(base::Json::object({{"fromBlock", "0x1"}, {"toBlock", "0x1"}})) == 3);
  CHECK(count(base::Json::object(
            {{"fromBlock", "0x0"}, {"address", at.permission_controller.to_string()}})) == 2);
  CHECK(count(base::Json::object(
            {{"fromBlock", "0x0"},
             {"address", base::Json::strings({at.permission_controller.to_string(),
                                              at.app_controller.to_lower_hex()})}})) == 8);
  CHECK(count(filter({created})) == 2);
  CHECK(count(filter({base::Json::strings({created, upgraded})})) == 4);
  CHECK(count(filter({created, nullptr, word(first)})) == 1);
  CHECK(count(filter({upgraded, word(second)})) == 1);
  CHECK(count(filter({nullptr, word(DevnetFixture::address(1))})) == 1);
  CHECK(count(filter({created, word(second)})) == 0);

  const base::Json receipt = net.result("eth_getBlockByNumber", base::Json::array({"0x1", true}));
  const base::Json log =
      net.result("eth_getLogs",
                 base::Json::array({base::Json::object({{"blockHash", receipt["hash"]}})}))
          .at(0);
  CHECK(log["transactionHash"].as_string() == receipt["transactions"].at(0)["hash"].as_string());
  CHECK(log["logIndex"].as_string() == "0x0");
  CHECK(log["removed"].as_bool() == false);
  CHECK(
      DevnetFixture::error_of(net.rpc(
          "eth_getLogs",
          base::Json::array({base::Json::object({{"blockHash", "0x" + std::string(64, '1')}})}))) ==
      "-32000 unknown block");
}

TEST_CASE("an app that is created is announced, then started, in every controller", "[devnet]") {
  // The topics as published.
  const std::string created = "0xe9e6e5409b80e2dab7d38194fb370b2e8045a1af28177b94ddcf19d2495d7589";
  const std::string three = "0xb5d2b7df0352a87a587a430bfceab43859b3b3c404f0425c4c1ab0675ed57b94";
  const std::string four = "0x5e69c7a791a6bb49176e938952d5ebf7b706e399ca57a98ea0de48d5ed248408";
  const std::string started = "0x8426864999f5f9244a203f75107b05f8b474838bc43ff0d8abe18ee5f4427513";
  using Kind = devnet::ControllerKind;
  const auto [kind, upgraded] = GENERATE_COPY(table<Kind, std::string>(
      {{Kind::kV1_1, three}, {Kind::kV1_4, three}, {Kind::kV1_5, four}, {Kind::kTeams, three}}));
  devnet::Options options;
  options.controller = kind;
  DevnetFixture net(std::move(options));
  const platform::Generation takes = devnet::release_generation_of(kind);
  const std::uint8_t salt = GENERATE(1, 0xfe);
  const eth::Address app = net.app_id(1, salt);
  const eth::Address controller = net.environment().app_controller;
  const base::Json receipt =
      net.run(1, controller,
              platform::encode_create_app(takes, DevnetFixture::salt(salt), net.release(app)));
  REQUIRE(receipt["status"].as_string() == "0x1");
  const base::Json logs =
      net.result("eth_getLogs", base::Json::array({base::Json::object(
                                    {{"fromBlock", "0x0"}, {"address", controller.to_string()}})}));
  REQUIRE(logs.size() == 3);
  CHECK(receipt["logs"].size() == 3);
  const std::string id = base::to_hex_prefixed(app.to_word());
  const std::string creator = base::to_hex_prefixed(DevnetFixture::address(1).to_word());
  CHECK(logs.at(0)["topics"].dump() == base::Json::strings({created, creator, id}).dump());
  CHECK(logs.at(1)["topics"].dump() == base::Json::strings({upgraded, id}).dump());
  CHECK(logs.at(2)["topics"].dump() == base::Json::strings({started, id}).dump());
  CHECK(logs.at(2)["data"].as_string() == "0x");
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(logs.at(i)["logIndex"].as_string() == "0x" + std::to_string(i));
  }
  // Announced and started in one transaction, the machine is deployed once.
  CHECK(net.devnet.app(app)->run_state == "Deploying");
  net.pass(2);
  CHECK(net.devnet.app(app)->run_state == "Running");
}

TEST_CASE("a mined transaction is given back as it was sent", "[devnet]") {
  DevnetFixture net;
  const base::Json hash =
      net.result("eth_sendRawTransaction", base::Json::array({vectors()["deployFour"]}));
  const base::Json tx = net.result("eth_getTransactionByHash", base::Json::array({hash}));
  CHECK(tx["type"].as_string() == "0x4");
  CHECK(tx["nonce"].as_string() == "0x0");
  CHECK(tx["from"].as_string() == DevnetFixture::address(0).to_lower_hex());
  CHECK(tx["blockNumber"].as_string() == "0x1");
  CHECK(tx["authorizationList"].at(0)["nonce"].as_string() == "0x1");
  CHECK(tx["input"].as_string().starts_with("0xe9ae5c53"));
  CHECK(net.result("eth_getTransactionByHash", base::Json::array({"0x" + std::string(64, '2')}))
            .is_null());
}

}  // namespace
}  // namespace ecloud::testing
