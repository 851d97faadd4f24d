#include "devnet/program.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "devnet/devnet.h"
#include "devnet/world.h"
#include "ecloud/base/cancel.h"
#include "ecloud/base/core_files.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/standard_descriptors.h"
#include "ecloud/base/text.h"
#include "ecloud/base/version.h"

namespace ecloud::devnet {
namespace {

constexpr char kHelp[] =
    "Usage: ecloud-devnet [options]\n"
    "\n"
    "A local EigenCompute on 127.0.0.1: chain, contracts, KMS, UserAPI, billing, builds, "
    "registry.\n"
    "\n"
    "  --port PORT          listen there (default: the last port of --state, else any free one)\n"
    "  --state DIR          keep chain, apps and keys in DIR (default: in memory)\n"
    "  --keys DIR           read the KMS's keys from DIR, or make them there\n"
    "  --generation NAME    release of the contracts: 1.1, 1.4, 1.5 (default), or 1.5.0-teams,\n"
    "                       which calls itself 1.5.0 and takes the releases of 1.1\n"
    "  --profile strict|gentle rules and oddities of real nodes, or the easiest answers (default: "
    "strict)\n"
    "  --block-time SECONDS make blocks at this interval (default: 0, at once)\n"
    "  --deploy-time SECONDS how long an app takes to start (default: 2)\n"
    "  --run-apps           really run the apps of the registry, as root on Linux\n"
    "  --no-subscription    accounts begin without a subscription\n"
    "  --ready-file PATH    write the description of the devnet there when it listens\n"
    "  --parent-pid PID     end when this process has ended\n"
    "  --version, --help\n";

struct Arguments {
  Options options;
  std::optional<std::string> ready_file;
  std::optional<pid_t> parent;
};

[[noreturn]] void usage(const std::string& message) {
  throw Error(Category::kUsage, "devnet.usage", message, "ecloud-devnet --help");
}

std::uint64_t read_number(const std::string& flag, const std::string& text, std::uint64_t most) {
  const auto number = base::parse_decimal(text);
  if (!number || *number > most)
    usage(flag + ": " + text + " is no number up to " + std::to_string(most));
  return *number;
}

Strictness read_profile(const std::string& flag, const std::string& text) {
  if (text == "strict") return Strictness::kStrict;
  if (text == "gentle") return Strictness::kGentle;
  usage(flag + " must be strict or gentle; got " + base::printable_line(text));
}

double read_seconds(const std::string& flag, const std::string& text) {
  const auto parts = base::split(text, '.');
  const bool whole = parts.size() == 1 && base::parse_decimal(parts[0]);
  const bool broken = parts.size() == 2 && base::parse_decimal(parts[0]) &&
                      base::parse_decimal(parts[1]) && text.size() <= 12;
  if (!whole && !broken) usage(flag + ": " + text + " is no number of seconds");
  return std::stod(text);
}

Arguments parse(const std::vector<std::string>& words) {
  Arguments out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& flag = words[i];
    if (flag == "--no-subscription") {
      out.options.subscribed = false;
      continue;
    }
    if (flag == "--run-apps") {
      out.options.run_apps = true;
      continue;
    }
    const auto value = [&]() -> const std::string& {
      if (i + 1 >= words.size()) usage(flag + " needs a value");
      return words[++i];
    };
    if (flag == "--port") {
      out.options.port = static_cast<std::uint16_t>(read_number(flag, value(), 65535));
    } else if (flag == "--state") {
      out.options.state_dir = value();
    } else if (flag == "--keys") {
      out.options.key_dir = value();
    } else if (flag == "--generation") {
      out.options.controller = parse_controller_kind(value());
    } else if (flag == "--block-time") {
      out.options.block_time_seconds = read_seconds(flag, value());
    } else if (flag == "--deploy-time") {
      out.options.timings.deploying_seconds = read_seconds(flag, value());
    } else if (flag == "--profile") {
      out.options.strictness = read_profile(flag, value());
    } else if (flag == "--ready-file") {
      out.ready_file = value();
    } else if (flag == "--parent-pid") {
      out.parent = static_cast<pid_t>(read_number(flag, value(), INT32_MAX));
    } else {
      usage("unknown option " + base::printable_line(flag));
    }
  }
  return out;
}

base::CancelToken& stop_token() {
  static base::CancelToken token;
  return token;
}

void on_signal(int) {
  stop_token().cancel();
}

bool is_gone(std::optional<pid_t> parent) {
  return parent && ::kill(*parent, 0) != 0 && errno == ESRCH;
}

void wait_for_end(std::optional<pid_t> parent) {
  constexpr int kParentCheckMs = 250;
  pollfd descriptor{stop_token().descriptor(), POLLIN, 0};
  while (!stop_token().cancelled() && !is_gone(parent)) {
    ::poll(&descriptor, 1, parent ? kParentCheckMs : -1);
  }
}

void run(const Arguments& arguments) {
  struct sigaction action {};
  action.sa_handler = on_signal;
  stop_token();
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  Devnet devnet(arguments.options);
  if (arguments.ready_file) {
    base::write_file_atomic(*arguments.ready_file, devnet.info().pretty() + "\n",
                            base::kPrivateFile);
  }
  std::cerr << "ecloud-devnet " << kVersion << " listens on " << devnet.url() << "\n";
  wait_for_end(arguments.parent);
  devnet.stop();
}

}  // namespace

int main(int argc, char** argv) {
  base::occupy_standard_descriptors();
  base::forbid_core_files();
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    for (const std::string& word : words) {
      if (word == "--help" || word == "--version") {
        std::cout << (word == "--help" ? kHelp : "ecloud-devnet " + std::string(kVersion) + "\n");
        return 0;
      }
    }
    run(parse(words));
    return 0;
  } catch (const Error& error) {
    std::cerr << "error: " << error.message() << "\n";
    if (!error.hint().empty()) std::cerr << "hint: " << error.hint() << "\n";
    return exit_code(error.category());
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return exit_code(Category::kBug);
  }
}

}  // namespace ecloud::devnet
