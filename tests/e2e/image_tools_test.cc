// ecloud image tools: the platform's current tools, out of the provenance of builds.

#include "e2e/image_support.h"
#include "e2e/liar.h"
#include "e2e/session.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/files.h"
#include "ecloud/net/transport.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

std::string digest_of(const std::string& reference) {
  return reference.substr(reference.find('@') + 1);
}

/// A world with a build by the platform, and a user who has pinned the tools of before.
struct ToolsWorld : World {
  ToolsWorld() {
    const RunResult run =
        user.run({"compute", "app", "deploy", "--name", "hello", "--verifiable", "--repo",
                  "https://github.com/me/app", "--commit", kCommit, "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = run.json()["appId"].as_string();
    image = run.json()["imageDigest"].as_string();
    const base::Json info = devnet.info();
    old_client = info["intelTokenTools"]["kmsClientImage"].as_string();
    client = info["kmsClientImage"].as_string();
    tls_client = info["tlsClientImage"].as_string();
    set("kmsClientImage", old_client);
    set("tlsClientImage", info["intelTokenTools"]["tlsClientImage"].as_string());
    set("runtimeGeneration", "intel-token");
  }
  void set(const std::string& key, const std::string& value) {
    REQUIRE(user.run({"config", "set", "environments.devnet." + key, value}).code == 0);
  }
  RunResult tools(Words more = {}) {
    Words words = {"image", "tools", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return user.run(words);
  }
  std::string pinned(const std::string& key) {
    const RunResult run = user.run({"compute", "environment", "show", "--json"});
    return run.json()[key].opt_string().value_or("null");
  }

  std::string app, image, old_client, client, tls_client;
};

void check_found(ToolsWorld& world, const RunResult& run, const std::string& found_by) {
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json found = run.json();
  CHECK(found["environment"].as_string() == "devnet");
  CHECK(found["runtime"].as_string() == "bound-evidence");
  CHECK(found["served"].as_bool());
  CHECK(found["pinnedRuntime"].as_string() == "intel-token");
  CHECK(found["foundBy"].as_string().starts_with(found_by));
  CHECK(found["buildDigest"].as_string() == world.image);
  CHECK(found["commit"].as_string() == kCommit);
  REQUIRE(found["tools"].size() == 2);
  const base::Json client = found["tools"].at(0), tls = found["tools"].at(1);
  CHECK(client["program"].as_string() == "kms-client");
  CHECK(client["image"].as_string() == world.client);
  CHECK(client["digest"].as_string() == digest_of(world.client));
  CHECK(client["pinnedImage"].as_string() == world.old_client);
  CHECK_FALSE(client["current"].as_bool());
  CHECK(tls["program"].as_string() == "tls-client");
  CHECK(tls["image"].as_string() == world.tls_client);
  CHECK_FALSE(found["saved"].as_bool());
  // Looking changes nothing.
  CHECK(world.pinned("kmsClientImage") == world.old_client);
  CHECK(world.pinned("runtime") == "intel-token");
}

}  // namespace

TEST_CASE("The current tools are found through the account, the chain or what is named",
          "[e2e][tools]") {
  ToolsWorld world;
  check_found(world, world.tools(), "build ");
  const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY");
  world.user.unset("ECLOUD_PRIVATE_KEY");
  check_found(world, world.tools(), "the release of app " + world.app + " in block ");
  check_found(world, world.tools({"--from", world.image}), "--from");
  check_found(world, world.tools({"--from", kCommit}), "--from");
  check_found(world, world.tools({"--from", world.app}), "a release of app ");
  const auto build = base::Json::parse(
      world.user.run({"compute", "build", "verify", kCommit, "--json"}).out, "build");
  check_found(world, world.tools({"--from", build["buildId"].as_string()}), "--from");
  check_found(world,
              world.tools({"--from",
                           world.devnet.image("eigenlayer/eigencloud-containers@") + world.image}),
              "--from");
}

TEST_CASE("What is found is shown beside what is pinned", "[e2e][tools]") {
  ToolsWorld world;
  const RunResult run = world.user.run({"image", "tools"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.out.find("kms-client: " + world.client) != std::string::npos);
  CHECK(run.out.find("Runtime: bound-evidence\n") != std::string::npos);
  CHECK(run.out.find("Pinned kms-client: " + digest_of(world.old_client) + "\n") !=
        std::string::npos);
  CHECK(run.out.find("Pinned runtime: intel-token\n") != std::string::npos);
  CHECK(run.out.find("Read from: the provenance of " + world.image + "\n") != std::string::npos);
  CHECK(
      run.err.ends_with("note: to layer images with these tools: ecloud image tools --pin "
                        "--environment devnet\n"));
}

TEST_CASE("Nothing is pinned by nobody", "[e2e][tools]") {
  ToolsWorld world;
  const auto refused = [&](const Words& more, int code, const std::string& error) {
    const RunResult run = world.tools(more);
    INFO(run.describe());
    CHECK(run.code == code);
    CHECK(run.error()["code"].as_string() == error);
    CHECK(world.pinned("kmsClientImage") == world.old_client);
    CHECK(world.pinned("runtime") == "intel-token");
  };
  const std::string digest = digest_of(world.client);
  refused({"--pin"}, 2, "image.pin_without_digest");
  refused({"--pin", "--yes"}, 2, "image.pin_without_digest");
  refused({"--pin", digest}, 2, "cli.confirmation_needed");
  refused({"--pin", digest_of(world.tls_client), "--yes"}, 2, "image.pin_without_digest");
  refused({"--pin", digest_of(world.old_client), "--yes"}, 9, "image.other_tools");
  refused({"--pin", "latest", "--yes"}, 2, "cli.bad_value");
  refused({digest}, 2, "cli.unexpected_argument");
  const RunResult dry = world.tools({"--pin", digest, "--yes", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK(dry.json()["dryRun"].as_bool());
  CHECK(world.pinned("kmsClientImage") == world.old_client);
}

TEST_CASE("Digests on the command line are pinned, and images are layered with them",
          "[e2e][tools]") {
  ToolsWorld world;
  const std::string hello = world.devnet.image("sample/hello:1.0");
  CHECK(world.user.run({"image", "layer", hello}).code == 2);
  const std::string tls_before = world.pinned("tlsClientImage");
  const RunResult run = world.tools({"--pin", digest_of(world.client), "--yes"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["saved"].as_bool());
  CHECK(world.pinned("kmsClientImage") == world.client);
  CHECK(world.pinned("runtime") == "bound-evidence");
  // Nobody has named that digest.
  CHECK(world.pinned("tlsClientImage") == tls_before);
  CHECK(world.user.run({"image", "layer", hello}).code == 0);

  const RunResult both =
      world.tools({"--pin", digest_of(world.client), digest_of(world.tls_client), "--yes"});
  CHECK(both.code == 0);
  CHECK(world.pinned("tlsClientImage") == world.tls_client);
  const RunResult again = world.user.run({"image", "tools", "--pin", digest_of(world.client)});
  CHECK(again.code == 0);
  CHECK(again.err.ends_with("Already pinned; nothing changed\n"));
}

TEST_CASE("Without a build there is nothing to find", "[e2e][tools]") {
  World world;
  // Layered here, not built by the platform.
  REQUIRE(world.user.run(world.deploy()).code == 0);
  const RunResult run = world.user.run({"image", "tools", "--json"});
  INFO(run.describe());
  CHECK(run.code == 6);
  CHECK(run.error()["code"].as_string() == "image.no_build");
  const RunResult named = world.user.run(
      {"image", "tools", "--from", world.devnet.apps().front().app.to_string(), "--json"});
  INFO(named.describe());
  CHECK(named.code == 9);
  CHECK(named.error()["code"].as_string() == "build.not_verified");
}

namespace {

/// Changes the statement of every verdict that comes by.
class ForgingTransport final : public net::Transport {
 public:
  ForgingTransport(std::unique_ptr<net::Transport> inner, std::string from, std::string to)
      : inner_(std::move(inner)), from_(std::move(from)), to_(std::move(to)) {}

  net::Response send(const net::Request& request) override {
    net::Response out = inner_->send(request);
    if (request.url.find("/builds/verify/") == std::string::npos) return out;
    base::Json document = base::Json::parse(out.body, "verdict");
    std::string text(base::as_chars(*base::from_base64(document["payload"].as_string())));
    for (std::size_t at = text.find(from_); at != std::string::npos;
         at = text.find(from_, at + to_.size())) {
      text.replace(at, from_.size(), to_);
    }
    document.set("payload", base::to_base64(base::as_bytes(text)));
    out.body = document.dump();
    return out;
  }

 private:
  std::unique_ptr<net::Transport> inner_;
  std::string from_, to_;
};

}  // namespace

TEST_CASE("A provenance that is not of the environment or not certain is refused", "[e2e][tools]") {
  ToolsWorld world;
  const auto refusal = [&](const std::string& from, const std::string& to) {
    world.user.wrap_transport([=](std::unique_ptr<net::Transport> inner) {
      return std::make_unique<ForgingTransport>(std::move(inner), from, to);
    });
    const RunResult run =
        world.tools({"--from", world.image, "--pin", digest_of(world.client), "--yes"});
    INFO(run.describe());
    CHECK(run.code == 9);
    CHECK(world.pinned("kmsClientImage") == world.old_client);
    // Unasked for a build, others are tried, and there is none.
    const RunResult any = world.tools();
    CHECK(any.code == 6);
    CHECK(any.err.find("note: skipping " + world.image) != std::string::npos);
    return run.error()["code"].as_string() + ": " + run.error()["message"].as_string();
  };
  const std::string refused = "build.bad_recipe: the build's recipe cannot be used: ";
  CHECK(refusal("/kms\\\"", "/kms2\\\"") ==
        refused + "its start script does not name the KMS URL of environment devnet, " +
            world.devnet.url() + "/kms");
  CHECK(refusal("/userapi\\\"", "/user\\\"")
            .starts_with(refused + "its start script does not name the UserAPI URL"));
  CHECK(refusal("MFkw", "MFkx") ==
        refused + "its start script does not name the KMS signing key of environment devnet");
  CHECK(refusal("\"extract-deps\"", "\"extract\"") == refused + "it has no step extract-deps");
  CHECK(refusal("cid=$(docker create", "cid=$(echo docker create")
            .starts_with(refused + "kms-client is copied from something that is not an image of "));
  CHECK(refusal("docker create " + world.client,
                "docker create evil.example/tools@" + digest_of(world.client))
            .starts_with(refused + "kms-client is copied from something"));
  CHECK(refusal(world.image.substr(7), std::string(64, '1'))
            .starts_with("build.provenance_mismatch: "));
}

TEST_CASE("The images are those of the commands, not those of the comments", "[e2e][tools]") {
  ToolsWorld world;
  world.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
    return std::make_unique<ForgingTransport>(std::move(inner), "# kms-client: " + world.client,
                                              "# kms-client: " + world.old_client);
  });
  check_found(world, world.tools(), "build ");
}

TEST_CASE("Another way to the platform's API changes nothing that an app is told", "[e2e][tools]") {
  ToolsWorld world;
  // Passes everything on, as a proxy in front of the platform does.
  testing::Liar proxy(world.devnet, [](const testing::ServerRequest&, testing::Reply&) {});
  const std::string url = proxy.url("/userapi");
  SECTION("with --userapi-url") {
    check_found(world, world.tools({"--userapi-url", url + "/"}), "build ");
    CHECK_FALSE(proxy.requests().empty());
  }
  SECTION("with a variable") {
    const char* name = GENERATE("ECLOUD_API_URL", "ECLOUD_USER_API_URL", "ECLOUD_USERAPI_URL");
    world.user.set(name, url);
    check_found(world, world.tools({"--from", world.image}), "--from");
    const RunResult pinned = world.tools({"--pin", digest_of(world.client), "--yes"});
    INFO(pinned.describe());
    CHECK(pinned.code == 0);
    CHECK(world.pinned("kmsClientImage") == world.client);
    CHECK_FALSE(proxy.requests().empty());
  }
  SECTION("and a recipe of the other URL is still refused") {
    world.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
      return std::make_unique<ForgingTransport>(std::move(inner), world.devnet.url() + "/userapi",
                                                url);
    });
    const RunResult run = world.tools({"--userapi-url", url, "--from", world.image});
    INFO(run.describe());
    CHECK(run.code == 9);
    CHECK(run.error()["message"].as_string() ==
          "the build's recipe cannot be used: its start script does not name the UserAPI URL of "
          "environment devnet, " +
              world.devnet.url() + "/userapi");
  }
  SECTION("and the same image is layered, which names the environment's own") {
    const std::string hello = world.devnet.image("sample/hello:1.0");
    world.set("runtimeGeneration", "bound-evidence");
    const auto layered = [&](const Words& more) {
      Words words = {"image", "layer", hello, "--tools-ref", world.client, "--json"};
      words.insert(words.end(), more.begin(), more.end());
      const RunResult run = world.user.run(words);
      INFO(run.describe());
      REQUIRE(run.code == 0);
      return run.json()["digest"].as_string();
    };
    CHECK(layered({}) == layered({"--userapi-url", url}));
    CHECK(proxy.requests().empty());
  }
}
