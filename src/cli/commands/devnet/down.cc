#include <signal.h>

#include "cli/commands/devnet/commands.h"
#include "cli/devnet_process.h"
#include "cli/environments.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

constexpr base::Milliseconds kStopLimit{15'000};

void stop(Context& context, pid_t pid) {
  ::kill(pid, SIGTERM);
  const base::Milliseconds end = context.clock().monotonic() + kStopLimit;
  while (::kill(pid, 0) == 0) {
    if (context.clock().monotonic() >= end) {
      throw Error(Category::kFailure, "devnet.stop",
                  "the devnet (process " + std::to_string(pid) + ") does not end",
                  "end it yourself: kill -9 " + std::to_string(pid));
    }
    context.clock().sleep(base::Milliseconds(20));
  }
}

void run_down(Context& context, const Values&) {
  const auto info = running_devnet(context);
  if (info) {
    stop(context, static_cast<pid_t>((*info)["pid"].as_u64()));
  } else {
    context.terminal().note("no devnet was running");
  }
  std::error_code ignored;
  std::filesystem::remove(devnet_info_path(context), ignored);
  context.output().result(base::Json::object({{"stopped", info.has_value()}}), [&] {
    if (info) context.output().line("stopped");
  });
}

}  // namespace

Command make_devnet_down_command() {
  Command command;
  command.name = "down";
  command.summary = "Stop the devnet";
  command.description = "Stops the running devnet. Its chain, apps and keys stay for the next up.";
  command.examples = {{"Stop it", "ecloud devnet down"}};
  command.json_fields = {{"stopped", "whether one was running"}};
  command.exit_codes = {Category::kFailure};
  command.run = run_down;
  return command;
}

}  // namespace ecloud::cli
