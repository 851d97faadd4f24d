#include "devnet/launcher.h"

#include "devnet/sample_image.h"
#include "ecloud/oci/digest.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::devnet {
namespace {

using platform::RuntimeGeneration;
using Labels = std::map<std::string, std::string>;
using testing::DevnetFixture;

std::string text_of(const base::Bytes& bytes) {
  return std::string(base::as_chars(bytes));
}

/// As the registry stores it.
StoredImage stored(const ImageRecipe& recipe) {
  const BuiltImage image = build_image(recipe);
  RegistryContent content(std::nullopt);
  content.add_blob("a", text_of(image.layer));
  content.add_blob("a", text_of(image.config));
  const std::string digest =
      content.add_manifest("a", oci::kOciManifestType, text_of(image.manifest));
  return *stored_image(*content.find("a"), digest);
}

LaunchOrder order_of(const ImageRecipe& recipe) {
  return read_launch_order(stored(recipe));
}

/// The labels of an image that the platform's tools have layered, changed.
std::string refusal_with(const Labels& labels, const Labels& without = {}) {
  ImageRecipe recipe = layered_recipe();
  for (const auto& [name, value] : labels) recipe.labels[name] = value;
  for (const auto& [name, value] : without) recipe.labels.erase(name);
  return order_of(recipe).refusal;
}

const std::string kPolicy = "tee.launch_policy.";

TEST_CASE("the launcher starts what the platform's tools have layered", "[devnet][launcher]") {
  const LaunchOrder order = order_of(layered_recipe());
  CHECK(order.refusal.empty());
  CHECK(order.machine == RuntimeGeneration::kBoundEvidence);
  CHECK(order.client == RuntimeGeneration::kBoundEvidence);
  CHECK(order.starts_script);
  CHECK(order.promises_markers);
  CHECK(order.has_ready_marker);
  CHECK(order.sets_overrides);
  CHECK(order.keeps_log);
  CHECK(order.ports == std::vector<std::string>{"8080/tcp"});
  CHECK(launch_verdict(order).no_variables.empty());
}

TEST_CASE("a port is one number and a protocol in lower case", "[devnet][launcher]") {
  for (const char* port : {"0/tcp", "80/tcp", "53/udp", "65535/tcp"}) {
    INFO(port);
    CHECK(is_launchable_port(port));
  }
  for (const char* port :
       {"8080", "80/TCP", "80/tcp ", " 80/tcp", "8000-8010/tcp", "65536/tcp", "70000/tcp", "/tcp",
        "80/", "80/sctp", "-1/tcp", "0x50/tcp", "a/tcp", "", "80/tcp/udp"}) {
    INFO(port);
    CHECK_FALSE(is_launchable_port(port));
    ImageRecipe recipe = layered_recipe();
    recipe.exposed_ports = {"443/tcp", port};
    CHECK(order_of(recipe).refusal ==
          "ExposedPorts: '" + std::string(port) +
              "' must be PORT/tcp or PORT/udp with one port from 0 to 65535");
  }
}

TEST_CASE("the launcher checks the values of the launch policy", "[devnet][launcher]") {
  struct Case {
    const char* label;
    const char* value;
    bool good;
  };
  const std::vector<Case> cases = {{"log_redirect", " Always ", true},
                                   {"log_redirect", "DEBUGONLY", true},
                                   {"log_redirect", "never", true},
                                   {"log_redirect", "true", false},
                                   {"log_redirect", "", false},
                                   {"monitoring_memory_allow", "Never", true},
                                   {"monitoring_memory_allow", "yes", false},
                                   {"allow_cmd_override", "true", true},
                                   {"allow_cmd_override", "1", true},
                                   {"allow_capabilities", "FALSE", true},
                                   {"allow_cgroups", "on", false},
                                   {"allow_mount_destinations", "/a:/b/c", true},
                                   {"allow_mount_destinations", "/a:b", false}};
  for (const Case& one : cases) {
    INFO(one.label << "=" << one.value);
    const std::string refusal = refusal_with({{kPolicy + one.label, one.value}});
    CHECK(refusal.empty() == one.good);
    if (!one.good) CHECK(refusal.find(kPolicy + one.label) != std::string::npos);
  }
  CHECK(refusal_with({{kPolicy + "hardened_monitoring", "all"}}).find("cannot be used together") !=
        std::string::npos);
  CHECK(refusal_with({{kPolicy + "hardened_monitoring", "All"}},
                     {{kPolicy + "monitoring_memory_allow", ""}})
            .empty());
  CHECK_FALSE(refusal_with({{kPolicy + "debug_monitoring", "some"}},
                           {{kPolicy + "monitoring_memory_allow", ""}})
                  .empty());
}

TEST_CASE("a boolean of the launch policy is one that Go reads", "[devnet][launcher]") {
  for (const char* name : {"allow_cmd_override", "allow_capabilities", "allow_cgroups"}) {
    const std::string label = kPolicy + name;
    for (const char* value : {"1", "t", "T", "true", "TRUE", "True", "0", "f", "False"}) {
      INFO(label << "=" << value);
      CHECK(refusal_with({{label, value}}) == "");
    }
    for (const char* value : {"", "tRUE", " true", "true ", "yes", "on", "2"}) {
      INFO(label << "=" << value);
      CHECK(refusal_with({{label, value}}) ==
            "launch policy: label " + label + " must be true or false; got '" + value + "'");
    }
  }
}

TEST_CASE("the platform's variables have to be listed letter by letter", "[devnet][launcher]") {
  const std::string list = kPolicy + "allow_env_override";
  CHECK(refusal_with({{list, "A,ECLOUD_PLATFORM_HOST,ECLOUD_PD_EXPECTED"}}).empty());
  for (const char* value :
       {"", "ECLOUD_PD_EXPECTED", "ECLOUD_PD_EXPECTED, ECLOUD_PLATFORM_HOST",
        "ecloud_pd_expected,ECLOUD_PLATFORM_HOST", "ECLOUD_PD_EXPECTED;ECLOUD_PLATFORM_HOST"}) {
    INFO(value);
    CHECK(refusal_with({{list, value}}).find("is not allowed") != std::string::npos);
  }
  // Nothing is set for an image that the platform's tools have not labelled.
  CHECK(
      refusal_with({}, {{list, ""}, {"eigenx_cli_version", ""}, {"eigenx_container_contract", ""}})
          .empty());
  CHECK_FALSE(refusal_with({}, {{list, ""}, {"eigenx_cli_version", ""}}).empty());
}

TEST_CASE("exactly one label chooses the VM image", "[devnet][launcher]") {
  CHECK(refusal_with({}, {{"eigenx_vm_image", ""}}).starts_with("no label chooses the VM image"));
  CHECK(refusal_with({{"eigenx_vm_image", "Eigen"}}).starts_with("no label chooses the VM image"));
  CHECK(refusal_with({{"eigenx_use_ita", "True"}}).find("choose two VM images") !=
        std::string::npos);
  CHECK(refusal_with({{"eigenx_use_ita", "True"}}, {{"eigenx_vm_image", ""}}).empty());
  ImageRecipe recipe = layered_recipe();
  recipe.entrypoint.clear();
  CHECK(order_of(recipe).refusal == "the image has an empty Entrypoint");
}

/// A release of the image, deployed in a world of its own.
struct Deployed : DevnetFixture {
  explicit Deployed(const ImageRecipe& recipe, devnet::Options options = {})
      : DevnetFixture(std::move(options)) {
    app = app_id(0, 1);
    create_app_with(0, 1, release_of(recipe));
  }
  platform::Release release_of(const ImageRecipe& recipe) {
    const BuiltImage image = build_image(recipe);
    for (const base::Bytes& blob : {image.layer, image.config}) {
      const std::string digest = oci::Digest::of(blob).to_string();
      const auto begun = testing::probe(devnet.port(), "POST", "/v2/me/app/blobs/uploads/");
      REQUIRE(testing::probe(devnet.port(), "PUT", begun.header("location") + "?digest=" + digest,
                             {}, text_of(blob))
                  .status == 201);
    }
    REQUIRE(testing::probe(devnet.port(), "PUT", "/v2/me/app/manifests/1",
                           {{"Content-Type", std::string(oci::kOciManifestType)}},
                           text_of(image.manifest))
                .status == 201);
    platform::Release out = release(app);
    out.artifacts[0] = {oci::Digest::of(image.manifest).sha256(), devnet.image("me/app")};
    return out;
  }
  void upgrade(const ImageRecipe& recipe) {
    run(0, environment().app_controller,
        platform::encode_upgrade_app(platform::Generation::kFourFields, app, release_of(recipe)));
  }
  AppView view() const { return *devnet.app(app); }
  std::string log() const {
    return get("/userapi/logs/" + app.to_string(), signed_by(0, "logs")).body;
  }
  bool logged(const std::string& text) const { return log().find(text) != std::string::npos; }

  eth::Address app;
};

ImageRecipe mixed_recipe() {
  ImageRecipe recipe = layered_recipe();
  recipe.files.back().content = kms_client_program(RuntimeGeneration::kIntelToken);
  REQUIRE(recipe.files.back().path == "usr/local/bin/kms-client");
  return recipe;
}

/// Whose start script does not keep the contract that its label promises.
ImageRecipe silent_recipe() {
  ImageRecipe recipe = layered_recipe();
  for (LayerFile& file : recipe.files) {
    if (file.path == "usr/local/bin/compute-source-env.sh")
      file.content = "#!/bin/sh\nexec \"$@\"\n";
  }
  return recipe;
}

TEST_CASE("an app whose image breaks a rule of the launcher fails and says which",
          "[devnet][launcher]") {
  ImageRecipe recipe = layered_recipe();
  recipe.exposed_ports = {"80/TCP"};
  Deployed strict(recipe);
  strict.pass(2);
  CHECK(strict.view().run_state == "Failed");
  CHECK(strict.view().app_state.empty());
  CHECK(strict.logged("the app cannot start: ExposedPorts: '80/TCP' must be PORT/tcp"));
  Options gentle;
  gentle.strictness = Strictness::kGentle;
  Deployed other(recipe, gentle);
  other.pass(2);
  CHECK(other.view().run_state == "Running");
}

TEST_CASE("an app without ports runs and answers nobody", "[devnet][launcher]") {
  ImageRecipe recipe = layered_recipe();
  recipe.exposed_ports.clear();
  Deployed net(recipe);
  net.pass(2);
  CHECK(net.view().run_state == "Running");
  CHECK(net.view().app_state == "running");
  CHECK(net.view().ports == std::vector<std::string>{});
  CHECK(net.logged("the firewall opens no port, because the image exposes none"));
}

TEST_CASE("a mixed pair of client and VM image is called running and never starts",
          "[devnet][launcher]") {
  Deployed net(mixed_recipe());
  net.pass(2);
  CHECK(net.view().run_state == "Running");
  CHECK(net.view().app_state == "never started");
  CHECK(net.view().exit_status == 1);
  CHECK(net.view().markers == std::vector<std::string>{"ECLOUD_FAIL kms_bootstrap"});
  CHECK(net.logged("kms-client: HTTP 500: no ITA verifier client present"));
  CHECK_FALSE(net.logged("hello from"));
  net.pass(599);
  CHECK(net.view().run_state == "Running");
  net.pass(1);
  CHECK(net.view().run_state == "Failed");
}

TEST_CASE("an upgrade that never gets ready is rolled back after ten minutes",
          "[devnet][launcher]") {
  Deployed net(layered_recipe());
  net.pass(2);
  const std::string before = net.view().image;
  const std::uint32_t block = net.view().latest_release_block;
  net.upgrade(silent_recipe());
  net.pass(2);
  CHECK(net.view().run_state == "Upgrading");
  CHECK(net.view().app_state == "starting");
  net.pass(599);
  CHECK(net.view().run_state == "Upgrading");
  net.pass(1);
  CHECK(net.view().run_state == "Running");
  CHECK(net.view().app_state == "running");
  CHECK(net.view().image == before);
  CHECK(net.view().latest_release_block == block);
  CHECK(net.view().pending_release_block > block);
  // A good one comes into force afterwards.
  ImageRecipe next = layered_recipe();
  next.labels["version"] = "2";
  net.upgrade(next);
  net.pass(2);
  CHECK(net.view().run_state == "Running");
  CHECK(net.view().image != before);
  CHECK(net.view().pending_release_block == 0);
}

TEST_CASE("without the label nobody waits for markers", "[devnet][launcher]") {
  ImageRecipe recipe = silent_recipe();
  recipe.labels.erase("eigenx_container_contract");
  Deployed net(recipe);
  net.pass(700);
  CHECK(net.view().run_state == "Running");
  CHECK(net.view().app_state == "running");
  CHECK(net.view().markers.empty());
}

TEST_CASE("a disk opens with the phrase that it was made with", "[devnet][launcher][disk]") {
  Deployed net(layered_recipe());
  net.pass(2);
  REQUIRE(net.view().run_state == "Running");
  const auto with = [&](const std::string& variables) {
    platform::Release out = net.release_of(layered_recipe());
    crypto::SystemRandom random;
    out.encrypted_env = base::to_bytes(crypto::jwe_encrypt(
        net.devnet.info()["kmsEncryptionKey"].as_string(), base::as_bytes(variables),
        {{"x-eigenx-app-id", net.app.to_string()}, {"x-note", "mine"}}, random));
    net.run(0, net.environment().app_controller,
            platform::encode_upgrade_app(platform::Generation::kFourFields, net.app, out));
    net.pass(2);
  };
  const std::string other =
      R"({"MNEMONIC":"test test test test test test test test test test test junk"})";
  with(R"({"A":"the KMS's phrase stays"})");
  CHECK(net.view().run_state == "Running");
  SECTION("another one does not") {
    with(other);
    CHECK(net.view().run_state == "Failed");
    CHECK(net.logged("failed to set up encrypted volume: the key of this MNEMONIC does not open"));
    with("{}");
    CHECK(net.view().run_state == "Running");
  }
  SECTION("nor one that is not valid") {
    with(R"({"MNEMONIC":"test test"})");
    CHECK(net.view().run_state == "Failed");
    CHECK(net.logged("MNEMONIC is not a valid BIP-39 recovery phrase"));
  }
  SECTION("without a disk any does") {
    net.devnet.set_persistent_disks(false);
    with(other);
    CHECK(net.view().run_state == "Running");
  }
}

}  // namespace
}  // namespace ecloud::devnet
