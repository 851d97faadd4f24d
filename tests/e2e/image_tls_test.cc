// An image whose app serves TLS, and images that are large.

#include "bench/counting_proxy.h"
#include "e2e/image_support.h"
#include "e2e/terminal_session.h"
#include "ecloud/base/log.h"
#include "ecloud/net/curl_transport.h"
#include "ecloud/oci/registry.h"
#include "ecloud/oci/root_files.h"
#include "support/catch.h"
#include "support/docker_archive.h"
#include "support/oci_layout.h"
#include "support/sanitizers.h"

using namespace ecloud;
using testing::check_nothing_happened;
using testing::OciLayout;
using testing::RunResult;
using testing::TerminalWorld;
using testing::World;

namespace {

constexpr char kCaddyfile[] = "{$DOMAIN} {\n\treverse_proxy localhost:8080\n}\n";

/// The image as anybody sees it in its registry.
class Anybody {
 public:
  oci::FetchedImage fetch(const std::string& reference) {
    return registry_.fetch(oci::Reference::parse(reference));
  }
  std::optional<std::string> file(const std::string& reference, const std::string& path) {
    const auto blobs = registry_.blobs_of(oci::Reference::parse(reference));
    return oci::read_root_file(fetch(reference).image, *blobs, path, UINT64_MAX);
  }

 private:
  base::CancelToken cancel_;
  base::Log log_;
  std::unique_ptr<net::Transport> transport_ = net::make_curl_transport({}, cancel_, log_);
  oci::NoCredentials nobody_;
  oci::RegistryClient registry_{*transport_, nobody_};
};

std::vector<std::string> deploy_of(const std::string& image) {
  return {"compute", "app", "deploy", "--name", "hello", "--image-ref", image, "--json"};
}

}  // namespace

TEST_CASE("With a domain and a Caddyfile the layered image serves TLS", "[e2e][image]") {
  World world;
  Anybody anybody;
  world.user.write(".env", "DOMAIN=app.example.com\nAPP_PORT=8080\n");
  world.user.write("Caddyfile", kCaddyfile);
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult run = world.user.run(deploy_of(image));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const std::string layered = image + "-layered";
  CHECK(anybody.file(layered, "/etc/caddy/Caddyfile") == kCaddyfile);
  for (const char* program : {"compute-source-env.sh", "kms-client", "tls-client", "caddy"}) {
    INFO(program);
    CHECK(anybody.file(layered, "/usr/local/bin/" + std::string(program)));
  }
  const oci::FetchedImage found = anybody.fetch(layered);
  CHECK(found.image.digest.to_string() == run.json()["imageDigest"].as_string());
  const base::Json ports =
      base::Json::parse(found.image.config, "configuration")["config"]["ExposedPorts"];
  CHECK(ports["80/tcp"].exists());
  CHECK(ports["443/tcp"].exists());

  SECTION("which image layer computes again") {
    const RunResult again =
        world.user.run({"image", "layer", image, "--caddyfile", "Caddyfile", "--print-digest"});
    CHECK(again.out == run.json()["imageDigest"].as_string() + "\n");
  }
  SECTION("and another Caddyfile makes another image") {
    world.user.write("other", std::string(kCaddyfile) + "# other\n");
    const RunResult other =
        world.user.run({"image", "layer", image, "--caddyfile", "other", "--print-digest"});
    CHECK(other.code == 0);
    CHECK(other.out != run.json()["imageDigest"].as_string() + "\n");
  }
}

TEST_CASE("Without a domain there is nothing of TLS in the image", "[e2e][image]") {
  World world;
  Anybody anybody;
  world.user.write("Caddyfile", kCaddyfile);
  const std::string image = world.devnet.image("sample/hello:1.0");
  REQUIRE(world.user.run(deploy_of(image)).code == 0);
  CHECK_FALSE(anybody.file(image + "-layered", "/etc/caddy/Caddyfile"));
  CHECK_FALSE(anybody.file(image + "-layered", "/usr/local/bin/caddy"));
  CHECK(anybody.file(image + "-layered", "/usr/local/bin/kms-client"));
}

TEST_CASE("ecloud.yaml asks for TLS without a domain, by environment and app", "[e2e][image]") {
  struct Case {
    std::string file;
    bool serves;
  };
  const Case one = GENERATE(
      Case{"tls:\n  withoutDomain: true\n", true}, Case{"tls:\n  withoutDomain: false\n", false},
      Case{"tls:\n  withoutDomain: true\nenvironments:\n  devnet:\n    tls:\n"
           "      withoutDomain: false\n",
           false},
      Case{"environments:\n  devnet:\n    tls:\n      withoutDomain: true\n", true},
      Case{"environments:\n  sepolia:\n    tls:\n      withoutDomain: true\n", false});
  INFO(one.file);
  World world;
  Anybody anybody;
  world.user.write("ecloud.yaml", one.file);
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult run = world.user.run(deploy_of(image));
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(anybody.file(image + "-layered", "/usr/local/bin/caddy").has_value() == one.serves);
  CHECK(anybody.file(image + "-layered", "/usr/local/bin/tls-client").has_value() == one.serves);
  const RunResult layered = world.user.run({"image", "layer", image, "--print-digest"});
  INFO(layered.describe());
  CHECK(layered.out == run.json()["imageDigest"].as_string() + "\n");
}

TEST_CASE("Neither true nor false for TLS in ecloud.yaml is named with its line", "[e2e][image]") {
  World world;
  world.user.write("ecloud.yaml", "name: hello\ntls:\n  withoutDomain: maybe\n");
  const RunResult run = world.user.run(deploy_of(world.devnet.image("sample/hello:1.0")));
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["message"].as_string().find("ecloud.yaml line 3") != std::string::npos);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}

TEST_CASE("A domain without a Caddyfile gets the default one", "[e2e][image]") {
  World world;
  Anybody anybody;
  world.user.write(".env", "DOMAIN=app.example.com\n");
  const std::string image = world.devnet.image("sample/hello:1.0");
  auto arguments = deploy_of(image);
  arguments.pop_back();
  const RunResult run = world.user.run(arguments);
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("note: there is no Caddyfile in this folder: Caddy gets the default one") !=
        std::string::npos);
  CHECK(run.err.find("DOMAIN is not set") == std::string::npos);
  const auto caddyfile = anybody.file(image + "-layered", "/etc/caddy/Caddyfile");
  REQUIRE(caddyfile);
  // It is the one that configure tls writes.
  REQUIRE(world.user.run({"compute", "app", "configure", "tls", "--port", "3000"}).code == 0);
  CHECK(*caddyfile == testing::slurp(world.user.folder() / "Caddyfile"));
}

TEST_CASE("Labels of the base image are named before they are dropped or kept", "[e2e][image]") {
  World world;
  Anybody anybody;
  world.user.write("image.tar",
                   testing::docker_archive(R"(["/bin/sh"],"Labels":{"eigenx_use_ita":"True",)"
                                           R"("tee.launch_policy.allow_cgroups":"true",)"
                                           R"("tee.launch_policy.allow_cmd_override":"true"})"));
  const std::string target = world.devnet.image("mine/app:2");
  const auto layer = [&](std::vector<std::string> more) {
    std::vector<std::string> out = {"image", "layer", target, "--image-archive", "image.tar"};
    out.insert(out.end(), more.begin(), more.end());
    return world.user.run(out);
  };
  const RunResult run = layer({"--keep-label", "tee.launch_policy.allow_cgroups", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["baseLabels"].dump() ==
        R"([{"name":"eigenx_use_ita","value":"True","fate":"dropped"},)"
        R"({"name":"tee.launch_policy.allow_cgroups","value":"true","fate":"kept"},)"
        R"({"name":"tee.launch_policy.allow_cmd_override","value":"true","fate":"dropped"}])");
  CHECK(run.err.find("note: label tee.launch_policy.allow_cmd_override=true of the base image is "
                     "dropped; to keep it, pass --keep-label "
                     "tee.launch_policy.allow_cmd_override\n") != std::string::npos);
  CHECK(run.err.find("warning: image.tar") == std::string::npos);
  CHECK(run.err.find("exposes no port: the firewall opens none") != std::string::npos);
  const auto& labels = anybody.fetch(target).image.details.labels;
  CHECK(labels.contains("tee.launch_policy.allow_cgroups"));
  CHECK_FALSE(labels.contains("tee.launch_policy.allow_cmd_override"));
  CHECK_FALSE(labels.contains("eigenx_use_ita"));

  const RunResult wrong = layer({"--keep-label", "tee.launch_policy.log_redirect"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("has no such launch policy label\n") != std::string::npos);
}

TEST_CASE("An exposed port that the launcher refuses is refused here", "[e2e][image]") {
  World world;
  world.user.write("image.tar",
                   testing::docker_archive(R"(["/bin/sh"],"ExposedPorts":{"8080":{}})"));
  const RunResult run = world.user.run(
      {"image", "layer", world.devnet.image("mine/app:2"), "--image-archive", "image.tar"});
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.err.ends_with(
      " exposes \"8080\", which has no protocol: the launcher would not start the app\n"
      "hint: write each port with its protocol, in lower case: EXPOSE 8080/tcp\n"));
  const RunResult shown =
      world.user.run({"image", "inspect", "--image-archive", "image.tar", "--json"});
  CHECK(shown.json()["problems"].dump() ==
        R"(["exposed port \"8080\" has no protocol: the launcher does not start the app"])");
  check_nothing_happened(world);
}

TEST_CASE("A large image gets its layer without being moved", "[e2e][image]") {
  constexpr std::size_t kMib = std::size_t{1} << 20;
  constexpr std::size_t kSize = 200 * kMib;
  const TerminalWorld world;
  bench::CountingProxy proxy(world.devnet.port());
  const std::string image = "127.0.0.1:" + std::to_string(proxy.port()) + "/mine/large:1";

  OciLayout layout;
  {
    const std::string shell = oci::write_tar({{"bin/sh", 0755, "the place of a shell\n"}});
    // Nobody reads more of it than the start, which is gzip's.
    const std::string large = "\x1f\x8b\x08" + std::string(kSize, 'x');
    const std::string type = R"("mediaType":"application/vnd.oci.image.)";
    const std::string config =
        R"({"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sh"]},"rootfs":{"type":)"
        R"("layers","diff_ids":[")" +
        oci::Digest::of(base::as_bytes(shell)).to_string() + "\",\"sha256:" + std::string(64, '1') +
        "\"]}}";
    const std::string manifest = R"({"schemaVersion":2,)" + type +
                                 R"(manifest.v1+json","config":{)" + type + R"(config.v1+json",)" +
                                 layout.add_blob(config) + R"(},"layers":[{)" + type +
                                 R"(layer.v1.tar",)" + layout.add_blob(shell) + "},{" + type +
                                 R"(layer.v1.tar+gzip",)" + layout.add_blob(large) + "}]}";
    layout.tag(type + R"(manifest.v1+json",)" + layout.add_blob(manifest), "large");
  }
  const auto run = [&](std::vector<std::string> arguments) {
    testing::ProcessOptions options = world.start(std::move(arguments));
#if !defined(ECLOUD_SANITIZED)
    // Of data 64 MiB, stacks and all that is reserved for writing included. What the system
    // measures of a child begins with the memory of the program that starts it.
    const std::vector<std::string> limited = {"/bin/sh", "-c", "ulimit -d 65536; exec \"$@\"",
                                              "sh"};
    options.argv.insert(options.argv.begin(), limited.begin(), limited.end());
#endif
    const testing::ProcessResult result = testing::run_process(options);
    INFO(result.describe());
    REQUIRE(result.ok());
    return result.out;
  };
  run({"image", "push", layout.path().string(), image});
  CHECK(proxy.take_count() > kSize);
  const std::string layered = run({"image", "layer", image});
  CHECK(layered.starts_with(image + "-layered@sha256:"));
  CHECK(proxy.take_count() < kSize / 100);
  CHECK(run({"image", "layer", image}) == layered);
  CHECK(proxy.take_count() < kSize / 1'000);
}
