#pragma once

#include <optional>
#include <string>

#include "ecloud/oci/layering.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

// Labels of an image that the platform's machines read.
inline constexpr char kLogLabel[] = "tee.launch_policy.log_redirect";
inline constexpr char kMemoryLabel[] = "tee.launch_policy.monitoring_memory_allow";
inline constexpr char kOverrideLabel[] = "tee.launch_policy.allow_env_override";
/// Its presence tells a layered image; its value is the client's version.
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
};

/// Throws Error{kImage}:
///   image.layered     it is layered already
///   image.no_command  it says nothing to run
void check_layerable(const oci::Image& base);

/// What turns an image into one that the TEE can start: start script, KMS client, the KMS's signing
/// key, with TLS also tls-keygen, Caddy and its file; entrypoint, user and labels. The command is
/// ENTRYPOINT followed by CMD, as container runtimes run it. Throws as
/// check_layerable.
oci::Addition tee_layer(const Environment& environment, const oci::Image& base,
                        const TeeTools& tools, const TeeLayerOptions& options);

}  // namespace ecloud::platform
