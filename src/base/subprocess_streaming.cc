#include <poll.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/spawn.h"
#include "ecloud/base/error.h"
#include "ecloud/base/subprocess.h"

namespace ecloud::base {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{50};
constexpr std::chrono::milliseconds kExitPollInterval{5};
constexpr std::chrono::seconds kGrace{5};
constexpr int kReadsAtOnce = 16;

/// Cuts one stream into lines.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& on_line) : on_line_(on_line) {}

  void add(std::string_view text) {
    for (const char c : text) {
      const bool line_feed_of_crlf = c == '\n' && after_return_;
      after_return_ = c == '\r';
      if (line_feed_of_crlf) continue;
      if (c == '\n' || c == '\r') {
        give_out();
      } else {
        line_ += c;
        if (line_.size() == kMaxStreamedLine) give_out();
      }
    }
  }
  void finish() {
    if (!line_.empty()) give_out();
  }

 private:
  void give_out() {
    const std::string line = std::move(line_);
    line_.clear();
    on_line_(line);
  }

  const std::function<void(std::string_view)>& on_line_;
  std::string line_;
  bool after_return_ = false;
};

/// A program; it and its process group are ended with this when it has not ended itself.
class StreamedRun {
 public:
  StreamedRun(const ProgramCall& call, const std::function<void(std::string_view)>& on_line)
      : call_(call),
        deadline_(SteadyClock::now() + call.time_limit),
        out_lines_(on_line),
        err_lines_(on_line) {}
  ~StreamedRun() { end_group(); }
  StreamedRun(const StreamedRun&) = delete;
  StreamedRun& operator=(const StreamedRun&) = delete;

  StreamedEnd run() {
    const int failure = start();
    if (failure != 0) return {ProgramEnd::kNotStarted, 0, std::strerror(failure)};
    // What runs on in the background may hold the streams open for ever, so the end of the program
    // itself counts.
    while (!reap()) {
      if (call_.cancel != nullptr) call_.cancel->check();
      if (SteadyClock::now() >= deadline_) return {ProgramEnd::kTimedOut, 0, {}};
      wait_for_output();
      read_both();
    }
    group_ = -1;  // what it meant to leave behind, such as a cache's server, may stay
    read_both();
    out_lines_.finish();
    err_lines_.finish();
    return {ProgramEnd::kExited,
            WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_),
            {}};
  }

 private:
  int start() {
    Pipe input;
    if (!open_input(input, call_.input) || !out_.open() || !err_.open()) return errno;
    SpawnPlan plan(input.read_end.get(), out_.write_end.get(), err_.write_end.get(), true);
    const int failure = plan.spawn(group_, call_);
    if (failure != 0) group_ = -1;
    running_ = failure == 0;
    for (Pipe* pipe : {&out_, &err_}) {
      pipe->write_end.close();
      ::fcntl(pipe->read_end.get(), F_SETFL, O_NONBLOCK);
    }
    return failure;
  }

  void wait_for_output() {
    const int cancel = call_.cancel == nullptr ? -1 : call_.cancel->descriptor();
    pollfd ready[] = {
        {out_.read_end.get(), POLLIN, 0}, {err_.read_end.get(), POLLIN, 0}, {cancel, POLLIN, 0}};
    ::poll(ready, 3, static_cast<int>(kTick.count()));
  }

  void read_both() {
    read_all(out_, out_lines_);
    read_all(err_, err_lines_);
  }

  static void read_all(Pipe& pipe, Lines& lines) {
    char buffer[16384];
    // A flood must not keep us from looking at the clock.
    for (int left = kReadsAtOnce; left > 0 && pipe.read_end.get() >= 0; --left) {
      const ssize_t count = ::read(pipe.read_end.get(), buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return;
      if (count == 0) pipe.read_end.close();
      lines.add({buffer, static_cast<std::size_t>(count)});
    }
  }

  /// True once the program is gone.
  bool reap() {
    if (!running_) return true;
    const pid_t done = ::waitpid(group_, &status_, WNOHANG);
    if (done == 0 || (done < 0 && errno == EINTR)) return false;
    running_ = false;
    return true;
  }

  void end_group() {
    if (group_ < 0) return;
    if (running_) {
      ::kill(-group_, SIGTERM);
      const auto limit = SteadyClock::now() + kGrace;
      while (!reap() && SteadyClock::now() < limit) std::this_thread::sleep_for(kExitPollInterval);
    }
    ::kill(-group_, SIGKILL);
    while (!reap()) std::this_thread::sleep_for(kExitPollInterval);
  }

  const ProgramCall& call_;
  const SteadyClock::time_point deadline_;
  Pipe out_;
  Pipe err_;
  Lines out_lines_;
  Lines err_lines_;
  pid_t group_ = -1;
  bool running_ = false;
  int status_ = 0;
};

}  // namespace

StreamedEnd run_program_streaming(const ProgramCall& call,
                                  const std::function<void(std::string_view)>& on_line) {
  if (call.input.size() > kMaxProgramInput || call.env == nullptr) {
    fail_bug("a program is given at most 4 KiB of input, and variables");
  }
  return StreamedRun(call, on_line).run();
}

}  // namespace ecloud::base
