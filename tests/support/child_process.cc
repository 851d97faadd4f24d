#include "support/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "support/spawn_arguments.h"

namespace ecloud::testing {
namespace {

void close_descriptor(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

void make_pipe(int (&ends)[2]) {
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
}

void make_nonblocking(int descriptor) {
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

/// Standard streams, directory, process group and signals of the new process.
class SpawnPlan {
 public:
  SpawnPlan(int in, int out, int err, const std::filesystem::path& directory) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (!directory.empty()) {
      ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    }
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

std::string ProcessResult::describe() const {
  std::string how = "exit code " + std::to_string(exit_code);
  if (signal != 0) how = "signal " + std::to_string(signal);
  if (timed_out) how = "time limit";
  return how + "\n--- stdout\n" + out + "\n--- stderr\n" + err;
}

ChildProcess::ChildProcess(ProcessOptions options) : input_(std::move(options.input)) {
  start(options);
  waiter_ = std::thread([this] { wait_for_end(); });
  pump_ = std::thread([this] { pump(); });
}

void ChildProcess::start(const ProcessOptions& options) {
  int in[2];
  int out[2];
  int err[2];
  make_pipe(in);
  make_pipe(out);
  make_pipe(err);
  make_pipe(wake_);
  std::vector<std::string> arguments = options.argv;
  std::vector<std::string> variables = environment_of(options);
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<char*> envp = pointers_to(variables);
  const SpawnPlan plan(in[0], out[1], err[1], options.directory);
  const int failure = ::posix_spawnp(&pid_, argv.front(), &plan.actions, &plan.attributes,
                                     argv.data(), envp.data());
  for (int* descriptor : {&in[0], &out[1], &err[1]}) close_descriptor(*descriptor);
  stdin_ = in[1];
  stdout_ = out[0];
  stderr_ = err[0];
  if (failure != 0) {
    for (int* descriptor : {&stdin_, &stdout_, &stderr_, &wake_[0], &wake_[1]}) {
      close_descriptor(*descriptor);
    }
    throw std::runtime_error("cannot run " + options.argv.front() + ": " + std::strerror(failure));
  }
  for (const int descriptor : {stdin_, stdout_, stderr_}) make_nonblocking(descriptor);
}

ChildProcess::~ChildProcess() {
  stop();
  waiter_.join();
  pump_.join();
  for (int* descriptor : {&stdin_, &stdout_, &stderr_, &wake_[0], &wake_[1]}) {
    close_descriptor(*descriptor);
  }
}

/// On a thread of its own: notes the end of the process.
void ChildProcess::wait_for_end() {
  siginfo_t info;
  // Leaves the process to be reaped below, so that its id cannot be somebody else's while a signal
  // may still be sent to it.
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  ::waitpid(pid_, &status_, 0);
  ended_ = true;
  close_descriptor(wake_[1]);
  changed_.notify_all();
}

/// On a thread of its own: feeds standard input and reads both outputs.
void ChildProcess::pump() {
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  bool has_ended = false;
  while (!has_ended && (stdout_ >= 0 || stderr_ >= 0 || stdin_ >= 0)) {
    if (input_.empty()) close_descriptor(stdin_);
    pollfd polled[] = {
        {stdin_, POLLOUT, 0}, {stdout_, POLLIN, 0}, {stderr_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    if (::poll(polled, 4, -1) < 0) continue;
    // Looked at before the reading: what it wrote stood in the pipes when it ended. A child of its
    // own may hold them open, and is not waited for.
    has_ended = polled[3].revents != 0;
    if (polled[0].revents != 0 && !write_input()) close_descriptor(stdin_);
    while (read_into(stdout_, out_)) {
    }
    while (read_into(stderr_, err_)) {
    }
  }
  const std::lock_guard lock(mutex_);
  pumped_ = true;
  changed_.notify_all();
}

/// False when nobody reads any more.
bool ChildProcess::write_input() {
  const ssize_t count = ::write(stdin_, input_.data(), input_.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  input_.erase(0, static_cast<std::size_t>(count));
  return true;
}

/// True when there may be more to read at once.
bool ChildProcess::read_into(int& descriptor, std::string& text) {
  if (descriptor < 0) return false;
  char buffer[16384];
  const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
  if (count < 0) return errno == EINTR;
  if (count == 0) {
    close_descriptor(descriptor);
    return false;
  }
  const std::lock_guard lock(mutex_);
  text.append(buffer, static_cast<std::size_t>(count));
  changed_.notify_all();
  return true;
}

bool ChildProcess::running() const {
  const std::lock_guard lock(mutex_);
  return !ended_;
}

std::string ChildProcess::out() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

std::string ChildProcess::err() const {
  const std::lock_guard lock(mutex_);
  return err_;
}

void ChildProcess::send_signal(int number) {
  const std::lock_guard lock(mutex_);
  if (!ended_) ::kill(pid_, number);
}

void ChildProcess::signal_group(int number) {
  const std::lock_guard lock(mutex_);
  if (!ended_) ::kill(-pid_, number);
}

bool ChildProcess::wait_for_output(std::string_view text, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  const auto seen = [&] {
    return out_.find(text) != std::string::npos || err_.find(text) != std::string::npos;
  };
  changed_.wait_for(lock, limit, [&] { return seen() || (ended_ && pumped_); });
  return seen();
}

ProcessResult ChildProcess::result_locked() const {
  ProcessResult result;
  if (ended_ && WIFEXITED(status_)) result.exit_code = WEXITSTATUS(status_);
  if (ended_ && WIFSIGNALED(status_)) result.signal = WTERMSIG(status_);
  result.timed_out = !ended_;
  result.out = out_;
  result.err = err_;
  return result;
}

ProcessResult ChildProcess::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] { return ended_ && pumped_; });
  return result_locked();
}

ProcessResult ChildProcess::stop(std::chrono::milliseconds grace) {
  signal_group(SIGTERM);
  const ProcessResult gentle = wait(grace);
  if (!gentle.timed_out) return gentle;
  signal_group(SIGKILL);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ && pumped_; });
  return result_locked();
}

ProcessResult run_process(const ProcessOptions& options) {
  ChildProcess child(options);
  ProcessResult result = child.wait(options.time_limit);
  if (!result.timed_out) return result;
  result = child.stop(std::chrono::milliseconds(0));
  result.timed_out = true;
  return result;
}

ProcessResult run_process(std::vector<std::string> argv) {
  ProcessOptions options;
  options.argv = std::move(argv);
  return run_process(options);
}

}  // namespace ecloud::testing
