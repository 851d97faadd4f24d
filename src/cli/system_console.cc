#include "cli/system_console.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "ecloud/base/error.h"
#include "ecloud/base/secret.h"

namespace ecloud::cli {
namespace {

/// Longer lines than any answer; a terminal gives at most 4,096 octets a line.
constexpr std::size_t kMaxLineBytes = std::size_t{64} << 10;

/// Writes all of `text`; false with errno set when that cannot be done.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{descriptor, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// Typed characters stay invisible until destruction.
class EchoOff {
 public:
  EchoOff() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSADRAIN, &silent) == 0;
  }
  ~EchoOff() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

Error unreadable() {
  return Error(Category::kUsage, "file.unreadable",
               std::string("cannot read stdin: ") + std::strerror(errno));
}

/// Keys come on standard input, too.
struct Wiped {
  char* octets;
  std::size_t size;
  ~Wiped() { base::wipe(octets, size); }
};

}  // namespace

bool SystemConsole::input_is_terminal() const {
  return ::isatty(STDIN_FILENO) == 1;
}
bool SystemConsole::output_is_terminal() const {
  return ::isatty(STDOUT_FILENO) == 1;
}
bool SystemConsole::error_is_terminal() const {
  return ::isatty(STDERR_FILENO) == 1;
}

int SystemConsole::width() const {
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 0;
}

void SystemConsole::write_output(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return;
  if (errno == EPIPE) throw OutputClosed{};
  throw Error(Category::kFailure, "output.unwritable",
              std::string("cannot write to stdout: ") + std::strerror(errno));
}

void SystemConsole::write_error(std::string_view text) {
  write_all(STDERR_FILENO, text);
}

void SystemConsole::wait_for_input() const {
  for (;;) {
    cancel_.check();
    pollfd ready[2] = {{STDIN_FILENO, POLLIN, 0}, {cancel_.descriptor(), POLLIN, 0}};
    const int count = ::poll(ready, 2, -1);
    cancel_.check();
    if (count > 0 && ready[0].revents != 0) return;
  }
}

std::shared_ptr<void> SystemConsole::hide_input() {
  return std::make_shared<EchoOff>();
}

bool SystemConsole::input_is_waiting() {
  // `echo y |` has written long before anything is asked.
  constexpr int kPatience = 200;  // milliseconds
  struct stat input {};
  if (::fstat(STDIN_FILENO, &input) != 0) return false;
  if (S_ISREG(input.st_mode)) return true;
  if (!S_ISFIFO(input.st_mode) && !S_ISSOCK(input.st_mode)) return false;
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  return ::poll(&ready, 1, kPatience) > 0 && (ready.revents & POLLIN) != 0;
}

std::optional<std::string> SystemConsole::read_line(bool echo) {
  std::optional<EchoOff> silence;
  if (!echo) silence.emplace();
  std::string line;
  // A password that grows would leave its beginnings behind.
  if (!echo) line.reserve(kMaxLineBytes);
  // One octet at a time: what follows the line belongs to the next reader.
  while (line.size() < kMaxLineBytes) {
    wait_for_input();
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) throw unreadable();
    if (got == 0 && line.empty()) return std::nullopt;
    if (got == 0 || c == '\n') break;
    line += c;
  }
  return line;
}

std::string SystemConsole::read_all(std::size_t max_bytes) {
  std::string all;
  read_pieces(max_bytes, [&](std::string_view piece) { all += piece; });
  return all;
}

void SystemConsole::read_pieces(std::size_t max_bytes,
                                const std::function<void(std::string_view)>& take) {
  char buffer[65536];
  const Wiped wiped{buffer, sizeof buffer};
  for (std::size_t total = 0;;) {
    wait_for_input();
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) throw unreadable();
    if (got == 0) return;
    const auto size = static_cast<std::size_t>(got);
    if (size > max_bytes - total) {
      throw Error(Category::kUsage, "file.too_large",
                  "stdin holds more than " + std::to_string(max_bytes) + " bytes");
    }
    total += size;
    take({buffer, size});
  }
}

}  // namespace ecloud::cli
