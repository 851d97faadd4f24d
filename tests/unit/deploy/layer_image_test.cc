#include "ecloud/deploy/layer_image.h"

#include <stdlib.h>
#include <unistd.h>

#include "support/catch.h"

namespace ecloud::deploy {
namespace {

TEST_CASE("Without a cache files without a name lie in a folder of the user's own", "[deploy]") {
  const char* before = ::getenv("TMPDIR");
  const std::string restored = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/nowhere/at/all", 1);
  CHECK(scratch_directory({}) == "/tmp/ecloud-" + std::to_string(::geteuid()) + "/scratch");
  before == nullptr ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", restored.c_str(), 1);
  CHECK(scratch_directory({.cache = "/home/alice/.cache/ecloud"}) ==
        "/home/alice/.cache/ecloud/scratch");
}

TEST_CASE("A layered image lies beside its source", "[deploy]") {
  const auto layered = [](const std::string& source) {
    return layered_reference(oci::Reference::parse(source)).to_string();
  };
  const std::string digest = "sha256:0123456789abcdef" + std::string(48, '0');
  CHECK(layered("me/app:1.0") == "docker.io/me/app:1.0-layered");
  CHECK(layered("ghcr.io/me/app:1.0@" + digest) == "ghcr.io/me/app:1.0-layered");
  CHECK(layered("ghcr.io/me/app@" + digest) == "ghcr.io/me/app:0123456789ab-layered");
}

}  // namespace
}  // namespace ecloud::deploy
