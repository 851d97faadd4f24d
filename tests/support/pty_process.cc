#include "support/pty_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "support/spawn_arguments.h"

namespace ecloud::testing {

PtyProcess::PtyProcess(ProcessOptions options, Size size, const std::string& output_file)
    : columns_(size.columns) {
  start(options, size, output_file);
  pump_ = std::thread([this] { pump(); });
}

PtyProcess::~PtyProcess() {
  {
    const std::lock_guard lock(mutex_);
    if (!reaped_) ::kill(-pid_, SIGKILL);
  }
  pump_.join();
  ::close(master_);
}

void PtyProcess::start(const ProcessOptions& options, Size size, const std::string& output_file) {
  master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) {
    throw std::runtime_error("no pseudo-terminal");
  }
  resize(size);
  const std::string terminal = ::ptsname(master_);
  std::vector<std::string> arguments = options.argv;
  std::vector<std::string> variables = environment_of(options);
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<char*> envp = pointers_to(variables);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // The first terminal that the leader of a session opens becomes the one that controls it.
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal.c_str(), O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
  if (output_file.empty()) {
    ::posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_file.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  if (!options.directory.empty()) {
    ::posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
  }
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int failure =
      ::posix_spawnp(&pid_, argv.front(), &actions, &attributes, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    ::close(master_);
    throw std::runtime_error("cannot start " + options.argv.front());
  }
}

void PtyProcess::pump() {
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(master_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    // EIO: nobody has the terminal open any more.
    if (got <= 0) break;
    const std::lock_guard lock(mutex_);
    transcript_.append(buffer, static_cast<std::size_t>(got));
    changed_.notify_all();
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended_ = true;
  reaped_ = true;
  changed_.notify_all();
}

void PtyProcess::type(std::string_view keys) {
  while (!keys.empty()) {
    const ssize_t written = ::write(master_, keys.data(), keys.size());
    if (written < 0 && errno != EINTR) throw std::runtime_error("cannot type");
    if (written > 0) keys.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PtyProcess::resize(Size size) {
  winsize window{};
  window.ws_col = size.columns;
  window.ws_row = size.rows;
  ::ioctl(master_, TIOCSWINSZ, &window);
}

bool PtyProcess::echoes() const {
  termios settings{};
  return ::tcgetattr(master_, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
}

std::string PtyProcess::transcript() const {
  const std::lock_guard lock(mutex_);
  return transcript_;
}

Screen PtyProcess::screen() const {
  Screen screen(columns_);
  screen.feed(transcript());
  return screen;
}

bool PtyProcess::wait_for(std::string_view text, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  const auto shown = [&] {
    Screen screen(columns_);
    screen.feed(transcript_);
    return screen.text().find(text) != std::string::npos;
  };
  changed_.wait_for(lock, limit, [&] { return ended_ || shown(); });
  return shown();
}

int PtyProcess::wait_exit(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] { return ended_; });
  return exit_code_;
}

}  // namespace ecloud::testing
