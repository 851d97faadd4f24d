#include "devnet/unpack_image.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ecloud/oci/digest.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::devnet {
namespace {

namespace fs = std::filesystem;
using testing::TempDir;

/// An image of those plain tar archives.
StoredImage image_of(const std::vector<std::string>& layers) {
  RegistryContent content(std::nullopt);
  const auto descriptor = [](const char* type, const std::string& octets) {
    return std::string(R"({"mediaType":")") + type + R"(","digest":")" +
           oci::Digest::of(base::as_bytes(octets)).to_string() + R"(","size":)" +
           std::to_string(octets.size()) + "}";
  };
  std::string ids, parts;
  for (const std::string& layer : layers) {
    if (!ids.empty()) ids += ",", parts += ",";
    ids += "\"" + content.add_blob("a", layer) + "\"";
    parts += descriptor("application/vnd.oci.image.layer.v1.tar", layer);
  }
  const std::string config = R"({"architecture":"amd64","os":"linux","config":{"Cmd":["/a"]},)"
                             R"("rootfs":{"type":"layers","diff_ids":[)" +
                             ids + "]}}";
  content.add_blob("a", config);
  const std::string digest = content.add_manifest(
      "a", oci::kOciManifestType,
      R"({"schemaVersion":2,"mediaType":")" + std::string(oci::kOciManifestType) +
          R"(","config":)" + descriptor(oci::kOciConfigType.data(), config) + R"(,"layers":[)" +
          parts + "]}");
  return *stored_image(*content.find("a"), digest);
}

/// What tar makes of those paths below a folder.
std::string packed(const TempDir& folder, std::vector<std::string> paths) {
  const TempDir out;
  const std::string file = (out / "layer.tar").string();
  std::vector<std::string> argv = {
      "tar", "-C", folder.path().string(), "--owner=1000", "--group=50", "-cf", file};
  argv.insert(argv.end(), paths.begin(), paths.end());
  const auto result = testing::run_process(argv);
  INFO(result.describe());
  REQUIRE(result.ok());
  return testing::slurp(file);
}

TEST_CASE("layers are unpacked over each other and stay in the root", "[devnet][unpack]") {
  if (::geteuid() != 0) {
    WARN("SKIPPED: only root can give files to others");
    return;
  }
  const TempDir lower, upper, outside, place;
  lower.write("a/keep", "kept");
  lower.write("a/gone", "gone");
  lower.write("b/old", "old");
  lower.write("c", "before");
  // The same path leads somewhere in the image, too.
  const fs::path inside = outside.path().relative_path();
  fs::create_directories(lower.path() / inside);
  fs::create_symlink(outside.path(), lower / "link");
  fs::create_symlink("../../../../a", lower / "up");
  fs::create_hard_link(lower / "a/keep", lower / "same");
  fs::permissions(lower / "a/keep", fs::perms(04755));
  upper.write("link/file", "through the link");
  upper.write("up/more", "through the other");
  upper.write("a/.wh.gone", "");
  upper.write("b/.wh..wh..opq", "");
  upper.write("b/new", "new");
  upper.write("c/inside", "a folder now");
  unpack_image(
      image_of(
          {packed(lower, {"a", "b", "c", "link", "up", "same", inside.begin()->string()}),
           packed(upper, {"link/file", "up/more", "a/.wh.gone", "b/new", "b/.wh..wh..opq", "c"})}),
      place.path());

  CHECK(fs::is_empty(outside.path()));
  CHECK(testing::slurp(place.path() / inside / "file") == "through the link");
  CHECK(testing::slurp(place / "a/more") == "through the other");
  CHECK(testing::slurp(place / "a/keep") == "kept");
  CHECK(fs::equivalent(place / "a/keep", place / "same"));
  CHECK_FALSE(fs::exists(place / "a/gone"));
  CHECK_FALSE(fs::exists(place / "a/.wh.gone"));
  CHECK_FALSE(fs::exists(place / "b/old"));
  CHECK(testing::slurp(place / "b/new") == "new");
  CHECK(testing::slurp(place / "c/inside") == "a folder now");
  struct stat found {};
  REQUIRE(::stat((place / "a/keep").c_str(), &found) == 0);
  CHECK(found.st_uid == 1000);
  CHECK(found.st_gid == 50);
  CHECK((found.st_mode & 07777) == 04755);
}

}  // namespace
}  // namespace ecloud::devnet
