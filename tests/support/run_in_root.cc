#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <stdexcept>

#include "support/root_folder.h"
#include "support/spawn_arguments.h"

namespace ecloud::testing {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// All that the new process needs, made before there is one: between fork and exec nothing may be
/// allocated.
struct ExecPlan {
  const char* root;
  const char* directory;
  std::string proc;
  char** argv;
  char** env;
  bool with_proc;
  int in;
  int out;
  int err;
};

[[noreturn]] void give_up(const char* what) {
  const ssize_t ignored = ::write(STDERR_FILENO, what, std::char_traits<char>::length(what));
  ::_exit(ignored >= 0 ? 126 : 125);
}

[[noreturn]] void become(const ExecPlan& plan) {
  ::setpgid(0, 0);
  if (::dup2(plan.in, STDIN_FILENO) < 0 || ::dup2(plan.out, STDOUT_FILENO) < 0 ||
      ::dup2(plan.err, STDERR_FILENO) < 0) {
    ::_exit(126);
  }
  for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(022);
  // A mount in a name space of its own ends with the process.
  if (plan.with_proc && ::unshare(CLONE_NEWNS) == 0 &&
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) {
    ::mount("proc", plan.proc.c_str(), "proc", 0, nullptr);
  }
  if (::chroot(plan.root) != 0) give_up("chroot failed\n");
  if (::chdir(plan.directory) != 0) give_up("chdir failed\n");
  const gid_t root = 0;
  if (::setgroups(1, &root) != 0 || ::setgid(0) != 0 || ::setuid(0) != 0) give_up("no root\n");
  ::execve(plan.argv[0], plan.argv, plan.env);
  give_up("exec failed\n");
}

/// Adds what is there to read; closes at the end.
void read_some(pollfd& from, std::string& text) {
  if (from.revents == 0) return;
  char buffer[4096];
  const ssize_t count = ::read(from.fd, buffer, sizeof buffer);
  if (count > 0) {
    text.append(buffer, static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    ::close(from.fd);
    from.fd = -1;
  }
}

void wait_for_end(ContainerResult& result) {
  int status = 0;
  while (::waitpid(result.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
}

/// As fork. With `own_pids` the child is process 1 of a namespace.
pid_t fork_container(bool own_pids) {
  if (!own_pids) return ::fork();
  return static_cast<pid_t>(::syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
}

/// A file without a name that holds `text`, to be read from its beginning.
int input_of(const std::string& text) {
  const int file = ::memfd_create("input", MFD_CLOEXEC);
  if (file < 0 || ::pwrite(file, text.data(), text.size(), 0) != ssize_t(text.size())) {
    throw std::runtime_error("no file for the standard input");
  }
  return file;
}

/// The processes whose root folder is `root`; zombies have none.
std::map<pid_t, std::string> processes_below(const std::filesystem::path& root) {
  std::map<pid_t, std::string> out;
  const std::filesystem::path wanted = std::filesystem::canonical(root);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path() / "root", gone) != wanted || gone) continue;
    std::string line = slurp(entry.path() / "cmdline");
    std::replace(line.begin(), line.end(), '\0', ' ');
    out[std::stoi(name)] = line;
  }
  return out;
}

/// What a container that has ended has left: given a moment, since a killed process takes one.
void collect_leftovers(const std::filesystem::path& root, ContainerResult& result) {
  const auto deadline = SteadyClock::now() + std::chrono::seconds(2);
  std::map<pid_t, std::string> left = processes_below(root);
  while (!left.empty() && SteadyClock::now() < deadline) {
    ::poll(nullptr, 0, 10);
    left = processes_below(root);
  }
  for (const auto& [pid, line] : left) {
    result.left_running.push_back(line);
    ::kill(pid, SIGKILL);
  }
}

}  // namespace

ContainerResult run_in_root(const std::filesystem::path& root, const ContainerRun& run) {
  std::vector<std::string> argv = run.argv;
  std::vector<std::string> env = run.env;
  const std::vector<char*> argv_pointers = pointers_to(argv);
  const std::vector<char*> env_pointers = pointers_to(env);
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  const ExecPlan plan{root.c_str(),
                      run.directory.c_str(),
                      (root / "proc").string(),
                      const_cast<char**>(argv_pointers.data()),
                      const_cast<char**>(env_pointers.data()),
                      run.with_proc,
                      input_of(run.input),
                      out[1],
                      err[1]};
  ContainerResult result;
  result.pid = fork_container(run.own_pids);
  if (result.pid < 0) throw std::runtime_error("no process");
  if (result.pid == 0) become(plan);
  result.inner_pid = run.own_pids ? 1 : result.pid;
  ::close(plan.in);
  ::close(out[1]);
  ::close(err[1]);

  const auto deadline = SteadyClock::now() + run.time_limit;
  std::vector<std::string> signal_at = {run.signal_again_when, run.signal_when};
  pollfd sources[] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  while (sources[0].fd >= 0 || sources[1].fd >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) {
      result.timed_out = true;
      break;
    }
    if (::poll(sources, 2, static_cast<int>(left.count()) + 1) <= 0) continue;
    read_some(sources[0], result.out);
    read_some(sources[1], result.err);
    while (!signal_at.empty() &&
           (signal_at.back().empty() || result.out.find(signal_at.back()) != std::string::npos)) {
      for (int left = signal_at.back().empty() ? 0 : run.signals_in_a_row; left > 0; --left) {
        ::kill(result.pid, SIGTERM);
        ::sched_yield();
      }
      signal_at.pop_back();
    }
  }
  if (result.timed_out) ::kill(-result.pid, SIGKILL);
  for (const pollfd& source : sources) {
    if (source.fd >= 0) ::close(source.fd);
  }
  wait_for_end(result);
  collect_leftovers(root, result);
  return result;
}

}  // namespace ecloud::testing
