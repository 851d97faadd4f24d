#include <signal.h>

#include "cli/commands/devnet/commands.h"
#include "cli/devnet_process.h"
#include "cli/environments.h"
#include "cli/progress.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"

namespace ecloud::cli {
namespace {

/// Making an RSA key of 4096 bits on a slow machine takes most of it.
constexpr base::Milliseconds kStartLimit{60'000};
constexpr base::Milliseconds kPollInterval{20};

std::filesystem::path default_state(Context& context) {
  return context.paths().state / "devnet" / "state";
}

std::vector<std::string> program_arguments(Context& context, const Values& values,
                                           const std::filesystem::path& ready_file) {
  const auto state = values.text("state");
  const auto state_dir = state ? context.absolute(*state) : default_state(context);
  std::vector<std::string> arguments = {devnet_program(context).string(),
                                        "--state",
                                        state_dir.string(),
                                        "--ready-file",
                                        ready_file.string(),
                                        "--generation",
                                        values.required("generation"),
                                        "--profile",
                                        values.required("profile")};
  if (const auto port = values.number("port")) {
    arguments.insert(arguments.end(), {"--port", std::to_string(*port)});
  }
  if (values.flag("run-apps")) arguments.emplace_back("--run-apps");
  if (const auto seconds = values.text("block-time")) {
    arguments.insert(arguments.end(), {"--block-time", *seconds});
  }
  return arguments;
}

[[noreturn]] void fail_start(int status, const std::filesystem::path& log) {
  const auto words = base::read_file_if_exists(log, 64 * 1024).value_or("");
  throw Error(Category::kFailure, "devnet.start",
              "the devnet ended at once (exit code " + std::to_string(status) + ")" +
                  (words.empty() ? "" : ": " + words.substr(0, words.find('\n'))),
              "see " + log.string());
}

base::Json wait_ready(Context& context, pid_t child, const std::filesystem::path& log) {
  const base::Milliseconds end = context.clock().monotonic() + kStartLimit;
  Progress progress(context.terminal(), context.clock());
  progress.phase("starting the devnet");
  while (context.clock().monotonic() < end) {
    if (auto info = running_devnet(context)) return std::move(*info);
    if (const auto status = poll_child(child)) fail_start(*status, log);
    context.clock().sleep(kPollInterval);
  }
  ::kill(child, SIGTERM);
  throw Error(Category::kFailure, "devnet.start", "the devnet did not start within 60 s",
              "see " + log.string());
}

void print_devnet(Context& context, const base::Json& info) {
  context.output().result(info, [&] {
    Pairs pairs = {{"RPC", info["rpcUrl"].as_string()},
                   {"UserAPI", info["userApiUrl"].as_string()},
                   {"Registry", info["registry"].as_string()},
                   {"Chain id", std::to_string(info["chainId"].as_u64())},
                   {"Profile", info["profile"].opt_string().value_or("gentle")}};
    for (const base::Json& image : info["images"].elements()) {
      pairs.emplace_back("Image", image.as_string());
    }
    const base::Json account = info["accounts"].at(0);
    pairs.emplace_back("Funded account", account["address"].as_string());
    pairs.emplace_back("Its private key", account["privateKey"].as_string());
    context.output().pairs(pairs);
  });
}

/// In the foreground until Ctrl-C or the end of the devnet.
void stay(Context& context, pid_t child) {
  context.terminal().status("the devnet runs until Ctrl-C");
  try {
    while (!poll_child(child)) context.clock().sleep(base::Milliseconds(200));
  } catch (const Error& error) {
    if (error.category() != Category::kInterrupted) throw;
    ::kill(child, SIGTERM);
    while (!poll_child(child)) ::usleep(10'000);
  }
}

void run_up(Context& context, const Values& values) {
  if (const auto info = running_devnet(context)) {
    context.terminal().note("the devnet is running already");
    return print_devnet(context, *info);
  }
  const std::filesystem::path ready_file = devnet_info_path(context);
  const std::filesystem::path log = ready_file.parent_path() / "devnet.log";
  base::make_private_directories(ready_file.parent_path());
  const bool detach = values.flag("detach");
  const pid_t child = start_process(program_arguments(context, values, ready_file), log, detach);
  base::Json info;
  try {
    info = wait_ready(context, child, log);
  } catch (...) {
    ::kill(child, SIGTERM);
    throw;
  }
  print_devnet(context, info);
  if (!detach) stay(context, child);
}

}  // namespace

Command make_devnet_up_command() {
  Command command;
  command.name = "up";
  command.summary = "Start a local platform to rehearse with";
  command.description =
      "Starts ecloud-devnet: chain, contracts, KMS, platform API, billing and a registry in one "
      "process on loopback, with the rules of the real ones and free ETH. --environment devnet "
      "points every command at it. Without --detach it stays in the foreground until Ctrl-C.\n\n"
      "With the strict profile its chain behaves like real nodes: fees change with every block, a "
      "delegated account has one transaction in flight, and batches and transactions have limits. "
      "With the gentle profile fees stay the same and these limits are off.\n\n"
      "Its accounts are the well-known ones of development chains. Never send anything of value to "
      "them on another chain.";
  command.options = {
      {.name = "detach", .short_name = "d", .kind = Kind::kFlag, .help = "Run in the background"},
      {.name = "port",
       .kind = Kind::kNumber,
       .value_name = "PORT",
       .help = "Port on 127.0.0.1",
       .default_note = "the last one when it is free"},
      {.name = "state",
       .kind = Kind::kDirectory,
       .value_name = "DIR",
       .help = "Where chain, apps and keys are kept",
       .default_note = "devnet/state in the state directory"},
      {.name = "generation",
       .kind = Kind::kChoice,
       .value_name = "VERSION",
       .help = "Version of the contracts",
       .choices = {"1.1", "1.4", "1.5", "1.5.0-teams"},
       .default_text = "1.5"},
      {.name = "profile",
       .kind = Kind::kChoice,
       .value_name = "PROFILE",
       .help = "How strict it is: as real nodes, or with the easiest answers",
       .choices = {"strict", "gentle"},
       .default_text = "strict"},
      {.name = "block-time",
       .kind = Kind::kText,
       .value_name = "SECONDS",
       .help = "Time between blocks",
       .default_note = "every transaction is mined at once"},
      {.name = "run-apps",
       .kind = Kind::kFlag,
       .help = "Run the apps whose images are in the devnet's registry, each in a container, with "
               "their real start script; needs root on Linux"},
  };
  command.examples = {
      {"Start it and deploy to it",
       "ecloud devnet up --detach && ecloud compute app deploy --environment devnet "
       "--name hello --image-ref 127.0.0.1:PORT/sample/hello:1.0"}};
  command.json_fields = {{"url", "of the server; everything else is below it"},
                         {"rpcUrl", "JSON-RPC"},
                         {"userApiUrl", "UserAPI and Build API"},
                         {"billingUrl", "Billing API"},
                         {"hubUrl", "Docker Hub's tag API"},
                         {"registry", "host of image references"},
                         {"chainId", "31337"},
                         {"generation", "version of the contracts"},
                         {"profile", "strict or gentle"},
                         {"appController", "address"},
                         {"permissionController", "address"},
                         {"delegator", "address"},
                         {"images", "image references that it serves"},
                         {"accounts", "funded accounts: address, privateKey"},
                         {"kmsEncryptionKey", "PEM"},
                         {"kmsSigningKey", "PEM"},
                         {"pid", "process id"}};
  command.exit_codes = {Category::kFailure};
  command.run = run_up;
  return command;
}

}  // namespace ecloud::cli
