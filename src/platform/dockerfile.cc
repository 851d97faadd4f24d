#include "ecloud/platform/dockerfile.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>

#include "ecloud/base/text.h"
#include "ecloud/oci/platform_name.h"
#include "ecloud/platform/launch_policy.h"
#include "platform/dockerfile_reader.h"

namespace ecloud::platform {
namespace {

constexpr char kEnvFile[] = ".env";

/// "127.0.0.1", "localhost:8080", "http://[::1]:80": an address that only the container itself can
/// reach.
bool is_loopback(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
  }
  if (text == "::1" || text.starts_with("[::1]")) return true;
  const std::string host = base::to_lower(text.substr(0, text.find_first_of(":/")));
  if (host == "localhost") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

/// Options of well-known servers that name the address to listen on.
bool names_listening_address(std::string_view option) {
  static const std::set<std::string, std::less<>> kOptions = {
      "host",      "hostname", "bind", "listen", "addr", "address", "ip",
      "interface", "b",        "H",    "S",      "l",    "a",       "runserver"};
  while (option.starts_with('-')) option.remove_prefix(1);
  return kOptions.contains(option);
}

/// Variables that well-known servers take their address from.
bool is_address_variable(std::string_view name) {
  static const std::set<std::string, std::less<>> kNames = {
      "HOST",           "HOSTNAME",        "BIND",           "BIND_ADDR",      "BIND_ADDRESS",
      "BIND_HOST",      "LISTEN",          "LISTEN_ADDR",    "LISTEN_ADDRESS", "LISTEN_HOST",
      "ADDR",           "ADDRESS",         "SERVER_HOST",    "SERVER_ADDRESS", "HTTP_HOST",
      "HTTP_ADDR",      "APP_HOST",        "FLASK_RUN_HOST", "UVICORN_HOST",   "GRADIO_SERVER_NAME",
      "ROCKET_ADDRESS", "ASPNETCORE_URLS", "NITRO_HOST"};
  return kNames.contains(name);
}

/// The address that a command line tells a server to listen on, when that is a loopback one.
std::string loopback_in(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::size_t equals = word.find('=');
    if (word.starts_with('-') && equals != std::string::npos) {
      const std::string value = word.substr(equals + 1);
      if (names_listening_address(word.substr(0, equals)) && is_loopback(value)) return word;
    } else if (i > 0 && is_loopback(word) && names_listening_address(words[i - 1])) {
      return words[i - 1] + " " + word;
    }
  }
  return {};
}

bool is_env_file(std::string_view source) {
  const std::size_t slash = source.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? source : source.substr(slash + 1);
  if (name == kEnvFile || name == ".env*" || name == ".env.*") return true;
  return name.starts_with(".env.") && name.find("example") == std::string_view::npos &&
         name.find("sample") == std::string_view::npos &&
         name.find("template") == std::string_view::npos;
}

bool is_whole_context(std::string_view source) {
  return source == "." || source == "./" || source == "/" || source == "*" || source == "./*";
}

/// What is known of a build stage.
struct Stage {
  std::string name;  ///< in lower case
  std::string base;  ///< the earlier stage that it begins with, or empty
  const DockerInstruction* from = nullptr;
  std::vector<const DockerInstruction*> instructions;
};

class Checker {
 public:
  Checker(std::string_view text, std::optional<std::string_view> dockerignore)
      : instructions_(read_dockerfile(text)),
        env_is_excluded_(dockerignore && dockerignore_excludes(*dockerignore, kEnvFile)) {}

  std::vector<DockerfileFinding> check() {
    read_stages();
    if (stages_.empty()) {
      add(1, true, "no_from", "there is no FROM instruction",
          "begin with FROM --platform=linux/amd64 and the image to build on");
      return std::move(findings_);
    }
    check_platforms();
    for (const Stage& stage : stages_) check_copies(stage);
    check_shell(*final_chain().front());
    check_run_time();
    std::stable_sort(
        findings_.begin(), findings_.end(),
        [](const DockerfileFinding& a, const DockerfileFinding& b) { return a.line < b.line; });
    return std::move(findings_);
  }

 private:
  void add(std::size_t line, bool fatal, std::string_view code, std::string message,
           std::string hint) {
    findings_.push_back(
        {line, fatal, "dockerfile." + std::string(code), std::move(message), std::move(hint)});
  }

  void read_stages() {
    for (const DockerInstruction& instruction : instructions_) {
      if (instruction.name == "FROM") {
        begin_stage(instruction);
      } else if (!stages_.empty()) {
        stages_.back().instructions.push_back(&instruction);
      } else if (instruction.name == "ARG") {
        define(instruction, global_);
      }
    }
  }

  void begin_stage(const DockerInstruction& from) {
    Stage stage;
    stage.from = &from;
    const std::vector<std::string> words = from.words();
    const std::string image = words.empty() ? "" : base::to_lower(words[0]);
    for (const Stage& earlier : stages_) {
      if (!earlier.name.empty() && earlier.name == image) stage.base = earlier.name;
    }
    if (words.size() >= 3 && base::equal_ignoring_case(words[1], "as")) {
      stage.name = base::to_lower(words[2]);
    }
    stages_.push_back(std::move(stage));
  }

  /// The stages that make up the image: the last one and those that it begins with, first one
  /// first.
  std::vector<const Stage*> final_chain() const {
    std::vector<const Stage*> chain = {&stages_.back()};
    for (std::size_t i = stages_.size() - 1; i-- > 0;) {
      if (!chain.front()->base.empty() && stages_[i].name == chain.front()->base) {
        chain.insert(chain.begin(), &stages_[i]);
      }
    }
    return chain;
  }

  /// ARG NAME=default and ENV NAME=value (or ENV NAME value).
  static void define(const DockerInstruction& instruction, DockerVariables& variables) {
    const std::vector<std::string> words = instruction.words();
    if (words.empty()) return;
    const bool old_form = instruction.name == "ENV" && words[0].find('=') == std::string::npos;
    if (old_form) {
      const std::string_view rest(instruction.arguments);
      set(words[0], std::string(base::trim(rest.substr(std::min(words[0].size(), rest.size())))),
          variables);
      return;
    }
    for (const std::string& word : words) {
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos) {
        set(word.substr(0, equals), word.substr(equals + 1), variables);
      }
    }
  }

  static void set(const std::string& name, const std::string& value, DockerVariables& variables) {
    const auto known = substitute(value, variables);
    variables.erase(name);
    if (known) variables.emplace(name, *known);
  }

  /// As define(), and ARG NAME alone takes the value from before the first FROM.
  void define_in_stage(const DockerInstruction& instruction, DockerVariables& variables) const {
    define(instruction, variables);
    if (instruction.name != "ARG") return;
    for (const std::string& name : instruction.words()) {
      const auto global = global_.find(name);
      if (global != global_.end()) variables[name] = global->second;
    }
  }

  /// The builder gets --platform linux/amd64, so that only a stage that names another platform
  /// becomes anything else.
  void check_platforms() {
    const Stage* first = final_chain().front();
    for (const Stage& stage : stages_) {
      if (stage.base.empty()) check_platform(stage, &stage == first);
    }
  }

  void check_platform(const Stage& stage, bool is_final) {
    const auto flag = stage.from->flags.find("platform");
    if (flag == stage.from->flags.end()) return;
    DockerVariables variables = global_;
    variables.insert({{"TARGETPLATFORM", "linux/amd64"}, {"TARGETOS", "linux"}});
    variables.insert({{"TARGETARCH", "amd64"}, {"TARGETVARIANT", ""}});
    const std::string value = substitute(flag->second, variables).value_or(flag->second);
    const bool depends = value.find('$') != std::string::npos;
    // A build stage may run anywhere when it says so.
    if ((!is_final && depends) || oci::parse_platform(value).is_linux_amd64()) return;
    add(stage.from->line, is_final, "platform",
        "--platform=" + base::printable_line(value, 60) +
            (depends ? " depends on the machine that builds the image" : " is not linux/amd64") +
            "; the platform runs linux/amd64 only",
        "write FROM --platform=linux/amd64 " + stage.from->arguments);
  }

  void check_copies(const Stage& stage) {
    for (const DockerInstruction* instruction : stage.instructions) {
      if (instruction->name != "COPY" && instruction->name != "ADD") continue;
      if (instruction->flags.contains("from")) continue;
      std::vector<std::string> sources = instruction->words();
      if (!sources.empty()) sources.pop_back();
      for (const std::string& source : sources) check_source(*instruction, source);
    }
  }

  void check_source(const DockerInstruction& instruction, const std::string& source) {
    if (is_env_file(source)) {
      add(instruction.line, true, "env_copied",
          source + " is copied into the image, which everybody can pull",
          "remove the line: a deployment hands over the variables encrypted (--env-file)");
    } else if (is_whole_context(source) && !env_is_excluded_) {
      add(instruction.line, false, "context_copied",
          instruction.name + " " + source +
              " takes a .env file along, and everybody can pull the image",
          "write a line .env into .dockerignore, or copy only what the app needs");
    }
  }

  /// The platform's layer begins with a shell script. A shell that is copied in is not seen, so
  /// that this is no more than a warning.
  void check_shell(const Stage& first) {
    const std::vector<std::string> words = first.from->words();
    if (words.empty()) return;
    const bool distroless = words[0].find("distroless") != std::string::npos &&
                            words[0].find("debug") == std::string::npos;
    if (words[0] != "scratch" && !distroless) return;
    add(first.from->line, false, "no_shell",
        base::printable_line(words[0], 80) +
            " has no shell, which the platform's start script needs",
        "build on an image with /bin/sh, such as alpine or debian:12-slim");
  }

  /// User, addresses, volumes and command of the image as it will run.
  void check_run_time() {
    const DockerInstruction* user = nullptr;
    const DockerInstruction* command = nullptr;
    const DockerInstruction* entrypoint = nullptr;
    std::string user_name;
    DockerVariables variables;
    bool exposes_ports = false;
    for (const Stage* stage : final_chain()) {
      // Images named so run as nobody unless told otherwise.
      if (stage->base.empty() && stage->from->arguments.find("nonroot") != std::string::npos) {
        user = stage->from;
        user_name = "nonroot";
      }
      for (const DockerInstruction* instruction : stage->instructions) {
        const std::string& name = instruction->name;
        if (name == "ARG" || name == "ENV") define_in_stage(*instruction, variables);
        if (name == "ENV") check_addresses(*instruction, variables);
        if (name == "CMD") command = instruction;
        if (name == "ENTRYPOINT") entrypoint = instruction;
        if (name == "VOLUME") check_volume(*instruction);
        if (name == "EXPOSE") check_ports(*instruction, variables);
        exposes_ports = exposes_ports || name == "EXPOSE";
        if (name == "USER") {
          user = instruction;
          user_name = substitute(instruction->arguments, variables).value_or("root");
        }
      }
    }
    if (user != nullptr) check_user(*user, user_name);
    if (!exposes_ports) check_base_ports(*final_chain().front());
    for (const DockerInstruction* instruction : {entrypoint, command}) {
      if (instruction != nullptr) check_command(*instruction);
    }
  }

  void check_user(const DockerInstruction& user, const std::string& name) {
    const std::string account = name.substr(0, name.find(':'));
    if (account == "root" || account == "0") return;
    add(user.line, true, "user",
        "the image runs as " + base::printable_line(account, 60) +
            "; the platform starts it as root",
        "write USER root before CMD");
  }

  /// Whether all paths of VOLUME, in either of its forms, are on the persistent disk.
  static bool is_kept(const DockerInstruction& volume) {
    constexpr std::string_view kUserData = "/mnt/disks/userdata";
    std::string paths = volume.arguments;
    for (char& c : paths) {
      if (c == '[' || c == ']' || c == '"' || c == ',' || c == '\t') c = ' ';
    }
    for (const std::string& path : base::split(paths, ' ')) {
      if (path.empty() || path == kUserData) continue;
      if (!path.starts_with(std::string(kUserData) + "/")) return false;
    }
    return true;
  }

  /// Docker itself expands ranges, adds the protocol, and writes it in lower case.
  void check_ports(const DockerInstruction& expose, const DockerVariables& variables) {
    for (const std::string& word : expose.words()) {
      const auto value = substitute(word, variables);
      if (!value) continue;
      const std::size_t slash = value->find('/');
      const std::string protocol =
          slash == std::string::npos ? "tcp" : base::to_lower(value->substr(slash + 1));
      for (const std::string& port : base::split(value->substr(0, slash), '-')) {
        const std::string problem = exposed_port_problem(port + "/" + protocol);
        if (problem.empty()) continue;
        add(expose.line, true, "port",
            "EXPOSE " + base::printable_line(*value, 60) + " " + problem +
                ": the launcher would not start the app",
            "write " + expose_hint(*value));
        break;
      }
    }
  }

  /// What the base image exposes is not in the text.
  void check_base_ports(const Stage& first) {
    add(first.from->line, false, "no_expose",
        "there is no EXPOSE: unless the base image has one, the firewall opens no port and nobody "
        "can reach the app",
        "write EXPOSE 8080 with the port of the app");
  }

  void check_volume(const DockerInstruction& volume) {
    if (is_kept(volume)) return;
    add(volume.line, false, "volume",
        "VOLUME " + base::printable_line(volume.arguments, 60) +
            " keeps nothing: stop, start and upgrade wipe the file system, except for "
            "/mnt/disks/userdata, which survives upgrades if the platform attached a persistent "
            "disk",
        "write what must last to the directory in USER_PERSISTENT_DATA_PATH, and keep a copy "
        "outside of the app");
  }

  void check_addresses(const DockerInstruction& env, const DockerVariables& variables) {
    for (const std::string& word : env.words()) {
      const auto set_here = variables.find(word.substr(0, word.find('=')));
      if (set_here == variables.end() || !is_address_variable(set_here->first)) continue;
      if (is_loopback(set_here->second)) {
        add_localhost(env.line, set_here->first + "=" + set_here->second);
      }
    }
  }

  void check_command(const DockerInstruction& command) {
    const std::string address = loopback_in(command.words());
    if (!address.empty()) add_localhost(command.line, address);
    if (command.exec_form() || command.arguments.empty()) return;
    const bool meant_as_exec = command.arguments.starts_with('[');
    add(command.line, false, "shell_form",
        command.name + (meant_as_exec ? " begins with [ and is no JSON array of texts, so that a "
                                        "shell runs it as it stands"
                                      : " is run by a shell, which keeps the signal to stop from "
                                        "reaching the app"),
        "write " + command.name + R"( ["program", "argument"] with double quotes)");
  }

  void add_localhost(std::size_t line, const std::string& what) {
    add(line, false, "localhost",
        base::printable_line(what, 80) + " lets the app answer itself alone", "listen on 0.0.0.0");
  }

  std::vector<DockerInstruction> instructions_;
  bool env_is_excluded_;
  std::vector<Stage> stages_;
  DockerVariables global_;
  std::vector<DockerfileFinding> findings_;
};

/// Whether the parts of a pattern, "**" among them, match those of a path or of a folder above it.
bool matches(const std::vector<std::string>& pattern, std::size_t p,
             const std::vector<std::string>& path, std::size_t at) {
  if (p == pattern.size()) return at > 0;
  if (pattern[p] == "**") {
    for (std::size_t i = at; i <= path.size(); ++i) {
      if (matches(pattern, p + 1, path, i)) return true;
    }
    return false;
  }
  return at < path.size() && ::fnmatch(pattern[p].c_str(), path[at].c_str(), 0) == 0 &&
         matches(pattern, p + 1, path, at + 1);
}

/// "/a/./b/" as {"a", "b"}.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string& part : base::split(path, '/')) {
    // Many stars in a row would only cost time.
    const bool again = part == "**" && !parts.empty() && parts.back() == "**";
    if (!part.empty() && part != "." && !again) parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

std::vector<DockerfileFinding> check_dockerfile(std::string_view text,
                                                std::optional<std::string_view> dockerignore) {
  return Checker(text, dockerignore).check();
}

bool dockerignore_excludes(std::string_view dockerignore, std::string_view path) {
  const std::vector<std::string> parts = parts_of(path);
  bool excluded = false;
  for (const std::string& line : base::split(dockerignore, '\n')) {
    std::string_view pattern = base::trim(line);
    if (pattern.empty() || line.front() == '#') continue;
    const bool takes_back = pattern.front() == '!';
    if (takes_back) pattern = base::trim(pattern.substr(1));
    const std::vector<std::string> wanted = parts_of(pattern);
    if (!wanted.empty() && matches(wanted, 0, parts, 0)) excluded = !takes_back;
  }
  return excluded;
}

}  // namespace ecloud::platform
