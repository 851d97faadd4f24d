#include "e2e/image_support.h"
#include "support/catch.h"
#include "support/docker_archive.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;
using testing::writes_of;

namespace {

std::string without_tag(const std::string& reference) {
  return reference.substr(0, reference.rfind(':'));
}

}  // namespace

TEST_CASE("An image that is not layered is layered in its registry before it is deployed",
          "[e2e][image]") {
  World world;
  world.user.write(".env", "API_TOKEN=s3cret-marker\n");
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult run = world.user.run(
      {"compute", "app", "deploy", "--name", "hello", "--image-ref", image, "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const base::Json document = run.json();
  const std::string digest = document["imageDigest"].as_string();
  CHECK(document["imageRef"].as_string() == image);
  CHECK(document["registry"].as_string() == without_tag(image));
  const base::Json layered = document["layered"];
  CHECK(layered["reference"].as_string() == image + "-layered@" + digest);
  CHECK(layered["digest"].as_string() == digest);
  CHECK(layered["command"].equals(base::Json::strings({"/app/hello.sh"})));
  const auto app = world.devnet.app(*eth::Address::parse(document["appId"].as_string()));
  REQUIRE(app);
  CHECK(app->image == without_tag(image) + "@" + digest);
  CHECK(app->run_state == "Running");

  const RunResult found = world.user.run({"image", "inspect", image + "-layered", "--json"});
  INFO(found.describe());
  REQUIRE(found.code == 0);
  const base::Json shown = found.json();
  CHECK(shown["digest"].as_string() == digest);
  CHECK(shown["layered"].as_bool());
  CHECK(shown["entrypoint"].equals(base::Json::strings({"/usr/local/bin/compute-source-env.sh"})));
  CHECK(shown["user"].as_string() == "0");
  CHECK(shown["exposedPorts"].equals(base::Json::strings({"8080/tcp"})));
  CHECK(shown["problems"].size() == 0);
  CHECK(shown["labels"].equals(base::Json::object(
      {{"tee.launch_policy.log_redirect", "always"},
       {"tee.launch_policy.monitoring_memory_allow", "always"},
       {"tee.launch_policy.allow_env_override", "ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST"},
       {"eigenx_cli_version", shown["labels"]["eigenx_cli_version"].as_string()},
       {"eigenx_vm_image", "eigen"},
       {"eigenx_container_contract", "v1"},
       {"org.opencontainers.image.base.digest", layered["baseDigest"].as_string()}})));

  SECTION("and not again for the next app") {
    world.devnet.clear_requests();
    const RunResult again = world.user.run(
        {"compute", "app", "deploy", "--name", "other", "--image-ref", image, "--json"});
    INFO(again.describe());
    REQUIRE(again.code == 0);
    CHECK(again.json()["imageDigest"].as_string() == digest);
    for (const auto& request : world.devnet.requests()) {
      INFO(request.method + " " + request.path);
      CHECK(request.path.find("/blobs/uploads") == std::string::npos);
    }
  }
  SECTION("and the layered one is deployed as it is") {
    world.devnet.clear_requests();
    const RunResult again = world.user.run({"compute", "app", "deploy", "--name", "other",
                                            "--image-ref", image + "-layered", "--json"});
    INFO(again.describe());
    REQUIRE(again.code == 0);
    CHECK(again.json()["imageDigest"].as_string() == digest);
    CHECK(again.json()["layered"].is_null());
    CHECK(writes_of(world) == 0);
  }
}

TEST_CASE("A rehearsal computes the digest of the layered image and pushes nothing",
          "[e2e][image]") {
  World world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult plan = world.user.run(
      {"compute", "app", "deploy", "--name", "hello", "--image-ref", image, "--dry-run", "--json"});
  INFO(plan.describe());
  REQUIRE(plan.code == 0);
  CHECK(writes_of(world) == 0);
  CHECK(world.user.run({"image", "digest", image + "-layered"}).code == 6);

  const RunResult run = world.user.run({"image", "layer", image});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.out == image + "-layered@" + plan.json()["imageDigest"].as_string() + "\n");
}

TEST_CASE("Layering alone prints a digest or the reference that it pushed", "[e2e][image]") {
  World world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult digest = world.user.run({"image", "layer", image, "--print-digest"});
  INFO(digest.describe());
  REQUIRE(digest.code == 0);
  CHECK(writes_of(world) == 0);
  const std::string target = world.devnet.image("else/where:9");
  const RunResult run = world.user.run({"image", "layer", image, "--target-ref", target});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.out == target + "@" + digest.out);
  const RunResult there = world.user.run({"image", "digest", target});
  CHECK(there.out == digest.out);

  SECTION("Twice is once") {
    const RunResult again = world.user.run({"image", "layer", target});
    CHECK(again.code == 3);
    CHECK(again.err == "error: " + target +
                           " is layered already (entrypoint /usr/local/bin/compute-source-env.sh)\n"
                           "hint: deploy it as it is, or name the image that it was made from\n");
  }
}

TEST_CASE("An image that the platform built is recognised and never layered again",
          "[e2e][image]") {
  World world;
  const std::string start = R"(["x"],"Entrypoint":["/usr/local/bin/compute-source-env.sh"])";
  const std::string ports = R"(,"ExposedPorts":{"80/tcp":{},"443/tcp":{},"8080/tcp":{}})";
  struct Form {
    const char* name;
    std::string archive;
    const char* words;
    std::string refusal = {};
  };
  const std::vector<Form> forms = {
      {"built by the platform",
       testing::docker_archive(start + ports +
                               R"(,"Labels":{"tee.launch_policy.log_redirect":"always",)"
                               R"("tee.launch_policy.monitoring_memory_allow":"always",)"
                               R"("eigenx_vm_image":"eigen"})"),
       "yes, by the platform's builder; the TEE can start it", "image.layered"},
      {"with the client and no label",
       testing::docker_archive(start + ports, "usr/local/bin/kms-client"),
       "yes, by its entrypoint and KMS client, without the platform's labels", "image.layered"},
      {"with the entrypoint only", testing::docker_archive(start + ports),
       "no; it starts with the platform's start script, but has no KMS client",
       "image.partly_layered"},
      {"with the client only",
       testing::docker_archive(R"(["x"])" + ports, "usr/local/bin/kms-client"), "no\n",
       "image.no_shell"},
      {"with the version's label only",
       testing::docker_archive(R"(["x"],"Labels":{"eigenx_cli_version":"1"})" + ports), "no\n"},
  };
  for (const Form& form : forms) {
    world.user.write("image.tar", form.archive);
    const RunResult shown = world.user.run({"image", "inspect", "--image-archive", "image.tar"});
    INFO(form.name << ": " << shown.describe());
    CHECK(shown.code == 0);
    CHECK(shown.out.find(form.words) != std::string::npos);
    CHECK(shown.out.find("80/tcp") != std::string::npos);
    CHECK(shown.out.find("Problem") == std::string::npos);
    const RunResult again = world.user.run({"image", "layer", world.devnet.image("mine/app:1"),
                                            "--image-archive", "image.tar", "--json"});
    INFO(again.describe());
    CHECK(again.code == (form.refusal.empty() ? 0 : 3));
    if (!form.refusal.empty()) CHECK(again.error()["code"].as_string() == form.refusal);
  }
}

TEST_CASE("A release looks for the KMS client where no label tells who layered the image",
          "[e2e][image]") {
  World world;
  const std::string verb = GENERATE("deploy", "upgrade");
  const std::string image = world.devnet.image("mine/app:1");
  const std::string config =
      R"(["x"],"Entrypoint":["/usr/local/bin/compute-source-env.sh"],"ExposedPorts":{"8080/tcp":{}})";
  const auto push = [&](const std::string& archive) {
    world.user.write("image.tar", archive);
    const RunResult run = world.user.run({"image", "push", "image.tar", image, "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    world.devnet.clear_requests();
  };
  std::vector<std::string> release = {"compute",     "app", "deploy",    "--name", "hello",
                                      "--image-ref", image, "--no-wait", "--json"};
  if (verb == "upgrade") {
    const RunResult first = world.user.run(world.deploy({"--json"}));
    REQUIRE(first.code == 0);
    release = {"compute", "app",   "upgrade",   first.json()["appId"].as_string(),
               image,     "--yes", "--no-wait", "--json"};
  }
  SECTION("with the client it is released as it is") {
    push(testing::docker_archive(config, "usr/local/bin/kms-client"));
    const RunResult run = world.user.run(release);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    CHECK(run.json()["layered"].is_null());
    CHECK(run.err.find("no platform layer") == std::string::npos);
    CHECK(testing::writes_of(world) == 0);
    // An upgrade of the variables alone finds the image by its digest.
    world.user.write(".env", "TOKEN=other\n");
    const RunResult kept =
        world.user.run({"compute", "app", "upgrade", run.json()["appId"].as_string(), "--yes",
                        "--no-wait", "--json"});
    INFO(kept.describe());
    CHECK(kept.code == 0);
    CHECK(kept.err.find("no platform layer") == std::string::npos);
  }
  SECTION("without the client it is refused, and nothing is layered over it") {
    push(testing::docker_archive(config));
    const RunResult run = world.user.run(release);
    INFO(run.describe());
    CHECK(run.code == 3);
    CHECK(run.error()["code"].as_string() == "image.partly_layered");
    CHECK(run.error()["message"].as_string().find(
              "lacks the rest of the platform layer: it has neither the platform's labels "
              "(eigenx_*) nor /usr/local/bin/kms-client") != std::string::npos);
    CHECK(testing::writes_of(world) == 0);
    CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  }
}

TEST_CASE("A cache that cannot be written changes nothing", "[e2e][image]") {
  World world;
  const std::vector<std::string> digest = {"image", "layer", world.devnet.image("sample/hello:1.0"),
                                           "--print-digest"};
  const RunResult usual = world.user.run(digest);
  REQUIRE(usual.code == 0);
  world.user.set("XDG_CACHE_HOME", world.user.write("file", "").string());
  const RunResult run = world.user.run(digest);
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.out == usual.out);
}

TEST_CASE("A push that fails leaves nothing on chain", "[e2e][image]") {
  World world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--image-ref", image,
                      "--target-ref", "127.0.0.1:1/nobody/there:1", "--json"});
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(world.devnet.apps().empty());
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
}

TEST_CASE("An image from a file is layered and pushed to where the options say", "[e2e][image]") {
  World world;
  const std::string target = world.devnet.image("mine/app:2");
  world.user.write("image.tar", testing::docker_archive());
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--image-archive", "image.tar",
                      "--image-ref", target, "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  CHECK(run.json()["imageRef"].as_string() == target);
  CHECK(world.user.run({"image", "digest", target}).out ==
        run.json()["imageDigest"].as_string() + "\n");

  SECTION("and pushed as it is by image push") {
    const std::string plain = world.devnet.image("mine/plain:1");
    const RunResult pushed = world.user.run({"image", "push", "image.tar", plain});
    INFO(pushed.describe());
    REQUIRE(pushed.code == 0);
    const RunResult inspected = world.user.run({"image", "inspect", plain, "--json"});
    CHECK(pushed.out == plain + "@" + inspected.json()["digest"].as_string() + "\n");
    CHECK_FALSE(inspected.json()["layered"].as_bool());
    const RunResult same =
        world.user.run({"image", "inspect", "--image-archive", "image.tar", "--json"});
    CHECK(same.json()["digest"].as_string() == inspected.json()["digest"].as_string());
  }
  SECTION("from standard input too") {
    const RunResult piped =
        world.user.run_with_input({"image", "push", "-", world.devnet.image("mine/piped:1")},
                                  testing::slurp(world.user.folder() / "image.tar"));
    INFO(piped.describe());
    CHECK(piped.code == 0);
  }
}

TEST_CASE("A private value in the image stops the deployment", "[e2e][image]") {
  World world;
  // A word of the sample's own script.
  world.user.write(".env", "GREETING=hello from the devnet's sample\n");
  const std::vector<std::string> deploy = {"compute",
                                           "app",
                                           "deploy",
                                           "--name",
                                           "hello",
                                           "--image-ref",
                                           world.devnet.image("sample/hello:1.0"),
                                           "--json"};
  const RunResult run = world.user.run(deploy);
  INFO(run.describe());
  CHECK(run.code == 3);
  CHECK(run.error()["code"].as_string() == "image.leak");
  CHECK(run.error()["message"].as_string().find("GREETING") != std::string::npos);
  CHECK(run.error()["message"].as_string().find("app/hello.sh") != std::string::npos);
  CHECK(run.err.find("devnet's sample") == std::string::npos);
  CHECK(world.devnet.apps().empty());
  CHECK(writes_of(world) == 0);

  auto allowed = deploy;
  allowed.insert(allowed.end(), {"--allow-leak", "GREETING"});
  const RunResult again = world.user.run(allowed);
  INFO(again.describe());
  CHECK(again.code == 0);
}

TEST_CASE("The plan that is confirmed says where the layered image is pushed to", "[e2e][image]") {
  World world;
  const std::string image = world.devnet.image("sample/hello:1.0");
  const RunResult run =
      world.user.run({"compute", "app", "deploy", "--name", "hello", "--image-ref", image});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const auto line = run.err.find("Pushed to:");
  REQUIRE(line != std::string::npos);
  CHECK(run.err.substr(line, run.err.find('\n', line) - line).ends_with(image + "-layered"));
  const RunResult upgrade =
      world.user.run({"compute", "app", "upgrade", "hello", image, "--dry-run"});
  INFO(upgrade.describe());
  REQUIRE(upgrade.code == 0);
  CHECK(upgrade.out.find("Pushed to:") != std::string::npos);
}

TEST_CASE("A tag that leaves no room for its suffix is refused before anything is pushed",
          "[e2e][image]") {
  World world;
  const std::string tag(121, 't');
  world.user.write("image.tar", testing::docker_archive());
  const std::string image = world.devnet.image("mine/app:" + tag);
  REQUIRE(world.user.run({"image", "push", "image.tar", image}).code == 0);
  world.devnet.clear_requests();
  const RunResult run = world.user.run({"image", "layer", image});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.find("error: the tag of " + image + " is too long for -layered after it\n") !=
        std::string::npos);
  CHECK(writes_of(world) == 0);
}
