#include <algorithm>

#include "ecloud/base/base64.h"
#include "ecloud/crypto/pem_keys.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

const std::string kCommit(40, 'a');

ProbeHeaders build_signature(std::size_t account) {
  return {{"Authorization",
           "Bearer " +
               vectors()["signatures"]["account" + std::to_string(account)]["build"].as_string()},
          {"X-Account", DevnetFixture::address(account).to_string()},
          {"X-eigenx-expiry", std::to_string(kVectorTime + 60)}};
}

base::Json request(const std::string& commit) {
  return base::Json::object({{"repo_url", "https://example.org/a/b"},
                             {"git_ref", commit},
                             {"dockerfile_path", "Dockerfile"},
                             {"build_context_path", "."},
                             {"dependencies", base::Json::array()}});
}

std::string submit(DevnetFixture& net, const std::string& commit = kCommit) {
  const ProbeAnswer answer =
      net.post("/userapi/builds", request(commit).dump(), build_signature(0));
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  return DevnetFixture::json(answer)["build_id"].as_string();
}

TEST_CASE("a build takes its time, then its image is there and verified", "[devnet]") {
  DevnetFixture net;
  const std::string id = submit(net);
  const auto build = [&] { return DevnetFixture::json(net.get("/userapi/builds/" + id)); };
  CHECK(build()["status"].as_string() == "building");
  CHECK_FALSE(build()["image_digest"].exists());
  CHECK(DevnetFixture::json(net.get("/userapi/builds/verify/" + id))["status"].as_string() ==
        "failed");
  net.pass(3);
  CHECK(build()["status"].as_string() == "success");
  CHECK(build()["billing_address"].as_string() == DevnetFixture::address(0).to_string());
  const std::string digest = build()["image_digest"].as_string();
  CHECK(net.get("/v2/eigenlayer/eigencloud-containers/manifests/" + digest).status == 200);
  CHECK(build()["image_url"].as_string() == net.devnet.image("eigenlayer/eigencloud-containers:") +
                                                kCommit + "-" + std::to_string(kVectorTime + 3));
  for (const std::string& name : {id, digest, kCommit}) {
    const base::Json verified = DevnetFixture::json(net.get("/userapi/builds/verify/" + name));
    CHECK(verified["status"].as_string() == "verified");
    CHECK(verified["payload_type"].as_string() == "application/vnd.in-toto+json");
    const auto payload = base::from_base64(verified["payload"].as_string());
    REQUIRE(payload);
    const std::string text(base::as_chars(*payload));
    CHECK(base::Json::parse(text, "payload").equals(verified["provenance_json"]));
    const auto signature = base::from_base64(verified["provenance_signature"].as_string());
    REQUIRE(signature);
    const std::string signed_text =
        "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(text.size()) + " " + text;
    CHECK(crypto::p256_verify(test_data("devnet/kms-signing.pem"), base::as_bytes(signed_text),
                              *signature));
    // Nothing else is in the platform's answer.
    CHECK(verified.members().size() == 10);
  }
  CHECK(DevnetFixture::json(net.get("/userapi/builds/image/" + digest))["build_id"].as_string() ==
        id);
}

TEST_CASE("a second build of an account has to be forced while one runs", "[devnet]") {
  DevnetFixture net;
  const std::string first = submit(net);
  const auto again = [&](std::size_t account, const base::Json& force) {
    base::Json body = request(std::string(40, 'b'));
    if (force.exists()) body.set("force", force);
    return net.post("/userapi/builds", body.dump(), build_signature(account));
  };
  CHECK(DevnetFixture::error_text(again(0, {})) ==
        "409 a build of this account is already running");
  CHECK(again(0, false).status == 409);
  CHECK(again(0, "true").status == 400);
  CHECK(again(1, {}).status == 200);
  CHECK(again(0, true).status == 200);
  net.pass(3);
  CHECK(again(0, {}).status == 200);
}

TEST_CASE("a built image has the shape of the platform's", "[devnet]") {
  DevnetFixture net;
  const std::string id = submit(net);
  net.pass(3);
  const base::Json build = DevnetFixture::json(net.get("/userapi/builds/" + id));
  const std::string repo = "/v2/eigenlayer/eigencloud-containers";
  const base::Json manifest =
      DevnetFixture::json(net.get(repo + "/manifests/" + build["image_digest"].as_string()));
  const base::Json config = DevnetFixture::json(
      net.get(repo + "/blobs/" + manifest["config"]["digest"].as_string()))["config"];
  CHECK(config["Labels"].dump() ==
        R"({"eigenx_vm_image":"eigen","tee.launch_policy.log_redirect":"always",)"
        R"("tee.launch_policy.monitoring_memory_allow":"always"})");
  CHECK(config["Entrypoint"].dump() == R"(["/usr/local/bin/compute-source-env.sh"])");
  CHECK(config["Cmd"].dump() == R"(["/app/hello.sh"])");
  CHECK(config["ExposedPorts"].dump() == R"({"8080/tcp":{},"80/tcp":{},"443/tcp":{}})");
  const base::Json steps = build["provenance_json"]["predicate"]["recipe"]["arguments"]["steps"];
  std::string ids;
  for (const base::Json& step : steps.elements()) ids += step["id"].as_string() + " ";
  CHECK(ids ==
        "write-entrypoint build-user extract-deps build-layered push-ar dockerhub-auth "
        "tag-dockerhub push-dockerhub ");
}

TEST_CASE("a build of a commit that is not there fails", "[devnet]") {
  DevnetFixture net;
  const std::string id = submit(net, std::string(40, '0'));
  net.pass(3);
  const base::Json build = DevnetFixture::json(net.get("/userapi/builds/" + id));
  CHECK(build["status"].as_string() == "failed");
  CHECK(build["error_message"].as_string() == "commit not found");
}

TEST_CASE("the log of a build grows until the image is there", "[devnet]") {
  DevnetFixture net;
  const std::string id = submit(net);
  const auto lines = [&] {
    const std::string log = net.get("/userapi/builds/" + id + "/logs", build_signature(0)).body;
    return std::count(log.begin(), log.end(), '\n');
  };
  CHECK(lines() == 2);
  net.pass(1);
  CHECK(lines() == 3);
  net.pass(1);
  CHECK(lines() == 4);
  net.pass(1);
  CHECK(lines() == 5);
}

TEST_CASE("a build stands on builds before it alone", "[devnet]") {
  DevnetFixture net;
  const std::string first = submit(net);
  net.pass(3);
  const auto build = [&](const std::string& id) {
    return DevnetFixture::json(net.get("/userapi/builds/" + id));
  };
  const std::string digest = build(first)["image_digest"].as_string();
  const auto submit_on = [&](const std::string& dependency) {
    base::Json wanted = request(kCommit);
    wanted.set("dependencies", base::Json::strings({dependency}));
    const ProbeAnswer answer = net.post("/userapi/builds", wanted.dump(), build_signature(0));
    return DevnetFixture::json(answer)["build_id"].as_string();
  };
  const std::string second = submit_on(digest);
  net.pass(3);
  const std::string unknown = "sha256:" + std::string(64, '1');
  const std::string third = submit_on(unknown);
  net.pass(3);
  CHECK(build(second)["image_digest"].as_string() != digest);
  CHECK(build(second)["status"].as_string() == "success");
  CHECK(build(second)["dependencies"][digest]["build_id"].as_string() == first);
  CHECK(build(third)["status"].as_string() == "failed");
  CHECK(build(third)["error_message"].as_string() == "no verified build of " + unknown);
}

TEST_CASE("the log of a build is its owner's", "[devnet]") {
  DevnetFixture net;
  const std::string url = "/userapi/builds/" + submit(net) + "/logs";
  CHECK(net.get(url, build_signature(0)).body ==
        "cloning https://example.org/a/b\nchecking out " + kCommit + "\n");
  CHECK(DevnetFixture::error_text(net.get(url)) == "401 the Authorization header is missing");
  CHECK(DevnetFixture::error_text(net.get(url, build_signature(1))) ==
        "403 this build belongs to another account");
}

TEST_CASE("builds are listed newest first, by owner and page", "[devnet]") {
  DevnetFixture net;
  const std::string first = submit(net);
  net.pass(3);
  const std::string second = submit(net);
  const auto list = [&](const std::string& query) {
    return DevnetFixture::json(net.get("/userapi/builds" + query));
  };
  REQUIRE(list("").size() == 2);
  CHECK(list("").at(0)["build_id"].as_string() == second);
  CHECK(list("?limit=1&offset=1").at(0)["build_id"].as_string() == first);
  CHECK(list("?billing_address=" + DevnetFixture::address(1).to_string()).size() == 0);
  CHECK(list("?billing_address=" + DevnetFixture::address(0).to_string()).size() == 2);
}

TEST_CASE("a build that makes no sense is refused", "[devnet]") {
  DevnetFixture net;
  const auto error = [&](base::Json body) {
    return DevnetFixture::error_text(net.post("/userapi/builds", body.dump(), build_signature(0)));
  };
  base::Json wrong = request("main");
  CHECK(error(wrong) == "400 git_ref must be 40 hex digits");
  wrong = request(kCommit);
  wrong.set("repo_url", "git@example.org:a/b");
  CHECK(error(wrong) == "400 repo_url must be https");
  wrong = request(kCommit);
  wrong.set("dockerfile_path", "");
  CHECK(error(wrong) == "400 dockerfile_path is required");
  wrong = request(kCommit);
  wrong.set("dependencies", base::Json::strings({"latest"}));
  CHECK(error(wrong) == "400 a dependency is not a sha256 digest");
  wrong.set("dependencies", "none");
  CHECK(error(wrong) == "400 dependencies must be a list");
  wrong = request(kCommit);
  wrong.set("caddyfile_path", "");
  CHECK(error(wrong) == "400 caddyfile_path must be a path");
  wrong = request(kCommit);
  wrong.set("force", "yes");
  CHECK(error(wrong) == "400 force must be true or false");
  CHECK(error(base::Json::array()) == "400 the body is not a JSON object");
  CHECK(DevnetFixture::error_text(net.post("/userapi/builds", request(kCommit).dump())) ==
        "401 the Authorization header is missing");
  CHECK(DevnetFixture::error_text(net.get("/userapi/builds/unknown")) == "404 build not found");
}

}  // namespace
}  // namespace ecloud::testing
