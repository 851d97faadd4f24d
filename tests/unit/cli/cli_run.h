#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/cli/program.h"
#include "support/counting_random.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace ecloud::testing {

/// Streams in memory, and a person who types `lines`.
class MemoryConsole final : public cli::Console {
 public:
  bool input_terminal = false;
  bool output_terminal = false;
  bool error_terminal = false;
  int columns = 0;
  bool reader_gone = false;
  std::string input;              // for read_all
  std::deque<std::string> lines;  // for read_line, then the end of the input
  std::vector<bool> echoes;       // of every read_line
  std::string out, err;

  bool input_is_terminal() const override { return input_terminal; }
  bool output_is_terminal() const override { return output_terminal; }
  bool error_is_terminal() const override { return error_terminal; }
  int width() const override { return columns; }
  void write_output(std::string_view text) override {
    if (reader_gone) throw cli::OutputClosed{};
    out += text;
  }
  void write_error(std::string_view text) override { err += text; }
  std::optional<std::string> read_line(bool echo) override {
    echoes.push_back(echo);
    if (lines.empty()) return std::nullopt;
    std::string line = lines.front();
    lines.pop_front();
    return line;
  }
  std::string read_all(std::size_t) override { return std::move(input); }
};

/// The program in this process: a home, a working directory, a clock and random octets of its own,
/// and no network.
class CliRun {
 public:
  MemoryConsole console;
  base::Env env;
  TempDir directory;
  ManualClock clock;
  CountingRandom random{1};
  base::CancelToken cancel;

  CliRun() { env.set("HOME", (directory / "home").string()); }

  int operator()(const std::vector<std::string>& arguments) {
    console.out.clear();
    console.err.clear();
    cli::Host host{console,
                   clock,
                   random,
                   cancel,
                   env,
                   directory.path(),
                   [](const net::CurlOptions&, base::CancelToken&,
                      const base::Log&) -> std::unique_ptr<net::Transport> {
                     throw Error(Category::kBug, "test.network", "a test asked for the network");
                   },
                   {},
                   {.n = 2, .r = 8, .p = 1}};
    return cli::run(arguments, host);
  }

  /// An executable script on the PATH of the run, which has nothing else.
  void helper(const std::string& name, const std::string& script) {
    const auto path = directory.write("bin/" + name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    env.set("PATH", (directory / "bin").string());
  }

  const std::string& out() const { return console.out; }
  const std::string& err() const { return console.err; }

  /// stdin, stdout and stderr are one terminal.
  void at_terminal() {
    console.input_terminal = console.output_terminal = console.error_terminal = true;
  }
};

}  // namespace ecloud::testing
