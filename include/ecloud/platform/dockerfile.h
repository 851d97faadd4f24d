#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecloud::platform {

/// Beyond this a Dockerfile or .dockerignore is not read, in bytes.
constexpr std::size_t kMaxDockerfileBytes = std::size_t{1} << 20;

/// Something in a Dockerfile that the platform, or whoever can pull the image, takes badly.
struct DockerfileFinding {
  std::size_t line = 0;  ///< counted from 1; where the instruction begins
  bool fatal = false;    ///< the app cannot work so; else it is worth a look
  /// Stable: dockerfile.no_from, .platform, .no_shell, .user, .localhost, .env_copied,
  /// .context_copied, .shell_form, .volume, .port, .no_expose.
  std::string code;
  std::string message;  ///< without a final full stop
  std::string hint;     ///< what to write instead
};

/// Checks the text of a Dockerfile against what the platform asks of an image: linux/amd64, root at
/// run time, a server that listens on all addresses, no secrets in the image and nothing kept on
/// disk. `dockerignore` is the content of the context's .dockerignore; nothing when there is none.
/// Only what stands in the text is looked at: not the base image, and no variable without a known
/// value. Findings are in the order of their lines. Never throws for what the text says.
std::vector<DockerfileFinding> check_dockerfile(
    std::string_view text, std::optional<std::string_view> dockerignore = std::nullopt);

/// Whether a .dockerignore of that content keeps `path` (relative, "/" between its parts) out of
/// the build: the last pattern that matches it or a folder above it decides, "!" takes back.
bool dockerignore_excludes(std::string_view dockerignore, std::string_view path);

}  // namespace ecloud::platform
