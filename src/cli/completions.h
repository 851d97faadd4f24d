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

/// Whether a shell offers files for the option's value.
inline bool completes_files(Kind kind) {
  return kind == Kind::kFile;
}

}  // namespace ecloud::cli
