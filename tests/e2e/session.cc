#include "e2e/session.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/random.h"

namespace ecloud::testing {
namespace {

/// Streams in memory: nobody at the keyboard, and a terminal for stdout when it has columns.
class MemoryConsole final : public cli::Console {
 public:
  MemoryConsole(std::string input, int columns) : input_(std::move(input)), columns_(columns) {}

  bool input_is_terminal() const override { return false; }
  bool output_is_terminal() const override { return columns_ > 0; }
  bool error_is_terminal() const override { return false; }
  int width() const override { return columns_; }
  void write_output(std::string_view text) override { out += text; }
  void write_error(std::string_view text) override { err += text; }
  bool input_is_waiting() override { return !input_.empty(); }
  std::optional<std::string> read_line(bool) override {
    if (input_.empty()) return std::nullopt;
    const std::size_t end = std::min(input_.find('\n'), input_.size());
    const std::string line = input_.substr(0, end);
    input_.erase(0, end + 1);
    return line;
  }
  std::string read_all(std::size_t) override { return std::exchange(input_, {}); }

  std::string out;
  std::string err;

 private:
  std::string input_;
  int columns_;
};

/// Passes requests on with a time limit of its own.
class ImpatientTransport final : public net::Transport {
 public:
  ImpatientTransport(std::unique_ptr<net::Transport> inner, base::Milliseconds timeout)
      : inner_(std::move(inner)), timeout_(timeout) {}
  net::Response send(const net::Request& request) override {
    net::Request shorter = request;
    shorter.timeout = timeout_;
    return inner_->send(shorter);
  }

 private:
  std::unique_ptr<net::Transport> inner_;
  base::Milliseconds timeout_;
};

}  // namespace

base::Json RunResult::error() const {
  const std::string_view text = base::trim(err);
  const std::size_t line = text.rfind('\n');
  return base::Json::parse(line == std::string_view::npos ? text : text.substr(line + 1),
                           "stderr")["error"];
}

std::string RunResult::describe() const {
  return "exit " + std::to_string(code) + "\nstdout: " + out + "\nstderr: " + err;
}

Session::Session(devnet::Devnet& devnet, ManualClock& clock) : clock_(clock) {
  std::filesystem::create_directories(folder());
  const auto info = home_.write("devnet.json", devnet.info().pretty());
  const auto& key = devnet::Devnet::accounts().front().private_key;
  env_ = {{"HOME", home_.path().string()},
          {"XDG_STATE_HOME", (home_ / "state").string()},
          {"XDG_CONFIG_HOME", (home_ / "config").string()},
          {"ECLOUD_DEVNET_INFO", info.string()},
          {"ECLOUD_ENV", "devnet"},
          {"LANG", "C.UTF-8"},
          {"ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(key.reveal())}};
}

std::filesystem::path Session::write(std::string_view name, std::string_view content) const {
  return home_.write("project/" + std::string(name), content);
}

RunResult Session::run(const std::vector<std::string>& arguments) {
  return run_with_input(arguments, {});
}

RunResult Session::run_with_input(const std::vector<std::string>& arguments,
                                  const std::string& input) {
  MemoryConsole console(input, columns_);
  crypto::SystemRandom random;
  base::CancelToken cancel;
  cancel_ = &cancel;
  base::Env env;
  for (const auto& [name, value] : env_) env.set(name, value);
  cli::Host host{.console = console,
                 .clock = clock_,
                 .random = random,
                 .cancel = cancel,
                 .env = env,
                 .working_directory = folder(),
                 .make_transport = [&](const net::CurlOptions& options, base::CancelToken& token,
                                       const base::Log& log) -> std::unique_ptr<net::Transport> {
                   auto curl = net::make_curl_transport(options, token, log);
                   if (request_timeout_) {
                     curl =
                         std::make_unique<ImpatientTransport>(std::move(curl), *request_timeout_);
                   }
                   return wrap_transport_ ? wrap_transport_(std::move(curl)) : std::move(curl);
                 },
                 .executable = {},
                 .keystore_cost = {.n = 2, .r = 8, .p = 1}};
  const int code = cli::run(arguments, host);
  cancel_ = nullptr;
  return {code, std::move(console.out), std::move(console.err)};
}

devnet::Options devnet_options(ManualClock& clock, platform::Generation generation) {
  devnet::Options options;
  options.generation = generation;
  options.key_dir = std::filesystem::path(ECLOUD_SOURCE_DIR) / "tests/data/devnet";
  options.clock = &clock;
  return options;
}

std::vector<std::string> World::deploy(std::vector<std::string> more) const {
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

void World::interrupt_at_first_wait() {
  clock.on_sleep([](base::Milliseconds) {
    throw Error(Category::kInterrupted, "interrupted", "interrupted");
  });
}

}  // namespace ecloud::testing
