#include <sys/stat.h>

#include <clocale>
#include <cstdlib>
#include <string>

#include "ecloud/platform/tee_layer.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::platform {
namespace {

/// An image that never changes.
oci::Image fixed_image() {
  const std::string config =
      R"({"architecture":"amd64","os":"linux","created":"2026-01-01T00:00:00Z",)"
      R"("config":{"Env":["PATH=/bin"],"Entrypoint":["/app"],"Cmd":["serve"],"User":"1000:1000"},)"
      R"("rootfs":{"type":"layers","diff_ids":[)"
      R"("sha256:2222222222222222222222222222222222222222222222222222222222222222"]},)"
      R"("history":[{"created_by":"COPY app /app"}]})";
  const std::string manifest =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
      R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":)" +
      std::to_string(config.size()) + R"(,"digest":")" +
      oci::Digest::of(base::as_bytes(config)).to_string() +
      R"("},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":77,)"
      R"("digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111"}]})";
  return oci::read_image("alice/app:1", "", manifest, config);
}

std::string layered_digest(const std::filesystem::path& scratch) {
  const oci::Image base = fixed_image();
  std::string program =
      "\x7f"
      "ELF";
  for (std::uint64_t i = 0; i < 50'000; ++i) program += std::to_string(i * i);
  const TeeTools tools = {.kms_client = oci::content_of(program),
                          .ca_bundle = nullptr,
                          .tls_client = oci::content_of("keygen"),
                          .caddy = oci::content_of("caddy")};
  const oci::Addition addition = tee_layer(builtin_environments().front(), base, tools,
                                           {.caddyfile = "{$DOMAIN}\n", .client_version = "0.1.0"});
  return oci::add_layer(base, addition, scratch).image.digest.to_string();
}

}  // namespace

// Whoever changes the start script, the labels or the compression changes what anybody computed
// before; this says so.
TEST_CASE("the layered form of an image has a digest that never changes", "[platform][layer]") {
  testing::TempDir dir;
  CHECK(layered_digest(dir.path()) ==
        "sha256:fbc72475355a6e46c0020f878aeb195d94d256156568a64cde4da7e4bc48b9aa");
}

TEST_CASE("neither time zone nor locale nor umask is in a layer", "[platform][layer]") {
  testing::TempDir dir;
  const std::string before = layered_digest(dir.path());
  const mode_t mask = ::umask(0777);
  ::umask(0077);
  ::setenv("TZ", "Pacific/Auckland", 1);
  ::setenv("SOURCE_DATE_EPOCH", "1234567890", 1);
  std::setlocale(LC_ALL, "C.UTF-8");
  const std::string after = layered_digest(dir.path());
  std::setlocale(LC_ALL, "C");
  ::unsetenv("TZ");
  ::unsetenv("SOURCE_DATE_EPOCH");
  ::umask(mask);
  CHECK(after == before);
}

}  // namespace ecloud::platform
