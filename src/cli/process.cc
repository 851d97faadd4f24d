// The real process: what tests replace.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <system_error>

#include "cli/system_console.h"
#include "ecloud/base/core_files.h"
#include "ecloud/base/standard_descriptors.h"
#include "ecloud/cli/program.h"
#include "ecloud/net/curl_transport.h"

namespace ecloud::cli {
namespace {

std::atomic<base::CancelToken*> cancel_of_process{nullptr};

/// The first signal asks for an orderly end; the second one, from a user who will not wait, ends
/// the process at once.
void on_signal(int) {
  base::CancelToken* cancel = cancel_of_process.load();
  if (cancel == nullptr || cancel->cancelled()) ::_exit(130);
  cancel->cancel();
}

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

std::filesystem::path executable_path(const char* name) {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::filesystem::path(name) : path;
}

}  // namespace

int main(int argc, char** argv) {
  base::occupy_standard_descriptors();
  base::forbid_core_files();
  base::CancelToken cancel;
  cancel_of_process = &cancel;
  handle_signals();
  SystemConsole console(cancel);
  base::SystemClock clock(cancel);
  crypto::SystemRandom random;
  std::error_code no_directory;
  Host host{console,
            clock,
            random,
            cancel,
            base::Env::of_process(),
            std::filesystem::current_path(no_directory),
            net::make_curl_transport,
            executable_path(argc > 0 ? argv[0] : "ecloud")};
  const int code = run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), host);
  cancel_of_process = nullptr;
  return code;
}

}  // namespace ecloud::cli
