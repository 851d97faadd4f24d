#include "cli/progress.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "cli/output.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {

Progress::Progress(Terminal& terminal, base::Clock& clock)
    : terminal_(terminal),
      clock_(clock),
      live_(terminal.is_terminal(Stream::kError) && !terminal.options().json &&
            !terminal.options().verbose),
      silent_(terminal.options().json && !terminal.options().verbose),
      exceptions_(std::uncaught_exceptions()) {
  if (live_) ticker_ = std::thread([this] { tick(); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    end_phase(std::uncaught_exceptions() == exceptions_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

void Progress::phase(std::string_view text) {
  const std::lock_guard lock(mutex_);
  end_phase(true);
  phase_ = text;
  detail_.clear();
  since_ = clock_.monotonic();
  if (live_) {
    draw();
  } else if (!silent_) {
    terminal_.status(phase_);
  }
}

void Progress::detail(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (detail_ == text) return;
  detail_ = text;
  if (live_) {
    draw();
  } else if (!silent_) {
    terminal_.status(phase_.empty() ? detail_ : phase_ + ": " + detail_);
  }
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  end_phase(true);
}

void Progress::end_phase(bool announce) {
  if (phase_.empty()) return;
  if (live_) {
    const std::string took = elapsed();
    terminal_.set_live_lines({});
    const std::string detail = detail_.empty() ? "" : ": " + detail_;
    if (announce) terminal_.status(phase_ + detail + (took.empty() ? "" : " (" + took + ")"));
  }
  phase_.clear();
  detail_.clear();
  parts_.clear();
}

void Progress::part(const std::string& key, std::string_view text) {
  const std::lock_guard lock(mutex_);
  // Shown with the next tick: these come many times a second.
  if (text.empty()) {
    parts_.erase(key);
  } else {
    parts_[key] = text;
  }
}

std::string Progress::elapsed() const {
  const auto seconds = (clock_.monotonic() - since_).count() / 1000;
  if (seconds < 1) return {};
  if (seconds < 60) return std::to_string(seconds) + " s";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

/// Lines are cut to the terminal: one that wraps could not be taken back.
void Progress::draw() {
  const std::string took = elapsed();
  std::string line = phase_ + (detail_.empty() ? " ..." : ": " + detail_ + " ...");
  line += took.empty() ? "" : " " + took;
  const std::size_t room = static_cast<std::size_t>(std::max(terminal_.columns() - 1, 10));
  std::vector<std::string> lines = {std::string(cut_to_width(line, room))};
  for (const auto& [key, text] : parts_) lines.emplace_back(cut_to_width("  " + text, room));
  terminal_.set_live_lines(lines);
}

void Progress::tick() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, std::chrono::milliseconds(500));
    if (!stopping_ && !phase_.empty()) draw();
  }
}

}  // namespace ecloud::cli
