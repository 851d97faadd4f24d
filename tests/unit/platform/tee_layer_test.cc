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
  out.name = "tests";
  out.image_labels = {{"eigenx_container_contract", "v1"}};
  out.runtime = RuntimeGeneration::kBoundEvidence;
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
  REQUIRE(out.files.size() == 3);  // no image has a CA bundle here
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
  CHECK(out.user == "0");
  CHECK(out.environment.empty());
  CHECK(out.exposed_ports.empty());
  CHECK(out.removed_labels.empty());
  CHECK(out.labels ==
        Labels{{"tee.launch_policy.log_redirect", "always"},
               {"tee.launch_policy.monitoring_memory_allow", "always"},
               {"tee.launch_policy.allow_env_override", "ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST"},
               {"eigenx_cli_version", "1.2.3"},
               {"eigenx_container_contract", "v1"},
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
    CHECK(out.user == "0");
    CHECK(out.environment == Words{"__ECLOUD_ORIGINAL_USER=" + user});
  }
  // An image without /etc/passwd has no user of that name, and root has one number everywhere.
  for (const auto& [user, written] : std::vector<std::pair<std::string, std::string>>{
           {"root", "0"}, {"root:root", "0:0"}, {"app:root", "app:0"}, {"rooted", "rooted"}}) {
    details.user = user;
    const oci::Addition out = tee_layer(environment(), image_with(details), tools(), {});
    CHECK(out.environment == Words{"__ECLOUD_ORIGINAL_USER=" + written});
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

TEST_CASE("the CA bundle goes into every layer when there is one", "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  TeeTools with_bundle = tools();
  with_bundle.ca_bundle = oci::content_of("PEM");
  const oci::Addition out = tee_layer(environment(), image_with(details), with_bundle, {});
  REQUIRE(out.files.size() == 4);
  CHECK(out.files[3].path == "usr/local/share/eigenx-ca-certs.crt");
  CHECK(out.files[3].mode == 0644);
  CHECK(octets_of(*out.files[3].content) == "PEM");
}

namespace {

std::string words_of(const std::vector<InheritedLabel>& labels) {
  std::string out;
  for (const InheritedLabel& label : labels) {
    out += label.name + "=" + label.value +
           (label.fate == LabelFate::kDropped    ? " dropped\n"
            : label.fate == LabelFate::kReplaced ? " replaced\n"
                                                 : " kept\n");
  }
  return out;
}

std::string keep_problem(const Labels& labels, const Words& keep) {
  oci::ImageConfig details;
  details.command = {"/app"};
  details.labels = labels;
  try {
    tee_layer(environment(), image_with(details), tools(), {.keep_labels = keep});
    return "";
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    CHECK(error.code() == "image.keep_label");
    return error.message();
  }
}

}  // namespace

TEST_CASE("launch policy labels of the base image are never kept silently", "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  details.labels = {{"eigenx_cli_version", "0.1.0"},
                    {"eigenx_use_ita", "True"},
                    {"eigenx_other", "1"},
                    {"maintainer", "alice"},
                    {"tee.launch_policy.allow_cmd_override", "true"},
                    {"tee.launch_policy.allow_mount_destinations", "/a:/b"},
                    {"tee.launch_policy.log_redirect", "always"}};
  const oci::Image base = image_with(details);
  TeeLayerOptions options{.client_version = "1.2.3"};
  options.keep_labels = {"tee.launch_policy.allow_mount_destinations"};
  CHECK(words_of(inherited_labels(environment(), base, options)) ==
        "eigenx_cli_version=0.1.0 replaced\n"
        "eigenx_other=1 dropped\n"
        "eigenx_use_ita=True dropped\n"
        "tee.launch_policy.allow_cmd_override=true dropped\n"
        "tee.launch_policy.allow_mount_destinations=/a:/b kept\n");
  const oci::Addition out = tee_layer(environment(), base, tools(), options);
  CHECK(out.removed_labels ==
        Words{"eigenx_other", "eigenx_use_ita", "tee.launch_policy.allow_cmd_override"});

  // Whoever layers it again finds out what was kept.
  oci::Image layered = base;
  for (const std::string& name : out.removed_labels) layered.details.labels.erase(name);
  for (const auto& [name, value] : out.labels) layered.details.labels[name] = value;
  CHECK(kept_labels(layered, base) == Words{"tee.launch_policy.allow_mount_destinations"});
}

TEST_CASE("only a label that the launcher accepts is kept", "[platform][layer]") {
  const Labels labels = {{"tee.launch_policy.allow_cmd_override", "yes"},
                         {"tee.launch_policy.allow_capabilities", "True"},
                         {"tee.launch_policy.hardened_monitoring", "all"},
                         {"tee.launch_policy.log_redirect", "always"},
                         {"eigenx_vm_image", "eigen"},
                         {"maintainer", "alice"}};
  CHECK(keep_problem(labels, {"tee.launch_policy.allow_capabilities"}) == "");
  CHECK(keep_problem(labels, {"tee.launch_policy.allow_cmd_override"}) ==
        "--keep-label tee.launch_policy.allow_cmd_override: the launcher would not start the app: "
        "label tee.launch_policy.allow_cmd_override must be true or false; it is \"yes\"");
  CHECK(keep_problem(labels, {"tee.launch_policy.hardened_monitoring"}) ==
        "--keep-label tee.launch_policy.hardened_monitoring: the launcher would not start the app: "
        "labels tee.launch_policy.monitoring_memory_allow and "
        "tee.launch_policy.hardened_monitoring exclude each other");
  const std::string own = ": the platform layer sets this label itself";
  for (const std::string name : {"tee.launch_policy.log_redirect", "eigenx_vm_image"}) {
    CHECK(keep_problem(labels, {name}) == "--keep-label " + name + own);
  }
  for (const std::string name : {"maintainer", "tee.launch_policy.nothing", ""}) {
    CHECK(keep_problem(labels, {name}) ==
          "--keep-label " + name + ": alice/app:1 has no such launch policy label");
  }
}

TEST_CASE("labels of the configuration are checked as the launcher reads them",
          "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  Environment wrong = environment();
  wrong.image_labels["tee.launch_policy.debug_monitoring"] = "some";
  try {
    tee_layer(wrong, image_with(details), tools(), {});
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == "image.bad_label");
    CHECK(error.message() ==
          "the image labels of environment tests would keep the launcher from starting the app: "
          "label tee.launch_policy.debug_monitoring must be one of none, memoryonly, all; it is "
          "\"some\"");
  }
}

TEST_CASE("an image whose ports the launcher refuses is not layered", "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  details.exposed_ports = {"8080/tcp", "53/udp"};
  CHECK(refusal(details).empty());
  details.exposed_ports = {"8080/tcp", "9000"};
  CHECK(
      refusal(details) ==
      "image.bad_port: alice/app:1 exposes \"9000\", which has no protocol: the launcher would not "
      "start the app");
}

TEST_CASE("with a Caddyfile the layer serves TLS", "[platform][layer]") {
  oci::ImageConfig details;
  details.command = {"/app"};
  const oci::Addition out =
      tee_layer(environment(), image_with(details), tools(), {.caddyfile = "{$DOMAIN}\n"});
  REQUIRE(out.files.size() == 6);
  CHECK(out.files[3].path == "usr/local/bin/tls-client");
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
  for (const char* word : {"", "--"}) {
    details.entrypoint = {""};
    details.command = {word};
    CHECK(refusal(details) ==
          "image.no_command: alice/app:1 says nothing to run: its ENTRYPOINT or CMD begins with an "
          "empty word");
  }
  details.entrypoint = {};
  details.command = {"/app"};
  CHECK(refusal(details).empty());
  // A label alone is no sign: the base image may be made from a layered one.
  details.labels = {{"eigenx_cli_version", "0.3.0"}};
  CHECK(refusal(details).empty());
  const std::string layered =
      "image.layered: alice/app:1 is layered already (entrypoint "
      "/usr/local/bin/compute-source-env.sh)";
  details.entrypoint = {"/usr/local/bin/compute-source-env.sh"};
  CHECK(refusal(details) == layered);
  // The labels of an image that the platform built, which lack the client's version.
  details.labels = {{"tee.launch_policy.log_redirect", "always"},
                    {"tee.launch_policy.monitoring_memory_allow", "always"},
                    {"eigenx_vm_image", "eigen"}};
  CHECK(refusal(details) == layered);
  details.labels = {};
  CHECK(refusal(details).starts_with("image.partly_layered: alice/app:1 "));
  details.entrypoint = {"/usr/local/bin/compute-source-env.sh", "x"};
  details.labels = {{"eigenx_vm_image", "eigen"}};
  CHECK(refusal(details).empty());
}

}  // namespace ecloud::platform
