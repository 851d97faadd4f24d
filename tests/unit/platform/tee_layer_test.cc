#include "ecloud/platform/tee_layer.h"

#include <string>

#include "ecloud/base/error.h"
#include "ecloud/platform/start_script.h"
#include "support/catch.h"
#include "support/content.h"

namespace ecloud::platform {
namespace {

oci::Image image_with(oci::ImageConfig details) {
  return {.name = "alice/app:1",
          .manifest = {},
          .manifest_type = std::string(oci::kOciManifestType),
          .digest = oci::Digest::of(base::as_bytes("manifest")),
          .config = {},
          .config_descriptor = {"", oci::Digest::of({}), 0},
          .layers = {},
          .details = std::move(details)};
}

Environment environment() {
  Environment out;
  out.kms_signing_key = "KEY\n";
  out.kms_server_url = "http://10.0.0.1:8080";
  out.user_api_url = "https://userapi.example";
  out.image_labels = {{"eigenx_vm_image", "eigen"}};
  return out;
}

TeeTools tools() {
  return {.kms_client = oci::content_of("KMS"),
          .ca_bundle = nullptr,
          .tls_client = oci::content_of("TLS"),
          .caddy = oci::content_of("CADDY")};
}

using testing::octets_of;

using Labels = std::map<std::string, std::string>;
using Words = std::vector<std::string>;

std::string refusal(const oci::ImageConfig& details) {
  try {
    check_layerable(image_with(details));
  } catch (const Error& error) {
    CHECK(error.category() == Category::kImage);
    return error.code() + ": " + error.message();
  }
  return "";
}

}  // namespace

TEST_CASE("what a layer adds for the TEE", "[platform][layer]") {
  oci::ImageConfig details;
  details.entrypoint = {"/run"};
  details.command = {"--port", "80"};
  const oci::Image base = image_with(details);
  const oci::Addition out = tee_layer(environment(), base, tools(), {.client_version = "1.2.3"});
  REQUIRE(out.files.size() == 3);
  CHECK(out.files[0].path == "usr/local/bin/compute-source-env.sh");
  CHECK(out.files[0].mode == 0755);
  CHECK(octets_of(*out.files[0].content) == start_script(environment()));
  CHECK(out.files[1].path == "usr/local/bin/kms-client");
  CHECK(out.files[1].mode == 0755);
  CHECK(octets_of(*out.files[1].content) == "KMS");
  CHECK(out.files[2].path == "usr/local/bin/kms-signing-public-key.pem");
  CHECK(out.files[2].mode == 0644);
  CHECK(octets_of(*out.files[2].content) == "KEY\n");
  CHECK(out.entrypoint == Words{"/usr/local/bin/compute-source-env.sh"});
  CHECK(out.command == Words{"/run", "--port", "80"});
  CHECK(out.user == "root");
  CHECK(out.environment.empty());
  CHECK(out.exposed_ports.empty());
  CHECK(out.removed_labels.empty());
  CHECK(out.labels == Labels{{"tee.launch_policy.log_redirect", "always"},
                             {"tee.launch_policy.monitoring_memory_allow", "always"},
                             {"tee.launch_policy.allow_env_override", "ECLOUD_PD_EXPECTED"},
                             {"eigenx_cli_version", "1.2.3"},
                             {"eigenx_vm_image", "eigen"},
                             {"org.opencontainers.image.base.digest", base.digest.to_string()}});
}

TEST_CASE("ENTRYPOINT and CMD of all kinds become one command", "[platform][layer]") {
  const auto command_of = [](Words entrypoint, Words command) {
    oci::ImageConfig details;
    details.entrypoint = std::move(entrypoint);
    details.command = std::move(command);
    return tee_layer(environment(), image_with(details), tools(), {}).command;
  };
  CHECK(command_of({}, {"/app"}) == Words{"/app"});
  CHECK(command_of({"/app"}, {}) == Words{"/app"});
  CHECK(command_of({"/bin/sh", "-c", "run me"}, {"ignored"}) ==
        Words{"/bin/sh", "-c", "run me", "ignored"});
}

TEST_CASE("the user of the image goes to the start script", "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  for (const std::string user : {"app", "1000", "1000:1000", "app:staff"}) {
    details.user = user;
    const oci::Addition out = tee_layer(environment(), image_with(details), tools(), {});
    CHECK(out.user == "root");
    CHECK(out.environment == Words{"__ECLOUD_ORIGINAL_USER=" + user});
  }
}

TEST_CASE("an app whose log nobody keeps has no label that keeps it", "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  details.labels = {{"tee.launch_policy.log_redirect", "always"}};
  const oci::Addition out = tee_layer(environment(), image_with(details), tools(),
                                      {.keep_log = false, .measure_memory = false});
  CHECK_FALSE(out.labels.contains("tee.launch_policy.log_redirect"));
  CHECK(out.labels.at("tee.launch_policy.monitoring_memory_allow") == "never");
  CHECK(out.removed_labels == Words{"tee.launch_policy.log_redirect"});
}

TEST_CASE("with a Caddyfile the layer serves TLS", "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  const oci::Addition out =
      tee_layer(environment(), image_with(details), tools(), {.caddyfile = "{$DOMAIN}\n"});
  REQUIRE(out.files.size() == 6);
  CHECK(out.files[3].path == "usr/local/bin/tls-keygen");
  CHECK(out.files[3].mode == 0755);
  CHECK(out.files[4].path == "usr/local/bin/caddy");
  CHECK(octets_of(*out.files[4].content) == "CADDY");
  CHECK(out.files[5].path == "etc/caddy/Caddyfile");
  CHECK(octets_of(*out.files[5].content) == "{$DOMAIN}\n");
  CHECK(out.exposed_ports == Words{"80/tcp", "443/tcp"});
}

TEST_CASE("what cannot be layered is told apart", "[platform][layer]") {
  oci::ImageConfig details;
  CHECK(refusal(details) ==
        "image.no_command: alice/app:1 says nothing to run: it has neither ENTRYPOINT nor CMD");
  details.command = {"/app"};
  CHECK(refusal(details).empty());
  details.labels = {{"eigenx_cli_version", "0.3.0"}};
  CHECK(refusal(details) ==
        "image.layered: alice/app:1 is layered already (label eigenx_cli_version)");
}

}  // namespace ecloud::platform
