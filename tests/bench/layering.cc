#include "bench/layering.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/counting_proxy.h"
#include "ecloud/base/text.h"
#include "support/child_process.h"
#include "support/spawn_arguments.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::bench {
namespace {

using testing::ChildProcess;
using testing::ProcessOptions;
using testing::TempDir;
using Words = std::vector<std::string>;

constexpr int kLayers = 4;

struct Cost {
  double seconds = 0;
  long peak_kib = 0;  ///< of the largest process
  std::string out;
};

/// Like run_process, which does not tell the memory.
Cost run(Words argv, const std::map<std::string, std::string>& env, const TempDir& dir) {
  const std::string out = (dir / "out").string();
  const std::string err = (dir / "err").string();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), kWrite, 0600);
  ::posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), kWrite, 0600);
  ProcessOptions options;
  options.env = env;
  Words variables = testing::environment_of(options);
  const auto start = std::chrono::steady_clock::now();
  pid_t pid = -1;
  const int failure =
      ::posix_spawnp(&pid, argv[0].c_str(), &actions, nullptr, testing::pointers_to(argv).data(),
                     testing::pointers_to(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  rusage usage{};
  if (failure == 0) ::wait4(pid, &status, 0, &usage);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (status != 0) throw std::runtime_error(base::join(argv, " ") + ": " + testing::slurp(err));
  return {taken.count(), usage.ru_maxrss, std::string(base::trim(testing::slurp(out)))};
}

/// docker-registry on a port of the system's choice.
class Registry {
 public:
  explicit Registry(const TempDir& dir) {
    const auto config = dir.write(
        "registry.yml",
        "version: 0.1\nlog:\n  level: info\nhttp:\n  addr: 127.0.0.1:0\nstorage:\n  filesystem:\n"
        "    rootdirectory: " +
            (dir / "registry").string() + "\n");
    ProcessOptions options;
    options.argv = {"docker-registry", "serve", config.string()};
    options.env = {{"OTEL_TRACES_EXPORTER", "none"}};
    process_ = std::make_unique<ChildProcess>(std::move(options));
    const std::string listening = "listening on 127.0.0.1:";
    if (!process_->wait_for_output(listening)) throw std::runtime_error("docker-registry is down");
    const std::string log = process_->out() + process_->err();
    port_ = std::atoi(log.c_str() + log.find(listening) + listening.size());
  }
  int port() const { return port_; }

 private:
  std::unique_ptr<ChildProcess> process_;
  int port_ = 0;
};

/// An image with a shell and `mib` MiB of random octets, and one with the client for the KMS.
/// buildah is not used for it: its cache would know the layers then.
void push_images(const TempDir& dir, const std::string& host, int mib) {
  const std::string script = fmt::format(R"sh(set -eu
cd '{}'
add() {{ tar -C "$1" -cf layer.tar . && umoci raw add-layer --image "$2" layer.tar && rm layer.tar; }}
mkdir -p shell/bin tools/eigen/bin
cp "$(command -v busybox)" shell/bin/sh
cp shell/bin/sh tools/eigen/bin/kms-client
umoci init --layout images
for tag in app tools; do umoci new --image images:$tag; done
umoci config --image images:app --config.entrypoint /bin/sh --architecture amd64 --os linux
umoci config --image images:tools --architecture amd64 --os linux
add shell images:app
add tools images:tools
for i in $(seq {}); do
  mkdir data data/opt
  head -c $(({} * 1048576 / {})) /dev/urandom >data/opt/data.$i
  add data images:app
  rm -r data
done
for tag in app tools; do
  skopeo copy -q --insecure-policy --dest-tls-verify=false oci:images:$tag docker://{}/bench/$tag:1
done
)sh",
                                         dir.path().string(), kLayers, mib, kLayers, host);
  run({"sh", "-c", script}, {}, dir);
}

void print(const char* what, const Cost& cost, std::uint64_t octets, int mib) {
  fmt::print("  {:<22}{:8.2f} s {:9.2f} MiB moved ({:6.2f} %) {:7.1f} MiB of memory\n", what,
             cost.seconds, static_cast<double>(octets) / (1 << 20),
             static_cast<double>(octets) / (1 << 20) / mib * 100,
             static_cast<double>(cost.peak_kib) / 1024);
}

void bench_buildah(const TempDir& dir, CountingProxy& proxy, const std::string& host, int mib) {
  const char* driver = std::getenv("STORAGE_DRIVER");
  const std::string config = fmt::format(
      "[storage]\ndriver = \"{}\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
      driver == nullptr ? "overlay" : driver, (dir / "storage").string(), (dir / "run").string());
  const std::string policy = dir.write("home/.config/containers/policy.json",
                                       R"({"default":[{"type":"insecureAcceptAnything"}]})")
                                 .string();
  const std::map<std::string, std::string> env = {
      {"CONTAINERS_STORAGE_CONF", dir.write("storage.conf", config).string()},
      {"BUILDAH_ISOLATION", "chroot"},
      {"HOME", (dir / "home").string()}};
  const std::string source = "docker://" + host + "/bench/app:1";
  const std::string target = "docker://" + host + "/bench/app:buildah";
  Cost all;
  std::uint64_t moved = 0;
  const auto step = [&](const char* what, Words argv) {
    argv.insert(argv.begin(), "buildah");
    const Cost cost = run(std::move(argv), env, dir);
    const std::uint64_t octets = proxy.take_count();
    if (what != nullptr) print(what, cost, octets, mib);
    all.seconds += cost.seconds;
    all.peak_kib = std::max(all.peak_kib, cost.peak_kib);
    moved += octets;
    return cost.out;
  };
  proxy.take_count();
  const std::string container =
      step("buildah from", {"from", "--quiet", "--tls-verify=false", source});
  step(nullptr, {"copy", container, (dir / "tools/eigen/bin/kms-client").string(),
                 "/usr/local/bin/kms-client"});
  step(nullptr, {"config", "--entrypoint", R"(["/usr/local/bin/start"])", container});
  const std::string image = step("buildah commit", {"commit", "--quiet", container});
  step("buildah push", {"push", "--quiet", "--tls-verify=false", image, target});
  print("buildah, all", all, moved, mib);
  run({"buildah", "rm", container}, env, dir);
}

}  // namespace

void bench_layering() {
  for (const char* tool : {"docker-registry", "skopeo", "umoci", "busybox"}) {
    if (testing::find_tool(tool)) continue;
    fmt::print("\nlayering: not measured, {} is not installed\n", tool);
    return;
  }
  const char* given = std::getenv("ECLOUD_BENCH_MIB");
  const int mib = given == nullptr ? 1024 : std::atoi(given);
  const TempDir dir;
  const Registry registry(dir);
  CountingProxy proxy(registry.port());
  const std::string host = "localhost:" + std::to_string(proxy.port());
  push_images(dir, host, mib);
  proxy.take_count();
  fmt::print("\nan image of {} MiB in a registry gets its layer\n", mib);
  const std::map<std::string, std::string> env = {{"HOME", dir.path().string()},
                                                  {"XDG_CACHE_HOME", (dir / "cache").string()}};
  const Words argv = {ECLOUD_BINARY,         "image",       "layer",
                      host + "/bench/app:1", "--tools-ref", host + "/bench/tools:1"};
  const Cost first = run(argv, env, dir);
  print("ecloud image layer", first, proxy.take_count(), mib);
  const Cost again = run(argv, env, dir);
  print("the same again", again, proxy.take_count(), mib);
  if (!testing::find_tool("buildah")) return;
  try {
    bench_buildah(dir, proxy, host, mib);
  } catch (const std::exception& error) {
    fmt::print("  buildah was not measured: {}\n", base::trim(error.what()));
  }
}

}  // namespace ecloud::bench
