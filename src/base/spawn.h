#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/descriptor.h"
#include "ecloud/base/subprocess.h"

namespace ecloud::base {

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;

  /// False with errno set when there is none.
  bool open() {
    int ends[2];
    if (::pipe(ends) != 0) return false;
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    return true;
  }
};

/// The reading end has all of `text`, at most kMaxProgramInput octets, and then the end. Written
/// before there is a reader, which cannot block for so little, and raises no SIGPIPE when the
/// program does not care to read. False with errno set.
inline bool open_input(Pipe& input, ByteView text) {
  if (!input.open()) return false;
  if (!text.empty() && ::write(input.write_end.get(), text.data(), text.size()) < 0) return false;
  input.write_end.close();
  return true;
}

inline std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// What posix_spawn needs, freed at the end of the scope.
class SpawnPlan {
 public:
  /// `own_session`: without a terminal, and leader of a process group that can be ended whole.
  SpawnPlan(int standard_input, int standard_output, int standard_error, bool own_session) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, standard_input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, standard_output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, standard_error, STDERR_FILENO);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t broken_pipe;
    sigemptyset(&none);
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &broken_pipe);
    const int session = own_session ? POSIX_SPAWN_SETSID : 0;
    ::posix_spawnattr_setflags(
        &attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | session));
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  /// The errno value of the failure, or 0.
  int spawn(pid_t& pid, const ProgramCall& call) {
    std::vector<std::string> arguments = {call.program.string()};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
    std::vector<std::string> variables;
    for (const auto& [name, value] : call.env->values()) variables.push_back(name + "=" + value);
    return ::posix_spawn(&pid, call.program.c_str(), &actions_, &attributes_,
                         pointers_to(arguments).data(), pointers_to(variables).data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace ecloud::base
