#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devnet/devnet.h"
#include "ecloud/base/cancel.h"
#include "ecloud/base/json.h"
#include "ecloud/cli/program.h"
#include "ecloud/net/transport.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace ecloud::testing {

/// What a run of the program left behind.
struct RunResult {
  int code = 0;
  std::string out;
  std::string err;

  base::Json json() const { return base::Json::parse(out, "stdout"); }
  /// The error document on stderr: its last line.
  base::Json error() const;
  std::string describe() const;
};

using TransportWrapper =
    std::function<std::unique_ptr<net::Transport>(std::unique_ptr<net::Transport>)>;

/// A user with a home directory, variables and a folder, who runs the program in this process. The
/// clock is the devnet's, so that waiting takes no time.
class Session {
 public:
  /// With the devnet's environment selected and the first funded account's key in
  /// ECLOUD_PRIVATE_KEY.
  explicit Session(devnet::Devnet& devnet, ManualClock& clock);

  RunResult run(const std::vector<std::string>& arguments);
  /// As run, with that on standard input.
  RunResult run_with_input(const std::vector<std::string>& arguments, const std::string& input);

  void set(const std::string& name, const std::string& value) { env_[name] = value; }
  void unset(const std::string& name) { env_.erase(name); }
  /// From here on stdout is a terminal of that many columns; 0: it is none.
  void set_columns(int columns) { columns_ = columns; }
  /// Shortens the patience with every server from here on; nothing: as it is built in.
  void set_request_timeout(std::optional<base::Milliseconds> timeout) {
    request_timeout_ = timeout;
  }
  /// Every request from here on goes through what this makes of the transport; empty: as it is.
  void wrap_transport(TransportWrapper wrap) { wrap_transport_ = std::move(wrap); }
  /// A file in the user's folder.
  std::filesystem::path write(std::string_view name, std::string_view content) const;
  std::filesystem::path folder() const { return home_ / "project"; }
  const std::filesystem::path& home() const { return home_.path(); }
  std::filesystem::path state() const { return home_ / "state/ecloud"; }
  const std::map<std::string, std::string>& env() const { return env_; }
  ManualClock& clock() { return clock_; }
  /// Cancels the next run when this becomes true at one of its sleeps.
  base::CancelToken* running_cancel() { return cancel_; }

 private:
  ManualClock& clock_;
  TempDir home_;
  std::map<std::string, std::string> env_;
  base::CancelToken* cancel_ = nullptr;
  std::optional<base::Milliseconds> request_timeout_;
  TransportWrapper wrap_transport_;
  int columns_ = 0;
};

/// A devnet with the tests' KMS keys.
devnet::Options devnet_options(ManualClock& clock,
                               platform::Generation generation = platform::Generation::kFourFields);

/// A devnet, its clock and a user of it.
struct World {
  explicit World(platform::Generation generation = platform::Generation::kFourFields)
      : devnet(devnet_options(clock, generation)), user(devnet, clock) {}
  /// With a clock that stands at that time: for processes, whose clock is the system's.
  explicit World(std::int64_t unix_seconds)
      : clock(unix_seconds), devnet(devnet_options(clock)), user(devnet, clock) {}

  /// The arguments of a deployment of the sample image, and more.
  std::vector<std::string> deploy(std::vector<std::string> more = {}) const;
  eth::Address account() const { return devnet::Devnet::accounts().front().address; }
  /// From here on the user presses Ctrl-C at the first wait; clock.on_sleep({}) ends that.
  void interrupt_at_first_wait();

  ManualClock clock;
  devnet::Devnet devnet;
  Session user;
};

}  // namespace ecloud::testing
