#include "ecloud/oci/platform_name.h"

#include "support/catch.h"

namespace ecloud::oci {
namespace {

TEST_CASE("aliases of platforms are resolved as containerd does", "[oci][platform]") {
  for (const char* alias : {"x86_64", "x86-64", "amd64", "AMD64", "X86_64"}) {
    INFO(alias);
    CHECK(normalized_platform("linux", alias, "").is_linux_amd64());
    CHECK(normalized_platform("Linux", alias, "v1").text() == "linux/amd64");
    CHECK(parse_platform(alias).is_linux_amd64());
    CHECK(parse_platform("linux/" + std::string(alias)).is_linux_amd64());
  }
  CHECK(parse_platform("linux/amd64/v3").text() == "linux/amd64/v3");
  CHECK(parse_platform("linux/aarch64").text() == "linux/arm64");
  CHECK(normalized_platform("linux", "arm64", "v8").text() == "linux/arm64");
  CHECK(parse_platform("linux/armhf").text() == "linux/arm/v7");
  CHECK(parse_platform("linux/armel").text() == "linux/arm/v6");
  CHECK(normalized_platform("linux", "arm", "6").text() == "linux/arm/v6");
  CHECK(normalized_platform("linux", "i386", "x").text() == "linux/386");
  CHECK(parse_platform("macos/x86_64").text() == "darwin/amd64");
}

TEST_CASE("a platform of one word is a system or an architecture of Linux", "[oci][platform]") {
  CHECK(parse_platform("arm64").text() == "linux/arm64");
  CHECK(parse_platform("linux").text() == "linux/unknown");
  CHECK(parse_platform("windows").text() == "windows/unknown");
  CHECK_FALSE(parse_platform("linux").is_linux_amd64());
  CHECK(parse_platform("").text() == "linux/unknown");
  CHECK(normalized_platform("", "", "").text() == "an unknown platform");
}

}  // namespace
}  // namespace ecloud::oci
