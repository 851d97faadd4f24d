#include "ecloud/deploy/layer_image.h"

#include <stdlib.h>
#include <unistd.h>

#include "ecloud/base/error.h"
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

TEST_CASE("An image that the platform has built is warned of by its ports and DOMAIN", "[deploy]") {
  const auto warnings = [](std::vector<std::string> ports, bool has_domain) {
    oci::ResolvedImage image{.reference = oci::Reference::parse("me/app:1"),
                             .digest = oci::Digest::of(base::as_bytes("image"))};
    image.exposed_ports = std::move(ports);
    std::string out;
    for (const std::string& warning : built_image_warnings(image, has_domain)) {
      out += warning + "\n";
    }
    return out;
  };
  const std::string not_set =
      "DOMAIN is not set: images that the platform builds start Caddy only for DOMAIN, so ports 80 "
      "and 443 serve nothing unless the app itself listens there";
  CHECK(warnings({"8080/tcp", "80/tcp", "443/tcp"}, true).empty());
  CHECK(warnings({"80/tcp", "443/tcp"}, true).empty());
  CHECK(warnings({"8080/tcp"}, false).empty());
  CHECK(warnings({"80/tcp", "9000/udp", "443/tcp"}, false) == not_set + "\n");
  CHECK(warnings({"443/tcp", "80/tcp"}, false) ==
        not_set +
            ", and docker.io/me/app:1 exposes no other port; add a line such as EXPOSE 8080 to its "
            "Dockerfile, unless the app is a worker that serves nothing\n");
  CHECK(warnings({"8080/tcp"}, true) ==
        "DOMAIN is set, but docker.io/me/app:1 has no TLS: it does not expose 443/tcp\n");
  CHECK(warnings({}, false).starts_with(
      "docker.io/me/app:1 exposes no port: the firewall opens none, so nobody can reach the app"));
  CHECK_THROWS_AS(warnings({"8080-8090/tcp"}, false), Error);
}

}  // namespace
}  // namespace ecloud::deploy
