#include "ecloud/oci/layering.h"

#include <string>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/content.h"
#include "support/failure.h"
#include "support/temp_dir.h"

namespace ecloud::oci {
namespace {

using testing::failure_of;
using testing::octets_of;
using testing::TempDir;

const std::string kLayerDigest =
    "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const std::string kDiffId =
    "sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// An image of one layer, with members that nobody here knows.
std::string base_config(const std::string& history) {
  return R"({"created":"2026-01-02T03:04:05Z","author":"me","architecture":"amd64","os":"linux",)"
         R"("config":{"Env":["PATH=/bin","A=old"],"Entrypoint":["/run"],"Cmd":["--x"],)"
         R"("Labels":{"keep":"1","drop":"2"},"Healthcheck":{"Interval":30},"WorkingDir":"/w"},)"
         R"("rootfs":{"type":"layers","diff_ids":[")" +
         kDiffId + R"("]},"history":)" + history + R"(,"x-unknown":[1,2.5,null]})";
}

Image image_of(const std::string& config, bool docker = false, int layers = 1) {
  const std::string kind = docker ? "docker" : "oci";
  std::string list;
  for (int i = 0; i < layers; ++i) {
    list += std::string(i == 0 ? "" : ",") + R"({"mediaType":")" +
            std::string(docker ? kDockerLayerType : kOciLayerType) + R"(","size":77,"digest":")" +
            kLayerDigest + R"("})";
  }
  const std::string type(docker ? kDockerManifestType : kOciManifestType);
  const std::string manifest =
      R"({"schemaVersion":2,"mediaType":")" + type + R"(","config":{"mediaType":")" +
      std::string(docker ? kDockerConfigType : kOciConfigType) + R"(","size":)" +
      std::to_string(config.size()) + R"(,"digest":")" +
      Digest::of(base::as_bytes(config)).to_string() + R"("},"layers":[)" + list +
      R"(],"annotations":{"a":"b"},"subject":{"digest":")" + kLayerDigest + R"("}})";
  return read_image("alice/app:1", type, manifest, config);
}

const std::string kHistory = R"([{"created":"2026-01-02T03:04:05Z","created_by":"COPY . /app"},)"
                             R"({"created_by":"CMD [\"--x\"]","empty_layer":true}])";

Addition small_addition() {
  Addition out;
  out.files = {{"usr/local/bin/tool", 0755, content_of("#!/bin/sh\necho tool\n")},
               {"etc/key.pem", 0644, content_of("KEY\n")}};
  out.entrypoint = {"/usr/local/bin/start"};
  out.command = {"/run", "--x"};
  out.user = "root";
  out.environment = {"A=new", "B=2"};
  out.exposed_ports = {"443/tcp"};
  out.labels = {{"l", "v"}};
  out.removed_labels = {"drop"};
  out.created_by = "ecloud";
  return out;
}

}  // namespace

TEST_CASE("a layer changes what it says and nothing else of an image", "[oci][layering]") {
  TempDir dir;
  const Image base = image_of(base_config(kHistory));
  const ExtendedImage out = add_layer(base, small_addition(), dir.path());

  const auto config = base::Json::parse(out.image.config, "config");
  const std::string diff_id = config["rootfs"]["diff_ids"].at(1).as_string();
  const std::string expected =
      R"({"created":"2026-01-02T03:04:05Z","author":"me","architecture":"amd64","os":"linux",)"
      R"("config":{"Env":["PATH=/bin","A=new","B=2"],"Entrypoint":["/usr/local/bin/start"],)"
      R"("Cmd":["/run","--x"],"Labels":{"keep":"1","l":"v"},"Healthcheck":{"Interval":30},)"
      R"("WorkingDir":"/w","User":"root","ExposedPorts":{"443/tcp":{}}},)"
      R"("rootfs":{"type":"layers","diff_ids":[")" +
      kDiffId + R"(",")" + diff_id +
      R"("]},"history":[{"created":"2026-01-02T03:04:05Z","created_by":"COPY . /app"},)"
      R"({"created_by":"CMD [\"--x\"]","empty_layer":true},)"
      R"({"created":"2026-01-02T03:04:05Z","created_by":"ecloud"}],"x-unknown":[1,2.5,null]})";
  CHECK(out.image.config == expected);

  const std::string layer = octets_of(*out.layer);
  CHECK(out.image.manifest ==
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
        R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":)" +
            std::to_string(expected.size()) + R"(,"digest":")" +
            Digest::of(base::as_bytes(expected)).to_string() +
            R"("},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":77,)"
            R"("digest":")" +
            kLayerDigest +
            R"("},{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":)" +
            std::to_string(layer.size()) + R"(,"digest":")" +
            Digest::of(base::as_bytes(layer)).to_string() + R"("}],"annotations":{"a":"b"}})");
  CHECK(out.image.digest == Digest::of(base::as_bytes(out.image.manifest)));
}

TEST_CASE("GNU tar reads an added layer: root's files of 1970 in order", "[oci][layering]") {
  TempDir dir;
  const ExtendedImage out =
      add_layer(image_of(base_config(kHistory)), small_addition(), dir.path());
  const auto file = dir.write("layer.tar.gz", octets_of(*out.layer));
  const auto list =
      testing::run_process({"/bin/tar", "--utc", "--numeric-owner", "-tvzf", file.string()});
  INFO(list.describe());
  REQUIRE(list.ok());
  CHECK(list.out ==
        "-rw-r--r-- 0/0               4 1970-01-01 00:00 etc/key.pem\n"
        "-rwxr-xr-x 0/0              20 1970-01-01 00:00 usr/local/bin/tool\n");
  const auto plain = testing::run_process({"/bin/gzip", "-dc", file.string()});
  REQUIRE(plain.ok());
  const auto config = base::Json::parse(out.image.config, "config");
  CHECK(config["rootfs"]["diff_ids"].at(1).as_string() ==
        Digest::of(base::as_bytes(plain.out)).to_string());
}

TEST_CASE("a Docker image stays one", "[oci][layering]") {
  TempDir dir;
  const Image base = image_of(base_config(kHistory), true);
  const ExtendedImage out = add_layer(base, small_addition(), dir.path());
  CHECK(out.image.manifest_type == kDockerManifestType);
  REQUIRE(out.image.layers.size() == 2);
  CHECK(out.image.layers[1].media_type == kDockerLayerType);
  CHECK(out.image.config_descriptor.media_type == kDockerConfigType);
}

TEST_CASE("a history that does not tell the layers is left as it is", "[oci][layering]") {
  TempDir dir;
  for (const std::string history : {"null", "[]", R"([{"created_by":"x","empty_layer":true}])"}) {
    const Image base = image_of(base_config(history));
    const auto config =
        base::Json::parse(add_layer(base, small_addition(), dir.path()).image.config, "config");
    CHECK(config["history"].equals(base::Json::parse(history, "history")));
  }
}

TEST_CASE("the order in which files are given makes no difference", "[oci][layering]") {
  TempDir dir;
  const Image base = image_of(base_config(kHistory));
  Addition turned = small_addition();
  std::swap(turned.files[0], turned.files[1]);
  CHECK(add_layer(base, turned, dir.path()).image.digest ==
        add_layer(base, small_addition(), dir.path()).image.digest);
}

TEST_CASE("nothing is left in the scratch directory", "[oci][layering]") {
  TempDir dir;
  const ExtendedImage out =
      add_layer(image_of(base_config(kHistory)), small_addition(), dir.path() / "scratch");
  CHECK(std::filesystem::is_empty(dir.path() / "scratch"));
}

TEST_CASE("an image with as many layers as a runtime takes gets no further one",
          "[oci][layering]") {
  TempDir dir;
  std::string config = base_config("[]");
  std::string ids;
  for (int i = 0; i < 127; ++i) ids += (i == 0 ? "\"" : ",\"") + kDiffId + "\"";
  config.replace(config.find("\"" + kDiffId + "\""), kDiffId.size() + 2, ids);
  const Error error =
      failure_of([&] { add_layer(image_of(config, false, 127), small_addition(), dir.path()); });
  CHECK(error.code() == "image.too_many_layers");
  CHECK(error.category() == Category::kImage);
  CHECK(error.message() ==
        "alice/app:1 has 127 layers, and no runtime takes more than 127 with ours");
}

TEST_CASE("layers that the configuration does not know are refused", "[oci][layering]") {
  TempDir dir;
  const Error error = failure_of(
      [&] { add_layer(image_of(base_config("[]"), false, 2), small_addition(), dir.path()); });
  CHECK(error.code() == "image.not_an_image");
  CHECK(error.message() == "alice/app:1 has 2 layers and a configuration for 1");
}

}  // namespace ecloud::oci
