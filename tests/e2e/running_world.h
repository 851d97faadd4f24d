#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "devnet/container.h"
#include "e2e/session.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/tar.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/root_folder.h"
#include "support/tools.h"

namespace ecloud::testing {

using Words = std::vector<std::string>;

inline constexpr char kRuntimeReady[] = "ECLOUD_READY runtime_bootstrapped";

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Waits in real time, for what a process of its own does.
inline bool eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// An image of busybox with two apps, /app/server and /app/batch.
class AppImage {
 public:
  /// Nothing, visibly skipped, where apps cannot be run.
  static std::optional<AppImage> make() {
    if (!require_root_mount()) return std::nullopt;
    const auto root = RootFolder::make(RootKind::kBusybox);
    if (!root) return std::nullopt;
    if (const std::string problem = devnet::container_problem(); !problem.empty()) {
      if (tools_are_required()) FAIL(problem);
      WARN("SKIPPED: " + problem);
      return std::nullopt;
    }
    return AppImage(*root);
  }

  /// What `docker save` writes; `config` holds the members of "config", `second` another layer.
  std::string archive(const std::string& config = kPlain, const std::string& second = {}) const {
    std::string digests = digest_of(layer_), names = "\"layer.tar\"";
    if (!second.empty()) {
      digests += "," + digest_of(second);
      names += ",\"second.tar\"";
    }
    std::vector<oci::NewTarEntry> files = {
        {"manifest.json", 0644,
         R"([{"Config":"config.json","RepoTags":["a:1"],"Layers":[)" + names + "]}]"},
        {"config.json", 0644,
         R"({"architecture":"amd64","os":"linux","config":{)" + config +
             R"(},"rootfs":{"type":"layers","diff_ids":[)" + digests + "]}}"},
        {"layer.tar", 0644, layer_}};
    if (!second.empty()) files.push_back({"second.tar", 0644, second});
    return oci::write_tar(files);
  }
  /// Its only layer, a tar file.
  const std::string& layer() const { return layer_; }

  static constexpr char kPlain[] =
      R"("Cmd":["/app/server","a b"],"WorkingDir":"/srv","ExposedPorts":{"8080/tcp":{}})";

 private:
  explicit AppImage(const RootFolder& root) {
    root.write("app/server", kServer, true);
    root.write("app/batch", kBatch, true);
    root.write("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/srv:/bin/sh\n");
    root.write("etc/group", "root:x:0:\napp:x:1001:\n");
    std::filesystem::create_directories(root.path() / "srv");
    const TempDir dir;
    const std::string tar = (dir / "layer.tar").string();
    const auto packed = run_process({"tar", "-C", root.path().string(), "--exclude=./dev",
                                     "--exclude=./proc/*", "-cf", tar, "."});
    if (!packed.ok()) throw std::runtime_error(packed.describe());
    layer_ = slurp(tar);
  }

  static std::string digest_of(const std::string& layer) {
    return "\"" + oci::Digest::of(base::as_bytes(layer)).to_string() + "\"";
  }

  /// Says what it sees, keeps a file on the disk, and runs until TERM.
  static constexpr char kServer[] = R"sh(#!/bin/sh
trap 'echo "server: TERM"; exit 0' TERM
echo "server: arguments $*, user $(id -u):$(id -g), token $TOKEN, folder $(pwd)"
[ ! -e "$USER_PERSISTENT_DATA_PATH/kept" ] || echo "server: found $(cat "$USER_PERSISTENT_DATA_PATH/kept")"
[ ! -e /tmp/lost ] || echo "server: found what should be lost"
[ "$(id -u)" != 0 ] || echo "data of $TOKEN" >"$USER_PERSISTENT_DATA_PATH/kept"
echo x >/tmp/lost
echo "server: serving"
while :; do sleep 1 & wait $!; done
)sh";

  /// Ends by itself.
  static constexpr char kBatch[] = "#!/bin/sh\necho \"batch: done\"\nexit 3\n";

  std::string layer_;
};

inline devnet::Options running_options(ManualClock& clock, platform::Generation generation) {
  devnet::Options options = devnet_options(clock, generation);
  options.run_apps = true;
  return options;
}

/// A devnet that runs apps, and a user with an image in a file.
class RunningWorld {
 public:
  /// Nothing, visibly skipped, where apps cannot be run.
  static std::unique_ptr<RunningWorld> make(
      platform::Generation generation = platform::Generation::kFourFields) {
    auto image = AppImage::make();
    if (!image) return nullptr;
    return std::unique_ptr<RunningWorld>(new RunningWorld(std::move(*image), generation));
  }

  /// The archive that deploy() names.
  void write_image(const std::string& config) const {
    user.write("image.tar", image.archive(config));
  }
  RunResult deploy(Words more = {}) {
    Words words = {"compute",   "app",         "deploy",
                   "--name",    "hello",       "--image-archive",
                   "image.tar", "--image-ref", devnet.image("mine/app:1"),
                   "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return deploy_with(words);
  }
  /// Any other deployment, with --json.
  RunResult deploy_with(const Words& words) {
    RunResult run = user.run(words);
    if (run.code == 0) app = *eth::Address::parse(run.json()["appId"].as_string());
    return run;
  }
  RunResult must(Words words) {
    words.emplace_back("--json");
    RunResult run = user.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    return run;
  }
  devnet::AppView view() const { return *devnet.app(app); }
  std::string log() { return user.run({"compute", "app", "logs", app.to_string()}).out; }
  /// Waits, in real time, until the app has printed that.
  bool log_has(const std::string& text) {
    return eventually([&] { return has(log(), text); });
  }
  /// Of the app's process, as the kernel shows it.
  std::string variable(const std::string& name) const {
    for (const auto& [key, value] : devnet.running_environment(app)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return "(none)";
  }
  std::string given(const std::string& name) const {
    for (const auto& [key, value] : devnet.tee_environment(app)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return "(none)";
  }

  AppImage image;
  ManualClock clock;
  devnet::Devnet devnet;
  Session user;
  eth::Address app;

 private:
  RunningWorld(AppImage made, platform::Generation generation)
      : image(std::move(made)), devnet(running_options(clock, generation)), user(devnet, clock) {
    write_image(AppImage::kPlain);
    user.write(".env", "TOKEN=first\nGREETING_PUBLIC=hi\n");
  }
};

}  // namespace ecloud::testing
