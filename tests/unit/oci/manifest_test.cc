#include "oci/manifest.h"

#include "ecloud/base/error.h"
#include "sample_image.h"
#include "support/catch.h"
#include "support/failure.h"

namespace ecloud::oci {
namespace {

using testing::failure_of;

const std::string kHex(64, 'a');
const std::string kBuildHint =
    "build it for the platform: docker buildx build --platform linux/amd64 --push -t IMG .";
const std::string kBroken = "the registry holds a broken image: push it again";
const std::string kPushImage = "push a container image, for example with docker push";

std::string entry(const std::string& platform, const std::string& last_digit = "a") {
  return R"({"digest":"sha256:)" + kHex.substr(1) + last_digit + R"(","size":1)" +
         (platform.empty() ? "" : R"(,"platform":)" + platform) + "}";
}

std::string platform(const std::string& os, const std::string& architecture,
                     const std::string& variant = "") {
  return R"({"os":")" + os + R"(","architecture":")" + architecture + "\"" +
         (variant.empty() ? "" : R"(,"variant":")" + variant + "\"") + "}";
}

Manifest index_of(const std::vector<std::string>& entries) {
  std::string list;
  for (const std::string& one : entries) list += (list.empty() ? "" : ",") + one;
  return parse_manifest("IMG", "", R"({"schemaVersion":2,"manifests":[)" + list + "]}");
}

TEST_CASE("A manifest tells its configuration and the weight of its layers", "[oci]") {
  const Manifest manifest = parse_manifest("IMG", "", kAmd64Manifest);
  CHECK_FALSE(manifest.is_index());
  CHECK(manifest.media_type == kOciManifestType);
  REQUIRE(manifest.config);
  CHECK(manifest.config->digest.to_string() == kAmd64ConfigDigest);
  CHECK(manifest.config->size_bytes == 152);
  REQUIRE(manifest.layers.size() == 2);
  CHECK(manifest.layers[0].size_bytes + manifest.layers[1].size_bytes == 1234);
}

TEST_CASE("A manifest without a media type is known by the answer's or by its members", "[oci]") {
  std::string untyped = kDockerManifest;
  const std::string type = R"("mediaType":"application/vnd.docker.distribution.manifest.v2+json",)";
  untyped.erase(untyped.find(type), type.size());
  CHECK(parse_manifest("IMG", std::string(kDockerManifestType) + "; charset=utf-8", untyped)
            .media_type == kDockerManifestType);
  CHECK(parse_manifest("IMG", "", untyped).media_type == kOciManifestType);
  CHECK(parse_manifest("IMG", "application/json", untyped).media_type == kOciManifestType);
  CHECK(index_of({}).media_type == kOciIndexType);
}

TEST_CASE("What is not a manifest of an image is refused in words", "[oci]") {
  const std::string layer = R"({"digest":"sha256:)" + kHex + R"(","size":)";
  const auto image = [&](const std::string& config_type, const std::string& more) {
    return R"({"schemaVersion":2,"config":{"mediaType":")" + config_type +
           R"(","digest":"sha256:)" + kHex + R"(","size":2},"layers":[])" + more + "}";
  };
  const std::string oci_config = "application/vnd.oci.image.config.v1+json";
  struct Case {
    std::string content_type, body, message, hint;
  };
  for (const Case& c : std::vector<Case>{
           {"", "", "IMG: not valid JSON at line 1, column 1", kBroken},
           {"", "not json", "IMG: not valid JSON at line 1, column 2", kBroken},
           {"application/vnd.docker.distribution.manifest.v1+prettyjws", R"({"schemaVersion":1})",
            "IMG is stored in Docker's manifest format of before 2016 (schema 1)",
            "pull and push it again with a current docker"},
           {"", R"({"schemaVersion":1,"fsLayers":[]})",
            "IMG is stored in Docker's manifest format of before 2016 (schema 1)",
            "pull and push it again with a current docker"},
           {"application/json", "{}",
            "IMG is not an image: its manifest is of type \"application/json\"", kPushImage},
           {"", R"({"schemaVersion":2})", "IMG is not an image: its manifest is of type \"\"",
            kPushImage},
           {"", R"({"schemaVersion":2,"manifests":[],"layers":[]})",
            "IMG is not an image: its manifest is of type \"\"", kPushImage},
           {std::string(kOciIndexType), kAmd64Manifest,
            "IMG calls itself \"application/vnd.oci.image.index.v1+json\" and has the members of "
            "another",
            kBroken},
           {"",
            R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
            R"("manifests":[]})",
            "IMG calls itself \"application/vnd.oci.image.manifest.v1+json\" and has the members "
            "of another",
            kBroken},
           {"", image("application/vnd.cncf.helm.config.v1+json", ""),
            "IMG is an artifact of type \"application/vnd.cncf.helm.config.v1+json\" and not a "
            "container image",
            kPushImage},
           {"", image("application/vnd.oci.empty.v1+json", R"(,"artifactType":"text/x-sbom")"),
            "IMG is an artifact of type \"text/x-sbom\" and not a container image", kPushImage},
           {"", R"({"schemaVersion":2,"config":{"digest":"sha512:00","size":1},"layers":[]})",
            "IMG: $.config.digest: \"sha512:00\" is not a sha256 digest", kBroken},
           {"", R"({"schemaVersion":2,"config":{"size":1},"layers":[]})",
            "IMG: $.config.digest: expected a string, found nothing", kBroken},
           {"", R"({"schemaVersion":2,"manifests":{}})",
            "IMG: $.manifests: expected an array, found object", kBroken},
           {"",
            R"({"schemaVersion":2,"config":{"mediaType":")" + oci_config +
                R"(","digest":"sha256:)" + kHex + R"(","size":2},"layers":[)" + layer +
                "9223372036854775807}," + layer + "1}]}",
            "IMG: $.layers[1].size: is out of range", kBroken},
       }) {
    INFO(c.body);
    const Error error = failure_of([&] { parse_manifest("IMG", c.content_type, c.body); });
    CHECK(error.category() == Category::kImage);
    CHECK(error.code() == "image.not_an_image");
    CHECK(error.message() == c.message);
    CHECK(error.hint() == c.hint);
  }
}

TEST_CASE("Of an index the plain amd64 entry is taken", "[oci]") {
  const auto chosen = [](const std::vector<std::string>& entries) {
    const std::string digest = choose_amd64("IMG", index_of(entries)).descriptor.digest.to_string();
    return digest.back();
  };
  const std::string arm = entry(platform("linux", "arm64"), "1");
  CHECK(chosen({arm, entry(platform("linux", "amd64"), "2")}) == '2');
  CHECK(chosen({entry(platform("linux", "amd64", "v3"), "1"),
                entry(platform("linux", "amd64"), "2")}) == '2');
  CHECK(chosen({entry(platform("linux", "amd64", "v3"), "1"),
                entry(platform("linux", "amd64", "v2"), "2")}) == '2');
  CHECK(chosen({entry(platform("linux", "amd64"), "1"), entry(platform("linux", "amd64"), "2")}) ==
        '1');
  CHECK(chosen({entry(platform("unknown", "unknown"), "1"), entry("", "2")}) == '2');
  CHECK(choose_amd64("IMG", parse_manifest("IMG", "", kIndex)).descriptor.digest.to_string() ==
        kAmd64ManifestDigest);
}

TEST_CASE("An index without amd64 is refused with what it has", "[oci]") {
  const auto message = [](const std::vector<std::string>& entries) {
    const Manifest index = index_of(entries);
    const Error error = failure_of([&] { choose_amd64("IMG", index); });
    CHECK(error.category() == Category::kImage);
    CHECK(error.code() == "image.platform");
    CHECK(error.hint() == kBuildHint);
    return error.message();
  };
  CHECK(message({entry(platform("linux", "arm64", "v8")), entry(platform("linux", "arm", "v7")),
                 entry(platform("linux", "arm", "v7")), entry(platform("unknown", "unknown")),
                 entry(platform("windows", "amd64"))}) ==
        "IMG has no image for linux/amd64; it has linux/arm64, linux/arm/v7, windows/amd64");
  CHECK(message({}) == "IMG has no image for linux/amd64; it has nothing that can run");
  CHECK(message({entry(""), entry(platform("linux", "s390x"))}) ==
        "IMG has no image for linux/amd64; it has an unknown platform, linux/s390x");
  std::vector<std::string> many;
  for (int i = 0; i < 14; ++i) many.push_back(entry(platform("linux", "a" + std::to_string(i))));
  CHECK(message(many) ==
        "IMG has no image for linux/amd64; it has linux/a0, linux/a1, linux/a2, linux/a3, "
        "linux/a4, linux/a5, linux/a6, linux/a7, linux/a8, linux/a9, linux/a10, linux/a11, and 2 "
        "more");
}

TEST_CASE("Artifacts next to an image are left out of an index", "[oci]") {
  const std::string amd64 = R"(,"platform":{"os":"linux","architecture":"amd64"}})";
  const auto marked = [&](const std::string& members) {
    return R"({"digest":"sha256:)" + kHex + R"(","size":1,)" + members + amd64;
  };
  for (const std::string& artifact : {
           marked(R"("annotations":{"vnd.docker.reference.type":"attestation-manifest"})"),
           marked(R"("annotations":{"vnd.docker.reference.type":"sbom"})"),
           marked(R"("artifactType":"application/vnd.cyclonedx+json")"),
           marked(R"("mediaType":"application/vnd.in-toto+json")"),
           marked(R"("mediaType":"application/vnd.oci.artifact.manifest.v1+json")"),
       }) {
    INFO(artifact);
    const Manifest alone = index_of({artifact});
    CHECK(failure_of([&] { choose_amd64("IMG", alone); }).message() ==
          "IMG has no image for linux/amd64; it has nothing that can run");
    const Manifest both = index_of({artifact, entry(platform("linux", "amd64"), "2")});
    const auto entries = amd64_entries("IMG", both);
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].descriptor.digest.to_string().back() == '2');
  }
  const Manifest image =
      index_of({marked(R"("mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":)"
                       R"("application/vnd.oci.image.config.v1+json")")});
  CHECK(amd64_entries("IMG", image).size() == 1);
}

TEST_CASE("A few entries for linux/amd64 can be tried", "[oci]") {
  std::vector<std::string> entries = {entry(platform("linux", "amd64", "v2"), "2"),
                                      entry(platform("linux", "amd64"), "1")};
  const auto found = amd64_entries("IMG", index_of(entries));
  REQUIRE(found.size() == 2);
  CHECK(found[0].descriptor.digest.to_string().back() == '1');
  for (int i = 0; i < 1'000; ++i) entries.push_back(entry(platform("linux", "amd64")));
  CHECK(amd64_entries("IMG", index_of(entries)).size() == 4);
}

TEST_CASE("An image with an encrypted layer is refused", "[oci]") {
  const auto with_layer = [](const std::string& type) {
    const std::string blob = R"("digest":"sha256:)" + kHex + R"(","size":2})";
    return R"({"schemaVersion":2,"config":{"mediaType":")" + std::string(kOciConfigType) + R"(",)" +
           blob + R"(,"layers":[{"mediaType":")" + type + R"(",)" + blob + "]}";
  };
  for (const char* type : {"application/vnd.docker.image.rootfs.diff.tar.zstd",
                           "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                           "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                           "application/vnd.oci.image.layer.v1.tar", ""}) {
    INFO(type);
    CHECK(parse_manifest("IMG", "", with_layer(type)).layers.size() == 1);
  }
  const Error error = failure_of([&] {
    parse_manifest("IMG", "", with_layer("application/vnd.oci.image.layer.v1.tar+zstd+encrypted"));
  });
  CHECK(error.code() == "image.not_an_image");
  CHECK(error.message() == "IMG has an encrypted layer, for which the platform has no key");
}

TEST_CASE("An image may have null for layers, and Docker's oldest type of configuration", "[oci]") {
  const std::string config = R"("digest":"sha256:)" + kHex + R"(","size":2})";
  const Manifest manifest = parse_manifest(
      "IMG", std::string(kDockerManifestType),
      R"({"schemaVersion":2,"mediaType":")" + std::string(kDockerManifestType) +
          R"(","config":{"mediaType":"application/octet-stream",)" + config + R"(,"layers":null})");
  CHECK(manifest.layers.empty());
  CHECK(parse_image_config("IMG",
                           R"({"os":"linux","architecture":"amd64","rootfs":{"diff_ids":null}})")
            .diff_ids.empty());
}

TEST_CASE("A configuration is read when it is for linux/amd64", "[oci]") {
  CHECK(parse_image_config("IMG", R"({"os":"linux","architecture":"amd64"})").labels.empty());
  CHECK(parse_image_config("IMG",
                           R"({"os":"linux","architecture":"amd64","config":{"Labels":{"a":"b"}}})")
            .labels == std::map<std::string, std::string>{{"a", "b"}});
}

TEST_CASE("A configuration for anything else is refused", "[oci]") {
  const auto check = [](const std::string& body, const std::string& code,
                        const std::string& message) {
    INFO(body);
    const Error error = failure_of([&] { parse_image_config("IMG", body); });
    CHECK(error.category() == Category::kImage);
    CHECK(error.code() == code);
    CHECK(error.message() == message);
  };
  const std::string alone = ", and the platform runs linux/amd64 alone";
  check(R"({"os":"windows","architecture":"amd64"})", "image.platform",
        "IMG is for windows/amd64" + alone);
  check(R"({"os":"linux","architecture":"arm","variant":"v7"})", "image.platform",
        "IMG is for linux/arm/v7" + alone);
  check(R"({"architecture":"amd64"})", "image.platform", "IMG is for unknown/amd64" + alone);
  check("{}", "image.platform", "IMG is for an unknown platform" + alone);
  check(R"({"os":7})", "image.not_an_image", "IMG: $.os: expected a string, found number");
  check(R"({"os":"linux","architecture":"amd64","config":{"Labels":{"a":1}}})",
        "image.not_an_image", "IMG: $.config.Labels.a: expected a string, found number");
  check("garbage", "image.not_an_image", "IMG: not valid JSON at line 1, column 1");
}

}  // namespace
}  // namespace ecloud::oci
