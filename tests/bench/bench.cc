// Figures of this machine in one run: compare them with each other, not with another machine's.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <vector>

#include "bench/layering.h"
#include "devnet/devnet.h"
#include "ecloud/base/hex.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

namespace {

using ecloud::devnet::Devnet;
using ecloud::testing::ProcessOptions;
using ecloud::testing::run_process;
using ecloud::testing::TempDir;

double seconds_of(const ProcessOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = run_process(options);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (!result.ok()) {
    fmt::print(stderr, "{} failed: {}\n", options.argv.front(), result.describe());
    std::exit(1);
  }
  return taken.count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

double median_seconds(const ProcessOptions& options, int runs) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) times.push_back(seconds_of(options));
  return median(times);
}

void bench_start(const TempDir& home) {
  const auto source = home.write("empty.c", "int main(void) { return 0; }\n");
  const std::string empty = (home / "empty").string();
  run_process({"cc", "-O2", "-o", empty, source.string()});
  const std::map<std::string, std::string> env = {{"HOME", home.path().string()}};
  const double nothing = median_seconds({.argv = {empty}}, 101);
  const double version = median_seconds({.argv = {ECLOUD_BINARY, "version"}, .env = env}, 101);
  const double help = median_seconds({.argv = {ECLOUD_BINARY, "--help"}, .env = env}, 101);
  fmt::print("start-up, medians of 101 runs\n");
  fmt::print("  empty C program     {:6.2f} ms\n", nothing * 1e3);
  fmt::print("  ecloud version      {:6.2f} ms  ({:+.2f} ms)\n", version * 1e3,
             (version - nothing) * 1e3);
  fmt::print("  ecloud --help       {:6.2f} ms  ({:+.2f} ms)\n", help * 1e3,
             (help - nothing) * 1e3);
}

/// A deployment of an image by digest, up to the receipt.
double deploy_seconds(Devnet& devnet, const TempDir& home, int number) {
  static const std::string key =
      ecloud::base::to_hex_prefixed(Devnet::accounts().front().private_key.reveal());
  static std::string digest;
  std::vector<std::string> argv = {
      ECLOUD_BINARY,    "compute",   "app",    "deploy",
      "--environment",  "devnet",    "--name", "bench-" + std::to_string(number),
      "--skip-profile", "--no-wait", "--json", "--image-ref"};
  argv.push_back(digest.empty() ? devnet.image("sample/layered:1.0") : digest);
  const ProcessOptions options{.argv = argv,
                               .env = {{"HOME", home.path().string()},
                                       {"ECLOUD_DEVNET_INFO", (home / "devnet.json").string()},
                                       {"ECLOUD_PRIVATE_KEY", key}},
                               .directory = home.path()};
  if (digest.empty()) {
    const auto first = run_process(options);
    const auto document = ecloud::base::Json::parse(first.out, "deploy");
    digest = document["registry"].as_string() + "@" + document["imageDigest"].as_string();
    return 0;
  }
  return seconds_of(options);
}

void bench_round_trips(const TempDir& home) {
  ecloud::devnet::Options options;
  options.key_dir = std::string(ECLOUD_SOURCE_DIR) + "/tests/data/devnet";
  options.max_active_apps = 1000;
  Devnet devnet(options);
  home.write("devnet.json", devnet.info().pretty());
  int number = 0;
  deploy_seconds(devnet, home, number++);
  fmt::print("\ndeploy --no-wait of a known digest, medians of 7 runs\n");
  double base = 0;
  for (const int latency : {0, 50, 100}) {
    devnet.set_latency("", std::chrono::milliseconds(latency));
    std::vector<double> times;
    for (int i = 0; i < 7; ++i) times.push_back(deploy_seconds(devnet, home, number++));
    const double taken = median(times);
    if (latency == 0) base = taken;
    fmt::print("  {:3} ms a request     {:6.1f} ms", latency, taken * 1e3);
    if (latency > 0) {
      fmt::print("  = {:.2f} dependent round trips", (taken - base) * 1e3 / latency);
    }
    fmt::print("\n");
  }
}

}  // namespace

int main() {
  const TempDir home;
  bench_start(home);
  bench_round_trips(home);
  try {
    ecloud::bench::bench_layering();
  } catch (const std::exception& error) {
    fmt::print("  not measured: {}\n", error.what());
  }
}
