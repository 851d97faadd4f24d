#include "devnet/registry_service.h"

#include "ecloud/crypto/hash.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

std::string sha256(const std::string& content) {
  return "sha256:" + base::to_hex(crypto::sha256(base::as_bytes(content)));
}

std::string error_code(const ProbeAnswer& answer) {
  return std::to_string(answer.status) + " " +
         DevnetFixture::json(answer)["errors"].at(0)["code"].as_string();
}

TEST_CASE("the sample image is whole: every digest is that of its octets", "[devnet]") {
  DevnetFixture net;
  CHECK(net.get("/v2/").status == 200);
  CHECK(net.get("/v2/").header("docker-distribution-api-version") == "registry/2.0");
  const ProbeAnswer manifest = net.get("/v2/sample/hello/manifests/1.0");
  CHECK(manifest.status == 200);
  CHECK(manifest.header("content-type") == "application/vnd.oci.image.manifest.v1+json");
  CHECK(manifest.header("docker-content-digest") == sha256(manifest.body));
  CHECK(net.get("/v2/sample/hello/manifests/latest").body == manifest.body);
  CHECK(net.get("/v2/sample/hello/manifests/" + sha256(manifest.body)).body == manifest.body);

  const base::Json json = DevnetFixture::json(manifest);
  const auto blob = [&](const base::Json& descriptor) {
    const ProbeAnswer answer =
        net.get("/v2/sample/hello/blobs/" + descriptor["digest"].as_string());
    CHECK(answer.status == 200);
    CHECK(sha256(answer.body) == descriptor["digest"].as_string());
    CHECK(answer.body.size() == descriptor["size"].as_u64());
    return answer.body;
  };
  const base::Json config = base::Json::parse(blob(json["config"]), "config");
  CHECK(config["os"].as_string() == "linux");
  CHECK(config["architecture"].as_string() == "amd64");
  CHECK(config["config"]["Cmd"].at(0).as_string() == "/app/hello.sh");
  REQUIRE(json["layers"].size() == 1);
  CHECK(blob(json["layers"].at(0)).starts_with("\x1f\x8b"));
}

TEST_CASE("layers are gzip that gzip itself unpacks", "[devnet]") {
  // python3 -c "import zlib;print(hex(zlib.crc32(b'hello')))" gives 0x3610a686.
  const base::Bytes packed = devnet::gzip_stored(base::as_bytes("hello"));
  CHECK(base::to_hex(packed) ==
        "1f8b08000000000000ff"
        "01"
        "0500"
        "faff"
        "68656c6c6f"
        "86a61036"
        "05000000");
  // The content of more than 65535 octets is cut into stored blocks.
  const base::Bytes two = devnet::gzip_stored(base::Bytes(70'000, 'x'));
  CHECK(two.size() == 10 + 5 + 65'535 + 5 + 4'465 + 8);
  CHECK(two[10] == 0);
  CHECK(two[10 + 5 + 65'535] == 1);
}

TEST_CASE("an archive has a header and whole blocks for each file", "[devnet]") {
  const base::Bytes archive = devnet::tar_archive({{"a/b.sh", 0755, "echo"}});
  REQUIRE(archive.size() == 4 * 512);
  const std::string text(base::as_chars(archive));
  CHECK(text.substr(0, 6) == "a/b.sh");
  CHECK(text.substr(100, 7) == "0000755");
  CHECK(text.substr(124, 11) == "00000000004");
  CHECK(text.substr(257, 8) == std::string("ustar\00000", 8));
  CHECK(text.substr(512, 4) == "echo");
  // The checksum: all octets of the header, its own field counted as blanks.
  unsigned sum = 8 * ' ';
  for (std::size_t i = 0; i < 512; ++i) {
    if (i < 148 || i >= 156) sum += archive[i];
  }
  CHECK(std::stoul(text.substr(148, 6), nullptr, 8) == sum);
}

TEST_CASE("the other samples are what their names say", "[devnet]") {
  DevnetFixture net;
  const auto config = [&](const std::string& repository, const std::string& digest) {
    const std::string base_url = "/v2/" + repository;
    const base::Json manifest = DevnetFixture::json(net.get(base_url + "/manifests/" + digest));
    return DevnetFixture::json(
        net.get(base_url + "/blobs/" + manifest["config"]["digest"].as_string()));
  };
  CHECK(config("sample/arm64", "1.0")["architecture"].as_string() == "arm64");
  const base::Json labels = config("sample/layered", "1.0")["config"]["Labels"];
  CHECK(labels["eigenx_cli_version"].as_string() == "0.1.0");
  CHECK(labels["tee.launch_policy.log_redirect"].as_string() == "always");
  CHECK(config("sample/layered", "1.0")["config"]["Entrypoint"].at(0).as_string() ==
        "/usr/local/bin/compute-source-env.sh");

  const ProbeAnswer index = net.get("/v2/sample/multi/manifests/1.0");
  CHECK(index.header("content-type") == "application/vnd.oci.image.index.v1+json");
  REQUIRE(DevnetFixture::json(index)["manifests"].size() == 2);
  for (const base::Json& entry : DevnetFixture::json(index)["manifests"].elements()) {
    CHECK(config("sample/multi", entry["digest"].as_string())["architecture"].as_string() ==
          entry["platform"]["architecture"].as_string());
  }
}

TEST_CASE("what the registry has not is refused in the specification's words", "[devnet]") {
  DevnetFixture net;
  const std::string nothing = "sha256:" + std::string(64, '0');
  CHECK(error_code(net.get("/v2/sample/none/manifests/1.0")) == "404 NAME_UNKNOWN");
  CHECK(error_code(net.get("/v2/sample/hello/manifests/2.0")) == "404 MANIFEST_UNKNOWN");
  CHECK(error_code(net.get("/v2/sample/hello/manifests/" + nothing)) == "404 MANIFEST_UNKNOWN");
  CHECK(error_code(net.get("/v2/sample/hello/blobs/" + nothing)) == "404 BLOB_UNKNOWN");
  CHECK(error_code(net.get("/v2/other")) == "404 UNSUPPORTED");
  CHECK(error_code(net.post("/v2/sample/hello/manifests/1.0", "")) == "405 UNSUPPORTED");
}

TEST_CASE("blobs are given in parts, heads without bodies", "[devnet]") {
  DevnetFixture net;
  const base::Json manifest = DevnetFixture::json(net.get("/v2/sample/hello/manifests/1.0"));
  const std::string url =
      "/v2/sample/hello/blobs/" + manifest["layers"].at(0)["digest"].as_string();
  const std::string whole = net.get(url).body;
  const ProbeAnswer part = net.get(url, {{"Range", "bytes=10-19"}});
  CHECK(part.status == 206);
  CHECK(part.header("content-range") == "bytes 10-19/" + std::to_string(whole.size()));
  CHECK(part.body == whole.substr(10, 10));
  const ProbeAnswer head = probe(net.devnet.port(), "HEAD", "/v2/sample/hello/manifests/1.0");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.header("docker-content-digest").starts_with("sha256:"));
  const base::Json tags = DevnetFixture::json(net.get("/v2/sample/hello/tags/list"));
  CHECK(tags.dump() == R"({"name":"sample/hello","tags":["1.0","latest"]})");
}

TEST_CASE("Docker Hub's API knows the tags", "[devnet]") {
  DevnetFixture net;
  const base::Json multi =
      DevnetFixture::json(net.get("/hub/v2/repositories/sample/multi/tags/1.0"));
  CHECK(multi["digest"].as_string() ==
        net.get("/v2/sample/multi/manifests/1.0").header("docker-content-digest"));
  CHECK(multi["images"].size() == 2);
  const base::Json arm = DevnetFixture::json(net.get("/hub/v2/repositories/sample/arm64/tags/1.0"));
  REQUIRE(arm["images"].size() == 1);
  CHECK(arm["images"].at(0)["architecture"].as_string() == "arm64");
  CHECK(net.get("/hub/v2/repositories/sample/hello/tags/9").status == 404);
  CHECK(net.get("/hub/v2/repositories/nobody/nothing/tags/1").status == 404);
  CHECK(net.get("/hub/v2/other").status == 404);
}

TEST_CASE("an image of this registry runs where the platform can run it", "[devnet]") {
  const char* runs = "sample/hello";
  const char* index = "sample/multi";
  // Neither is layered, which only the gentle platform starts.
  devnet::Options gentle;
  gentle.strictness = devnet::Strictness::kGentle;
  DevnetFixture net(gentle);
  std::uint8_t salt = 0;
  for (const char* name : {runs, index}) {
    const ProbeAnswer manifest = net.get("/v2/" + std::string(name) + "/manifests/1.0");
    const eth::Address app = net.app_id(0, ++salt);
    platform::Release release = net.release(app);
    release.artifacts[0] = {
        *base::fixed_from_hex<32>(manifest.header("docker-content-digest").substr(7)),
        net.devnet.image(name)};
    net.create_app_with(0, salt, release);
    net.pass(2);
    CHECK(net.devnet.app(app)->run_state == "Running");
    CHECK(net.devnet.app(app)->ip == "203.0.113." + std::to_string(salt));
  }
}

}  // namespace
}  // namespace ecloud::testing
