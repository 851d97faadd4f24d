#include "ecloud/oci/archive.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "archive_fixture.h"
#include "ecloud/base/json.h"
#include "support/oci_layout.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::oci {
namespace {

namespace fs = std::filesystem;
using base::Json;
using testing::TempDir;

std::string digest_of(std::string_view octets) {
  return Digest::of(base::as_bytes(octets)).to_string();
}

const std::string kLowTar = write_tar({{"bin/sh", 0755, "shell", false}});
const std::string kHighTar = write_tar({{"app", 0755, std::string(100'000, 'a'), false}});

std::string config_of(const std::vector<std::string>& tars,
                      const std::string& architecture = "amd64") {
  Json diff_ids = Json::array();
  for (const std::string& tar : tars) diff_ids.push(digest_of(tar));
  return Json::object({{"os", "linux"},
                       {"architecture", architecture},
                       {"config", Json::object({{"Cmd", Json::strings({"/app"})}})},
                       {"rootfs", Json::object({{"type", "layers"}, {"diff_ids", diff_ids}})}})
      .dump();
}

/// What `docker save` wrote before version 25: the layers plain, in folders.
struct DockerArchive {
  std::string config = config_of({kLowTar, kHighTar});
  std::string config_name = digest_of(config).substr(7) + ".json";
  std::string layers = R"(["low/layer.tar","high/layer.tar"])";
  std::string tags = R"(["alice/app:1"])";
  std::string low = raw_entry("low/layer.tar", '0', kLowTar);
  std::string high = raw_entry("high/layer.tar", '0', kHighTar);
  std::string more;

  std::string entry() const {
    return R"({"Config":")" + config_name + R"(","RepoTags":)" + tags + R"(,"Layers":)" + layers +
           "}";
  }
  std::string octets() const { return octets("[" + entry() + "]"); }
  std::string octets(const std::string& manifest) const {
    return low + high + raw_entry(config_name, '0', config) + more +
           raw_entry("manifest.json", '0', manifest) + kEndOfTar;
  }
};

class Opened {
 public:
  explicit Opened(const std::string& octets) : path_(dir_.write("app.tar", octets)) {}
  explicit Opened(fs::path path) : path_(std::move(path)) {}

  std::unique_ptr<ImageArchive> open(const ArchiveOptions& options = {}) const {
    auto out = open_archive(path_, dir_ / "scratch", options);
    check_scratch();
    return out;
  }
  Error error(const ArchiveOptions& options = {}) const {
    Error out = error_of([&] { open_archive(path_, dir_ / "scratch", options); });
    check_scratch();
    return out;
  }
  /// The message with "FILE" for the path.
  std::string message(const ArchiveOptions& options = {}) const {
    std::string out = error(options).message();
    for (std::size_t at = out.find(path_.string()); at != std::string::npos;
         at = out.find(path_.string())) {
      out.replace(at, path_.string().size(), "FILE");
    }
    return out;
  }
  const fs::path& path() const { return path_; }

 private:
  /// Nothing is left there, whatever happened.
  void check_scratch() const {
    if (fs::exists(dir_ / "scratch")) CHECK(fs::is_empty(dir_ / "scratch"));
  }
  TempDir dir_;
  fs::path path_;
};

std::string content_of_layer(ImageArchive& archive, std::size_t layer) {
  std::string out;
  archive.read(archive.image().layers.at(layer), [&](base::ByteView octets) {
    out += base::as_chars(octets);
    return true;
  });
  const ContentPtr content = archive.content(archive.image().layers.at(layer).digest);
  CHECK(content->size_bytes() == out.size());
  return out;
}

/// A folder in the OCI layout as a tar.
std::string tar_of(const fs::path& root) {
  std::string out;
  for (const auto& file : fs::recursive_directory_iterator(root)) {
    const std::string name = "./" + file.path().lexically_relative(root).string();
    out += file.is_directory() ? raw_entry(name + "/", '5', "")
                               : raw_entry(name, '0', testing::slurp(file.path()));
  }
  return out + kEndOfTar;
}

TEST_CASE("A docker archive becomes an OCI image with compressed layers", "[oci]") {
  const DockerArchive docker;
  const Opened file(docker.octets());
  const auto archive = file.open();
  const Image& image = archive->image();
  CHECK(image.name == file.path().string());
  CHECK(image.manifest_type == kOciManifestType);
  CHECK(image.config == docker.config);
  CHECK(image.details.command == std::vector<std::string>{"/app"});
  REQUIRE(image.layers.size() == 2);
  CHECK(image.layers[0].media_type == kOciLayerType);
  CHECK(content_of_layer(*archive, 0) == gzip_stable(kLowTar));
  CHECK(content_of_layer(*archive, 1) == gzip_stable(kHighTar));
  CHECK(image.layers[1].digest.to_string() == digest_of(gzip_stable(kHighTar)));
  CHECK(archive->content(image.config_descriptor.digest)->size_bytes() == docker.config.size());
  // The same archive is the same image on every machine.
  CHECK(image.digest.to_string() ==
        "sha256:e87a49c8618c351696b6f311b254b0402ee9ab28c97df8eaf27ea42a710095c5");
}

TEST_CASE("An archive that is compressed as a whole is the same image", "[oci]") {
  const auto zstd = testing::require_tool("zstd");
  const std::string plain = DockerArchive().octets();
  const std::string digest = Opened(plain).open()->image().digest.to_string();
  CHECK(Opened(gzip_stable(plain)).open()->image().digest.to_string() == digest);
  if (!zstd) return;
  CHECK(Opened(run_filter({zstd->string(), "-qc"}, plain)).open()->image().digest.to_string() ==
        digest);
}

TEST_CASE("Layers that docker stores once are found through its links", "[oci]") {
  DockerArchive docker;
  docker.config = config_of({kLowTar, kHighTar, kLowTar, kLowTar});
  docker.config_name = "config.json";
  docker.layers = R"(["low/layer.tar","./high/layer.tar","link/layer.tar","hard.tar"])";
  docker.more = raw_entry("link/layer.tar", '2', "", "../low/layer.tar") +
                raw_entry("hard.tar", '1', "", "low/layer.tar");
  const auto archive = Opened(docker.octets()).open();
  REQUIRE(archive->image().layers.size() == 4);
  CHECK(archive->image().layers[2].digest == archive->image().layers[0].digest);
  CHECK(content_of_layer(*archive, 3) == gzip_stable(kLowTar));
}

TEST_CASE("Layers that are compressed already keep their octets", "[oci]") {
  // As Bazel and Kaniko write them; with a trailer of zeros that we would not write.
  const std::string packed = gzip_stable(kHighTar) + std::string(10, '\0');
  DockerArchive docker;
  docker.high = raw_entry("high/layer.tar", '0', packed);
  const auto archive = Opened(docker.octets()).open();
  CHECK(content_of_layer(*archive, 1) == packed);
  CHECK(archive->image().layers[1].digest.to_string() == digest_of(packed));

  docker.high = raw_entry("high/layer.tar", '0', gzip_stable(kLowTar));
  const Opened wrong(docker.octets());
  CHECK(wrong.error().code() == "image.digest_mismatch");
  CHECK(wrong.message() ==
        "layer 2 of FILE hashes to " + digest_of(kLowTar) + ", and not to " + digest_of(kHighTar));
}

TEST_CASE("An OCI layout keeps its manifest as a folder and as an archive", "[oci]") {
  const testing::OciLayout layout;
  layout.tag(layout.add_image("amd64", R"("Cmd":["/x"])"), "1.2");
  const Opened folder(layout.path());
  const auto archive = folder.open();
  const std::string index = testing::slurp(layout.path() / "index.json");
  CHECK(index.find(archive->image().digest.to_string()) != std::string::npos);
  CHECK(archive->image().details.command == std::vector<std::string>{"/x"});
  CHECK(decompress(content_of_layer(*archive, 0)) == std::string(1024, '\0'));
  const std::string tar = tar_of(layout.path());
  for (const std::string& octets : {tar, gzip_stable(tar)}) {
    const auto same = Opened(octets).open();
    CHECK(same->image().digest == archive->image().digest);
    CHECK(content_of_layer(*same, 0) == content_of_layer(*archive, 0));
  }
}

TEST_CASE("A folder of links is followed to where they lead", "[oci]") {
  const testing::OciLayout layout;
  layout.tag(layout.add_image("amd64"), "1");
  const TempDir links;
  for (const char* name : {"index.json", "oci-layout", "blobs"}) {
    fs::create_symlink(layout.path() / name, links / name);
  }
  CHECK(Opened(links.path()).open()->image().layers.size() == 1);
}

TEST_CASE("The amd64 image is taken out of indexes in indexes", "[oci]") {
  const testing::OciLayout layout;
  const std::string amd64 = layout.add_image("amd64");
  const std::string inner = layout.add_index(
      "{" + layout.add_image("arm64") + R"(,"platform":{"os":"linux","architecture":"arm64"}},{)" +
      amd64 + R"(,"platform":{"os":"linux","architecture":"amd64"}})");
  layout.tag(layout.add_index("{" + inner + "}"), "1");
  const auto archive = Opened(layout.path()).open();
  CHECK(amd64.find(archive->image().digest.to_string()) != std::string::npos);

  layout.tag(layout.add_image("arm64"), "1");
  const Opened other(layout.path());
  CHECK(other.error().code() == "image.platform");
  CHECK(other.message() == "FILE is for linux/arm64, and the platform runs linux/amd64 alone");
  CHECK(other.error().hint().find("type=oci,dest=") != std::string::npos);
}

TEST_CASE("An OCI layout with plain layers gets them compressed and a manifest of ours", "[oci]") {
  // As docker save of version 25 and later writes.
  const testing::OciLayout layout;
  const std::string config = config_of({kHighTar});
  const std::string manifest =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{)"
      R"("mediaType":"application/vnd.oci.image.config.v1+json",)" +
      layout.add_blob(config) +
      R"(},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",)" +
      layout.add_blob(kHighTar) + "}]}";
  layout.tag(
      R"("mediaType":"application/vnd.oci.image.manifest.v1+json",)" + layout.add_blob(manifest),
      "1");
  const auto archive = Opened(layout.path()).open();
  CHECK(archive->image().digest.to_string() != digest_of(manifest));
  CHECK(archive->image().layers[0].media_type == kOciLayerType);
  CHECK(content_of_layer(*archive, 0) == gzip_stable(kHighTar));
}

TEST_CASE("One of several images is chosen by its name", "[oci]") {
  const testing::OciLayout layout;
  const std::string first = layout.add_image("amd64", R"("Cmd":["1"])");
  const std::string second = layout.add_image("amd64", R"("Cmd":["2"])");
  std::ofstream(layout.path() / "index.json")
      << R"({"schemaVersion":2,"manifests":[{)" << first
      << R"(,"annotations":{"org.opencontainers.image.ref.name":"v1"}},{)" << second
      << R"(,"annotations":{"org.opencontainers.image.ref.name":"v2","io.containerd.image.name":)"
      << R"("docker.io/alice/app:v2"}}]})";
  const Opened folder(layout.path());
  const auto command = [&](const std::string& name) {
    return folder.open({.image_name = name})->image().details.command;
  };
  CHECK(command("v1") == std::vector<std::string>{"1"});
  for (const char* name : {"v2", "alice/app:v2", "docker.io/alice/app:v2"}) {
    INFO(name);
    CHECK(command(name) == std::vector<std::string>{"2"});
  }
  CHECK(folder.error().category() == Category::kUsage);
  CHECK(folder.error().code() == "image.bad_archive");
  CHECK(folder.message() == "FILE holds several images: docker.io/alice/app:v2, v1");
  CHECK(folder.error().hint() ==
        "say which one behind the file's name: " + layout.path().string() + "#v2");
  CHECK(folder.message({.image_name = "v3"}) ==
        "FILE holds no image \"v3\"; it holds: docker.io/alice/app:v2, v1");
}

TEST_CASE("One of several images of docker save is chosen by its tag", "[oci]") {
  DockerArchive one;
  DockerArchive two;
  two.tags = R"(["alice/app:2","alice/app:latest"])";
  const Opened file(one.octets("[" + one.entry() + "," + two.entry() + "]"));
  CHECK(file.message() == "FILE holds several images: alice/app:1, alice/app:2");
  for (const char* name : {"1", "latest", "alice/app:2", "docker.io/alice/app:2"}) {
    INFO(name);
    CHECK(file.open({.image_name = name})->image().layers.size() == 2);
  }
  CHECK(file.message({.image_name = "3"}) ==
        "FILE holds no image \"3\"; it holds: alice/app:1, alice/app:2");
  two.tags = "null";
  CHECK(Opened(two.octets()).open()->image().layers.size() == 2);
}

TEST_CASE("What is no archive of images is said to be what it is", "[oci]") {
  const std::string filler(600, 'z');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "is empty"},
      {"\x7f"
       "ELF" +
           filler,
       "is a program"},
      {"<!doctype html>" + filler, "is a web page"},
      {"{\"a\":1}" + filler, "is JSON"},
      {"PK\x03\x04" + filler, "is a zip file"},
      {"FROM debian\n", "is a Dockerfile"},
      {"hello", "is no tar archive"},
      {filler, "is no tar archive"}};
  for (const auto& [octets, kind] : cases) {
    const Opened file(octets);
    CHECK(file.error().category() == Category::kUsage);
    CHECK(file.error().code() == "image.bad_archive");
    CHECK(file.message() == "FILE " + kind + ", and no image archive");
    CHECK(file.error().hint().find("docker save") != std::string::npos);
  }
  CHECK(Opened(gzip_stable(filler)).message() ==
        "FILE is no tar archive inside of its compression, and no image archive");
  const Opened other(write_tar({{"readme", 0644, "x", false}}));
  CHECK(other.error().category() == Category::kUsage);
  CHECK(other.message() == "FILE is no image archive: it has neither index.json nor manifest.json");
}

TEST_CASE("Files that are none are refused", "[oci]") {
  const TempDir dir;
  CHECK(Opened(dir / "nothing").error().code() == "file.missing");
  CHECK(Opened(dir.path()).message() ==
        "FILE is no image archive: it has neither index.json nor manifest.json");
  const fs::path pipe = dir / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(Opened(pipe).message() == "FILE is not a regular file");
}

TEST_CASE("An archive that is cut off anywhere is refused", "[oci]") {
  const std::string whole = DockerArchive().octets();
  const std::string packed = gzip_stable(whole);
  for (std::size_t size = 600; size + 2'000 < whole.size(); size += 9'999) {
    const Opened file(whole.substr(0, size));
    INFO(size << " octets: " << file.message());
    CHECK(file.error().category() == Category::kImage);
    CHECK(file.error().code() == "image.bad_archive");
  }
  const Opened file(packed.substr(0, packed.size() / 2));
  CHECK(file.error().code() == "image.bad_archive");
  CHECK(file.message() == "FILE is cut off: its compressed octets end in the middle");
}

TEST_CASE("Parts that are missing are named", "[oci]") {
  DockerArchive docker;
  docker.high.clear();
  CHECK(Opened(docker.octets()).message() == "FILE lacks layer 2, high/layer.tar");
  docker = DockerArchive();
  docker.config_name = "other.json";
  docker.more = raw_entry("manifest.json", '0', "[" + docker.entry() + "]");
  CHECK(Opened(docker.low + docker.high + docker.more + kEndOfTar).message() ==
        "FILE lacks other.json");
  CHECK(Opened(docker.octets("[]")).message() == "FILE holds no image: its manifest.json is empty");
  CHECK(Opened(docker.octets("{")).error().code() == "image.bad_archive");
  CHECK(Opened(docker.octets(R"([{"Config":1}])")).message() ==
        "FILE: manifest.json: $[0].Config: expected a string, found number");

  const testing::OciLayout layout;
  layout.tag(layout.add_image("amd64"), "1");
  for (const auto& blob : fs::directory_iterator(layout.path() / "blobs/sha256")) {
    const std::string octets = testing::slurp(blob.path());
    const std::string name = blob.path().filename().string();
    fs::remove(blob.path());
    INFO(name);
    const Opened folder(layout.path());
    CHECK(folder.error().category() == Category::kImage);
    CHECK(folder.message().find("blobs/sha256/" + name) != std::string::npos);
    // Other octets of the same size, and fewer.
    for (const std::string& changed : {octets.substr(0, octets.size() - 1) + "#", octets + " "}) {
      std::ofstream(blob.path(), std::ios::binary) << changed;
      CHECK(folder.error().code() == "image.digest_mismatch");
    }
    std::ofstream(blob.path(), std::ios::binary) << octets;
  }
  CHECK(Opened(layout.path()).open()->image().layers.size() == 1);
}

TEST_CASE("Layers and configurations that do not fit each other are refused", "[oci]") {
  DockerArchive docker;
  docker.low = raw_entry("low/layer.tar", '0', write_tar({{"other", 0644, "x", false}}));
  CHECK(Opened(docker.octets()).error().code() == "image.digest_mismatch");
  docker = DockerArchive();
  docker.layers = R"(["low/layer.tar"])";
  CHECK(Opened(docker.octets()).message() == "FILE has 1 layer, and its configuration speaks of 2");
  docker = DockerArchive();
  docker.config_name = std::string(64, 'a') + ".json";
  CHECK(Opened(docker.octets()).message() == "the configuration in FILE hashes to " +
                                                 digest_of(docker.config) +
                                                 ", and not to sha256:" + std::string(64, 'a'));
}

TEST_CASE("Paths and links that leave the archive are refused", "[oci]") {
  DockerArchive docker;
  docker.layers = R"(["../low/layer.tar","high/layer.tar"])";
  CHECK(Opened(docker.octets()).error().code() == "image.unsafe_path");
  docker = DockerArchive();
  docker.low = raw_entry("low/layer.tar", '2', "", "../../../../etc/passwd");
  CHECK(Opened(docker.octets()).error().code() == "image.unsafe_path");
  docker.low = raw_entry("low/layer.tar", '2', "", "../low/layer.tar");
  CHECK(Opened(docker.octets()).message() == "FILE lacks layer 1, low/layer.tar");
  docker = DockerArchive();
  docker.more = raw_entry("../evil", '0', "x");
  CHECK(Opened(docker.octets()).error().code() == "image.unsafe_path");
}

TEST_CASE("Ten thousand layers are refused before any work", "[oci]") {
  DockerArchive docker;
  docker.config = config_of(std::vector<std::string>(10'000, kLowTar));
  docker.config_name = "config.json";
  docker.layers = "[";
  for (int i = 0; i < 10'000; ++i) docker.layers += R"("low/layer.tar",)";
  docker.layers.back() = ']';
  const Opened file(docker.octets());
  CHECK(file.error().code() == "image.bad_archive");
  CHECK(file.message() == "FILE: $.rootfs.diff_ids: more than 1000 elements");
}

TEST_CASE("What an archive decompresses to is bounded", "[oci]") {
  const Opened file(gzip_stable(DockerArchive().octets()));
  CHECK(file.error({.max_decompressed_bytes = 50'000}).code() == "image.too_large");
  DockerArchive docker;
  docker.high = raw_entry("high/layer.tar", '0', gzip_stable(kHighTar));
  CHECK(Opened(docker.octets()).error({.max_decompressed_bytes = 50'000}).code() ==
        "image.too_large");
}

TEST_CASE("Only what belongs to the image can be read from an archive", "[oci]") {
  const auto archive = Opened(DockerArchive().octets()).open();
  const Error error = error_of([&] { archive->content(Digest::of(base::as_bytes("x"))); });
  CHECK(error.code() == "image.missing_layer");
  int calls = 0;
  archive->read(archive->image().layers[1], [&](base::ByteView) {
    ++calls;
    return false;
  });
  CHECK(calls == 1);
  Descriptor lie = archive->image().layers[1];
  ++lie.size_bytes;
  CHECK(error_of([&] { archive->read(lie, [](base::ByteView) { return true; }); }).code() ==
        "image.digest_mismatch");
}

TEST_CASE("The name of an image stands behind the file's", "[oci]") {
  const TempDir dir;
  const std::string odd = dir.write("a#b.tar", "x").string();
  CHECK(parse_archive_name("app.tar").path == "app.tar");
  CHECK(parse_archive_name("app.tar").image_name.empty());
  CHECK(parse_archive_name("app.tar#v1").path == "app.tar");
  CHECK(parse_archive_name("app.tar#v1").image_name == "v1");
  CHECK(parse_archive_name(odd).path == odd);
  CHECK(parse_archive_name(odd + "#v1").path == odd);
}

TEST_CASE("Archives that skopeo writes are opened with the layers and settings it reports",
          "[oci]") {
  const auto skopeo = testing::require_tool("skopeo");
  if (!skopeo) return;
  const testing::OciLayout layout;
  layout.tag(layout.add_image("amd64", R"("Cmd":["/x"],"Env":["A=b"])"), "1");
  const std::string from = "oci:" + layout.path().string() + ":1";
  const TempDir dir;
  for (const char* kind : {"docker-archive", "oci-archive"}) {
    INFO(kind);
    const std::string to = (dir / kind).string();
    const auto copied =
        testing::run_process({skopeo->string(), "--insecure-policy", "copy", "-q", from,
                              std::string(kind) + ":" + to + ":docker.io/alice/app:1"});
    INFO(copied.describe());
    REQUIRE(copied.ok());
    const auto archive = Opened(fs::path(to)).open();
    CHECK(archive->image().details.environment == std::vector<std::string>{"A=b"});
    CHECK(decompress(content_of_layer(*archive, 0)) == std::string(1024, '\0'));
    CHECK(Opened(fs::path(to)).open({.image_name = "alice/app:1"})->image().digest ==
          archive->image().digest);
  }
}

}  // namespace
}  // namespace ecloud::oci
