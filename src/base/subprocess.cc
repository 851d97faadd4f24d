#include "ecloud/base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/spawn.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::base {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxErrors = 4'096;
constexpr std::chrono::milliseconds kExitPollInterval{2};

/// Thrown through read_output() and wait_for_exit(), caught in run().
struct OutOfTime {};
struct TooMuch {};

/// One run; the program does not outlive it.
class Run {
 public:
  explicit Run(const ProgramCall& call)
      : call_(call), deadline_(SteadyClock::now() + call.time_limit) {}
  ~Run() {
    wipe(output_.data(), output_.size());
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    reap(0);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  ProgramAnswer run() {
    ProgramAnswer answer;
    const int failure = start();
    if (failure != 0) {
      answer.end = ProgramEnd::kNotStarted;
      answer.reason = std::strerror(failure);
      return answer;
    }
    try {
      read_output();
      answer.status = wait_for_exit();
      read_errors();
      answer.output = Secret(ByteView(output_));
    } catch (const OutOfTime&) {
      answer.end = ProgramEnd::kTimedOut;
    } catch (const TooMuch&) {
      answer.end = ProgramEnd::kTooMuchOutput;
    }
    answer.errors = errors_;
    return answer;
  }

 private:
  int start() {
    Pipe input;
    if (!open_input(input, call_.input) || !out_.open() || !err_.open()) return errno;
    SpawnPlan plan(input.read_end.get(), out_.write_end.get(), err_.write_end.get(), false);
    const int failure = plan.spawn(pid_, call_);
    if (failure != 0) pid_ = -1;
    out_.write_end.close();
    err_.write_end.close();
    ::fcntl(err_.read_end.get(), F_SETFL, O_NONBLOCK);
    return failure;
  }

  /// Everything up to the end of its standard output.
  void read_output() {
    output_.reserve(call_.max_output);  // so that no copy of it is left behind
    for (;;) {
      wait_for_output();
      std::uint8_t buffer[4096];
      const ssize_t count = ::read(out_.read_end.get(), buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;
      const auto size = static_cast<std::size_t>(count);
      const bool fits = output_.size() + size <= call_.max_output;
      if (fits) append(output_, {buffer, size});
      wipe(buffer, size);
      if (!fits) throw TooMuch{};
    }
  }

  void read_errors() {
    char buffer[1024];
    for (;;) {
      const ssize_t count = ::read(err_.read_end.get(), buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count == 0) err_.read_end.close();
      if (count <= 0) return;
      const std::size_t room = kMaxErrors - errors_.size();
      errors_.append(buffer, std::min(room, static_cast<std::size_t>(count)));
    }
  }

  /// 0, or the exit code or 128 and the signal.
  int wait_for_exit() {
    while (!reap(WNOHANG)) {
      check_deadline();
      read_errors();
      std::this_thread::sleep_for(kExitPollInterval);
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  }

  void check_deadline() const {
    if (call_.cancel != nullptr) call_.cancel->check();
    if (SteadyClock::now() >= deadline_) throw OutOfTime{};
  }

  void wait_for_output() {
    for (;;) {
      check_deadline();
      const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - SteadyClock::now());
      const int cancel = call_.cancel == nullptr ? -1 : call_.cancel->descriptor();
      pollfd ready[] = {
          {out_.read_end.get(), POLLIN, 0}, {err_.read_end.get(), POLLIN, 0}, {cancel, POLLIN, 0}};
      if (::poll(ready, 3, static_cast<int>(left.count()) + 1) <= 0) continue;
      if (ready[1].revents != 0) read_errors();
      if (ready[0].revents != 0) return;
    }
  }

  /// True once the process is gone.
  bool reap(int options) {
    pid_t done = 0;
    do {
      done = ::waitpid(pid_, &status_, options);
    } while (done < 0 && errno == EINTR);
    if (done == 0) return false;
    pid_ = -1;
    return true;
  }

  const ProgramCall& call_;
  const SteadyClock::time_point deadline_;
  Pipe out_;
  Pipe err_;
  Bytes output_;
  std::string errors_;
  pid_t pid_ = -1;
  int status_ = 0;
};

}  // namespace

Env without_own_variables(const Env& env) {
  Env out;
  for (const auto& [name, value] : env.values()) {
    const bool ours = name.starts_with("ECLOUD_") || name.starts_with("EIGEN");
    const bool secret = name.ends_with("MNEMONIC") || name.ends_with("PRIVATE_KEY");
    if (!ours && !secret) out.set(name, value);
  }
  return out;
}

std::optional<fs::path> find_program(const std::string& name, const Env& env) {
  for (const std::string& directory : split(env.get("PATH").value_or(""), ':')) {
    const fs::path candidate = fs::path(directory) / name;
    std::error_code ignored;
    // A relative entry would run what lies in the working directory.
    if (!fs::path(directory).is_absolute() || !fs::is_regular_file(candidate, ignored)) continue;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

ProgramAnswer run_program(const ProgramCall& call) {
  if (call.input.size() > kMaxProgramInput || call.env == nullptr) {
    fail_bug("a program is given at most 4 KiB of input, and variables");
  }
  return Run(call).run();
}

}  // namespace ecloud::base
