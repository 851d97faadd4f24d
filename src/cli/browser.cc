#include "cli/browser.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "ecloud/base/log.h"
#include "ecloud/base/subprocess.h"
#include "ecloud/base/text.h"
#include "ecloud/net/transport.h"

namespace ecloud::cli {
namespace {

/// Whose pages take payments: the platform and its payment service.
constexpr std::string_view kKnownHosts[] = {"stripe.com", "eigencloud.xyz", "eigenlayer.xyz",
                                            "eigenlabs.org"};

bool is_plain(std::string_view url) {
  return std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '`' && c != '\\' && c != '<' &&
           c != '>' && c != '|' && c != '^' && c != '{' && c != '}';
  });
}

/// What stands between "://" and the path.
std::string_view authority_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view rest = url.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

std::string host_of(std::string_view authority) {
  if (!authority.empty() && authority[0] == '[') {
    return std::string(authority.substr(0, authority.find(']') + 1));
  }
  return base::to_lower(authority.substr(0, authority.find(':')));
}

bool is_known(const std::string& host) {
  return std::any_of(std::begin(kKnownHosts), std::end(kKnownHosts), [&](std::string_view known) {
    return host == known || (host.size() > known.size() && host.ends_with(known) &&
                             host[host.size() - known.size() - 1] == '.');
  });
}

bool is_set(const base::Env& env, std::string_view name) {
  return env.get(name).has_value();
}

bool has_desktop(const base::Env& env) {
  if (is_set(env, "SSH_CONNECTION") || is_set(env, "SSH_TTY") || is_set(env, "SSH_CLIENT")) {
    return false;
  }
#ifdef __APPLE__
  return true;
#else
  return is_set(env, "DISPLAY") || is_set(env, "WAYLAND_DISPLAY");
#endif
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// Streams of its own, so that it can neither read what is typed here nor write over it.
class Silence {
 public:
  Silence() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    // A process group of its own: Ctrl-C here is not meant for it.
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Silence() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

std::optional<std::string> problem_with_page(std::string_view url, std::string_view billing_url) {
  const std::string_view authority = authority_of(url);
  const std::string host = host_of(authority);
  if (!is_plain(url) || host.empty() || authority.find('@') != std::string_view::npos) {
    return "it is no plain URL";
  }
  const std::string_view billing_authority = authority_of(billing_url);
  if (url.starts_with("http://")) {
    const bool own = authority == billing_authority && billing_url.starts_with("http://");
    if (own && net::is_loopback_host(host)) return std::nullopt;
    return "it is not https";
  }
  if (!url.starts_with("https://")) return "it is not https";
  if (is_known(host) || host == host_of(billing_authority)) return std::nullopt;
  return "its host " + host + " is none that ecloud knows to take payments";
}

std::optional<std::filesystem::path> browser_opener(const base::Env& env) {
  if (!has_desktop(env)) return std::nullopt;
#ifdef __APPLE__
  constexpr char kOpener[] = "open";
#else
  constexpr char kOpener[] = "xdg-open";
#endif
  for (const std::string& folder : base::split(env.get("PATH").value_or(""), ':')) {
    const std::filesystem::path program = std::filesystem::path(folder) / kOpener;
    // A relative entry would run what lies in the working directory.
    if (program.is_absolute() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

std::vector<std::string> browser_environment(const base::Env& env) {
  std::vector<std::string> out;
  const base::Env kept = base::without_own_variables(env);
  for (const auto& [name, value] : kept.values()) {
    out.push_back(name + "=" + value);
  }
  return out;
}

bool start_browser(const std::filesystem::path& program, const std::string& url,
                   const base::Env& env) {
  std::vector<std::string> arguments = {program.string(), url};
  std::vector<std::string> variables = browser_environment(env);
  const Silence silence;
  pid_t child = -1;
  return ::posix_spawn(&child, program.c_str(), silence.actions(), silence.attributes(),
                       pointers_to(arguments).data(), pointers_to(variables).data()) == 0;
}

void open_page(Context& context, const Values& values, const std::string& url) {
  const auto problem = problem_with_page(url, context.environment().billing_url);
  if (problem) {
    context.terminal().warning("the page is not opened for you, because " + *problem);
    return;
  }
  if (values.flag("no-open") || !context.terminal().can_prompt()) return;
  const auto program = browser_opener(context.env());
  if (program && !start_browser(*program, url, context.env())) {
    context.terminal().note("no browser could be started");
  }
}

Option no_open_option() {
  return {
      .name = "no-open", .kind = Kind::kFlag, .help = "Print the page's URL and open no browser"};
}

}  // namespace ecloud::cli
