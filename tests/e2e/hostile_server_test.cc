// Servers that send without end, drip, or answer with what was forged.

#include <mutex>

#include "e2e/liar.h"
#include "e2e/session.h"
#include "ecloud/oci/compression.h"
#include "support/catch.h"
#include "support/http_probe.h"

using namespace ecloud;
using testing::Fault;
using testing::Liar;
using testing::Reply;
using testing::RunResult;
using testing::ScriptedServer;
using testing::ServerRequest;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// What is taken of one answer at most (of a log), and room for what the kernel holds meanwhile.
constexpr std::uint64_t kMostOctets = std::uint64_t{90} << 20;

/// More than the 16 MiB that an answer may have.
std::string gzip_bomb() {
  static const std::string kBomb = oci::gzip_stable(std::string(std::size_t{17} << 20, ' '));
  return kBomb;
}

/// Every command that asks a server of each kind, with that server in its place.
struct Place {
  const char* option;
  const char* path;
  Words command;
};

std::vector<Place> places() {
  return {{"--rpc-url", "/rpc", {"compute", "app", "list"}},
          {"--userapi-url", "/userapi", {"compute", "app", "logs", "hello"}},
          {"--userapi-url", "/userapi", {"compute", "app", "info", "hello"}},
          {"--userapi-url", "/userapi", {"compute", "build", "list"}},
          {"--billing-url", "/billing", {"billing", "status"}}};
}

RunResult run_with(World& world, const Place& place, const std::string& url) {
  Words words = place.command;
  words.insert(words.end(), {place.option, url, "--json"});
  return world.user.run(words);
}

}  // namespace

TEST_CASE("An answer without end is cut off and told as too large", "[e2e][hostile]") {
  World world;
  REQUIRE(world.user.run(world.deploy()).code == 0);
  const std::string how = GENERATE("plain", "chunks of a JSON text");
  for (const Place& place : places()) {
    INFO(place.option << " " << place.command[1]);
    ScriptedServer server([&](const ServerRequest&) {
      Reply reply;
      reply.status = 200;
      reply.headers = {{"Content-Type", "application/json"}};
      reply.body = std::string(std::size_t{1} << 18, how == "plain" ? 'x' : '[');
      reply.fault = Fault::kEndless;
      return reply;
    });
    const RunResult run = run_with(world, place, server.url(place.path));
    INFO(run.describe());
    CHECK(run.code == 7);
    CHECK(run.err.find("the answer is larger than ") != std::string::npos);
    CHECK(run.err.size() < 2000);
    CHECK(server.endless_octets() < server.requests().size() * kMostOctets);
  }
}

TEST_CASE("An answer that is small until it is decompressed is not taken", "[e2e][hostile]") {
  World world;
  REQUIRE(world.user.run(world.deploy()).code == 0);
  for (const Place& place : places()) {
    if (place.command.back() == "hello" && place.command[2] == "logs") continue;  // 64 MiB
    INFO(place.option << " " << place.command[1]);
    ScriptedServer server([&](const ServerRequest&) {
      Reply reply = testing::json_reply(gzip_bomb());
      reply.headers.push_back({"Content-Encoding", "gzip"});
      return reply;
    });
    const RunResult run = run_with(world, place, server.url(place.path));
    INFO(run.describe());
    CHECK(run.code == 7);
    CHECK(run.err.find("the answer is larger than ") != std::string::npos);
  }
}

TEST_CASE("A server that sends an octet at a time runs into the time limit", "[e2e][hostile]") {
  World world;
  REQUIRE(world.user.run(world.deploy()).code == 0);
  world.user.set_request_timeout(base::Milliseconds(300));
  for (const Place& place : places()) {
    INFO(place.option << " " << place.command[1]);
    ScriptedServer server([&](const ServerRequest&) {
      Reply reply = testing::faulty_reply(Fault::kDrip, std::string(100'000, ' '));
      reply.drip_interval = std::chrono::milliseconds(10);
      return reply;
    });
    const auto start = std::chrono::steady_clock::now();
    const RunResult run = run_with(world, place, server.url(place.path));
    INFO(run.describe());
    CHECK(run.code == 7);
    CHECK(run.err.find("no complete answer") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  }
}

TEST_CASE("Addresses that the KMS did not sign for the app are not shown", "[e2e][hostile]") {
  World world;
  REQUIRE(world.user.run(world.deploy({"--wallet", "kms"})).code == 0);
  Words other = world.deploy({"--wallet", "kms"});
  other[4] = "other";
  REQUIRE(world.user.run(other).code == 0);
  const eth::Address foreign = world.devnet.apps().at(1).app;
  const std::string how = GENERATE("forged", "of another app", "signed by nobody", "unsigned");
  std::mutex mutex;
  std::string shown;  // an address that must not reach the user
  Liar server(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (!request.path.starts_with("/userapi/info") || reply.status != 200) return;
    const base::Json app = base::Json::parse(reply.body, "info")["apps"].at(0);
    base::Json addresses = app["addresses"];
    const std::string mine = addresses["data"]["evmAddresses"].at(0)["address"].as_string();
    const std::string signature = addresses["signature"].as_string();
    std::string data = addresses["data"].dump();
    const std::lock_guard lock(mutex);
    if (how == "forged") {
      shown = "0x00000000000000000000000000000000000000aa";
      data.replace(data.find(mine), mine.size(), shown);
    } else {
      shown = mine;
    }
    addresses = base::Json::object(
        {{"data", base::Json::parse(data, "data")},
         {"signature", how == "unsigned" ? std::string()
                       : how == "signed by nobody"
                           ? signature.substr(0, 20) + "AAAA" + signature.substr(24)
                           : signature}});
    base::Json changed = testing::copy_of(app);
    changed.set("addresses", addresses);
    reply.body = base::Json::object({{"apps", base::Json::array({changed})}}).dump();
  });
  // The other app's addresses, with their true signature, for the first app.
  Liar replaying(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (!request.path.starts_with("/userapi/info") || reply.status != 200) return;
    const testing::ServerRequest& asked = request;
    std::string target = asked.path;
    const std::string mine = world.devnet.apps().at(0).app.to_string();
    target.replace(target.find(mine), mine.size(), foreign.to_string());
    testing::ProbeHeaders headers;
    for (const char* name : {"Authorization", "X-eigenx-expiry", "x-client-id"}) {
      headers.emplace_back(name, asked.header(name));
    }
    reply.body = testing::probe(world.devnet.port(), "GET", target, headers).body;
    const std::lock_guard lock(mutex);
    shown = base::Json::parse(reply.body, "info")["apps"]
                .at(0)["addresses"]["data"]["evmAddresses"]
                .at(0)["address"]
                .as_string();
  });
  Liar& hostile = how == "of another app" ? replaying : server;
  for (const Words& command : {Words{"compute", "app", "info", "hello"},
                               Words{"compute", "app", "wallet", "show", "hello"}}) {
    Words words = command;
    words.insert(words.end(), {"--userapi-url", hostile.url("/userapi")});
    const RunResult run = world.user.run(words);
    const std::lock_guard lock(mutex);
    INFO(run.describe());
    CHECK(run.code == 9);
    REQUIRE_FALSE(shown.empty());
    CHECK(run.out.find(shown) == std::string::npos);
  }
}

TEST_CASE("A page to pay at is a plain https URL or it is not shown", "[e2e][hostile]") {
  World world;
  const std::string url =
      GENERATE("javascript:alert(1)", "file:///etc/passwd", "http://checkout.stripe.com/pay",
               "https://checkout.stripe.com@evil.example/", "http://127.0.0.1:1@evil.example/",
               "https://x.example/\\u001b[2Jgone", "https://x.example/\\npay here", "https://",
               "data:text/html,pay", "https://x.example/\\u202etxt.exe");
  INFO(url);
  const auto check_hidden = [&](const RunResult& run) {
    INFO(run.describe());
    for (const std::string& text : {run.out, run.err}) {
      CHECK(text.find('\x1b') == std::string::npos);
      CHECK(text.find("evil.example") == std::string::npos);
      CHECK(text.find("javascript") == std::string::npos);
      CHECK(text.find("file:") == std::string::npos);
      CHECK(text.find("x.example") == std::string::npos);
    }
  };
  SECTION("the checkout") {
    world.devnet.set_subscription(world.account(), "inactive");
    world.devnet.add_fault({.kind = "billing:/subscription",
                            .action = devnet::FaultAction::kBody,
                            .nth = 2,
                            .body = R"({"checkoutUrl":")" + url + "\"}"});
    const RunResult run = world.user.run({"billing", "subscribe", "--no-wait"});
    CHECK(run.code == 7);
    CHECK(run.out.empty());
    CHECK(run.err.find("is not a plain https URL") != std::string::npos);
    check_hidden(run);
  }
  SECTION("the portal") {
    world.devnet.add_fault(
        {.kind = "billing:/subscription",
         .action = devnet::FaultAction::kBody,
         .times = 0,
         .body = R"({"subscriptionStatus":"past_due","portalUrl":")" + url + "\"}"});
    const RunResult status = world.user.run({"billing", "status"});
    CHECK(status.code == 0);
    check_hidden(status);
    const RunResult subscribe = world.user.run({"billing", "subscribe"});
    CHECK(subscribe.code == 1);
    check_hidden(subscribe);
  }
}

TEST_CASE("A build service that answers about another repository gets nothing deployed",
          "[e2e][hostile]") {
  World world;
  const std::string commit = "0123456789abcdef0123456789abcdef01234567";
  const std::string how = GENERATE("repository", "commit", "image");
  Liar server(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (!request.path.starts_with("/userapi/builds/verify/") || reply.status != 200) return;
    base::Json verdict = base::Json::parse(reply.body, "verdict");
    if (how == "repository") verdict.set("repo_url", "https://github.com/evil/app");
    if (how == "commit") verdict.set("git_ref", std::string(40, 'e'));
    if (how == "image") verdict.set("image_digest", "sha256:" + std::string(64, 'e'));
    reply.body = verdict.dump();
  });
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--verifiable", "--repo",
                      "https://github.com/me/app", "--commit", commit, "--userapi-url",
                      server.url("/userapi"), "--json"});
  INFO(run.describe());
  CHECK(run.code == 9);
  CHECK(run.out.empty());
  CHECK(run.error()["code"].as_string() == "build.provenance_mismatch");
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.apps().empty());
}
