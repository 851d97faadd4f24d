#include "ecloud/oci/platform_name.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

constexpr std::array<std::string_view, 12> kSystems = {"linux",   "windows", "darwin",  "macos",
                                                       "freebsd", "netbsd",  "openbsd", "dragonfly",
                                                       "solaris", "illumos", "aix",     "wasip1"};

void normalize_arm(PlatformName& out) {
  if (out.architecture == "armhf") out.variant = "v7";
  if (out.architecture == "armel") out.variant = "v6";
  out.architecture = "arm";
  if (out.variant.empty()) out.variant = "v7";
  if (out.variant.front() != 'v') out.variant.insert(0, 1, 'v');
}

void normalize_architecture(PlatformName& out) {
  const std::string& name = out.architecture;
  if (name == "x86_64" || name == "x86-64" || name == "amd64") {
    out.architecture = "amd64";
    if (out.variant == "v1") out.variant.clear();
  } else if (name == "i386") {
    out.architecture = "386";
    out.variant.clear();
  } else if (name == "aarch64" || name == "arm64") {
    out.architecture = "arm64";
    if (out.variant == "8" || out.variant == "v8") out.variant.clear();
  } else if (name == "arm" || name == "armhf" || name == "armel") {
    normalize_arm(out);
  }
}

}  // namespace

std::string PlatformName::text() const {
  if (os.empty() && architecture.empty()) return "an unknown platform";
  std::string out =
      (os.empty() ? "unknown" : os) + "/" + (architecture.empty() ? "unknown" : architecture);
  if (!variant.empty()) out += "/" + variant;
  return base::printable_line(out, 60);
}

PlatformName normalized_platform(std::string_view os, std::string_view architecture,
                                 std::string_view variant) {
  PlatformName out{base::to_lower(os), base::to_lower(architecture), base::to_lower(variant)};
  if (out.os == "macos") out.os = "darwin";
  normalize_architecture(out);
  return out;
}

PlatformName parse_platform(std::string_view text) {
  const std::vector<std::string> parts = base::split(text, '/');
  if (parts.size() == 1) {
    const std::string word = base::to_lower(parts[0]);
    const bool is_system = std::find(kSystems.begin(), kSystems.end(), word) != kSystems.end();
    return is_system ? normalized_platform(word, "", "") : normalized_platform("linux", word, "");
  }
  return normalized_platform(parts[0], parts[1], parts.size() > 2 ? parts[2] : "");
}

}  // namespace ecloud::oci
