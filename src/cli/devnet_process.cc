#include "cli/devnet_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/environments.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr char kProgram[] = "ecloud-devnet";
constexpr std::size_t kMaxInfoBytes = std::size_t{1} << 20;

bool is_program(const std::filesystem::path& path) {
  return !path.empty() && ::access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path);
}

[[noreturn]] void run_child(std::vector<char*>& arguments, int output, bool detached) {
  if (detached) ::setsid();
  const int input = ::open("/dev/null", O_RDONLY);
  if (input >= 0) ::dup2(input, STDIN_FILENO);
  if (output >= 0) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
  }
  // What this process blocked or ignored is not the child's business.
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGINT, SIG_DFL);
  // Keys would stay readable in the variables of a program that runs for days.
  for (const char* secret : {"ECLOUD_PRIVATE_KEY", "EIGENCOMPUTE_PRIVATE_KEY", "EIGENX_PRIVATE_KEY",
                             "ECLOUD_KEYSTORE_PASSWORD", "MNEMONIC", "PRIVATE_KEY"}) {
    ::unsetenv(secret);
  }
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

std::optional<base::Json> running_devnet(Context& context) {
  const auto text = base::read_file_if_exists(devnet_info_path(context), kMaxInfoBytes);
  if (!text) return std::nullopt;
  const base::Json info = base::Json::parse(*text, devnet_info_path(context), Category::kUsage);
  net::Request request;
  request.url = info["url"].as_string() + "/_devnet/info";
  request.purpose = "the devnet's description";
  request.timeout = base::Milliseconds(5'000);
  try {
    const net::Response response = context.direct_transport().send(request);
    if (!response.ok()) return std::nullopt;
    base::Json live = base::Json::parse(response.body, "devnet");
    // Another program, or a later devnet, may listen on that port by now.
    return live["pid"].as_u64() == info["pid"].as_u64() ? std::optional(live) : std::nullopt;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return std::nullopt;
  }
}

base::Json require_devnet(Context& context) {
  if (auto info = running_devnet(context)) return std::move(*info);
  throw Error(Category::kUsage, "devnet.not_running", "no devnet is running",
              "start one: ecloud devnet up --detach");
}

base::Json ask_devnet(Context& context, const base::Json& info, const std::string& path,
                      const std::optional<base::Json>& body) {
  net::Request request;
  request.url = info["url"].as_string() + path;
  request.purpose = "the devnet";
  if (body) {
    request.method = "POST";
    request.body = body->dump();
    request.headers.push_back({"Content-Type", "application/json"});
  }
  const net::Response response = context.direct_transport().send(request);
  if (response.ok()) {
    return base::Json::try_parse(response.body).value_or(base::Json::object());
  }
  const auto document = base::Json::try_parse(response.body);
  const std::string words = document && (*document)["error"].is_string()
                                ? (*document)["error"].as_string()
                                : response.body;
  throw Error(response.status == 404 ? Category::kNotFound : Category::kNetwork, "devnet.refused",
              "the devnet answered " + std::to_string(response.status) + ": " +
                  base::printable_line(words));
}

std::filesystem::path devnet_program(Context& context) {
  std::vector<std::filesystem::path> candidates;
  if (const auto given = context.env().get("ECLOUD_DEVNET_BINARY")) candidates.emplace_back(*given);
  if (!context.executable().empty()) {
    const std::filesystem::path folder = context.executable().parent_path();
    candidates.push_back(folder / kProgram);
    candidates.push_back(folder / "../libexec/ecloud" / kProgram);
  }
  for (const std::string& folder : base::split(context.env().get("PATH").value_or(""), ':')) {
    // A relative entry would run what lies in the working directory.
    const std::filesystem::path directory(folder);
    if (directory.is_absolute()) candidates.push_back(directory / kProgram);
  }
  for (const std::filesystem::path& candidate : candidates) {
    if (is_program(candidate)) return candidate;
  }
  throw Error(Category::kFailure, "devnet.no_program",
              std::string("the program ") + kProgram + " is not installed",
              "install it beside ecloud, or set ECLOUD_DEVNET_BINARY to its path");
}

pid_t start_process(const std::vector<std::string>& arguments,
                    const std::optional<std::filesystem::path>& log_file, bool detached) {
  std::vector<std::string> copies = arguments;
  std::vector<char*> pointers;
  for (std::string& argument : copies) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  int output = -1;
  if (log_file) {
    base::make_private_directories(log_file->parent_path());
    output =
        ::open(log_file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, base::kPrivateFile);
  }
  const pid_t child = ::fork();
  if (child == 0) run_child(pointers, output, detached);
  const int error = errno;
  if (output >= 0) ::close(output);
  if (child < 0) {
    throw Error(Category::kFailure, "devnet.start",
                "cannot start " + arguments.front() + ": " + std::strerror(error));
  }
  return child;
}

std::optional<int> poll_child(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG) != child) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace ecloud::cli
