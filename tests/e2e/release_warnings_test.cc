// What deploy and upgrade warn of: whole lines, as a user reads them.

#include "devnet/sample_image.h"
#include "e2e/direct_call.h"
#include "e2e/image_support.h"
#include "e2e/liar.h"
#include "support/catch.h"

using namespace ecloud;
using testing::Liar;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

struct WarningWorld : World {
  /// A deployment of an image of the devnet that has the platform layer.
  RunResult deploy_layered(const Words& more) { return run_with(World::deploy(), more); }
  RunResult upgrade(const std::string& app, const Words& more = {}) {
    return run_with({"compute", "app", "upgrade", app}, more);
  }
  /// "hello", with the platform layer.
  std::string deployed() {
    const RunResult run = deploy_layered({"--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run.json()["appId"].as_string();
  }
  /// An app from that image, which another program created.
  std::string created(const std::string& image) {
    const eth::Address app =
        testing::create_app_directly(devnet, clock.unix_seconds(), image, R"({"TOKEN":"a"})");
    clock.sleep(base::Milliseconds(10'000));
    return app.to_string();
  }
  std::string digest_of(const std::string& image) {
    const RunResult run = user.run({"image", "digest", image, "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run.json()["digest"].as_string();
  }
  std::string layered() const { return devnet.image("sample/layered:1.0"); }

 private:
  RunResult run_with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return user.run(words);
  }
};

/// The run went well, and warned of that.
void check_warns(const RunResult& run, const std::string& text) {
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(("\n" + run.err).find("\nwarning: " + text + "\n") != std::string::npos);
}

void check_silent(const RunResult& run) {
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("warning:") == std::string::npos);
}

}  // namespace

TEST_CASE("Variables that the platform sets as well are named", "[e2e][warnings]") {
  struct Shared {
    const char* name;
    const char* effect;
  };
  const Shared shared =
      GENERATE(Shared{"HOSTNAME", "replaces the platform's value, whose end is the app's ID"},
               Shared{"KMS_PUBLIC_KEY", "is overwritten in the TEE with the KMS's signing key"},
               Shared{"KMS_SERVER_URL", "is overwritten in the TEE with the URL of the KMS"},
               Shared{"USER_PERSISTENT_DATA_PATH",
                      "replaces the platform's value, the directory /mnt/disks/userdata"});
  const std::string warning = std::string(shared.name) + " of the env file " + shared.effect;
  WarningWorld world;
  world.user.write(".env", "TOKEN=a\n" + std::string(shared.name) + "=mine\n");
  check_warns(world.deploy_layered({"--dry-run"}), warning);
  CHECK(world.devnet.apps().empty());
  check_warns(world.deploy_layered({}), warning);
  check_warns(world.upgrade("hello"), warning);
  world.user.write(".env", "TOKEN=a\n");
  check_silent(world.upgrade("hello"));
}

TEST_CASE("Options that cannot change an image with the platform layer are named",
          "[e2e][warnings]") {
  WarningWorld world;
  const std::string image = world.layered();
  world.user.write(".env", "TOKEN=a\n");
  const bool upgrades = GENERATE(false, true);
  if (upgrades) world.deployed();
  const auto release = [&](const Words& more) {
    Words words = {"--image-ref", image};
    words.insert(words.end(), more.begin(), more.end());
    return upgrades ? world.upgrade("hello", words) : world.deploy_layered(more);
  };
  SECTION("TLS") {
    check_warns(release({"--tls"}),
                "TLS is requested, but " + image +
                    " is layered already, without TLS: it does not expose 443/tcp");
  }
  SECTION("labels to keep") {
    check_warns(release({"--keep-label", "tee.launch_policy.log_redirect"}),
                "--keep-label has no effect: " + image + " is layered already");
  }
  SECTION("the visibility of the log") {
    check_warns(release({"--log-visibility", "off"}),
                "the image's label tee.launch_policy.log_redirect does not agree with "
                "--log-visibility off; the label wins");
  }
  SECTION("measurements") {
    const RunResult enabled = release({"--resource-usage-monitoring", "enable", "--dry-run"});
    const RunResult disabled = release({"--resource-usage-monitoring", "disable", "--dry-run"});
    const std::string label =
        "the image's label tee.launch_policy.monitoring_memory_allow does not agree with "
        "--resource-usage-monitoring ";
    // One of the two agrees with the label.
    const bool allowed = enabled.err.find("does not agree") == std::string::npos;
    check_silent(allowed ? enabled : disabled);
    check_warns(allowed ? disabled : enabled,
                label + (allowed ? "disable" : "enable") + "; the label wins");
  }
}

TEST_CASE("A release of an app without a machine is announced as such", "[e2e][warnings]") {
  WarningWorld world;
  world.deployed();
  world.devnet.suspend(world.account());
  world.clock.sleep(base::Milliseconds(10'000));
  world.user.write(".env", "TOKEN=another\n");
  const std::string warning = "the app is suspended: it runs the release once it is started";
  check_warns(world.upgrade("hello", {"--dry-run"}), warning);
  check_warns(world.upgrade("hello", {"--no-wait"}), warning);
}

TEST_CASE("An instance type that nobody knows is said to be unknown", "[e2e][warnings]") {
  WarningWorld world;
  world.devnet.add_fault({.kind = "userapi:/skus", .times = 0, .status = 404});
  const Words type = {"--instance-type", "x9-large", "--yes", "--no-wait"};
  const std::string unknown =
      "whether instance type x9-large has a TEE is unknown: its name ends in none of t (Intel "
      "TDX), s (AMD SEV-SNP) and v (no TEE)";
  const RunResult run = world.deploy_layered(type);
  check_warns(run, unknown);
  CHECK(run.err.find("warning: the instance type could not be checked: ") != std::string::npos);
  world.user.write(".env", "TOKEN=another\n");
  check_warns(world.upgrade("hello", type), unknown);
}

TEST_CASE("A running image without the platform layer is named", "[e2e][warnings]") {
  WarningWorld world;
  const std::string image =
      world.devnet.image("sample/hello@") + world.digest_of(world.devnet.image("sample/hello:1.0"));
  const std::string app = world.created(image);
  check_warns(world.upgrade(app, {"--wallet", "kms", "--no-wait"}),
              "the image " + image +
                  " has no platform layer: unless it brings a start script and the KMS client "
                  "itself, the app gets no variables");
}

TEST_CASE("A running image that cannot be read leaves its labels to the defaults",
          "[e2e][warnings]") {
  WarningWorld world;
  const std::string app =
      world.created(world.devnet.image("mine/gone@sha256:" + std::string(64, 'a')));
  const RunResult run = world.upgrade(
      app, {"--wallet", "kms", "--no-wait", "--image-ref", world.devnet.image("sample/hello:1.0")});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("warning: the image that runs cannot be read (") != std::string::npos);
  CHECK(run.err.find("): the new one keeps a log and lets its memory be measured, unless "
                     "--log-visibility and --resource-usage-monitoring say otherwise\n") !=
        std::string::npos);
}

TEST_CASE("A wallet that nothing here can compare is warned of", "[e2e][warnings]") {
  WarningWorld world;
  const std::string env =
      "MNEMONIC=abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
      "abandon about\n";
  world.user.write(".env", env);
  const RunResult deployed = world.deploy_layered({"--wallet", "env", "--json"});
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  // A second machine, which has not seen the first release.
  testing::Session other(world.devnet, world.clock);
  other.write(".env", env);
  check_warns(other.run({"compute", "app", "upgrade", deployed.json()["appId"].as_string(),
                         "--wallet", "env", "--no-wait"}),
              "nothing here can check that the wallet stays the same; if it does not, the key of "
              "the app's persistent disk (/mnt/disks/userdata) is derived from the wallet's "
              "recovery phrase and changes with it: if the platform attached a disk to the app, "
              "its data can no longer be read and the app does not start");
}

TEST_CASE("Another image in the platform's list is warned of after an upgrade", "[e2e][warnings]") {
  WarningWorld world;
  const std::string app = world.deployed();
  const std::string sent = world.digest_of(world.layered());
  const std::string other(64, 'b');
  Liar platform(world.devnet, [&](const testing::ServerRequest& request, testing::Reply& reply) {
    if (request.path.find("/apps/") == std::string::npos) return;
    const std::string digits = sent.substr(sent.find(':') + 1);
    for (std::size_t at = reply.body.find(digits); at != std::string::npos;
         at = reply.body.find(digits, at)) {
      reply.body.replace(at, digits.size(), other);
    }
  });
  world.user.write(".env", "TOKEN=another\n");
  const RunResult run = world.upgrade(app, {"--userapi-url", platform.url("/userapi")});
  check_warns(run, "the platform lists another image than the one that was sent: sha256:" + other +
                       " instead of " + sent +
                       "; another account may have upgraded the app since; see: ecloud compute app "
                       "releases " +
                       app + " --environment devnet");
}

namespace {

/// Lacks one blob of every registry.
class LackingTransport final : public net::Transport {
 public:
  LackingTransport(std::unique_ptr<net::Transport> inner, std::string digest)
      : inner_(std::move(inner)), digest_(std::move(digest)) {}
  net::Response send(const net::Request& request) override {
    net::Request sent = request;
    const std::size_t at = sent.url.find("/blobs/" + digest_);
    if (at != std::string::npos)
      sent.url.replace(at, std::string::npos, "/blobs/sha256:" + std::string(64, '0'));
    return inner_->send(sent);
  }

 private:
  std::unique_ptr<net::Transport> inner_;
  std::string digest_;
};

}  // namespace

TEST_CASE("A layer that cannot be read leaves the KMS client unchecked", "[e2e][warnings]") {
  WarningWorld world;
  const std::string layer =
      oci::Digest::of(devnet::build_image(devnet::layered_recipe()).layer).to_string();
  world.user.wrap_transport([&](std::unique_ptr<net::Transport> inner) {
    return std::make_unique<LackingTransport>(std::move(inner), layer);
  });
  const std::string note = "note: the KMS client in " + world.layered() + " was not checked: ";
  const auto check_notes = [&](const RunResult& run, const std::string& start) {
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.err.find(start) != std::string::npos);
  };
  check_notes(world.deploy_layered({}), note);
  world.user.write(".env", "TOKEN=another\n");
  check_notes(world.upgrade("hello", {"--image-ref", world.layered()}), note);
  check_notes(
      world.user.run({"compute", "app", "rollback", "hello", "--yes"}),
      "warning: the KMS client in " + world.devnet.apps().front().image + " was not checked: ");
}
