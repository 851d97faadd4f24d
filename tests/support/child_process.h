#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ecloud::testing {

/// How a program is started.
struct ProcessOptions {
  /// The program, as a path or a name on PATH, and its arguments. No shell sees them.
  std::vector<std::string> argv;
  /// What stands on its standard input, before the end of file.
  std::string input;
  /// Variables that are set, over those of this process when `inherit_env`.
  std::map<std::string, std::string> env;
  bool inherit_env = true;
  /// Where it runs; empty for the directory of this process.
  std::filesystem::path directory;
  /// After which run_process kills it.
  std::chrono::milliseconds time_limit{60'000};
};

/// How a program ended.
struct ProcessResult {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;      ///< the signal that ended it, or 0
  bool timed_out = false;
  std::string out;
  std::string err;

  bool ok() const { return exit_code == 0; }
  /// Exit code, signal and both outputs, for INFO().
  std::string describe() const;
};

/// A program in the background, leader of a process group of its own. Its standard output and error
/// are read all the time, so that it never blocks on them. Methods may be called from any thread.
class ChildProcess {
 public:
  /// Throws std::runtime_error when it cannot be started. `options.time_limit` is not used.
  explicit ChildProcess(ProcessOptions options);
  /// Stops it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running() const;
  /// What it has written so far.
  std::string out() const;
  std::string err() const;

  /// To the process alone; nothing when it has ended.
  void send_signal(int number);
  /// Waits until standard output or standard error holds `text`. False when it ends or the time is
  /// up before.
  bool wait_for_output(std::string_view text,
                       std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  /// Waits for its end. With `timed_out` set it goes on running.
  ProcessResult wait(std::chrono::milliseconds limit);
  /// SIGTERM to its group, SIGKILL after `grace`, and the end. For a process that has ended
  /// already, its result.
  ProcessResult stop(std::chrono::milliseconds grace = std::chrono::seconds(5));

 private:
  void start(const ProcessOptions& options);
  void pump();
  void wait_for_end();
  bool write_input();
  bool read_into(int& descriptor, std::string& text);
  void signal_group(int number);
  ProcessResult result_locked() const;

  pid_t pid_ = -1;
  std::string input_;
  int stdin_ = -1;
  int stdout_ = -1;
  int stderr_ = -1;
  int wake_[2] = {-1, -1};  // becomes readable when the process has ended
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string out_;
  std::string err_;
  int status_ = 0;
  bool ended_ = false;   // the process
  bool pumped_ = false;  // and all that it wrote has been read
  std::thread pump_;
  std::thread waiter_;
};

/// Starts a program and waits for its end; kills its group after `time_limit`.
ProcessResult run_process(const ProcessOptions& options);
/// The same with everything but the arguments left as it is.
ProcessResult run_process(std::vector<std::string> argv);

}  // namespace ecloud::testing
