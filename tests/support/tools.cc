#include "support/tools.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

#include "ecloud/base/text.h"

namespace ecloud::testing {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::optional<std::filesystem::path> find_tool(const std::string& name) {
  const std::string places = variable("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin";
  for (const std::string& directory : base::split(places, ':')) {
    const std::filesystem::path candidate = std::filesystem::path(directory) / name;
    std::error_code ignored;
    if (directory.empty() || !std::filesystem::is_regular_file(candidate, ignored)) continue;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

bool root_is_mount_point() {
  std::ifstream mounts("/proc/self/mountinfo");
  // The fifth field of a line is the mount point, seen from the root of the process (proc(5)).
  for (std::string line; std::getline(mounts, line);) {
    const auto fields = base::split(line, ' ');
    if (fields.size() > 4 && fields[4] == "/") return true;
  }
  return false;
}

bool tools_are_required() {
  return variable("ECLOUD_REQUIRE_TOOLS") == "1";
}

}  // namespace ecloud::testing
