#include "credential_helper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 10;
// A pipe takes this much without a reader (POSIX PIPE_BUF is at least 512).
constexpr std::size_t kMaxServerBytes = 512;
constexpr std::chrono::milliseconds kExitPollInterval{2};
constexpr std::string_view kNotFoundWords = "credentials not found in native keychain";
constexpr std::string_view kIdentityTokenUser = "<token>";

Error helper_error(const std::string& program, const std::string& reason) {
  return {Category::kCredentials, "image.credential_helper", program + " " + reason,
          "run it by hand, or remove it from Docker's config.json: " + program + " list"};
}

class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;

  explicit Pipe(const std::string& program) {
    int ends[2];
    if (::pipe(ends) != 0) throw helper_error(program, "cannot be run: no pipe");
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
};

/// The first executable of that name in the directories of PATH.
std::optional<fs::path> find_program(const std::string& program, const base::Env& env) {
  for (const std::string& directory : base::split(env.get("PATH").value_or(""), ':')) {
    const fs::path candidate = fs::path(directory) / program;
    std::error_code ignored;
    if (directory.empty() || !fs::is_regular_file(candidate, ignored)) continue;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

/// What posix_spawn needs, freed at the end of the scope.
class SpawnPlan {
 public:
  SpawnPlan(int standard_input, int standard_output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, standard_input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, standard_output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t broken_pipe;
    sigemptyset(&none);
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &broken_pipe);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  /// The errno value of the failure, or 0.
  int spawn(pid_t& pid, const fs::path& program, const base::Env& env) {
    std::string name = program.string();
    std::string verb = "get";
    char* argv[] = {name.data(), verb.data(), nullptr};
    std::vector<std::string> variables;
    for (const auto& variable : env.values()) {
      variables.push_back(variable.first + "=" + variable.second);
    }
    std::vector<char*> envp;
    for (std::string& variable : variables) envp.push_back(variable.data());
    envp.push_back(nullptr);
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, argv, envp.data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// A running helper, which does not outlive this object.
class Helper {
 public:
  Helper(std::string program, const fs::path& path, const std::string& server, const base::Env& env,
         base::Milliseconds time_limit)
      : program_(std::move(program)),
        time_limit_(time_limit),
        deadline_(SteadyClock::now() + time_limit),
        output_(program_) {
    Pipe input(program_);
    // Written before there is a reader, which cannot block for so little, and raises no SIGPIPE
    // when the helper does not care to read.
    if (::write(input.write_end.get(), server.data(), server.size()) < 0) {
      throw helper_error(program_, "cannot be run: no pipe");
    }
    input.write_end.close();
    SpawnPlan plan(input.read_end.get(), output_.write_end.get());
    const int failure = plan.spawn(pid_, path, env);
    if (failure != 0) {
      pid_ = -1;
      throw helper_error(program_, std::string("cannot be run: ") + std::strerror(failure));
    }
    output_.write_end.close();
  }
  ~Helper() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    reap(0);
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  /// Everything up to the end of its standard output.
  base::Secret read_answer() {
    base::Bytes out;
    out.reserve(kMaxAnswerBytes + 1);  // so that no copy of it is left behind
    for (;;) {
      wait_for_output();
      std::uint8_t buffer[4096];
      const ssize_t count = ::read(output_.read_end.get(), buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      const auto size = static_cast<std::size_t>(count);
      if (out.size() + size > kMaxAnswerBytes) {
        throw helper_error(program_, "answered more than 64 KiB");
      }
      base::append(out, {buffer, size});
      base::wipe(buffer, size);
    }
    base::Secret answer{base::ByteView(out)};
    base::wipe(out.data(), out.size());
    return answer;
  }

  /// 0, or the exit code or 128 and the signal, as shells count.
  int wait_for_exit() {
    while (!reap(WNOHANG)) {
      check_deadline();
      std::this_thread::sleep_for(kExitPollInterval);
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  }

 private:
  void check_deadline() const {
    if (SteadyClock::now() < deadline_) return;
    const double seconds = static_cast<double>(time_limit_.count()) / 1000;
    throw helper_error(program_, fmt::format("did not answer within {} s", seconds));
  }

  void wait_for_output() {
    for (;;) {
      check_deadline();
      const auto left =
          std::chrono::duration_cast<base::Milliseconds>(deadline_ - SteadyClock::now());
      pollfd readable{output_.read_end.get(), POLLIN, 0};
      if (::poll(&readable, 1, static_cast<int>(left.count()) + 1) > 0) return;
    }
  }

  /// True once the process is gone.
  bool reap(int options) {
    pid_t done = 0;
    do {
      done = ::waitpid(pid_, &status_, options);
    } while (done < 0 && errno == EINTR);
    if (done == 0) return false;
    pid_ = -1;
    return true;
  }

  const std::string program_;
  const base::Milliseconds time_limit_;
  const SteadyClock::time_point deadline_;
  Pipe output_;
  pid_t pid_ = -1;
  int status_ = 0;
};

bool is_sound_name(const std::string& name) {
  return !name.empty() && name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
}

std::optional<Credentials> read_credentials(const std::string& program, std::string_view answer) {
  const auto document = base::Json::try_parse(answer);
  if (!document || !(*document)["Username"].is_string() || !(*document)["Secret"].is_string()) {
    throw helper_error(program, "answered something other than credentials");
  }
  Credentials out{(*document)["Username"].as_string(),
                  base::Secret((*document)["Secret"].as_string())};
  if (out.username.empty() && out.password.empty()) return std::nullopt;
  if (out.username == kIdentityTokenUser) out.username.clear();
  return out;
}

}  // namespace

std::optional<Credentials> ask_credential_helper(const std::string& name, const std::string& server,
                                                 const base::Env& env,
                                                 base::Milliseconds time_limit) {
  const std::string program = "docker-credential-" + base::printable_line(name, 60);
  if (!is_sound_name(name)) throw helper_error(program, "is not the name of a credential helper");
  if (server.size() > kMaxServerBytes) throw helper_error(program, "cannot take so long a host");
  const auto path = find_program(program, env);
  if (!path) throw helper_error(program, "is not installed");
  Helper helper(program, *path, server, env, time_limit);
  const base::Secret answer = helper.read_answer();
  const int status = helper.wait_for_exit();
  if (status == 0) return read_credentials(program, answer.reveal_text());
  const std::string words = base::printable_line(base::trim(answer.reveal_text()), 200);
  if (words.find(kNotFoundWords) != std::string::npos) return std::nullopt;
  throw helper_error(program, "failed with status " + std::to_string(status) +
                                  (words.empty() ? "" : ": " + words));
}

}  // namespace ecloud::oci
