#pragma once

#include <functional>
#include <string>
#include <vector>

#include "e2e/session.h"

namespace ecloud::testing {

/// Something that a user does with the whole program, and what stands before it.
struct Workflow {
  std::string name;
  /// Brings a fresh world to where the command is given; without faults.
  std::function<void(World&)> prepare;
  std::function<std::vector<std::string>(const World&)> command;
  /// A second run after one that ended with 0 changes nothing. Without it each run does its work
  /// anew: another release, another payment.
  bool repeatable = true;
  /// Shares most of its requests with a workflow that is thorough: of faults that last, only those
  /// that differ most.
  bool thorough = true;
};

/// The command for a process, whose waiting would take real time.
std::vector<std::string> without_waiting(std::vector<std::string> command);

/// By its name; see workflows.cc.
Workflow workflow(std::string_view name);

}  // namespace ecloud::testing
