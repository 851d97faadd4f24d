#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ecloud::platform {

// Rules of the launcher that starts an app's container (Layr-Labs/go-tpm-tools, launcher/spec and
// launcher/launchpolicy). What breaks one fails only after the deployment, without a message.

/// Whether a label of an image is read by the launcher or the platform: tee.launch_policy.*,
/// eigenx_*.
bool is_launch_label(std::string_view name);

/// Why the launcher does not start a container with that label; empty when it does. Labels of other
/// names than it knows have no rule.
std::string launch_label_problem(std::string_view name, std::string_view value);

/// As launch_label_problem for all of an image's labels, and for labels that exclude each other;
/// one line each.
std::vector<std::string> launch_label_problems(const std::map<std::string, std::string>& labels);

/// Why a key of ExposedPorts keeps the container from being started; empty when it does not. The
/// form is PORT/tcp or PORT/udp, one port, in lower case.
std::string exposed_port_problem(std::string_view key);

/// What to write into a Dockerfile instead of a key with a problem: "EXPOSE 8080/tcp".
std::string expose_hint(std::string_view key);

}  // namespace ecloud::platform
