#include "cli/commands/group.h"

#include <utility>

namespace ecloud::cli {

Command make_group(std::string name, std::string summary, std::string description,
                   std::vector<Command> subcommands) {
  Command group;
  group.name = std::move(name);
  group.summary = std::move(summary);
  group.description = std::move(description);
  group.subcommands = std::move(subcommands);
  return group;
}

}  // namespace ecloud::cli
