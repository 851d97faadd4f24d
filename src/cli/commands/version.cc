#include "ecloud/base/version.h"
#include "cli/commands/commands.h"
#include "cli/context.h"

namespace ecloud::cli {
namespace {

void run_version(Context& context, const Values&) {
  const auto document = base::Json::object({{"version", kVersion}});
  context.output().result(document,
                          [&] { context.output().line(std::string("ecloud ") + kVersion); });
}

}  // namespace

Command make_version_command() {
  Command command;
  command.name = "version";
  command.group = "OTHER COMMANDS";
  command.summary = "Show the version";
  command.description = "Prints the version of this program. Asks nobody and reads no file.";
  command.examples = {{"The version alone, for a script", "ecloud version --fields version"}};
  command.json_fields = {{"version", "the version, as in 1.2.3"}};
  command.run = run_version;
  return command;
}

}  // namespace ecloud::cli
