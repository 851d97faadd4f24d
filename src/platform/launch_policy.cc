#include "ecloud/platform/launch_policy.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "ecloud/base/text.h"

namespace ecloud::platform {
namespace {

constexpr std::string_view kPolicy = "tee.launch_policy.";
constexpr std::size_t kMaxShown = 80;

using Words = std::vector<std::string_view>;

bool is_one_of(std::string_view value, const Words& words) {
  return std::find(words.begin(), words.end(), value) != words.end();
}

/// The launcher trims these values and takes them in any case.
std::string choice_problem(std::string_view value, const Words& words) {
  if (is_one_of(base::to_lower(base::trim(value)), words)) return {};
  std::string out = "must be one of ";
  for (const std::string_view word : words) {
    out += (word == words.front() ? "" : ", ") + std::string(word);
  }
  return out;
}

/// Go's strconv.ParseBool.
std::string boolean_problem(std::string_view value) {
  const Words words = {"1", "t", "T", "TRUE",  "true",  "True",
                       "0", "f", "F", "FALSE", "false", "False"};
  return is_one_of(value, words) ? "" : "must be true or false";
}

std::string mount_problem(std::string_view value) {
  for (const std::string& path : base::split(value, ':')) {
    if (!path.starts_with('/')) return "must be absolute paths separated by \":\"";
  }
  return {};
}

/// Names are split at commas and compared as they are: a space becomes part of one.
std::string names_problem(std::string_view value) {
  for (const std::string& name : base::split(value, ',')) {
    const bool has_space = name.find_first_of(" \t\r\n") != std::string::npos;
    if (name.empty() || has_space) return "must be variable names separated by \",\", no spaces";
  }
  return {};
}

std::string value_problem(std::string_view name, std::string_view value) {
  if (name == "log_redirect" || name == "monitoring_memory_allow") {
    return choice_problem(value, {"always", "never", "debugonly"});
  }
  if (name == "hardened_monitoring" || name == "debug_monitoring") {
    return choice_problem(value, {"none", "memoryonly", "all"});
  }
  if (name == "allow_cmd_override" || name == "allow_capabilities" || name == "allow_cgroups") {
    return boolean_problem(value);
  }
  if (name == "allow_mount_destinations") return mount_problem(value);
  if (name == "allow_env_override") return names_problem(value);
  return {};
}

std::string digits_of(std::string_view text) {
  const std::size_t begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find_first_not_of("0123456789", begin);
  return std::string(text.substr(begin, end == std::string_view::npos ? end : end - begin));
}

bool is_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() &&
         value <= 65535;
}

}  // namespace

bool is_launch_label(std::string_view name) {
  return name.starts_with(kPolicy) || name.starts_with("eigenx_");
}

std::string launch_label_problem(std::string_view name, std::string_view value) {
  if (!name.starts_with(kPolicy)) return {};
  const std::string rule = value_problem(name.substr(kPolicy.size()), value);
  if (rule.empty()) return {};
  return "label " + base::printable_line(name, kMaxShown) + " " + rule + "; it is \"" +
         base::printable_line(value, kMaxShown) + "\"";
}

std::vector<std::string> launch_label_problems(const std::map<std::string, std::string>& labels) {
  std::vector<std::string> out;
  for (const auto& [name, value] : labels) {
    const std::string problem = launch_label_problem(name, value);
    if (!problem.empty()) out.push_back(problem);
  }
  const std::string old_kind = std::string(kPolicy) + "monitoring_memory_allow";
  for (const char* name : {"hardened_monitoring", "debug_monitoring"}) {
    const std::string new_kind = std::string(kPolicy) + name;
    if (labels.contains(old_kind) && labels.contains(new_kind)) {
      out.push_back("labels " + old_kind + " and " + new_kind + " exclude each other");
    }
  }
  return out;
}

std::string exposed_port_problem(std::string_view key) {
  const std::size_t slash = key.find('/');
  const std::string_view port = key.substr(0, slash);
  const std::string_view protocol =
      slash == std::string_view::npos ? std::string_view() : key.substr(slash + 1);
  if (port.find('-') != std::string_view::npos) return "is a range of ports";
  if (!is_port(port)) return "does not begin with a port from 0 to 65535";
  if (slash == std::string_view::npos) return "has no protocol";
  if (protocol == "tcp" || protocol == "udp") return {};
  const std::string lower = base::to_lower(protocol);
  return lower == "tcp" || lower == "udp" ? "has its protocol not in lower case"
                                          : "has another protocol than tcp and udp";
}

std::string expose_hint(std::string_view key) {
  const std::string port = digits_of(key);
  const bool udp = base::to_lower(key).find("udp") != std::string::npos;
  return "EXPOSE " + (is_port(port) ? port : "8080") + (udp ? "/udp" : "/tcp");
}

}  // namespace ecloud::platform
