#include "ecloud/platform/tee_layer.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/launch_policy.h"
#include "ecloud/platform/start_script.h"

namespace ecloud::platform {
namespace {

constexpr unsigned kProgramMode = 0755;
constexpr unsigned kDataMode = 0644;
/// Where the platform's builder puts it too.
constexpr std::string_view kCaBundlePath = "usr/local/share/eigenx-ca-certs.crt";
/// The variables that the platform itself gives to the container; without the permission the
/// launcher does not start it.
constexpr char kPlatformVariables[] = "ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST";

std::vector<std::string> command_line(const oci::Image& base) {
  std::vector<std::string> out = base.details.entrypoint;
  out.insert(out.end(), base.details.command.begin(), base.details.command.end());
  return out;
}

/// The labels that layering sets, whatever the image has.
std::map<std::string, std::string> labels_for(const Environment& environment,
                                              const oci::Image& base,
                                              const TeeLayerOptions& options) {
  std::map<std::string, std::string> out = environment.image_labels;
  out.insert(vm_image_label(environment.runtime));
  if (options.keep_log) out[kLogLabel] = "always";
  out[kMemoryLabel] = options.measure_memory ? "always" : "never";
  out[kOverrideLabel] = kPlatformVariables;
  out[kVersionLabel] = options.client_version;
  out[kBaseLabel] = base.digest.to_string();
  return out;
}

/// Whether layering decides about that label, with a value or by leaving it out.
bool is_own_label(const std::string& name, const std::map<std::string, std::string>& own) {
  return own.contains(name) || name == kLogLabel ||
         name == vm_image_label(RuntimeGeneration::kIntelToken).first ||
         name == vm_image_label(RuntimeGeneration::kBoundEvidence).first;
}

Error cannot_keep(const std::string& name, const std::string& why, std::string hint) {
  return {Category::kUsage, "image.keep_label",
          "--keep-label " + base::printable_line(name, 80) + ": " + why, std::move(hint)};
}

void check_kept(const oci::Image& base, const std::map<std::string, std::string>& own,
                const std::vector<std::string>& names) {
  const std::string hint = "leave out --keep-label, or build the image with another value";
  std::map<std::string, std::string> all = own;
  for (const std::string& name : names) {
    const auto label = base.details.labels.find(name);
    if (label == base.details.labels.end() || !is_launch_label(name)) {
      throw cannot_keep(name, base.name + " has no such launch policy label",
                        "see its labels with `ecloud image inspect`");
    }
    if (is_own_label(name, own)) {
      throw cannot_keep(name, "the platform layer sets this label itself", "leave it out");
    }
    all.insert(*label);
  }
  const std::vector<std::string> problems = launch_label_problems(all);
  if (names.empty() || problems.empty()) return;
  throw cannot_keep(names.front(), "the launcher would not start the app: " + problems.front(),
                    hint);
}

void check_own_labels(const Environment& environment,
                      const std::map<std::string, std::string>& labels) {
  const std::vector<std::string> problems = launch_label_problems(labels);
  if (problems.empty()) return;
  throw Error(Category::kUsage, "image.bad_label",
              "the image labels of environment " + environment.name +
                  " would keep the launcher from starting the app: " + problems.front(),
              "change imageLabels in the configuration");
}

}  // namespace

void check_ports(const oci::Image& base) {
  for (const std::string& port : base.details.exposed_ports) {
    const std::string problem = exposed_port_problem(port);
    if (problem.empty()) continue;
    throw Error(Category::kImage, "image.bad_port",
                base.name + " exposes \"" + base::printable_line(port, 60) + "\", which " +
                    problem + ": the launcher would not start the app",
                "write each port with its protocol, in lower case: " + expose_hint(port));
  }
}

void check_layerable(const oci::Image& base) {
  if (base.is_layered()) {
    throw Error(
        Category::kImage, "image.layered",
        base.name + " is layered already (entrypoint " + std::string(kStartScriptPath) + ")",
        "deploy it as it is, or name the image that it was made from");
  }
  if (oci::starts_in_tee(base.details.entrypoint)) {
    // Layered again, the script would start itself.
    throw Error(
        Category::kImage, "image.partly_layered",
        base.name + " starts with the platform's start script (entrypoint " +
            std::string(kStartScriptPath) +
            ") and lacks the rest of the platform layer: it has neither the platform's labels "
            "(eigenx_*) nor /usr/local/bin/kms-client",
        "name the image that it was made from, or set ENTRYPOINT to the app's own program");
  }
  const std::vector<std::string> command = command_line(base);
  if (command.empty() || command.front().empty()) {
    throw Error(Category::kImage, "image.no_command",
                base.name + " says nothing to run: " +
                    (command.empty() ? "it has neither ENTRYPOINT nor CMD"
                                     : "its ENTRYPOINT or CMD begins with an empty word"),
                "add a line to its Dockerfile: CMD [\"/path/to/your/program\"]");
  }
  check_ports(base);
}

std::vector<InheritedLabel> inherited_labels(const Environment& environment, const oci::Image& base,
                                             const TeeLayerOptions& options) {
  const std::map<std::string, std::string> own = labels_for(environment, base, options);
  check_kept(base, own, options.keep_labels);
  std::vector<InheritedLabel> out;
  for (const auto& [name, value] : base.details.labels) {
    if (!is_launch_label(name)) continue;
    const auto label = own.find(name);
    if (label != own.end() && label->second == value) continue;
    const auto& kept = options.keep_labels;
    const bool is_kept = std::find(kept.begin(), kept.end(), name) != kept.end();
    out.push_back({name, value,
                   is_kept              ? LabelFate::kKept
                   : label != own.end() ? LabelFate::kReplaced
                                        : LabelFate::kDropped});
  }
  return out;
}

std::vector<std::string> kept_labels(const oci::Image& layered, const oci::Image& base) {
  // What every layer sets, and only that.
  const std::map<std::string, std::string> own = labels_for({}, base, {});
  std::vector<std::string> out;
  for (const auto& [name, value] : base.details.labels) {
    const auto label = layered.details.labels.find(name);
    if (!is_launch_label(name) || is_own_label(name, own)) continue;
    if (label != layered.details.labels.end() && label->second == value) out.push_back(name);
  }
  return out;
}

namespace {

/// USER with the number of root, whose name does not resolve in an image without /etc/passwd.
std::string with_numeric_root(const std::string& user) {
  std::vector<std::string> parts = base::split(user, ':');
  for (std::string& part : parts) {
    if (part == "root") part = "0";
  }
  return base::join(parts, ":");
}

std::vector<oci::AddedFile> files_for(const Environment& environment, const TeeTools& tools,
                                      const TeeLayerOptions& options) {
  std::vector<oci::AddedFile> out = {
      {std::string(kStartScriptPath.substr(1)), kProgramMode,
       oci::content_of(start_script(environment))},
      {"usr/local/bin/kms-client", kProgramMode, tools.kms_client},
      {"usr/local/bin/kms-signing-public-key.pem", kDataMode,
       oci::content_of(environment.kms_signing_key)},
  };
  if (tools.ca_bundle) out.push_back({std::string(kCaBundlePath), kDataMode, tools.ca_bundle});
  if (options.caddyfile) {
    out.push_back({"usr/local/bin/tls-client", kProgramMode, tools.tls_client});
    out.push_back({"usr/local/bin/caddy", kProgramMode, tools.caddy});
    out.push_back({"etc/caddy/Caddyfile", kDataMode, oci::content_of(*options.caddyfile)});
  }
  return out;
}

}  // namespace

oci::Addition tee_layer(const Environment& environment, const oci::Image& base,
                        const TeeTools& tools, const TeeLayerOptions& options) {
  check_layerable(base);
  oci::Addition out;
  out.files = files_for(environment, tools, options);
  out.entrypoint = {std::string(kStartScriptPath)};
  out.command = command_line(base);
  // The number: the name "root" does not resolve in an image without /etc/passwd.
  out.user = "0";
  if (!base.details.user.empty()) {
    out.environment = {std::string(kOriginalUserVariable) + "=" +
                       with_numeric_root(base.details.user)};
  }
  if (options.caddyfile) out.exposed_ports = {"80/tcp", "443/tcp"};
  out.labels = labels_for(environment, base, options);
  check_own_labels(environment, out.labels);
  for (const InheritedLabel& label : inherited_labels(environment, base, options)) {
    if (label.fate == LabelFate::kDropped) out.removed_labels.push_back(label.name);
  }
  out.created_by = "ecloud image layer (" + options.client_version + ")";
  return out;
}

}  // namespace ecloud::platform
