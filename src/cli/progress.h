#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "cli/terminal.h"
#include "ecloud/base/clock.h"

namespace ecloud::cli {

/// What goes on during long work, on stderr. On a terminal one live line with the seconds that the
/// phase has taken; each ended phase leaves a line. Elsewhere one plain line a phase, when it
/// begins, and one a detail. Silent with --json unless --verbose. Thread-safe.
class Progress {
 public:
  /// Both outlive the object.
  Progress(Terminal& terminal, base::Clock& clock);
  /// Ends the phase as finish() does, without a word when an exception is on its way.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Ends the phase before and begins one: "Waiting for the transaction".
  void phase(std::string_view text);
  /// What the phase is at: "deploying". The same text twice is shown once.
  void detail(std::string_view text);
  /// A line of its own below the phase for one of several things that go on at once; empty removes
  /// it, as the end of the phase does with all. On a terminal alone.
  void part(const std::string& key, std::string_view text);
  /// Ends the last phase.
  void finish();

 private:
  void end_phase(bool announce);
  void draw();
  void tick();
  std::string elapsed() const;

  Terminal& terminal_;
  base::Clock& clock_;
  const bool live_;
  const bool silent_;
  const int exceptions_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::string phase_;
  std::string detail_;
  std::map<std::string, std::string> parts_;
  base::Milliseconds since_{0};
  std::thread ticker_;
};

}  // namespace ecloud::cli
