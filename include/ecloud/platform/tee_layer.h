#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecloud/oci/layering.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

// Labels of an image that the platform's machines read.
inline constexpr char kLogLabel[] = "tee.launch_policy.log_redirect";
inline constexpr char kMemoryLabel[] = "tee.launch_policy.monitoring_memory_allow";
inline constexpr char kOverrideLabel[] = "tee.launch_policy.allow_env_override";
/// The version of the client that layered the image.
inline constexpr char kVersionLabel[] = "eigenx_cli_version";
/// The manifest that was layered (OCI image specification, "Annotations", base.digest), so that
/// anybody can layer it again and compare.
inline constexpr char kBaseLabel[] = "org.opencontainers.image.base.digest";

/// The programs that a layered image starts before the app.
struct TeeTools {
  oci::ContentPtr kms_client;
  oci::ContentPtr ca_bundle;          ///< PEM certificates; null when no image has them
  oci::ContentPtr tls_client, caddy;  ///< null without TLS
};

struct TeeLayerOptions {
  bool keep_log = true;        ///< the platform may read what the app prints
  bool measure_memory = true;  ///< and measure its memory
  /// With one the app serves TLS through Caddy.
  std::optional<std::string> caddyfile;
  std::string client_version;  ///< the value of kVersionLabel
  /// Launch policy labels of the base image that are to stay; all others of it are dropped.
  std::vector<std::string> keep_labels;
};

/// What layering makes of a label of the base image that the launcher would read.
enum class LabelFate { kDropped, kReplaced, kKept };
struct InheritedLabel {
  std::string name, value;
  LabelFate fate = LabelFate::kDropped;
};

/// The launch policy labels that `base` brings (is_launch_label), by name. One that the layer sets
/// to the same value is not among them. Throws Error{kUsage, "image.keep_label"} for a name in
/// keep_labels that `base` does not have, that the layer sets itself, or whose value would keep the
/// launcher from starting the container.
std::vector<InheritedLabel> inherited_labels(const Environment& environment, const oci::Image& base,
                                             const TeeLayerOptions& options);

/// keep_labels with which `layered` was made from `base`: the launch policy labels that both have
/// and that the layer does not set.
std::vector<std::string> kept_labels(const oci::Image& layered, const oci::Image& base);

/// Throws Error{kImage, "image.bad_port"} for a key of ExposedPorts with which the launcher does
/// not start the container.
void check_ports(const oci::Image& image);

/// Throws Error{kImage}:
///   image.layered     it is layered already, as its entrypoint and labels show
///   image.partly_layered  it has the entrypoint of a layered image and nothing else of one
///   image.no_command  it says nothing to run
/// and as check_ports.
void check_layerable(const oci::Image& base);

/// What turns an image into one that the TEE can start: start script, KMS client, the KMS's signing
/// key, CA certificates, with TLS also tls-client, Caddy and its file; entrypoint, user and labels.
/// The command is ENTRYPOINT followed by CMD, as container runtimes run it. Throws as
/// check_layerable and inherited_labels, and Error{kUsage, "image.bad_label"} when the
/// environment's own labels would keep the launcher from starting it.
oci::Addition tee_layer(const Environment& environment, const oci::Image& base,
                        const TeeTools& tools, const TeeLayerOptions& options);

}  // namespace ecloud::platform
