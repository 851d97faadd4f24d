#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/catch.h"

namespace ecloud::testing {

/// A program on PATH or in the directories of system programs, which PATH often lacks.
std::optional<std::filesystem::path> find_tool(const std::string& name);

/// As the kernel tells it in /proc/self/mountinfo.
bool root_is_mount_point();

/// Whether a missing tool fails the test: ECLOUD_REQUIRE_TOOLS=1.
bool tools_are_required();

/// As find_tool. Without the tool the test is to return, visibly skipped; or it fails here, where
/// tools are required.
inline std::optional<std::filesystem::path> require_tool(const std::string& name) {
  auto found = find_tool(name);
  if (found) return found;
  if (tools_are_required()) FAIL(name + " is not installed, and ECLOUD_REQUIRE_TOOLS is set");
  WARN("SKIPPED: " + name + " not installed");
  return std::nullopt;
}

/// Whether / is a mount point, as on machines and in containers and not in a plain chroot: without
/// it nothing below can be mounted in a namespace of its own, which buildah and /proc in a root
/// folder need. When not, the test is to return, visibly skipped.
inline bool require_root_mount() {
  if (root_is_mount_point()) return true;
  WARN("SKIPPED: / is no mount point here (a plain chroot)");
  return false;
}

}  // namespace ecloud::testing
