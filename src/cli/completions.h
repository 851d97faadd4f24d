#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace ecloud::cli {

std::string bash_completion(const Command& root);
std::string zsh_completion(const Command& root);
std::string fish_completion(const Command& root);

struct CompletionFile {
  std::string shell;      ///< "bash"
  std::string file_name;  ///< as the shell looks for it
  std::string (*script)(const Command& root);
};

const std::vector<CompletionFile>& completion_files();

/// The command that prints the environments one a line, for scripts: it reads local files alone.
inline constexpr char kListEnvironments[] = "ecloud compute environment list --fields name";

/// The command that prints the names of apps one a line, each safe to be expanded by a shell. The
/// words of the command line so far follow it.
inline constexpr char kListApps[] = "ecloud __complete app --";

/// Whether an app may be named where the command's positionals stand.
inline bool takes_app(const Command& command) {
  for (const Positional& positional : command.positionals) {
    if (positional.completer == Completer::kApp) return true;
  }
  return false;
}

/// Whether a shell offers files for the option's value.
inline bool completes_files(Kind kind) {
  return kind == Kind::kFile;
}

}  // namespace ecloud::cli
