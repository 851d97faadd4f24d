// Ethereum nodes that lie: what they say is refused with the reason, nothing is signed for them and
// nothing is left behind.

#include <atomic>

#include "e2e/liar.h"
#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/platform/app_id.h"
#include "ecloud/platform/signatures.h"
#include "support/catch.h"

using namespace ecloud;
using testing::call_data;
using testing::Liar;
using testing::lies_of_node;
using testing::RunResult;
using testing::ServerRequest;
using testing::World;

namespace {

constexpr char kMarker[] = "marker-5ecret-value";
const std::string kForeign = "0x00000000000000000000000000000000000000aa";

using Result = std::optional<base::Json>;

Result nothing() {
  return std::nullopt;
}

std::string word(const std::string& address) {
  return "0x" + std::string(24, '0') + address.substr(2);
}

RunResult deploy(World& world, const std::vector<std::string>& nodes,
                 std::vector<std::string> more = {"--json"}) {
  for (const std::string& node : nodes) {
    more.emplace_back("--rpc-url");
    more.push_back(node);
  }
  return world.user.run(world.deploy(more));
}

std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t count = 0;
  if (!std::filesystem::exists(folder)) return 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

/// Nothing on chain, nothing sent, neither wallet nor journal on disk.
void check_untouched(const World& world) {
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.apps().empty());
  CHECK(files_below(world.user.state() / "wallets") == 0);
  CHECK(files_below(world.user.state() / "journal") == 0);
}

void check_refused(const RunResult& run, int code, const std::string& error,
                   const std::vector<std::string>& words) {
  INFO(run.describe());
  CHECK(run.code == code);
  CHECK(run.out.empty());
  REQUIRE(run.code != 0);
  CHECK(run.error()["code"].as_string() == error);
  for (const std::string& one : words) {
    INFO(one);
    CHECK(run.error()["message"].as_string().find(one) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("A node that names a foreign app id gets nothing that is encrypted for it",
          "[e2e][hostile]") {
  World world;
  world.user.write(".env", std::string("TOKEN=") + kMarker + "\n");
  std::string true_id;
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json& params,
                                           const base::Json& result) -> Result {
              if (!call_data(method, params).starts_with("36b18874")) return nothing();
              true_id = result.as_string();
              return base::Json(word(kForeign));
            }));
  const RunResult run = deploy(world, {node.url("/rpc")},
                               {"--env-file", ".env", "--salt", std::string(64, '5'), "--json"});
  check_refused(
      run, 9, "deploy.foreign_app_id",
      {"the node says that the new app will be 0x00000000000000000000000000000000000000AA",
       "whoever owns the other one could read the private variables"});
  CHECK(run.error()["hint"].as_string().starts_with("give an --rpc-url that you trust"));
  // Not even an estimate, which would hold what is encrypted.
  CHECK(world.devnet.count("rpc:eth_estimateGas") == 0);
  CHECK(node.everything().find(kMarker) == std::string::npos);
  check_untouched(world);
  // The id that the contract would have named is the one that is computed here.
  const auto computed = *eth::Address::parse("0x" + true_id.substr(26));
  CHECK(run.error()["message"].as_string().find("it will be " + computed.to_string()) !=
        std::string::npos);
}

TEST_CASE("A node of another chain is told and gets no transaction", "[e2e][hostile]") {
  World world;
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json&,
                                           const base::Json&) -> Result {
              return method == "eth_chainId" ? Result("0x1") : nothing();
            }));
  check_refused(deploy(world, {node.url("/rpc")}), 7, "chain.wrong_chain",
                {node.url("") + " is on chain 1 (Ethereum mainnet), not 31337"});
  check_untouched(world);
  SECTION("and a right one beside it is taken") {
    CHECK(deploy(world, {node.url("/rpc"), world.devnet.url() + "/rpc"}).code == 0);
    CHECK(node.everything().find("eth_sendRawTransaction") == std::string::npos);
  }
}

TEST_CASE("Fees that nobody pays are not paid", "[e2e][hostile]") {
  World world;
  const bool tip = GENERATE(true, false);
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json& params,
                                           const base::Json& result) -> Result {
              if (tip && method == "eth_maxPriorityFeePerGas") return "0xe8d4a51000";  // 1000 gwei
              if (tip || method != "eth_getBlockByNumber" || !params.at(0).is_string()) {
                return nothing();
              }
              base::Json block = testing::copy_of(result);
              block.set("baseFeePerGas", "0xe8d4a51000");
              return block;
            }));
  const std::string what =
      tip ? "names a tip of 1000 gwei, and more than 100 gwei is never paid"
          : "names a base fee of 1000 gwei, and more than 450 gwei is never paid";
  check_refused(deploy(world, {node.url("/rpc")}), 7, "chain.bad_answer",
                {node.url("") + " " + what});
  check_untouched(world);
  // An honest one is asked instead, and its fees are paid.
  const eth::U256 before = world.devnet.balance(world.account());
  const RunResult run =
      deploy(world, {node.url("/rpc"), world.devnet.url() + "/rpc"}, {"--json", "--verbose"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find(what) != std::string::npos);
  CHECK(before - world.devnet.balance(world.account()) <
        eth::U256(2'000'000) * eth::U256(3'000'000'000));
}

TEST_CASE("A node that claims to have sent something else is not believed", "[e2e][hostile]") {
  World world;
  std::atomic<bool> lying = true;
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json&,
                                           const base::Json&) -> Result {
              const bool send = method == "eth_sendRawTransaction";
              return lying && send ? Result("0x" + std::string(64, 'd')) : nothing();
            }));
  const RunResult run = deploy(world, {node.url("/rpc")});
  INFO(run.describe());
  // It did arrive, which only the chain can tell.
  CHECK(run.code == 7);
  CHECK(run.err.find("answered eth_sendRawTransaction with the hash of another transaction") !=
        std::string::npos);
  CHECK(run.err.find(std::string(64, 'd')) == std::string::npos);
  lying = false;
  const RunResult again = deploy(world, {node.url("/rpc")});
  INFO(again.describe());
  CHECK(again.code == 0);
  CHECK(world.devnet.apps().size() == 1);
  CHECK(world.devnet.nonce(world.account()) == 2);  // one transaction and its authorization
}

TEST_CASE("The receipt of another transaction is not taken for ours", "[e2e][hostile]") {
  World world;
  REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json&,
                                           const base::Json& result) -> Result {
              if (method != "eth_getTransactionReceipt" || !result.is_object()) return nothing();
              base::Json foreign = testing::copy_of(result);
              foreign.set("transactionHash", "0x" + std::string(64, 'd'));
              return foreign;
            }));
  const RunResult run =
      world.user.run({"compute", "app", "stop", "hello", "--yes", "--rpc-url", node.url("/rpc"),
                      "--rpc-url", world.devnet.url() + "/rpc", "--json", "--verbose"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("answered with another receipt than the one asked for") != std::string::npos);
  CHECK(world.devnet.apps().at(0).chain_status == platform::ChainStatus::kStopped);
}

// What the UserAPI is shown is computed here: of the contract only the first character of its
// version is taken, and the functions that would compute it are never asked.
TEST_CASE("A node cannot choose what is signed for the UserAPI", "[e2e][hostile]") {
  World world;
  REQUIRE(world.user.run(world.deploy()).code == 0);
  Liar server(world.devnet, [&](const ServerRequest& request, testing::Reply& reply) {
    lies_of_node(
        [&](const std::string& method, const base::Json& params, const base::Json&) -> Result {
          const std::string data = call_data(method, params);
          if (data == "54fd4d50") {  // version(): "9.9.9"
            return "0x" + std::string(62, '0') + "20" + std::string(63, '0') + "5" + "392e392e39" +
                   std::string(54, '0');
          }
          // domainSeparator(), calculateApiPermissionDigestHash()
          const bool digest = data.starts_with("f698da25") || data.starts_with("9690b7e7");
          return digest ? Result("0x" + std::string(64, 'd')) : nothing();
        })(request, reply);
  });
  const RunResult run =
      world.user.run({"compute", "app", "logs", "hello", "--rpc-url", server.url("/rpc"),
                      "--userapi-url", server.url("/userapi"), "--json"});
  INFO(run.describe());
  CHECK(run.code == 5);  // signed for version 9, which is not the contract's
  const std::string told = server.everything();
  CHECK(told.find("f698da25") == std::string::npos);
  CHECK(told.find("9690b7e7") == std::string::npos);
  std::size_t signed_requests = 0;
  const platform::Environment at = world.devnet.environment();
  for (const ServerRequest& request : server.requests()) {
    const std::string bearer = request.header("Authorization");
    if (bearer.empty()) continue;
    ++signed_requests;
    const auto expiry = std::stoull(request.header("X-eigenx-expiry"));
    const auto domain =
        platform::controller_domain_separator("9.9.9", at.chain_id, at.app_controller);
    const auto expected = platform::user_api_headers(
        *crypto::PrivateKey::from_bytes(devnet::Devnet::accounts().front().private_key.reveal()),
        domain,
        request.path.starts_with("/userapi/logs") ? platform::kViewLogsPermission
                                                  : platform::kViewInfoPermission,
        expiry);
    CHECK(bearer == expected.at(0).value);
  }
  CHECK(signed_requests > 0);
}

TEST_CASE("A node cannot choose which contract is paid", "[e2e][hostile]") {
  World world;
  Liar node(world.devnet, lies_of_node([&](const std::string& method, const base::Json& params,
                                           const base::Json&) -> Result {
              // usdc() of the credits contract
              const bool token = call_data(method, params) == "3e413bee";
              return token ? Result(word(kForeign)) : nothing();
            }));
  const RunResult run = world.user.run(
      {"billing", "top-up", "--amount", "5", "--yes", "--rpc-url", node.url("/rpc"), "--json"});
  INFO(run.describe());
  CHECK(run.code != 0);
  CHECK(run.out.empty());
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}
