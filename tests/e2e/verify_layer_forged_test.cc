// Forged layers, of which this program would see one thing and a container runtime another.

#include <atomic>

#include "devnet/sample_image.h"
#include "e2e/liar.h"
#include "e2e/verify_support.h"
#include "ecloud/base/base64.h"
#include "ecloud/oci/compression.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/tar.h"
#include "unit/oci/archive_fixture.h"

using namespace ecloud;
using base::Json;
using oci::raw_entry;
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

constexpr char kProgram[] = "usr/local/bin/kms-client";
const Words kAllFour = {"image/layer-files", "image/layering", "client-binaries/kms-client",
                        "client-binaries/kms-signing-key"};

std::string digest_of(const std::string& octets) {
  return oci::Digest::of(base::as_bytes(octets)).to_string();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

/// A bundle whose image can be changed; all its digests stay right, also the one on chain.
struct Forgery {
  explicit Forgery(Json of) : bundle(std::move(of)) {
    manifest = Json::parse(blob(bundle["image"]["manifest"].as_string()), "manifest");
    config = blob(bundle["image"]["config"].as_string());
    const std::vector<Json> layers = manifest["layers"].elements();
    const std::string packed = blob(layers.back()["digest"].as_string());
    oci::Decompressor reader(
        [&](base::ByteView octets) {
          archive.append(base::as_chars(octets));
          return true;
        },
        "layer");
    reader.write(base::as_bytes(packed));
    reader.finish();
    // Without the two empty records at its end.
    archive.resize(archive.size() - oci::kEndOfTar.size());
  }

  std::string blob(const std::string& digest) const {
    const auto octets = base::from_base64(bundle["blobs"][digest].as_string());
    REQUIRE(octets);
    return std::string(base::as_chars(*octets));
  }
  std::string add(const std::string& octets) {
    const std::string digest = digest_of(octets);
    bundle = changed(bundle, {"blobs", digest}, base::to_base64(base::as_bytes(octets)));
    return digest;
  }
  Json add_layer(const std::string& octets) {
    const base::Bytes packed = devnet::gzip_stored(base::as_bytes(octets));
    const std::string text(base::as_chars(packed));
    return Json::object({{"mediaType", oci::kOciLayerType},
                         {"size", static_cast<std::uint64_t>(text.size())},
                         {"digest", add(text)}});
  }

  /// The bundle with the image that has this configuration and these layers.
  Json with(const std::string& new_config, const Json& layers) {
    Json made = changed(manifest, {"config", "digest"}, add(new_config));
    made = changed(made, {"config", "size"}, static_cast<std::uint64_t>(new_config.size()));
    return with_manifest(changed(made, {"layers"}, layers).dump(), digest_of(new_config));
  }
  Json with_manifest(const std::string& text, const std::string& config_digest) {
    const std::string digest = add(text);
    const std::string old = bundle["image"]["manifest"].as_string().substr(7);
    Json out = changed(bundle, {"image", "manifest"}, digest);
    out = changed(out, {"image", "config"}, config_digest);
    return changed(out, {"nodes", "0", "logs"},
                   replaced(bundle["nodes"].at(0)["logs"].as_string(), old, digest.substr(7)));
  }
  /// With another archive, to which the end is added, as the top layer.
  Json with_top(const std::string& entries) {
    const std::string octets = entries + oci::kEndOfTar;
    Json layers = Json::array();
    const std::vector<Json> old = manifest["layers"].elements();
    for (std::size_t i = 0; i + 1 < old.size(); ++i) layers.push(old[i]);
    layers.push(add_layer(octets));
    return with(replaced(config, digest_of(archive + oci::kEndOfTar), digest_of(octets)), layers);
  }
  /// With one more layer above all others; nobody says what the base is.
  Json with_above(const std::string& entries, bool with_base = false) {
    const std::string octets = entries + oci::kEndOfTar;
    Json layers = Json::array(manifest["layers"].elements());
    layers.push(add_layer(octets));
    const std::string top = "\"" + digest_of(archive + oci::kEndOfTar) + "\"";
    const Json out = with(replaced(config, top, top + ",\"" + digest_of(octets) + "\""), layers);
    return with_base ? out : changed(out, {"base"}, Json());
  }

  Json bundle, manifest;
  std::string config, archive;
};

/// A pax record (IEEE 1003.1-2001), whose length counts itself.
std::string record(const std::string& key, const std::string& value) {
  const std::string rest = " " + key + "=" + value + "\n";
  std::size_t length = rest.size();
  while (std::to_string(length).size() + rest.size() != length) {
    length = std::to_string(length).size() + rest.size();
  }
  return std::to_string(length) + rest;
}

std::string pax(const std::string& records) {
  return raw_entry("pax", 'x', records);
}

/// The archive with something before the header of the program.
std::string before_program(const std::string& archive, const std::string& what) {
  const std::size_t at = archive.find(std::string(kProgram) + '\0');
  REQUIRE(at != std::string::npos);
  REQUIRE(at % 512 == 0);
  return archive.substr(0, at) + what + archive.substr(at);
}

}  // namespace

TEST_CASE("A layer that is written anew is still verified file by file",
          "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  // As other clients write it, with the directories on the way.
  const std::string folders = raw_entry("usr/", '5', "") + raw_entry("usr/local/", '5', "");
  std::string plain;
  for (std::size_t at = 0; at < folders.size(); at += 512) {
    std::string header = folders.substr(at, 512);
    plain += oci::RawHeader::with_checksum(header.replace(100, 7, "0000755"));
  }
  const Findings found(world.offline(forgery.with_top(plain + forgery.archive)));
  INFO(found.describe());
  CHECK(found.failed() == Words{});
  CHECK(found.result("image", "layer-files") == "verified");
  CHECK(found.result("client-binaries", "kms-client") == "verified");
  const Findings above(world.offline(forgery.with_above(raw_entry("srv/x", '0', "x"))));
  INFO(above.describe());
  CHECK(above.failed() == Words{});
  CHECK(above.result("client-binaries", "kms-client") == "verified");
}

TEST_CASE("A second program under a name that runtimes read otherwise is caught",
          "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  const auto caught = [&](const std::string& entries) {
    const RunResult run = world.offline(forgery.with_top(forgery.archive + entries));
    check_caught(run, kAllFour);
    CHECK(Findings(run).text("client-binaries", "kms-client") ==
          std::string(kProgram) + " in layer 2 is read differently by programs: it " +
              (entries.find("GNU.sparse") == std::string::npos ? "has a name or a link in two forms"
                                                               : "is stored as a sparse file"));
  };
  const std::string evil = raw_entry(kProgram, '0', "evil");
  SECTION("GNU.sparse.name without a sparse file") {
    // Go leaves such a name alone.
    const std::string other = record("GNU.sparse.name", "usr/share/doc/readme");
    caught(pax(other) + evil);
  }
  SECTION("pax and GNU") {
    // In Go the latter wins.
    caught(raw_entry("././@LongLink", 'L', kProgram + std::string(1, '\0')) +
           pax(record("path", "usr/share/doc/readme")) + raw_entry("x", '0', "evil"));
  }
}

TEST_CASE("A program that is stored as a sparse file is not the octets that are there",
          "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  // What is stored is the published program; what Go writes begins with a hole.
  const std::string map = record("GNU.sparse.map", "512,1") + record("GNU.sparse.numblocks", "1") +
                          record("GNU.sparse.size", "513");
  const RunResult run = world.offline(forgery.with_top(before_program(forgery.archive, pax(map))));
  check_caught(run, kAllFour);
  CHECK(Findings(run).text("image", "layer-files").find("it is stored as a sparse file") !=
        std::string::npos);
}

TEST_CASE("Extended attributes are a difference", "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  const std::string attribute = pax(record("SCHILY.xattr.security.capability", "\x01"));
  const RunResult run = world.offline(forgery.with_top(before_program(forgery.archive, attribute)));
  check_caught(run, {"image/layer-files", "image/layering", "client-binaries/kms-client"});
  CHECK(Findings(run).text("image", "layer-files") ==
        std::string(kProgram) + " has the attribute SCHILY.xattr.security.capability");
}

TEST_CASE("A directory that would replace something of the base is caught",
          "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  const std::string folder = oci::write_tar({{"app/hello.sh", 0755, "", true}});
  const RunResult run = world.offline(
      forgery.with_top(forgery.archive + folder.substr(0, folder.size() - oci::kEndOfTar.size())));
  check_caught(run, {"image/layer-files", "image/layering"});
  CHECK(Findings(run).text("image", "layer-files") == "app/hello.sh was added");
}

TEST_CASE("Members of the configuration that are there twice are caught",
          "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  const Json layers = forgery.manifest["layers"];
  const Words all = {"image/configuration", "image/layering", "client-binaries/kms-client",
                     "client-binaries/kms-signing-key"};
  const std::string user = "\"User\":\"0\"";
  const RunResult twice = world.offline(
      forgery.with(replaced(forgery.config, user, "\"User\":\"stranger\"," + user), layers));
  check_caught(twice, all);
  CHECK(Findings(twice).text("image", "configuration") == "config.User is there more than once");
  // Go's decoder takes names without regard to case.
  const RunResult folded = world.offline(
      forgery.with(replaced(forgery.config, user, user + ",\"ENTRYPOINT\":[\"/evil\"]"), layers));
  check_caught(folded, all);
}

TEST_CASE("A manifest that programs read differently is caught", "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  const RunResult run = world.offline(forgery.with_manifest(
      replaced(forgery.manifest.dump(), "\"layers\":", "\"Layers\":[],\"layers\":"),
      digest_of(forgery.config)));
  CHECK(run.code == 9);
  CHECK(Findings(run)
            .text("image", "manifest")
            .starts_with("it has a member that programs read differently: "));
}

TEST_CASE("An upper layer that removes or leads away from the program is caught",
          "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  const Words both = {"client-binaries/kms-client", "client-binaries/kms-signing-key"};
  const auto check = [&](const std::string& entries, const Words& findings,
                         const std::string& words) {
    const RunResult run = world.offline(forgery.with_above(entries));
    check_caught(run, findings);
    CHECK(Findings(run).text("client-binaries", "kms-client") == words);
  };
  check(raw_entry("usr/local/bin/.wh.kms-client", '0', ""), {"client-binaries/kms-client"},
        "usr/local/bin/.wh.kms-client in layer 3 removes usr/local/bin/kms-client");
  check(raw_entry("usr/local/.wh..wh..opq", '0', ""), both,
        "usr/local/.wh..wh..opq in layer 3 removes usr/local/bin/kms-client");
  const std::string in_the_way =
      "usr/local/bin in layer 3 is no directory, and stands in the way to "
      "usr/local/bin/kms-client";
  check(raw_entry("usr/local/bin", '2', "", "/opt/evil"), both, in_the_way);
  check(raw_entry("opt/evil/kms-client", '0', "evil") +
            raw_entry("usr/local/bin", '2', "", "/opt/evil"),
        both, in_the_way);
  SECTION("and what only may lead there leaves it open") {
    const RunResult run =
        world.offline(forgery.with_above(raw_entry("opt/link/kms-client", '0', "evil")));
    const Findings found(run);
    INFO(found.describe());
    CHECK(run.code == 0);
    CHECK(found.result("client-binaries", "kms-client") == "not checked");
    CHECK(found.text("client-binaries", "kms-client") ==
          "opt/link/kms-client in layer 3 may be the same place as usr/local/bin/kms-client, by a "
          "link in a layer below");
  }
}

TEST_CASE("A layer more than the base and one is caught", "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  Forgery forgery(world.bundle());
  const RunResult run = world.offline(forgery.with_above(raw_entry("srv/evil", '0', "evil"), true));
  check_caught(run, {"image/base-layers"});
  CHECK(Findings(run).text("image", "base-layers") ==
        "there are 2 layers above those of the base instead of one");
  CHECK(Findings(run).result("image", "layering") == "not checked");
}

TEST_CASE("A registry that gives a layer with one changed octet is caught",
          "[e2e][verify][forged][layers]") {
  VerifyWorld world;
  std::atomic<bool> lying = false;
  Liar registry(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    const bool is_layer =
        request.path.find("/blobs/") != std::string::npos && reply.body.starts_with("\x1f\x8b");
    if (lying && is_layer) reply.body[reply.body.size() / 2] ^= 1;
  });
  const RunResult deployed =
      world.user.run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                      registry.authority() + "/sample/layered:1.0", "--json"});
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  world.app = deployed.json()["appId"].as_string();
  lying = true;
  const RunResult run = world.verify();
  check_caught(run, {"image/top-layer"});
  CHECK(Findings(run).result("image", "manifest") == "verified");
  CHECK(Findings(run).result("client-binaries") == "not checked");
}

TEST_CASE("A lower layer that cannot be had leaves what rests on the top one",
          "[e2e][verify][layers]") {
  VerifyWorld world;
  const Json bundle = world.bundle();
  const Json manifest = Forgery(bundle).manifest;
  const std::string below = manifest["layers"].at(0)["digest"].as_string();
  const std::string base = bundle["base"]["manifest"].as_string();
  // The base is not there, so that the upper layers are read without it.
  std::atomic<bool> poorer = false;
  Liar registry(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (!poorer) return;
    if (request.path.find(base) != std::string::npos) reply = testing::json_reply("{}", 404);
    if (request.path.find(below) != std::string::npos) reply = testing::json_reply("{}", 500);
  });
  // The same release, from the registry that has less.
  const std::string image = Findings(world.verify()).document()["image"].as_string();
  const RunResult deployed =
      world.user.run({"compute", "app", "deploy", "--name", "second", "--image-ref",
                      registry.authority() + image.substr(image.find('/')), "--json"});
  INFO(deployed.describe());
  REQUIRE(deployed.code == 0);
  world.app = deployed.json()["appId"].as_string();
  poorer = true;
  const RunResult run = world.verify();
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("image", "base-image") == "not checked");
  CHECK(found.result("image", "top-layer") == "verified");
  CHECK(found.result("client-binaries", "kms-client") == "verified");
}

TEST_CASE("A published image that is named by the digest of an index is found",
          "[e2e][verify][layers]") {
  VerifyWorld world;
  const std::string pinned = world.devnet.info()["kmsClientImage"].as_string();
  const std::string manifest = pinned.substr(pinned.find("sha256:"));
  const Json bundle = world.bundle();
  const std::string octets = Forgery(bundle).blob(manifest);
  const std::string index =
      Json::object(
          {{"schemaVersion", 2},
           {"mediaType", oci::kOciIndexType},
           {"manifests",
            Json::array({Json::object(
                {{"mediaType", oci::kOciManifestType},
                 {"digest", manifest},
                 {"size", static_cast<std::uint64_t>(octets.size())},
                 {"platform", Json::object({{"os", "linux"}, {"architecture", "amd64"}})}})})}})
          .dump();
  Liar registry(world.devnet, [&](const ServerRequest& request, Reply& reply) {
    if (request.path.find("/manifests/" + digest_of(index)) == std::string::npos) return;
    reply = testing::json_reply(index);
    for (net::Header& header : reply.headers) {
      if (header.name == "Content-Type") header.value = std::string(oci::kOciIndexType);
    }
  });
  const std::string named = registry.authority() +
                            pinned.substr(pinned.find('/'), pinned.find('@') - pinned.find('/')) +
                            "@" + digest_of(index);
  const Json info = changed(world.devnet.info(), {"kmsClientImage"}, named);
  world.user.set("ECLOUD_DEVNET_INFO", world.user.write("devnet.json", info.dump()).string());
  const RunResult run = world.verify();
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("image", "layering") == "verified");
  CHECK(found.result("client-binaries", "kms-client") == "verified");
  // The index comes with the bundle, and another image under its digest is told.
  const Json kept = world.bundle();
  CHECK(Findings(world.offline(kept)).failed() == Words{});
  check_caught(
      world.offline(changed(changed(kept, {"tools", "0", "manifest"}, kept["base"]["manifest"]),
                            {"tools", "0", "config"}, kept["base"]["config"])),
      {"client-binaries/published-images"});
}
