#include "ecloud/platform/tee_layer.h"

#include "ecloud/base/error.h"
#include "ecloud/platform/start_script.h"

namespace ecloud::platform {
namespace {

constexpr unsigned kProgramMode = 0755;
constexpr unsigned kDataMode = 0644;

std::vector<std::string> command_line(const oci::Image& base) {
  std::vector<std::string> out = base.details.entrypoint;
  out.insert(out.end(), base.details.command.begin(), base.details.command.end());
  return out;
}

}  // namespace

void check_layerable(const oci::Image& base) {
  if (base.is_layered()) {
    throw Error(Category::kImage, "image.layered",
                base.name + " is layered already (label " + std::string(kVersionLabel) + ")",
                "deploy it as it is, or name the image that it was made from");
  }
  if (command_line(base).empty()) {
    throw Error(Category::kImage, "image.no_command",
                base.name + " says nothing to run: it has neither ENTRYPOINT nor CMD",
                "add a line to its Dockerfile: CMD [\"/path/to/your/program\"]");
  }
}

namespace {

std::map<std::string, std::string> labels_for(const Environment& environment,
                                              const oci::Image& base,
                                              const TeeLayerOptions& options) {
  std::map<std::string, std::string> out = environment.image_labels;
  out.insert(vm_image_label(environment.runtime));
  if (options.keep_log) out[kLogLabel] = "always";
  out[kMemoryLabel] = options.measure_memory ? "always" : "never";
  out[kOverrideLabel] = "ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST";
  out[kVersionLabel] = options.client_version;
  out[kBaseLabel] = base.digest.to_string();
  return out;
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
  if (options.caddyfile) {
    out.push_back({"usr/local/bin/tls-keygen", kProgramMode, tools.tls_client});
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
  out.user = "root";
  if (!base.details.user.empty()) {
    out.environment = {std::string(kOriginalUserVariable) + "=" + base.details.user};
  }
  if (options.caddyfile) out.exposed_ports = {"80/tcp", "443/tcp"};
  out.labels = labels_for(environment, base, options);
  // Left over from the base image, it would give the log away.
  if (!options.keep_log) out.removed_labels = {kLogLabel};
  out.created_by = "ecloud image layer (" + options.client_version + ")";
  return out;
}

}  // namespace ecloud::platform
