#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"

namespace ecloud::cli {

/// A page of `ecloud help` that is about no single command.
struct Topic {
  std::string name;  ///< "exit-codes"
  std::string summary;
  std::string (*text)(const Command& root, const Terminal& terminal);
};

const std::vector<Topic>& topics();

/// An environment variable and what it does.
struct Variable {
  std::string name;
  std::string meaning;
};

/// Every variable that an option of the tree takes, in alphabetical order, then those that no
/// option stands for.
std::vector<Variable> option_variables(const Command& root);
const std::vector<Variable>& other_variables();

/// Calls `visit` for every command that is not hidden, the root first, parents before their
/// children.
void for_each_command(const Command& root, const std::function<void(const CommandPath&)>& visit);

}  // namespace ecloud::cli
