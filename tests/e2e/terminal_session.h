#pragma once

#include "e2e/session.h"
#include "ecloud/base/cancel.h"
#include "support/pty_process.h"

namespace ecloud::testing {

/// The program at a real terminal, with a devnet that goes by the same real clock.
struct TerminalWorld {
  TerminalWorld() : devnet(options_with(real_clock)), user(devnet, unused_clock) {}

  /// How `ecloud ARGUMENTS` is started by a person: no CI, and a terminal that knows colours.
  ProcessOptions start(std::vector<std::string> arguments) const {
    ProcessOptions options;
    arguments.insert(arguments.begin(), ECLOUD_BINARY);
    options.argv = std::move(arguments);
    options.inherit_env = false;
    options.env = user.env();
    options.env.emplace("TERM", "xterm-256color");
    options.env.emplace("PATH", "/usr/bin:/bin");
    options.directory = user.folder();
    return options;
  }
  /// The arguments of a deployment of the sample image, and more.
  std::vector<std::string> deploy(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"compute",
                                          "app",
                                          "deploy",
                                          "--name",
                                          "hello",
                                          "--image-ref",
                                          devnet.image("sample/layered:1.0")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  base::CancelToken never;
  base::SystemClock real_clock{never};
  devnet::Devnet devnet;
  ManualClock unused_clock;
  Session user;

 private:
  static devnet::Options options_with(base::Clock& clock) {
    ManualClock none;
    devnet::Options options = devnet_options(none);
    options.clock = &clock;
    return options;
  }
};

}  // namespace ecloud::testing
