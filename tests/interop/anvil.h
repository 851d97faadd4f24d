#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "interop/node_program.h"

namespace ecloud::testing {

/// Foundry's node on a port of loopback that the system picks, with the rules of Prague and funded
/// accounts of public keys. Stopped with the object.
class Anvil {
 public:
  static constexpr std::uint64_t kChainId = 31337;

  /// Nothing when it is not installed and the test is to be skipped.
  static std::unique_ptr<Anvil> start() {
    const auto program = require_npm_file(program_name());
    if (!program) return nullptr;
    return std::unique_ptr<Anvil>(new Anvil(program->string()));
  }

  const std::string& url() const { return url_; }

 private:
  static std::string program_name() {
#if defined(__APPLE__)
    const std::string system = "darwin-";
#else
    const std::string system = "linux-";
#endif
#if defined(__aarch64__)
    return "@foundry-rs/anvil-" + system + "arm64/bin/anvil";
#else
    return "@foundry-rs/anvil-" + system + "amd64/bin/anvil";
#endif
  }

  explicit Anvil(const std::string& program) : process_(options(program)) {
    const std::string announced = "Listening on 127.0.0.1:";
    const bool listening = process_.wait_for_output(announced);
    INFO(process_.out() + process_.err());
    REQUIRE(listening);
    // The line may arrive in pieces.
    for (int attempt = 0; attempt < 200; ++attempt) {
      const std::string out = process_.out();
      const std::size_t start = out.find(announced) + announced.size();
      const std::size_t end = out.find('\n', start);
      if (end != std::string::npos) {
        url_ = "http://127.0.0.1:" + out.substr(start, end - start);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    FAIL("anvil did not finish the line with its port");
  }

  static ProcessOptions options(const std::string& program) {
    ProcessOptions out;
    out.argv = {program, "--hardfork", "prague", "--port", "0"};
    return out;
  }

  ChildProcess process_;
  std::string url_;
};

}  // namespace ecloud::testing
