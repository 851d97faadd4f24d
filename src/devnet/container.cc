// A container without a runtime: clone into new name spaces, mount, chroot, exec. Between clone and
// exec nothing is allocated and no lock is taken, because other threads may hold them.
#include "devnet/container.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "devnet/unpack_image.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace ecloud::devnet {
namespace {

constexpr std::size_t kMaxLine = std::size_t{64} << 10;
constexpr rlim_t kMaxOpenFiles = 131'072;
constexpr std::string_view kMarkerStart = "ECLOUD_";
constexpr std::string_view kStartScriptName = "compute-source-env.sh";

[[noreturn]] void fail(const std::string& what) {
  throw Error(Category::kFailure, "devnet.container",
              "cannot start the container: " + what + ": " + std::strerror(errno));
}

#ifdef __linux__

/// The first number of the descriptors that the new process mounts from.
constexpr int kFirstSource = 200;

/// All that the new process needs.
struct Prepared {
  struct Mount {
    std::string source;
    std::string opened;  ///< the source's descriptor in the new process, as a path
    std::string place;   ///< absolute, in the new root
    bool writable = false;
  };
  std::string root;
  std::vector<Mount> mounts;
  std::vector<std::string> programs;  ///< candidates for argv[0]
  std::vector<char*> argv, env;
  std::string directory;
  int output = -1;
};

[[noreturn]] void give_up(const char* what) {
  static_cast<void>(!::write(STDERR_FILENO, what, std::strlen(what)));
  ::_exit(126);
}

/// Everything is resolved in the new mount name space, and the places inside of the new root.
void change_root(const Prepared& plan) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("mount failed\n");
  int number = kFirstSource;
  for (const Prepared::Mount& one : plan.mounts) {
    const int source = ::open(one.source.c_str(), O_PATH | O_DIRECTORY);
    if (source < 0 || ::dup3(source, number++, O_CLOEXEC) < 0) give_up("no folder to mount\n");
    ::close(source);
  }
  if (::chroot(plan.root.c_str()) != 0 || ::chdir("/") != 0) give_up("chroot failed\n");
  if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    give_up("mounting /proc failed\n");
  }
  for (const Prepared::Mount& one : plan.mounts) {
    const char* place = one.place.c_str();
    if (::mount(one.opened.c_str(), place, nullptr, MS_BIND, nullptr) != 0) {
      give_up("mounting a folder failed\n");
    }
    const unsigned long read_only = MS_BIND | MS_REMOUNT | MS_RDONLY;
    if (!one.writable && ::mount(nullptr, place, nullptr, read_only, nullptr) != 0) {
      give_up("mounting a folder read-only failed\n");
    }
  }
}

[[noreturn]] void become(const Prepared& plan) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setsid();
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(plan.output, STDOUT_FILENO) < 0 ||
      ::dup2(plan.output, STDERR_FILENO) < 0) {
    ::_exit(126);
  }
  for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(022);
  change_root(plan);
  const rlimit files{kMaxOpenFiles, kMaxOpenFiles};
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (::chdir(plan.directory.c_str()) != 0) give_up("the working directory does not exist\n");
  if (::setgroups(0, nullptr) != 0 || ::setgid(0) != 0 || ::setuid(0) != 0) give_up("no root\n");
  for (const std::string& program : plan.programs) {
    ::execve(program.c_str(), plan.argv.data(), plan.env.data());
  }
  give_up("exec of the entrypoint failed\n");
}

std::vector<std::string> candidates(const ContainerPlan& plan) {
  const std::string& program = plan.argv[0];
  if (program.find('/') != std::string::npos) return {program};
  std::vector<std::string> out;
  for (const std::string& variable : plan.env) {
    if (!variable.starts_with("PATH=")) continue;
    for (const std::string& folder : base::split(variable.substr(5), ':')) {
      out.push_back(folder + "/" + program);
    }
  }
  return out;
}

/// So that there is something to mount on.
void make_place(const std::filesystem::path& root, const std::string& path) {
  const int directory = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(root.string());
  const int made = open_directory_in(directory, path, true);
  const int reason = errno;
  ::close(directory);
  if (made >= 0) {
    ::close(made);
    return;
  }
  errno = reason;
  fail(path);
}

#endif

/// A file of /proc/PID; empty when the process is gone.
std::string process_file(pid_t pid, const char* name) {
  try {
    return base::read_file_if_exists("/proc/" + std::to_string(pid) + "/" + name, 8 << 20)
        .value_or("");
  } catch (const Error&) {
    return {};
  }
}

/// The numbers of the processes that run, and the parent of each.
std::vector<std::pair<pid_t, pid_t>> processes() {
  std::vector<std::pair<pid_t, pid_t>> out;
  std::error_code failed;
  std::filesystem::directory_iterator item("/proc", failed);
  for (; !failed && item != std::filesystem::directory_iterator(); item.increment(failed)) {
    const auto number = base::parse_decimal(item->path().filename().string());
    if (!number) continue;
    const auto pid = static_cast<pid_t>(*number);
    const std::string stat = process_file(pid, "stat");
    // The name in brackets may hold anything.
    const auto fields = base::split(stat.substr(std::min(stat.rfind(')') + 2, stat.size())), ' ');
    if (fields.size() < 2) continue;
    const auto parent = base::parse_decimal(fields[1]);
    if (parent) out.emplace_back(pid, static_cast<pid_t>(*parent));
  }
  return out;
}

}  // namespace

std::string container_problem() {
#ifdef __linux__
  if (::geteuid() != 0) return "apps can only be run as root";
  const long child = ::syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWPID | SIGCHLD, nullptr, nullptr,
                               nullptr, nullptr);
  if (child < 0) return std::string("no name spaces: ") + std::strerror(errno);
  if (child == 0) ::_exit(0);
  int status = 0;
  while (::waitpid(static_cast<pid_t>(child), &status, 0) < 0 && errno == EINTR) {
  }
  return {};
#else
  return "apps can only be run on Linux";
#endif
}

#ifdef __linux__

Container::Container(const ContainerPlan& plan) {
  if (plan.argv.empty()) fail("nothing to run");
  Prepared prepared;
  prepared.root = plan.root.string();
  make_place(plan.root, "proc");
  int number = kFirstSource;
  for (const ContainerPlan::Mount& one : plan.mounts) {
    make_place(plan.root, one.target);
    prepared.mounts.push_back({one.source.string(), "/proc/self/fd/" + std::to_string(number++),
                               "/" + one.target, one.writable});
  }
  prepared.programs = candidates(plan);
  prepared.directory = plan.directory;
  for (const std::string& word : plan.argv)
    prepared.argv.push_back(const_cast<char*>(word.c_str()));
  for (const std::string& word : plan.env) prepared.env.push_back(const_cast<char*>(word.c_str()));
  prepared.argv.push_back(nullptr);
  prepared.env.push_back(nullptr);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) fail("no pipe");
  output_ = pipe[0];
  prepared.output = pipe[1];
  int reason = 0;
  bool started = false;
  // The process dies with the thread that made it, so that thread has to live as long.
  reader_ = std::thread([&] {
    const long child = ::syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | SIGCHLD,
                                 nullptr, nullptr, nullptr, nullptr);
    if (child == 0) become(prepared);
    {
      const std::lock_guard lock(mutex_);
      reason = errno;
      pid_ = static_cast<pid_t>(child);
      started = true;
      // What the constructor has prepared is gone once it knows.
      changed_.notify_all();
    }
    if (child > 0) read_output();
  });
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return started; });
  }
  ::close(pipe[1]);
  if (pid_ > 0) return;
  reader_.join();
  ::close(output_);
  errno = reason;
  fail("no process");
}

#else

Container::Container(const ContainerPlan&) {
  errno = ENOSYS;
  fail("only on Linux");
}

#endif

Container::~Container() {
  stop(std::chrono::milliseconds(0));
  if (reader_.joinable()) reader_.join();
  if (output_ >= 0) ::close(output_);
}

void Container::read_output() {
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    const std::lock_guard lock(mutex_);
    add_output({buffer, static_cast<std::size_t>(count)});
    changed_.notify_all();
  }
  // Process 1 is the last one to close its output.
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  if (!partial_.empty()) end_line();
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  changed_.notify_all();
}

void Container::add_output(std::string_view text) {
  for (const char c : text) {
    if (c == '\n' || partial_.size() >= kMaxLine) end_line();
    if (c != '\n') partial_ += c;
  }
}

void Container::end_line() {
  if (partial_.starts_with(kMarkerStart)) markers_.push_back(partial_);
  lines_.push_back(std::exchange(partial_, {}));
}

std::vector<std::string> Container::take_lines() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lines_, {});
}

std::vector<std::string> Container::markers() const {
  const std::lock_guard lock(mutex_);
  return markers_;
}

std::optional<int> Container::exit_status() const {
  const std::lock_guard lock(mutex_);
  return exit_status_;
}

bool Container::wait_for_marker(std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return !markers_.empty() || exit_status_; });
}

void Container::stop(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex_);
  if (pid_ < 0 || exit_status_) return;
  if (grace.count() > 0) {
    ::kill(pid_, SIGTERM);
    if (changed_.wait_for(lock, grace, [&] { return exit_status_.has_value(); })) return;
  }
  ::kill(pid_, SIGKILL);
  changed_.wait(lock, [&] { return exit_status_.has_value(); });
}

std::optional<pid_t> Container::command_process() const {
  const std::string first = process_file(pid_, "cmdline");
  for (const auto& [pid, parent] : processes()) {
    if (parent != pid_) continue;
    const std::string words = process_file(pid, "cmdline");
    const bool helper =
        words.empty() || words == first || words.find("ecloud-drain-watcher") != std::string::npos;
    if (!helper) return pid;
  }
  if (first.empty() || first.find(kStartScriptName) != std::string::npos) return std::nullopt;
  return pid_;
}

std::vector<std::pair<std::string, base::Secret>> Container::command_environment() const {
  std::vector<std::pair<std::string, base::Secret>> out;
  if (exit_status()) return out;
  const auto pid = command_process();
  if (!pid) return out;
  for (const std::string& variable : base::split(process_file(*pid, "environ"), '\0')) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos) continue;
    out.emplace_back(variable.substr(0, equals), base::Secret(variable.substr(equals + 1)));
  }
  return out;
}

}  // namespace ecloud::devnet
