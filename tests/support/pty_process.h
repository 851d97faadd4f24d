#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "support/child_process.h"
#include "support/screen.h"

namespace ecloud::testing {

/// A program at a real terminal (a pseudo-terminal that it controls), and the person before it:
/// what is typed goes through the line discipline, so that Ctrl-C is a signal and the echo is the
/// terminal's own. Methods may be called from any thread.
class PtyProcess {
 public:
  struct Size {
    unsigned short columns = 80;
    unsigned short rows = 24;
  };

  /// Standard input, output and error are the terminal, except `output_file` for standard output
  /// when it is not empty. Throws std::runtime_error when it cannot be started.
  explicit PtyProcess(ProcessOptions options) : PtyProcess(std::move(options), Size()) {}
  PtyProcess(ProcessOptions options, Size size, const std::string& output_file = {});
  /// Kills it.
  ~PtyProcess();
  PtyProcess(const PtyProcess&) = delete;
  PtyProcess& operator=(const PtyProcess&) = delete;

  void type(std::string_view keys);
  void resize(Size size);
  /// Whether what is typed now would be shown.
  bool echoes() const;

  /// All octets so far.
  std::string transcript() const;
  Screen screen() const;
  /// Waits until the screen shows `text`. False when the program ends or the time is up before.
  bool wait_for(std::string_view text,
                std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  /// Waits for the end; -1 when it takes longer. A signal N is 128 + N.
  int wait_exit(std::chrono::milliseconds limit = std::chrono::seconds(20));

 private:
  void start(const ProcessOptions& options, Size size, const std::string& output_file);
  void pump();

  const std::size_t columns_;
  pid_t pid_ = -1;
  int master_ = -1;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string transcript_;
  bool ended_ = false;
  bool reaped_ = false;
  int exit_code_ = -1;
  std::thread pump_;
};

constexpr char kCtrlC[] = "\x03";
constexpr char kCtrlD[] = "\x04";

}  // namespace ecloud::testing
