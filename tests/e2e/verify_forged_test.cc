// Forged evidence: each forgery is caught, and named by the finding that it breaks. Most are made
// in a bundle, which is judged by the same code as what was just taken; those that a service makes
// itself come from stand-ins.

#include <atomic>

#include "devnet/sample_image.h"
#include "e2e/liar.h"
#include "e2e/verify_support.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/eth/abi.h"
#include "ecloud/oci/compression.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/tar.h"
#include "ecloud/platform/controller.h"

using namespace ecloud;
using base::Json;
using testing::changed;
using testing::check_caught;
using testing::Findings;
using testing::Liar;
using testing::Reply;
using testing::RunResult;
using testing::ServerRequest;
using testing::VerifyWorld;
using testing::Words;

namespace {

std::string octets_of(const Json& bundle, const std::string& digest) {
  const auto octets = base::from_base64(bundle["blobs"][digest].as_string());
  REQUIRE(octets);
  return std::string(base::as_chars(*octets));
}

std::string digest_of(const std::string& octets) {
  return oci::Digest::of(base::as_bytes(octets)).to_string();
}

/// The bundle with one more blob, and its digest.
std::string add_blob(Json& bundle, const std::string& octets) {
  const std::string digest = digest_of(octets);
  bundle = changed(bundle, {"blobs", digest}, base::to_base64(base::as_bytes(octets)));
  return digest;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

/// The only node's logs with a change.
Json with_logs(const Json& bundle, const std::string& what, const std::string& with) {
  return changed(bundle, {"nodes", "0", "logs"},
                 replaced(bundle["nodes"].at(0)["logs"].as_string(), what, with));
}

/// The logs with a release that lets its container run another command.
Json with_policy(const Json& logs) {
  const std::string type =
      "(uint256," + std::string(platform::release_type(platform::Generation::kFourFields)) + ")";
  const std::string topic =
      base::to_hex_prefixed(platform::topic_app_upgraded(platform::Generation::kFourFields));
  Json out = Json::array();
  for (const Json& log : logs.elements()) {
    if (log["topics"].at(0).as_string() != topic) {
      out.push(log);
      continue;
    }
    const base::Bytes data = base::from_hex(log["data"].as_string()).value();
    const eth::AbiValue::List values = eth::abi_decode(type, data);
    platform::Release release = platform::release_from_value(values[1]);
    release.policy.cmd_override = {"/bin/sh"};
    release.policy.env_override = {{"LD_PRELOAD", "/evil.so"}};
    const base::Bytes forged = eth::abi_encode(
        type, eth::abi_list(values[0].number(),
                            platform::release_value(release, platform::Generation::kFourFields)));
    out.push(changed(log, {"data"}, base::to_hex_prefixed(forged)));
  }
  return out;
}

/// An image with another configuration and top layer, put on chain instead: all its digests are
/// right, so that only making it again shows what it is.
Json with_image(Json bundle, const std::string& config, const std::string& layer) {
  const std::string old_manifest = bundle["image"]["manifest"].as_string();
  const std::string old_config = bundle["image"]["config"].as_string();
  std::string manifest = octets_of(bundle, old_manifest);
  const Json read = Json::parse(manifest, "manifest");
  const Json top = read["layers"].at(read["layers"].size() - 1);
  const std::string config_digest = add_blob(bundle, config);
  const std::string layer_digest = add_blob(bundle, layer);
  Json changed_manifest = changed(read, {"config", "digest"}, config_digest);
  changed_manifest =
      changed(changed_manifest, {"config", "size"}, static_cast<std::uint64_t>(config.size()));
  const std::string place = std::to_string(read["layers"].size() - 1);
  changed_manifest = changed(changed_manifest, {"layers", place, "digest"}, layer_digest);
  changed_manifest = changed(changed_manifest, {"layers", place, "size"},
                             static_cast<std::uint64_t>(layer.size()));
  const std::string digest = add_blob(bundle, changed_manifest.dump());
  bundle = changed(bundle, {"image", "manifest"}, digest);
  bundle = changed(bundle, {"image", "config"}, config_digest);
  return with_logs(bundle, old_manifest.substr(7), digest.substr(7));
}

struct TopLayer {
  std::string config, digest, octets;
};

TopLayer top_layer(const Json& bundle) {
  const Json manifest =
      Json::parse(octets_of(bundle, bundle["image"]["manifest"].as_string()), "manifest");
  const std::string digest =
      manifest["layers"].at(manifest["layers"].size() - 1)["digest"].as_string();
  return {octets_of(bundle, bundle["image"]["config"].as_string()), digest,
          octets_of(bundle, digest)};
}

std::string unpacked(const std::string& layer) {
  std::string out;
  oci::Decompressor reader(
      [&](base::ByteView octets) {
        out.append(base::as_chars(octets));
        return true;
      },
      "layer");
  reader.write(base::as_bytes(layer));
  reader.finish();
  return out;
}

std::string stored(const std::string& archive) {
  const base::Bytes octets = devnet::gzip_stored(base::as_bytes(archive));
  return std::string(base::as_chars(octets));
}

/// The image with another archive as its top layer, its diff_id in the configuration.
Json with_archive(const Json& bundle, const std::string& archive) {
  const TopLayer top = top_layer(bundle);
  const std::string old_id = digest_of(unpacked(top.octets));
  return with_image(bundle, replaced(top.config, old_id, digest_of(archive)), stored(archive));
}

}  // namespace

TEST_CASE("A release event that is not the app's is caught", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const Json logs = Json::parse(bundle["nodes"].at(0)["logs"].as_string(), "logs");
  const std::string stranger = "0x00000000000000000000000000000000000a9900";
  const auto caught = [&](const std::string& forged, const std::string& words) {
    const RunResult run = world.offline(changed(bundle, {"nodes", "0", "logs"}, forged));
    check_caught(run, {"release/release-event"});
    CHECK(Findings(run).text("release", "release-event").find(words) != std::string::npos);
    // Nothing after it is about a release that there is not.
    CHECK(Findings(run).result("image") == "not checked");
    CHECK(Findings(run).document()["image"].is_null());
  };
  const auto with_each = [&](const Words& place, const Json& value) {
    Json out = Json::array();
    for (const Json& log : logs.elements()) out.push(changed(log, place, value));
    return out.dump();
  };
  caught(with_each({"address"}, stranger), "the event is of the contract 0x");
  caught(with_each({"topics", "1"}, "0x" + std::string(24, '0') + stranger.substr(2)),
         "the event is of another app");
  caught(with_each({"blockNumber"}, "0x1234"), "the event is of block 4660");
  caught(with_each({"removed"}, true), "the node has taken the event back");
  caught("[]", "has no AppUpgraded event");
  caught("{", "");
}

TEST_CASE("Evidence of another contract is caught", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  check_caught(world.offline(changed(bundle, {"chainId"}, 1)), {"release/controller"});
  check_caught(world.offline(changed(bundle, {"appController"},
                                     "0x00000000000000000000000000000000000a9900")),
               {"release/controller"});
}

TEST_CASE("A node that shows another release than the other is caught",
          "[e2e][verify][forged][nodes]") {
  VerifyWorld world;
  const std::string other(64, '9');
  const std::string digest =
      Findings(world.verify())
          .document()["image"]
          .as_string()
          .substr(Findings(world.verify()).document()["image"].as_string().find("sha256:") + 7);
  SECTION("by its digest") {
    Liar node(world.devnet, testing::lies_of_node([&](const std::string& method, const Json&,
                                                      const Json& result) -> std::optional<Json> {
                if (method != "eth_getLogs") return std::nullopt;
                std::string text = result.dump();
                if (text.find(digest) == std::string::npos) return std::nullopt;
                return Json::parse(replaced(text, digest, other), "logs");
              }));
    const RunResult run =
        world.verify({"--rpc-url", world.devnet.url() + "/rpc", "--rpc-url", node.url("/rpc")});
    check_caught(run, {"release/nodes", "release/release-event"});
    CHECK(Findings(run).text("release", "release-event").find(other) != std::string::npos);
  }
  SECTION("by its container policy alone") {
    Liar node(world.devnet, testing::lies_of_node([&](const std::string& method, const Json&,
                                                      const Json& result) -> std::optional<Json> {
                if (method != "eth_getLogs") return std::nullopt;
                return with_policy(result);
              }));
    const RunResult run =
        world.verify({"--rpc-url", world.devnet.url() + "/rpc", "--rpc-url", node.url("/rpc")});
    check_caught(run, {"release/nodes", "release/release-event"});
    CHECK(Findings(run).text("release", "release-event").find("with another container policy") !=
          std::string::npos);
    // When all say so, it is named and not judged.
    const RunResult alone = world.verify({"--rpc-url", node.url("/rpc")});
    INFO(alone.describe());
    CHECK(alone.code == 0);
    CHECK(Findings(alone).result("release", "release-event") == "verified");
    CHECK(Findings(alone).result("release", "container-policy") == "not checked");
    CHECK(Findings(alone)
              .text("release", "container-policy")
              .ends_with(": cmd_override [\"/bin/sh\"], env_override [\"LD_PRELOAD=/evil.so\"]"));
  }
  SECTION("by logs of another contract") {
    Liar node(
        world.devnet, testing::lies_of_node([&](const std::string& method, const Json&,
                                                const Json& result) -> std::optional<Json> {
          if (method != "eth_getLogs" || result.size() == 0) return std::nullopt;
          return changed(result, {"0", "address"}, "0x00000000000000000000000000000000000a9900");
        }));
    const RunResult run = world.verify({"--rpc-url", node.url("/rpc")});
    INFO(run.describe());
    CHECK(run.code == 9);
    CHECK(Findings(run).failed() == Words{"release/nodes"});
    CHECK(Findings(run).text("release", "nodes").find("logs that were not asked for") !=
          std::string::npos);
  }
}

TEST_CASE("A manifest swapped under its digest is caught", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const std::string digest = bundle["image"]["manifest"].as_string();
  SECTION("in a bundle") {
    const std::string other = octets_of(bundle, digest) + " ";
    check_caught(
        world.offline(changed(bundle, {"blobs", digest}, base::to_base64(base::as_bytes(other)))),
        {"image/manifest"});
  }
  SECTION("by naming the base's instead") {
    Json forged = changed(bundle, {"image", "manifest"}, bundle["base"]["manifest"].as_string());
    forged = changed(forged, {"image", "config"}, bundle["base"]["config"].as_string());
    check_caught(world.offline(forged), {"image/manifest"});
  }
  SECTION("by the registry") {
    std::atomic<bool> lying = false;
    Liar registry(world.devnet, [&](const ServerRequest& request, Reply& reply) {
      if (lying && request.path.find("/manifests/") != std::string::npos) reply.body += " ";
    });
    const RunResult deployed =
        world.user.run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                        registry.authority() + "/sample/layered:1.0", "--json"});
    INFO(deployed.describe());
    REQUIRE(deployed.code == 0);
    world.app = deployed.json()["appId"].as_string();
    lying = true;
    const RunResult run = world.verify();
    check_caught(run, {"image/manifest"});
    CHECK(Findings(run).result("client-binaries") == "not checked");
  }
}

TEST_CASE("A layer with one changed octet is caught", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const TopLayer top = top_layer(bundle);
  std::string octets = top.octets;
  octets[octets.size() / 2] ^= 1;
  const RunResult run = world.offline(
      changed(bundle, {"blobs", top.digest}, base::to_base64(base::as_bytes(octets))));
  check_caught(run, {"image/top-layer"});
  CHECK(Findings(run).text("image", "top-layer").find("have the digest sha256:") !=
        std::string::npos);
  CHECK(Findings(run).result("image", "layering") == "not checked");
  CHECK(Findings(run).result("client-binaries") == "not checked");
}

TEST_CASE("Any changed blob of a bundle is caught", "[e2e][verify][forged][bundle]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  for (const auto& [digest, content] : bundle["blobs"].members()) {
    std::string octets = octets_of(bundle, digest);
    octets[octets.size() - 1] ^= 1;
    const RunResult run =
        world.offline(changed(bundle, {"blobs", digest}, base::to_base64(base::as_bytes(octets))));
    INFO(digest << "\n" << run.describe());
    CHECK(run.code == 9);
    CHECK_FALSE(Findings(run).failed().empty());
  }
}

TEST_CASE("Another program in the top layer is caught", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const std::string archive = unpacked(top_layer(bundle).octets);
  const std::string part = "stand-in for the platform's ";
  const RunResult run =
      world.offline(with_archive(bundle, replaced(archive, part, "gift of a stranger for your ")));
  const Findings found(run);
  INFO(found.describe());
  check_caught(run, {"image/layer-files", "image/layering", "client-binaries/kms-client"});
  CHECK(found.text("image", "layer-files").starts_with("usr/local/bin/kms-client is sha256:"));
}

TEST_CASE("A client of the other runtime generation is caught", "[e2e][verify][forged][runtime]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const std::string archive = unpacked(top_layer(bundle).octets);
  const RunResult run = world.offline(
      with_archive(bundle, replaced(archive, "/v1/bound_evidence", "/v1/intel/token   ")));
  const Findings found(run);
  INFO(found.describe());
  CHECK(found.text("client-binaries", "runtime") ==
        "the KMS client is of the generation intel-token, and the label eigenx_vm_image=eigen does "
        "not choose its VM image: the app cannot get its variables");
  check_caught(run, {"image/layer-files", "image/layering", "client-binaries/kms-client",
                     "client-binaries/runtime"});
}

TEST_CASE("Files that were added or removed are caught and named", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const std::string archive = unpacked(top_layer(bundle).octets);
  SECTION("one more") {
    const std::string more = oci::write_tar({{"etc/profile", 0644, "export EVIL=1\n", false}});
    // The two empty records at the end of the first archive go.
    const RunResult run =
        world.offline(with_archive(bundle, archive.substr(0, archive.size() - 1024) + more));
    check_caught(run, {"image/layer-files", "image/layering"});
    CHECK(Findings(run).text("image", "layer-files") == "etc/profile was added");
  }
  SECTION("none left") {
    const RunResult run = world.offline(with_archive(bundle, std::string(1024, '\0')));
    const Findings found(run);
    INFO(found.describe());
    check_caught(run, {"image/layer-files", "image/layering", "client-binaries/kms-client",
                       "client-binaries/kms-signing-key"});
    CHECK(found.text("image", "layer-files").find("kms-client is missing") != std::string::npos);
  }
}

TEST_CASE("A changed entrypoint or label is caught and named", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const TopLayer top = top_layer(bundle);
  const auto caught = [&](const std::string& config, const std::string& words) {
    const RunResult run = world.offline(with_image(bundle, config, top.octets));
    check_caught(run, {"image/configuration", "image/layering"});
    CHECK(Findings(run).text("image", "configuration").starts_with(words));
  };
  const RunResult started_otherwise = world.offline(with_image(
      bundle, replaced(top.config, "[\"/usr/local/bin/compute-source-env.sh\"]", "[\"/bin/sh\"]"),
      top.octets));
  check_caught(started_otherwise, {"image/layered"});
  CHECK(Findings(started_otherwise)
            .text("image", "layered")
            .starts_with("its entrypoint is not the platform's start script"));
  caught(replaced(top.config, "ECLOUD_PD_EXPECTED", "ANYTHING"),
         "config.Labels.tee.launch_policy.allow_env_override is \"ANYTHING,ECLOUD_PLATFORM_HOST\" "
         "instead of ");
  caught(replaced(top.config, "\"User\":\"0\"", "\"User\":\"nobody\""),
         "config.User is \"nobody\" instead of \"0\"");
}

TEST_CASE("The same content in another compression is not called the same digest",
          "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const TopLayer top = top_layer(bundle);
  const RunResult run = world.offline(with_image(bundle, top.config, stored(unpacked(top.octets))));
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("image", "layer-files") == "verified");
  CHECK(found.result("image", "configuration") == "verified");
  CHECK(found.result("image", "layering") == "not checked");
  CHECK(found.text("image", "layering").find("other compression") != std::string::npos);
  CHECK(found.result("image") == "not checked");
}

TEST_CASE("Layers below the top that are not the base's are caught", "[e2e][verify][forged]") {
  VerifyWorld world;
  Json bundle = world.bundle();
  const std::string digest = bundle["base"]["manifest"].as_string();
  const Json manifest = Json::parse(octets_of(bundle, digest), "manifest");
  const std::string forged =
      changed(manifest, {"layers", "0", "digest"}, "sha256:" + std::string(64, '5')).dump();
  const std::string other = add_blob(bundle, forged);
  // The label names the base that was, so that another one is seen by that already.
  check_caught(world.offline(changed(bundle, {"base", "manifest"}, other)), {"image/base-image"});
}

TEST_CASE("Addresses that the KMS has not signed for the app are caught", "[e2e][verify][forged]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  SECTION("those of another app") {
    VerifyWorld other;
    // Both have the KMS keys of the tests.
    REQUIRE(other.user
                .run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                      other.devnet.image("sample/layered:1.0"), "--wallet", "kms"})
                .code == 0);
    const RunResult asked = other.user.run({"compute", "app", "info", "second", "--json"});
    other.app = asked.json()["appId"].as_string();
    const Json foreign = other.bundle();
    check_caught(world.offline(changed(bundle, {"addresses"}, foreign["addresses"])),
                 {"addresses/kms-app"});
  }
  SECTION("with another address") {
    const std::string answer = bundle["addresses"]["answer"].as_string();
    const std::size_t at = answer.find("\"address\":\"0x") + 14;
    std::string forged = answer;
    forged[at] = forged[at] == '1' ? '2' : '1';
    check_caught(world.offline(changed(bundle, {"addresses", "answer"}, forged)),
                 {"addresses/kms-signature"});
  }
}

TEST_CASE("A build record or provenance of another image is caught", "[e2e][verify][forged]") {
  VerifyWorld world({"--verifiable", "--repo", "https://github.com/me/app", "--commit",
                     "0123456789abcdef0123456789abcdef01234567"},
                    "");
  const Json bundle = world.bundle();
  const Findings found(world.verify());
  INFO(found.describe());
  CHECK(found.result("provenance", "build-record") == "verified");
  CHECK(found.result("provenance", "provenance-source") == "verified");
  // Nobody else has signed it.
  CHECK(found.result("provenance", "provenance-signature") == "not checked");
  CHECK(found.result("provenance") == "not checked");
  const auto failed = [&](const Json& forged) {
    const RunResult run = world.offline(forged);
    INFO(run.describe());
    CHECK(run.code == 9);
    return Findings(run).result("provenance", "build-record");
  };
  const std::string other = "sha256:" + std::string(64, '7');
  CHECK(failed(changed(bundle, {"build", "imageDigest"}, other)) == "failed");
  const auto payload = base::from_base64(bundle["build"]["payload"].as_string());
  REQUIRE(payload);
  const std::string digest = found.document()["image"].as_string().substr(
      found.document()["image"].as_string().find("sha256:") + 7);
  const std::string forged =
      replaced(std::string(base::as_chars(*payload)), digest, std::string(64, '7'));
  CHECK(failed(changed(bundle, {"build", "payload"}, forged)) == "failed");
  CHECK(failed(changed(bundle, {"build", "payload"}, "{}")) == "failed");
  // The build service itself, about another image.
  Liar service(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (request.path.find("/builds/verify/") == std::string::npos) return;
    reply.body = changed(Json::parse(reply.body, "answer"), {"image_digest"}, other).dump();
  });
  const RunResult run = world.verify({"--userapi-url", service.url("/userapi")});
  INFO(run.describe());
  CHECK(run.code == 9);
  CHECK(Findings(run).result("provenance", "build-record") == "failed");
  CHECK(Findings(run).text("provenance", "build-record").find("but its record is of image") !=
        std::string::npos);
  CHECK(Findings(run).result("provenance", "provenance-source") == "not checked");
}
