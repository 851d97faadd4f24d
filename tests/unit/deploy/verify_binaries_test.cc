// Where a path of an image leads when its layers are put together.
#include "deploy/path_watch.h"
#include "deploy/verify_tools.h"
#include "ecloud/base/error.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::deploy {
namespace {

constexpr char kPath[] = "usr/local/bin/tool";

LayerEntry file(const std::string& content = "tool") {
  LayerEntry out;
  out.mode = 0755;
  out.content = oci::Digest::of(base::as_bytes(content));
  return out;
}

LayerEntry of_type(oci::TarType type) {
  LayerEntry out;
  out.type = type;
  return out;
}

using Entries = std::vector<std::pair<std::string, LayerEntry>>;

/// The layers from the top down, in the order of their entries.
PathWatch watch(const std::vector<Entries>& layers) {
  PathWatch out(kPath);
  std::size_t number = layers.size();
  for (const Entries& entries : layers) {
    LayerContent layer{oci::Digest::of({}), {}, {}};
    for (const auto& [path, entry] : entries) {
      layer.entries[path] = entry;
      layer.entries[path].position = layer.entries.size();
    }
    out.take(layer, "layer " + std::to_string(number--));
  }
  return out;
}

const LayerEntry kDirectory = of_type(oci::TarType::kDirectory);
const LayerEntry kLink = of_type(oci::TarType::kSymbolicLink);

TEST_CASE("The uppermost of several files is the one that runs", "[deploy][verify]") {
  const PathWatch found = watch({{{"srv/app", file()}},
                                 {{"usr", kDirectory},
                                  {"usr/local", kDirectory},
                                  {"usr/local/bin", kDirectory},
                                  {kPath, file("upper")}},
                                 {{kPath, file("lower")}, {".wh..wh..opq", file()}}});
  REQUIRE(found.found());
  CHECK(found.found()->content == oci::Digest::of(base::as_bytes(std::string_view("upper"))));
  CHECK(found.problem().empty());
  CHECK(found.doubt().empty());
}

TEST_CASE("What an upper layer removes or replaces is not what runs", "[deploy][verify]") {
  const auto problem = [](const std::string& path, const LayerEntry& entry) {
    return watch({{{path, entry}}, {{kPath, file()}}}).problem();
  };
  CHECK(problem("usr/local/bin/.wh.tool", file()) ==
        "usr/local/bin/.wh.tool in layer 2 removes usr/local/bin/tool");
  CHECK(problem("usr/.wh.local", file()) == "usr/.wh.local in layer 2 removes usr/local/bin/tool");
  CHECK(problem(".wh.usr", file()) == ".wh.usr in layer 2 removes usr/local/bin/tool");
  CHECK(problem("usr/local/.wh..wh..opq", file()) ==
        "usr/local/.wh..wh..opq in layer 2 removes usr/local/bin/tool");
  CHECK(problem(".wh..wh..opq", file()) == ".wh..wh..opq in layer 2 removes usr/local/bin/tool");
  CHECK(problem("usr/local/bin", kLink) ==
        "usr/local/bin in layer 2 is no directory, and stands in the way to usr/local/bin/tool");
  CHECK(problem("usr", file()).find("is no directory") != std::string::npos);
  CHECK(problem("usr/local/bin", kDirectory).empty());
  CHECK(problem("usr/local/.wh.lib", file()).empty());
}

TEST_CASE("A layer that hides and brings a file is looked at more closely", "[deploy][verify]") {
  // An opaque directory hides the layers below its own.
  CHECK(watch({{{kPath, file()}, {"usr/local/bin/.wh..wh..opq", file()}}}).problem().empty());
  // Whether the file or its removal comes last depends on who unpacks.
  CHECK_FALSE(watch({{{kPath, file()}, {"usr/local/bin/.wh.tool", file()}}}).problem().empty());
  CHECK_FALSE(watch({{{kPath, file()}, {"usr/local/bin", kLink}}}).problem().empty());
  CHECK_FALSE(watch({{{"usr/local/bin", kLink}, {kPath, file()}}}).problem().empty());
  CHECK_FALSE(watch({{{kPath, file()}, {"usr/local/bin", kDirectory}}}).problem().empty());
  LayerEntry twice = file();
  twice.repeated = true;
  CHECK_FALSE(watch({{{kPath, twice}}}).problem().empty());
  LayerEntry odd = file();
  odd.ambiguity = "it is stored as a sparse file";
  CHECK(watch({{{"srv/x", odd}, {kPath, file()}}}).problem() ==
        "srv/x in layer 1 is read differently by programs: it is stored as a sparse file");
  LayerEntry capable = file();
  capable.attribute = "SCHILY.xattr.security.capability";
  CHECK_FALSE(watch({{{kPath, capable}}}).problem().empty());
  CHECK(watch({{{"srv/x", capable}, {kPath, file()}}}).problem().empty());
  LayerEntry redirected = kDirectory;
  redirected.attribute = "SCHILY.xattr.trusted.overlay.redirect";
  CHECK_FALSE(watch({{{"usr/local", redirected}}, {{kPath, file()}}}).problem().empty());
}

TEST_CASE("What may lead to the file by a link leaves it in doubt", "[deploy][verify]") {
  const auto doubt = [](const std::vector<Entries>& layers) {
    const PathWatch found = watch(layers);
    CHECK(found.problem().empty());
    return found.doubt();
  };
  CHECK(doubt({{{"opt/bin/tool", file()}}, {{kPath, file()}}}).starts_with("opt/bin/tool in "));
  CHECK(doubt({{{"opt/bin", kLink}}, {{kPath, file()}}}).starts_with("opt/bin in layer 2 is a "));
  CHECK(doubt({{{"opt/.wh.tool", file()}, {kPath, file()}}}).starts_with("opt/.wh.tool in "));
  CHECK(doubt({{{kPath, file()}}, {{"usr/local/bin", kLink}}})
            .starts_with("usr/local/bin in layer 1 is no directory"));
  // Below a layer that has it as a directory it is hidden.
  CHECK(doubt({{{"usr/local/bin", kDirectory}, {kPath, file()}}, {{"usr/local/bin", kLink}}})
            .empty());
  CHECK(doubt({{{kPath, file()}}, {{"bin", kLink}, {"opt/tool", file()}}}).empty());
}

/// A published image whose environment names it by `pinned`.
struct Published {
  std::string add(const std::string& octets) {
    const std::string digest = oci::Digest::of(base::as_bytes(octets)).to_string();
    material.blobs[digest] = octets;
    return digest;
  }
  PublishedPrograms programs(const std::string& pinned) {
    environment.kms_client_image = "registry.example/tools@" + pinned;
    ImageEvidence tool;
    tool.reference = environment.kms_client_image;
    tool.manifest = manifest;
    tool.config = config;
    material.tools = {tool};
    const JudgePolicy policy{.environment = environment, .paths = paths};
    VerifyState state{.material = material, .policy = policy};
    state.blobs = std::make_shared<MaterialBlobs>(material);
    return published_programs(state, {"kms-client"});
  }

  VerifyMaterial material;
  platform::Environment environment;
  base::Paths paths;
  std::string config = add(R"({"architecture":"amd64","os":"linux"})");
  std::string manifest =
      add(R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",)"
          R"("digest":")" +
          config + R"(","size":37},"layers":[]})");
};

TEST_CASE("A published image may be named by the digest of an index that names it",
          "[deploy][verify]") {
  Published world;
  // It has no program, which is told only after its documents were taken.
  CHECK_FALSE(world.programs(world.manifest).contradicts);
  const std::string index =
      world.add(R"({"schemaVersion":2,"manifests":[{"digest":")" + world.manifest + R"("}]})");
  CHECK_FALSE(world.programs(index).contradicts);
  CHECK(world.programs(world.add(R"({"schemaVersion":2,"manifests":[]})")).contradicts);
  CHECK(world.programs(world.add("{}")).contradicts);
  // The index is not there.
  CHECK(world.programs("sha256:" + std::string(64, '1')).contradicts);
}

}  // namespace
}  // namespace ecloud::deploy
