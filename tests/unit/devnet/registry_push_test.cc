#include "devnet/registry_push.h"

#include "ecloud/crypto/hash.h"
#include "ecloud/oci/image.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

const std::string kRepo = "/v2/you/app";
const std::string kType(oci::kOciManifestType);

std::string sha256(const std::string& content) {
  return "sha256:" + base::to_hex(crypto::sha256(base::as_bytes(content)));
}

std::string error_code(const ProbeAnswer& answer) {
  return std::to_string(answer.status) + " " +
         DevnetFixture::json(answer)["errors"].at(0)["code"].as_string();
}

class PushFixture : public DevnetFixture {
 public:
  using DevnetFixture::DevnetFixture;

  ProbeAnswer ask(const std::string& method, const std::string& target,
                  const std::string& body = "", const ProbeHeaders& headers = {}) const {
    return probe(devnet.port(), method, target, headers, body);
  }
  std::string begin(const std::string& repo = kRepo) const {
    const ProbeAnswer answer = ask("POST", repo + "/blobs/uploads/");
    REQUIRE(answer.status == 202);
    CHECK(answer.header("range") == "0-0");
    return answer.header("location");
  }
  std::string push_blob(const std::string& content, const std::string& repo = kRepo) const {
    const ProbeAnswer answer = ask("PUT", begin(repo) + "?digest=" + sha256(content), content);
    REQUIRE(answer.status == 201);
    CHECK(answer.header("docker-content-digest") == sha256(content));
    return sha256(content);
  }
  ProbeAnswer put_manifest(const std::string& body, const std::string& tag = "1",
                           const std::string& type = kType) const {
    return ask("PUT", kRepo + "/manifests/" + tag, body, {{"Content-Type", type}});
  }
};

const std::string kConfig = R"({"os":"linux","architecture":"amd64"})";

std::string part(const std::string& content, std::size_t size) {
  return R"({"mediaType":"x","digest":")" + sha256(content) + R"(","size":)" +
         std::to_string(size) + "}";
}

std::string manifest_of(const std::string& layer, std::size_t size) {
  return R"({"schemaVersion":2,"mediaType":")" + kType + R"(","config":)" +
         part(kConfig, kConfig.size()) + R"(,"layers":[)" + part(layer, size) + "]}";
}

TEST_CASE("an image is pushed and found again under its tag", "[devnet][push]") {
  PushFixture net;
  net.push_blob(kConfig);
  net.push_blob("layer");
  const std::string manifest = manifest_of("layer", 5);
  const ProbeAnswer pushed = net.put_manifest(manifest);
  CHECK(pushed.status == 201);
  CHECK(pushed.header("docker-content-digest") == sha256(manifest));
  CHECK(pushed.header("location") == kRepo + "/manifests/" + sha256(manifest));
  const ProbeAnswer found = net.get(kRepo + "/manifests/1");
  CHECK(found.body == manifest);
  CHECK(found.header("content-type") == kType);
  CHECK(net.ask("HEAD", kRepo + "/blobs/" + sha256("layer")).header("content-length") == "5");
  CHECK(DevnetFixture::json(net.get(kRepo + "/tags/list"))["tags"].dump() == R"(["1"])");
  CHECK(net.devnet.count("registry:/uploads") == 4);
  CHECK(net.devnet.count("registry:/manifests/put") == 1);
}

TEST_CASE("a blob comes in pieces that follow each other", "[devnet][push]") {
  PushFixture net;
  const std::string place = net.begin();
  const ProbeAnswer first = net.ask("PATCH", place, "0123456789");
  CHECK(first.status == 202);
  CHECK(first.header("range") == "0-9");
  const ProbeAnswer gap = net.ask("PATCH", place, "ab", {{"Content-Range", "11-12"}});
  CHECK(gap.status == 416);
  CHECK(gap.header("range") == "0-9");
  CHECK(error_code(net.ask("PATCH", place, "ab", {{"Content-Range", "10-20"}})) ==
        "400 SIZE_INVALID");
  CHECK(net.ask("PATCH", place, "ab", {{"Content-Range", "10-11"}}).status == 202);
  const ProbeAnswer status = net.ask("GET", place);
  CHECK(status.status == 204);
  CHECK(status.header("range") == "0-11");
  CHECK(status.header("location") == place);
  CHECK(net.ask("PUT", place + "?digest=" + sha256("0123456789ab!"), "!").status == 201);
  CHECK(net.get(kRepo + "/blobs/" + sha256("0123456789ab!")).body == "0123456789ab!");
  CHECK(error_code(net.ask("GET", place)) == "404 BLOB_UPLOAD_UNKNOWN");
}

TEST_CASE("an upload that does not fit its digest or was given up is gone", "[devnet][push]") {
  PushFixture net;
  const std::string place = net.begin();
  CHECK(error_code(net.ask("PUT", place + "?digest=" + sha256("other"), "octets")) ==
        "400 DIGEST_INVALID");
  CHECK(error_code(net.ask("GET", place)) == "404 BLOB_UPLOAD_UNKNOWN");
  CHECK(error_code(net.ask("PUT", net.begin() + "?digest=md5:1", "x")) == "400 DIGEST_INVALID");
  const std::string other = net.begin();
  CHECK(net.ask("DELETE", other).status == 204);
  CHECK(error_code(net.ask("PATCH", other, "x")) == "404 BLOB_UPLOAD_UNKNOWN");
  CHECK(error_code(net.ask("POST", "/v2/You/App/blobs/uploads/")) == "400 NAME_INVALID");
  // An upload belongs to its repository.
  const std::string mine = net.begin();
  CHECK(error_code(net.ask("GET", "/v2/other" + mine.substr(kRepo.size()))) ==
        "404 BLOB_UPLOAD_UNKNOWN");
}

TEST_CASE("blobs are mounted from where they are", "[devnet][push]") {
  PushFixture net;
  const std::string digest = net.push_blob("layer", "/v2/base");
  const std::string query = "/blobs/uploads/?mount=" + digest + "&from=";
  const ProbeAnswer mounted = net.ask("POST", kRepo + query + "base");
  CHECK(mounted.status == 201);
  CHECK(mounted.header("location") == kRepo + "/blobs/" + digest);
  CHECK(net.get(kRepo + "/blobs/" + digest).body == "layer");
  CHECK(net.ask("POST", "/v2/third" + query + "none").status == 202);
}

TEST_CASE("a manifest whose parts are not all there is refused", "[devnet][push]") {
  PushFixture net;
  net.push_blob(kConfig);
  CHECK(error_code(net.put_manifest(manifest_of("layer", 5))) == "400 MANIFEST_BLOB_UNKNOWN");
  net.push_blob("layer");
  CHECK(error_code(net.put_manifest(manifest_of("layer", 6))) == "400 MANIFEST_INVALID");
  const std::string good = manifest_of("layer", 5);
  CHECK(error_code(net.put_manifest("<html>")) == "400 MANIFEST_INVALID");
  CHECK(error_code(net.put_manifest(good, "1", "application/json")) == "400 MANIFEST_INVALID");
  CHECK(error_code(net.put_manifest(good, "1", std::string(oci::kDockerManifestType))) ==
        "400 MANIFEST_INVALID");
  CHECK(error_code(net.put_manifest(good, "-1")) == "400 TAG_INVALID");
  CHECK(error_code(net.put_manifest(good, sha256("other"))) == "400 DIGEST_INVALID");
  CHECK(error_code(net.get(kRepo + "/manifests/1")) == "404 MANIFEST_UNKNOWN");
  CHECK(net.put_manifest(good, sha256(good)).status == 201);
  const std::string index = R"({"schemaVersion":2,"manifests":[)" + part(good, good.size()) + "]}";
  CHECK(net.put_manifest(index, "all", std::string(oci::kOciIndexType)).status == 201);
}

TEST_CASE("what was pushed is there after a restart with the same folder", "[devnet][push]") {
  const TempDir dir;
  devnet::Options options;
  options.state_dir = dir / "state";
  const std::string manifest = manifest_of("layer", 5);
  {
    PushFixture net(options);
    net.push_blob(kConfig);
    net.push_blob("layer");
    CHECK(net.put_manifest(manifest).status == 201);
  }
  PushFixture net(options);
  CHECK(net.get(kRepo + "/manifests/1").body == manifest);
  CHECK(net.get(kRepo + "/blobs/" + sha256("layer")).body == "layer");
  const ProbeAnswer hub = net.get("/hub/v2/repositories/you/app/tags/1");
  CHECK(DevnetFixture::json(hub)["images"].at(0)["architecture"].as_string() == "amd64");
}

TEST_CASE("a registry folder that was changed is not taken", "[devnet][push]") {
  const TempDir dir;
  devnet::Options options;
  options.state_dir = dir / "state";
  {
    PushFixture net(options);
    net.push_blob(kConfig);
    net.push_blob("layer");
    net.put_manifest(manifest_of("layer", 5));
  }
  dir.write("state/registry/blobs/" + sha256("layer").substr(7), "Layer");
  std::string code = "none";
  try {
    PushFixture net(options);
  } catch (const Error& error) {
    code = error.code();
  }
  CHECK(code == "devnet.state");
}

TEST_CASE("a pushed image of another platform does not run", "[devnet][push]") {
  PushFixture net;
  const std::string config = R"({"os":"linux","architecture":"arm64"})";
  net.push_blob(config);
  const std::string manifest = R"({"schemaVersion":2,"mediaType":")" + kType + R"(","config":)" +
                               part(config, config.size()) + R"(,"layers":[]})";
  CHECK(net.put_manifest(manifest).status == 201);
  const eth::Address app = net.app_id(0, 1);
  platform::Release release = net.release(app);
  release.artifacts[0] = {*base::fixed_from_hex<32>(sha256(manifest).substr(7)),
                          net.devnet.image("you/app")};
  net.create_app_with(0, 1, release);
  net.pass(2);
  CHECK(net.devnet.app(app)->run_state == "Failed");
}

}  // namespace
}  // namespace ecloud::testing
