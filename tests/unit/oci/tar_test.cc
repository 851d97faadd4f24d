#include "ecloud/oci/tar.h"

#include <filesystem>
#include <string>

#include "archive_fixture.h"
#include "ecloud/oci/digest.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::oci {
namespace {

const std::vector<NewTarEntry> kEntries = {
    {"usr", 0755, "", true},
    {"usr/local/bin/start.sh", 0755, "#!/bin/sh\nexec true\n", false},
    {"usr/local/share/" + std::string(90, 'd') + "/" + std::string(80, 'f'), 04644, "long", false},
    {"usr/local/share/empty", 0600, "", false},
    {"usr/local/share/record", 0644, std::string(512, 'r'), false}};

TEST_CASE("An archive is the same octets each time", "[oci]") {
  const std::string tar = write_tar(kEntries);
  CHECK(tar == write_tar(kEntries));
  CHECK(tar.size() == 512 * (5 + 3 + 2));
  // The digest of what GNU tar makes, see below.
  CHECK(Digest::of(base::as_bytes(tar)).to_string() ==
        "sha256:8b8d31c903acf41e8eda4f025aa4e45c393ffea0a17b8430a56f36ff5959f105");
}

TEST_CASE("Python reads our archives and finds every field", "[oci]") {
  const auto python = testing::require_tool("python3");
  if (!python) return;
  const std::string listing =
      run_filter({python->string(), "-c",
                  "import tarfile,sys,io\n"
                  "t=tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))\n"
                  "for m in t: print(len(m.name), m.name[:22], oct(m.mode), m.uid, m.gid, m.mtime,"
                  " repr(m.uname+m.gname), m.type.decode(), m.size,"
                  " m.isfile() and t.extractfile(m).read()[:4])\n"},
                 write_tar(kEntries));
  CHECK(listing ==
        "3 usr 0o755 0 0 0 '' 5 0 False\n"
        "22 usr/local/bin/start.sh 0o755 0 0 0 '' 0 20 b'#!/b'\n"
        "187 usr/local/share/dddddd 0o4644 0 0 0 '' 0 4 b'long'\n"
        "21 usr/local/share/empty 0o600 0 0 0 '' 0 0 b''\n"
        "22 usr/local/share/record 0o644 0 0 0 '' 0 512 b'rrrr'\n");
}

TEST_CASE("Our archives are those of GNU tar with the same fields", "[oci]") {
  const auto tar = testing::require_tool("tar");
  if (!tar) return;
  const testing::TempDir dir;
  std::vector<std::string> argv = {
      tar->string(), "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0",
      "-b1",         "--no-recursion", "-cf",       "-"};
  for (const NewTarEntry& entry : kEntries) {
    if (entry.is_directory) {
      std::filesystem::create_directories(dir / entry.path);
    } else {
      dir.write(entry.path, entry.content);
    }
    std::filesystem::permissions(dir / entry.path, static_cast<std::filesystem::perms>(entry.mode));
    argv.push_back(entry.path);
  }
  testing::ProcessOptions options;
  options.argv = argv;
  options.directory = dir.path();
  const auto theirs = testing::run_process(options);
  REQUIRE(theirs.ok());
  CHECK((write_tar(kEntries) == theirs.out));
}

TEST_CASE("A streamed file has the octets of one in memory", "[oci]") {
  const std::string content = sample_octets(9, 1'000'001);
  std::string streamed;
  TarWriter writer([&](base::ByteView octets) {
    streamed += base::as_chars(octets);
    return true;
  });
  writer.add_file("bin/app", 0755, *content_of(content));
  writer.finish();
  CHECK((streamed == write_tar({{"bin/app", 0755, content, false}})));
}

TEST_CASE("Paths up to what the header holds are written and longer ones refused", "[oci]") {
  const std::string hundred(100, 'a');
  const std::string most = std::string(155, 'p') + "/" + hundred;
  const std::string split = std::string(60, 'x') + "/" + std::string(60, 'y');
  for (const std::string& path : {hundred, most, split}) {
    const auto items = list_tar(write_tar({{path, 0644, "c", false}}));
    REQUIRE(items.size() == 1);
    CHECK(items[0].entry.path == path);
  }
  for (const std::string& path : {std::string(101, 'a'), std::string(156, 'p') + "/a",
                                  std::string(50, 'p') + "/" + std::string(101, 'a')}) {
    const Error error = error_of([&] { write_tar({{path, 0644, "c", false}}); });
    CHECK(error.code() == "image.unsafe_path");
    CHECK(error.message().ends_with("is too long for a layer"));
  }
  CHECK_THROWS_AS(write_tar({{std::string(100, 'd'), 0755, "", true}}), Error);
}

TEST_CASE("A file of 8 GiB is refused before it is read", "[oci]") {
  class Huge final : public Content {
    std::uint64_t size_bytes() const override { return std::uint64_t{1} << 33; }
    std::size_t read(std::uint64_t, char*, std::size_t) const override {
      FAIL("read");
      return 0;
    }
  };
  TarWriter writer([](base::ByteView) { return true; });
  CHECK(error_of([&] { writer.add_file("big", 0644, Huge()); }).code() == "image.too_large");
}

TEST_CASE("Archives with random entries come back as they were", "[oci]") {
  std::mt19937 random(77);
  for (int round = 0; round < 30; ++round) {
    std::vector<NewTarEntry> entries;
    for (unsigned i = 0; i < 1 + random() % 20; ++i) {
      const bool directory = random() % 4 == 0;
      entries.push_back({"d" + std::to_string(i) + "/" + std::string(1 + random() % 98, 'n'),
                         static_cast<std::uint32_t>(random() % 010000),
                         directory ? "" : sample_octets(random(), random() % 3'000), directory});
    }
    const auto items = list_tar(write_tar(entries), 1 + random() % 2'000);
    REQUIRE(items.size() == entries.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      CHECK(items[i].entry.path == entries[i].path);
      CHECK(items[i].entry.mode == entries[i].mode);
      CHECK((items[i].entry.type == TarType::kDirectory) == entries[i].is_directory);
      CHECK(items[i].entry.size_bytes == entries[i].content.size());
      CHECK((items[i].content == entries[i].content));
      CHECK(items[i].complete != entries[i].is_directory);
    }
  }
}

}  // namespace
}  // namespace ecloud::oci
