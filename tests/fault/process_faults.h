#pragma once

#include <string>
#include <string_view>

namespace ecloud::testing {

/// What happens to the program at one of its steps: see preload.cc.
enum class Blow {
  kKill,        ///< SIGKILL before each step
  kKillHalf,    ///< SIGKILL in the middle of each write
  kKillSent,    ///< SIGKILL right after each piece that goes to a server
  kDiskFull,    ///< from that step on the disk is full
  kFullOnce,    ///< there is no room for one moment
  kReadOnly,    ///< from that step on the disk is read-only
  kDiskBroken,  ///< one call fails with an input/output error
};

/// "killed before a step".
std::string_view name_of(Blow blow);

/// Starts the program once for every step of the workflow that the blow can strike, and again
/// without; checks the end state as check_network_fault() does.
void check_process_fault(const std::string& workflow_name, Blow blow);

}  // namespace ecloud::testing
