#pragma once

#include <string>
#include <string_view>

namespace ecloud::oci {

/// The platform of an image, spelled as containerd does after normalisation
/// (github.com/containerd/platforms, database.go): "linux", "amd64", variant empty where it is the
/// architecture's own. All empty when nothing is known.
struct PlatformName {
  std::string os;
  std::string architecture;
  std::string variant;

  bool is_linux_amd64() const { return os == "linux" && architecture == "amd64"; }
  /// "linux/arm/v7"; "an unknown platform" when nothing is known. At most 60 characters, printable.
  std::string text() const;
};

/// Lower case and aliases resolved: x86_64 and x86-64 are amd64, aarch64 is arm64, i386 is 386,
/// armhf and armel are arm, macos is darwin; amd64's v1 and arm64's v8 are the architecture itself.
PlatformName normalized_platform(std::string_view os, std::string_view architecture,
                                 std::string_view variant);

/// Reads "OS/ARCHITECTURE[/VARIANT]", "OS" (its architecture stays empty) or "ARCHITECTURE" (for
/// linux), as the --platform of FROM has it, and normalises it.
PlatformName parse_platform(std::string_view text);

}  // namespace ecloud::oci
