// KMS clients and VM images of the two runtime generations: only consistent pairs that are served
// leave this machine.

#include "devnet/sample_image.h"
#include "e2e/direct_call.h"
#include "e2e/image_support.h"
#include "support/oci_layout.h"

using namespace ecloud;
using platform::RuntimeGeneration;
using testing::check_nothing_happened;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// An image in the OCI image layout: `config` is the member of that name, and above the layer with
/// the files lie `above` others.
void write_image(const testing::OciLayout& layout, const std::vector<oci::NewTarEntry>& files,
                 const std::string& config, int above = 0) {
  const std::string type = R"("mediaType":"application/vnd.oci.image.)";
  std::string diff_ids, layers;
  for (int i = 0; i <= above; ++i) {
    const std::string tar = oci::write_tar(
        i == 0 ? files
               : std::vector<oci::NewTarEntry>{{"srv/" + std::to_string(i), 0644, "x", false}});
    const std::string comma = i == 0 ? "" : ",";
    diff_ids += comma + '"' + oci::Digest::of(base::as_bytes(tar)).to_string() + '"';
    layers += comma + "{" + type + R"(layer.v1.tar",)" + layout.add_blob(tar) + "}";
  }
  const std::string document = R"({"architecture":"amd64","os":"linux","config":)" + config +
                               R"(,"rootfs":{"type":"layers","diff_ids":[)" + diff_ids + "]}}";
  const std::string manifest = R"({"schemaVersion":2,)" + type + R"(manifest.v1+json","config":{)" +
                               type + R"(config.v1+json",)" + layout.add_blob(document) +
                               R"(},"layers":[)" + layers + "]}";
  layout.tag(type + R"(manifest.v1+json",)" + layout.add_blob(manifest), "image");
}

/// A world whose user has the tools of the generation that is not served any more.
struct RuntimeWorld : World {
  std::string old_client() const {
    return devnet.info()["intelTokenTools"]["kmsClientImage"].as_string();
  }
  std::string new_client() const { return devnet.info()["kmsClientImage"].as_string(); }
  void set(const std::string& key, const std::string& value) {
    const RunResult run = user.run({"config", "set", "environments.devnet." + key, value});
    INFO(run.describe());
    REQUIRE(run.code == 0);
  }
  void pin_old() {
    set("kmsClientImage", old_client());
    set("runtimeGeneration", "intel-token");
  }
  Words release(Words more = {}) const {
    Words out = {"compute",
                 "app",
                 "deploy",
                 "--name",
                 "hello",
                 "--image-ref",
                 devnet.image("sample/hello:1.0")};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  std::map<std::string, std::string> labels(const std::string& reference) {
    const RunResult run = user.run({"image", "inspect", reference, "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    std::map<std::string, std::string> out;
    const base::Json document = run.json();
    for (const auto& [name, value] : document["labels"].members()) out[name] = value.as_string();
    return out;
  }
};

void check_refused(RuntimeWorld& world, const Words& words, const std::string& code) {
  Words with_json = words;
  with_json.emplace_back("--json");
  world.devnet.clear_requests();
  const RunResult run = world.user.run(with_json);
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.error()["code"].as_string() == code);
  check_nothing_happened(world);
}

/// An image of a mixed pair, as 0.1.0 layered it; its reference by digest. With `overrides` as the
/// label that says what the platform may set.
std::string push_mixed(RuntimeWorld& world, int layers_above = 0,
                       const std::string& overrides = "ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST",
                       RuntimeGeneration client = RuntimeGeneration::kIntelToken) {
  const testing::OciLayout layout;
  write_image(layout,
              {{"usr/local/bin/compute-source-env.sh", 0755, "#!/bin/sh\n", false},
               {"usr/local/bin/kms-client", 0755, devnet::kms_client_program(client), false}},
              R"({"Entrypoint":["/usr/local/bin/compute-source-env.sh"],"Cmd":["/run"],)"
              R"("User":"root","ExposedPorts":{"80/tcp":{}},"Labels":{"eigenx_cli_version":)"
              R"("0.1.0","eigenx_vm_image":"eigen","tee.launch_policy.log_redirect":"always",)"
              R"("tee.launch_policy.allow_env_override":")" +
                  overrides + "\"}}",
              layers_above);
  const std::string image = world.devnet.image("mine/app:1");
  REQUIRE(world.user.run({"image", "push", layout.path().string(), image}).code == 0);
  const RunResult digest = world.user.run({"image", "digest", image, "--json"});
  return world.devnet.image("mine/app@") + digest.json()["digest"].as_string();
}

}  // namespace

TEST_CASE("A mixed pair is found however many layers lie above it", "[e2e][runtime]") {
  RuntimeWorld world;
  const int above = GENERATE(1, 6, 12);
  check_refused(
      world, {"compute", "app", "deploy", "--name", "a", "--image-ref", push_mixed(world, above)},
      "image.mixed_runtime");
}

TEST_CASE("A layered image with a label that the launcher does not take is refused",
          "[e2e][runtime]") {
  RuntimeWorld world;
  const std::string overrides = GENERATE("ECLOUD_PD_EXPECTED, ECLOUD_PLATFORM_HOST",
                                         " ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST");
  check_refused(world,
                {"compute", "app", "deploy", "--name", "a", "--image-ref",
                 push_mixed(world, 0, overrides, RuntimeGeneration::kBoundEvidence)},
                "image.bad_label");
}

TEST_CASE("Tools that are not served any more are refused by name", "[e2e][runtime]") {
  RuntimeWorld world;
  world.pin_old();
  const RunResult run = world.user.run(world.release());
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.ends_with(
      "error: the KMS client that environment devnet pins is of the runtime generation "
      "intel-token, which the platform no longer serves: the app would get no variables and never "
      "start\nhint: find and pin the current tools: ecloud image tools --pin --environment "
      "devnet\nhint: then layer the original image again; --allow-old-runtime continues "
      "regardless\n"));
  check_nothing_happened(world);
  check_refused(world, world.release({"--dry-run"}), "image.old_runtime");
  check_refused(world, {"image", "layer", world.devnet.image("sample/hello:1.0")},
                "image.old_runtime");

  SECTION("unless the user insists, and then the pair is consistent") {
    const RunResult forced = world.user.run(world.release({"--allow-old-runtime", "--no-wait"}));
    INFO(forced.describe());
    REQUIRE(forced.code == 0);
    const auto labels = world.labels(world.devnet.image("sample/hello:1.0-layered"));
    CHECK(labels.at("eigenx_use_ita") == "True");
    CHECK_FALSE(labels.contains("eigenx_vm_image"));
  }
  SECTION("in an upgrade too") {
    REQUIRE(world.user.run(world.release({"--allow-old-runtime", "--no-wait"})).code == 0);
    world.clock.sleep(base::Milliseconds(10'000));
    const std::string app = world.devnet.apps().front().app.to_string();
    world.devnet.clear_requests();
    for (const Words& more : {Words{"--image-ref", world.devnet.image("sample/hello:1.0")},
                              // Layered before: its label says it.
                              Words{"--image-ref", world.devnet.image("sample/hello:1.0-layered")},
                              // The image that runs.
                              Words{}}) {
      Words words = {"compute", "app", "upgrade", app, "--json"};
      words.insert(words.end(), more.begin(), more.end());
      const RunResult upgrade = world.user.run(words);
      INFO(upgrade.describe());
      CHECK(upgrade.code == 2);
      CHECK(upgrade.error()["code"].as_string() == "image.old_runtime");
    }
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  }
}

TEST_CASE("An image that was layered with old tools is not deployed", "[e2e][runtime]") {
  RuntimeWorld world;
  world.pin_old();
  const std::string image = world.devnet.image("sample/hello:1.0");
  REQUIRE(world.user.run({"image", "layer", image, "--allow-old-runtime"}).code == 0);
  Words words = world.release();
  words.back() = image + "-layered";
  check_refused(world, words, "image.old_runtime");
}

TEST_CASE("Settings that do not fit the client are refused by name", "[e2e][runtime]") {
  RuntimeWorld world;
  const auto refusal = [&](const Words& more = {}) {
    Words words = world.release(more);
    words.emplace_back("--json");
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "image.mixed_runtime");
    check_nothing_happened(world);
    return run.error()["message"].as_string();
  };
  SECTION("a generation and another client") {
    world.set("kmsClientImage", world.old_client());
    world.set("runtimeGeneration", "bound-evidence");
    CHECK(refusal() == "the KMS client in " + world.old_client() +
                           " is of the generation intel-token, and environment devnet is set to "
                           "bound-evidence: the app would get no variables and never start");
    // Insisting on an old pair is not insisting on a broken one.
    refusal({"--allow-old-runtime"});
  }
  SECTION("a generation and --tools-ref") {
    world.set("runtimeGeneration", "bound-evidence");
    refusal({"--tools-ref", world.old_client(), "--allow-old-runtime"});
  }
  SECTION("a label and the client") {
    world.user.write("ecloud.yaml",
                     "environments:\n  devnet:\n    imageLabels: [eigenx_use_ita=True]\n");
    CHECK(refusal() == "the KMS client in " + world.new_client() +
                           " is of the generation bound-evidence, and the label "
                           "eigenx_use_ita=True does not choose its VM image: the app would get no "
                           "variables and never start");
  }
  SECTION("the client of other defaults") {
    // The devnet's own pair, but the user's client: its bytes decide, and it is old.
    world.set("kmsClientImage", world.old_client());
    Words words = world.release();
    check_refused(world, words, "image.old_runtime");
  }
}

TEST_CASE("A client alone decides the label", "[e2e][runtime]") {
  RuntimeWorld world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  SECTION("of --tools-ref") {
    check_refused(world, world.release({"--tools-ref", world.old_client()}), "image.old_runtime");
    REQUIRE(world.user
                .run({"image", "layer", image, "--tools-ref", world.old_client(),
                      "--allow-old-runtime"})
                .code == 0);
    CHECK(world.labels(image + "-layered").at("eigenx_use_ita") == "True");
  }
  SECTION("of the configuration") {
    world.pin_old();
    world.set("kmsClientImage", world.new_client());
    REQUIRE(world.user.run({"config", "unset", "environments.devnet.runtimeGeneration"}).code == 0);
    REQUIRE(world.user.run({"image", "layer", image}).code == 0);
    CHECK(world.labels(image + "-layered").at("eigenx_vm_image") == "eigen");
  }
}

TEST_CASE("A program that shows no generation is not layered", "[e2e][runtime]") {
  RuntimeWorld world;
  const auto layered = [&](const std::string& program) {
    const testing::OciLayout layout;
    write_image(layout, {{"eigen/bin/kms-client", 0755, program, false}}, "{}");
    const std::string tools = world.devnet.image("mine/tools:1");
    REQUIRE(world.user.run({"image", "push", layout.path().string(), tools}).code == 0);
    const RunResult run = world.user.run({"image", "layer", world.devnet.image("sample/hello:1.0"),
                                          "--tools-ref", tools, "--allow-old-runtime", "--json"});
    INFO(run.describe());
    CHECK(run.code == 3);
    return run.error()["code"].as_string() + " " + run.error()["message"].as_string();
  };
  CHECK(layered("#!/bin/sh\n# /v1/token\n").starts_with("image.unknown_runtime "));
  CHECK(layered("#!/bin/sh\n# /v1/intel/token /v1/bound_evidence\n")
            .ends_with(" asks for the evidence of more than one runtime generation: which VM image "
                       "it needs is not "
                       "known"));
}

TEST_CASE("An image of a mixed pair, as 0.1.0 layered it, is not deployed", "[e2e][runtime]") {
  RuntimeWorld world;
  const std::string image = push_mixed(world);
  Words words = world.release();
  words.back() = image;
  check_refused(world, words, "image.mixed_runtime");
  words.emplace_back("--allow-old-runtime");
  check_refused(world, words, "image.mixed_runtime");
}

TEST_CASE("A rollback to an image of a runtime that is not served any more is refused",
          "[e2e][runtime][rollback]") {
  RuntimeWorld world;
  world.pin_old();
  REQUIRE(world.user.run(world.release({"--allow-old-runtime", "--no-wait"})).code == 0);
  world.clock.sleep(base::Milliseconds(10'000));
  const std::string app = world.devnet.apps().front().app.to_string();
  const std::string old_image = world.devnet.apps().front().image;
  world.set("kmsClientImage", world.new_client());
  world.set("runtimeGeneration", "bound-evidence");
  const RunResult upgrade = world.user.run(
      {"compute", "app", "upgrade", app, "--image-ref", world.devnet.image("sample/hello:1.0")});
  INFO(upgrade.describe());
  REQUIRE(upgrade.code == 0);
  const std::string new_image = world.devnet.apps().front().image;
  REQUIRE(new_image != old_image);
  world.devnet.clear_requests();
  const auto rollback = [&](const Words& more) {
    Words words = {"compute", "app", "rollback", app, "--yes", "--no-wait"};
    words.insert(words.end(), more.begin(), more.end());
    return world.user.run(words);
  };
  for (const Words& more : {Words{}, Words{"--to", "1"}, Words{"--dry-run"}}) {
    const RunResult run = rollback(more);
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.out.empty());
    CHECK(run.err.ends_with(
        "error: the image " + old_image +
        " is of the runtime generation intel-token, which the platform no longer serves: the app "
        "would get no variables and never start\nhint: find and pin the current tools: ecloud "
        "image "
        "tools --pin --environment devnet\nhint: then layer the original image again; "
        "--allow-old-runtime continues regardless\n"));
  }
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.apps().front().image == new_image);

  const RunResult forced = rollback({"--allow-old-runtime", "--json"});
  INFO(forced.describe());
  CHECK(forced.code == 0);
  world.clock.sleep(base::Milliseconds(10'000));
  CHECK(world.devnet.apps().front().image == old_image);
  // Back to the one that is served, without the option.
  const RunResult back = rollback({"--json"});
  INFO(back.describe());
  CHECK(back.code == 0);
}

TEST_CASE("A rollback to an image of a mixed pair is refused whatever is allowed",
          "[e2e][runtime][rollback]") {
  RuntimeWorld world;
  const eth::Address app = testing::create_app_directly(world.devnet, world.clock.unix_seconds(),
                                                        push_mixed(world), R"({"TOKEN":"first"})");
  world.clock.sleep(base::Milliseconds(10'000));
  const RunResult upgrade =
      world.user.run({"compute", "app", "upgrade", app.to_string(), "--wallet", "kms",
                      "--image-ref", world.devnet.image("sample/hello:1.0"), "--json"});
  INFO(upgrade.describe());
  REQUIRE(upgrade.code == 0);
  world.devnet.clear_requests();
  for (const bool allowed : {false, true}) {
    Words words = {"compute", "app", "rollback", app.to_string(), "--to", "1", "--yes", "--json"};
    if (allowed) words.emplace_back("--allow-old-runtime");
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "image.mixed_runtime");
  }
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}

TEST_CASE("doctor and environment show name the runtime", "[e2e][runtime]") {
  RuntimeWorld world;
  const auto finding = [&] {
    const RunResult run = world.user.run({"doctor", "--json"});
    const base::Json document = run.json();
    for (const base::Json& check : document["checks"].elements()) {
      if (check["check"].as_string() == "runtime") {
        return check["status"].as_string() + ": " + check["message"].as_string();
      }
    }
    return std::string("none");
  };
  const auto shown = [&] {
    const RunResult run = world.user.run({"compute", "environment", "show", "--json"});
    return run.json()["runtime"].opt_string().value_or("null");
  };
  CHECK(finding() == "ok: the pinned KMS client is of the generation bound-evidence");
  CHECK(shown() == "bound-evidence");
  world.pin_old();
  CHECK(finding() ==
        "failed: the pinned KMS client is of the generation intel-token, which the platform no "
        "longer serves: images layered with it do not start");
  CHECK(shown() == "intel-token");
  REQUIRE(world.user.run({"config", "unset", "environments.devnet.runtimeGeneration"}).code == 0);
  CHECK(shown() == "null");
  const RunResult bad =
      world.user.run({"config", "set", "environments.devnet.runtimeGeneration", "new"});
  CHECK(bad.code == 2);
}
