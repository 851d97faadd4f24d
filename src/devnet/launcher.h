#pragma once

#include <optional>
#include <string>
#include <vector>

#include "devnet/machines.h"
#include "devnet/stored_image.h"
#include "ecloud/platform/runtime_generation.h"

namespace ecloud::devnet {

/// What the launcher of a TEE reads from an image before it starts the container, and what it makes
/// of it. The rules are those of the platform's launcher (Layr-Labs/go-tpm-tools, launcher/).
struct LaunchOrder {
  /// Why the container is not started; empty when it is.
  std::string refusal;
  /// The VM image that the label chooses; its launcher gives evidence of this kind only.
  std::optional<platform::RuntimeGeneration> machine;
  /// The kind of evidence that the image's KMS client asks for; nothing without a client.
  std::optional<platform::RuntimeGeneration> client;
  bool starts_script = false;  ///< the entrypoint is the platform's start script
  /// The label eigenx_container_contract is "v1": the platform waits for the ready marker.
  bool promises_markers = false;
  bool has_ready_marker = false;   ///< the start script has the text of the ready marker
  bool sets_overrides = false;     ///< the platform passes ECLOUD_PD_EXPECTED and the host name on
  bool keeps_log = false;          ///< what the app prints can be read
  std::vector<std::string> ports;  ///< "8080/tcp": what the firewall opens; nothing else
};

/// Applies the launcher's rules to an image. Throws as image_file.
LaunchOrder read_launch_order(const StoredImage& image);

/// What it means for the machine. A KMS client on the VM image of the other generation gets no
/// variables, and neither does an image whose start script has no client.
LaunchVerdict launch_verdict(const LaunchOrder& order);

/// Whether a key of ExposedPorts is PORT/tcp or PORT/udp as the launcher reads it: lower case, one
/// port of 0 to 65535.
bool is_launchable_port(std::string_view key);

/// The marker that the platform waits for, and for how long.
inline constexpr std::string_view kReadyMarker = "ECLOUD_READY runtime_bootstrapped";
inline constexpr double kReadySeconds = 600;

}  // namespace ecloud::devnet
