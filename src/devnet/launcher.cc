#include "devnet/launcher.h"

#include <algorithm>
#include <array>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/start_script.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::devnet {
namespace {

using Labels = std::map<std::string, std::string>;
using platform::RuntimeGeneration;

constexpr std::string_view kContractLabel = "eigenx_container_contract";
constexpr std::string_view kKmsClientPath = "usr/local/bin/kms-client";
constexpr std::string_view kHardenedMonitoring = "tee.launch_policy.hardened_monitoring";
constexpr std::string_view kDebugMonitoring = "tee.launch_policy.debug_monitoring";

const std::string* label(const Labels& labels, std::string_view name) {
  const auto found = labels.find(std::string(name));
  return found == labels.end() ? nullptr : &found->second;
}

std::string bad_label(std::string_view name, const std::string& value, const std::string& allowed) {
  return "launch policy: label " + std::string(name) + " must be " + allowed + "; got '" +
         base::printable_line(value, 80) + "'";
}

/// Go's strconv.ParseBool, which trims nothing.
bool is_boolean(const std::string& value) {
  constexpr std::array<std::string_view, 12> kWords = {"1", "t", "T", "true",  "TRUE",  "True",
                                                       "0", "f", "F", "false", "FALSE", "False"};
  return std::find(kWords.begin(), kWords.end(), value) != kWords.end();
}

bool is_word(const std::string& value, std::initializer_list<std::string_view> allowed) {
  const std::string_view word = base::trim(value);
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](std::string_view one) { return base::equal_ignoring_case(word, one); });
}

/// The first label whose value the launcher cannot read, in words.
std::string problem_of_words(const Labels& labels) {
  struct Rule {
    std::string_view name;
    std::initializer_list<std::string_view> allowed;
    std::string words;
  };
  const std::array<Rule, 4> rules = {{
      {platform::kLogLabel, {"always", "never", "debugonly"}, "always, never or debugonly"},
      {platform::kMemoryLabel, {"always", "never", "debugonly"}, "always, never or debugonly"},
      {kHardenedMonitoring, {"none", "memoryonly", "all"}, "none, memoryonly or all"},
      {kDebugMonitoring, {"none", "memoryonly", "all"}, "none, memoryonly or all"},
  }};
  for (const Rule& rule : rules) {
    const std::string* value = label(labels, rule.name);
    if (value != nullptr && !is_word(*value, rule.allowed)) {
      return bad_label(rule.name, *value, rule.words);
    }
  }
  for (const char* name :
       {"tee.launch_policy.allow_cmd_override", "tee.launch_policy.allow_capabilities",
        "tee.launch_policy.allow_cgroups"}) {
    const std::string* value = label(labels, name);
    if (value != nullptr && !is_boolean(*value)) return bad_label(name, *value, "true or false");
  }
  return {};
}

std::string problem_of_policy(const Labels& labels) {
  if (std::string problem = problem_of_words(labels); !problem.empty()) return problem;
  const bool newer = label(labels, kHardenedMonitoring) || label(labels, kDebugMonitoring);
  if (newer && label(labels, platform::kMemoryLabel) != nullptr) {
    return "launch policy: label " + std::string(platform::kMemoryLabel) +
           " cannot be used together with hardened_monitoring or debug_monitoring";
  }
  constexpr std::string_view kMounts = "tee.launch_policy.allow_mount_destinations";
  if (const std::string* value = label(labels, kMounts)) {
    for (const std::string& path : base::split(*value, ':')) {
      if (!path.starts_with('/')) return bad_label(kMounts, *value, "absolute paths");
    }
  }
  return {};
}

/// Every variable that the platform sets has to be listed, letter by letter.
std::string problem_of_overrides(const Labels& labels) {
  const std::string* value = label(labels, platform::kOverrideLabel);
  const auto listed = value != nullptr ? base::split(*value, ',') : std::vector<std::string>();
  for (const char* name : {"ECLOUD_PD_EXPECTED", "ECLOUD_PLATFORM_HOST"}) {
    if (std::find(listed.begin(), listed.end(), name) != listed.end()) continue;
    return "launch policy: env override " + std::string(name) + " is not allowed: label " +
           std::string(platform::kOverrideLabel) + " does not list it";
  }
  return {};
}

std::vector<std::string> exposed_ports(const std::string& config) {
  std::vector<std::string> out;
  const base::Json ports =
      base::Json::parse(config, "image configuration")["config"]["ExposedPorts"];
  if (!ports.is_object()) return out;
  for (const auto& [key, value] : ports.members()) out.push_back(key);
  return out;
}

std::string problem_of_ports(const std::vector<std::string>& ports) {
  for (const std::string& port : ports) {
    if (is_launchable_port(port)) continue;
    return "ExposedPorts: '" + base::printable_line(port, 40) +
           "' must be PORT/tcp or PORT/udp with one port from 0 to 65535";
  }
  return {};
}

std::string problem_of_machine(const Labels& labels) {
  if (platform::generation_of_labels(labels)) return {};
  const auto has = [&](RuntimeGeneration generation) {
    const auto [name, value] = platform::vm_image_label(generation);
    const std::string* found = label(labels, name);
    return found != nullptr && *found == value;
  };
  const bool both = has(RuntimeGeneration::kIntelToken) && has(RuntimeGeneration::kBoundEvidence);
  return both ? "the labels eigenx_use_ita and eigenx_vm_image choose two VM images"
              : "no label chooses the VM image: eigenx_vm_image=eigen or eigenx_use_ita=True";
}

/// By the path in its bytes that it asks the launcher for.
std::optional<RuntimeGeneration> client_generation(const std::string& program) {
  const auto asks = [&](RuntimeGeneration generation) {
    return program.find(platform::evidence_path(generation)) != std::string::npos;
  };
  const bool old = asks(RuntimeGeneration::kIntelToken);
  const bool served = asks(RuntimeGeneration::kBoundEvidence);
  if (old == served) return std::nullopt;
  return old ? RuntimeGeneration::kIntelToken : RuntimeGeneration::kBoundEvidence;
}

std::string refusal_of(const oci::ImageConfig& details, const LaunchOrder& order) {
  const Labels& labels = details.labels;
  if (details.entrypoint.empty()) return "the image has an empty Entrypoint";
  for (std::string problem :
       {problem_of_ports(order.ports), problem_of_policy(labels),
        order.sets_overrides ? problem_of_overrides(labels) : "", problem_of_machine(labels)}) {
    if (!problem.empty()) return problem;
  }
  return {};
}

}  // namespace

bool is_launchable_port(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view protocol = key.substr(slash + 1);
  if (protocol != "tcp" && protocol != "udp") return false;
  const auto port = base::parse_decimal(key.substr(0, slash));
  return port && *port <= 65535;
}

LaunchOrder read_launch_order(const StoredImage& image) {
  const oci::ImageConfig& details = image.image.details;
  LaunchOrder out;
  out.ports = exposed_ports(image.image.config);
  out.machine = platform::generation_of_labels(details.labels);
  const std::string* contract = label(details.labels, kContractLabel);
  out.promises_markers = contract != nullptr && *contract == "v1";
  out.sets_overrides =
      contract != nullptr || label(details.labels, platform::kVersionLabel) != nullptr;
  const std::string* log = label(details.labels, platform::kLogLabel);
  out.keeps_log = log != nullptr && is_word(*log, {"always"});
  out.refusal = refusal_of(details, out);
  out.starts_script =
      details.entrypoint == std::vector<std::string>{std::string(platform::kStartScriptPath)};
  if (!out.refusal.empty() || !out.starts_script) return out;
  if (const auto client = image_file(image, kKmsClientPath)) {
    out.client = client_generation(*client);
  }
  const auto script = image_file(image, platform::kStartScriptPath.substr(1));
  out.has_ready_marker = script && script->find(kReadyMarker) != std::string::npos;
  return out;
}

LaunchVerdict launch_verdict(const LaunchOrder& order) {
  LaunchVerdict out;
  out.refusal = order.refusal;
  out.promises_markers = order.promises_markers;
  out.prints_ready = order.has_ready_marker;
  out.keeps_log = order.keeps_log;
  out.knows_ports = true;
  out.ports = order.ports;
  if (!order.starts_script || !order.refusal.empty()) return out;
  if (!order.client) {
    out.no_variables = "the image has no KMS client at /usr/local/bin/kms-client";
  } else if (order.client != order.machine) {
    out.no_variables =
        *order.client == RuntimeGeneration::kIntelToken
            ? "HTTP 500: no ITA verifier client present - ensure ITA Region and Key are defined in "
              "metadata"
            : "HTTP 404: 404 page not found";
  }
  return out;
}

}  // namespace ecloud::devnet
