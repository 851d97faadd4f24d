#include <string>

#include "archive_fixture.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::oci {
namespace {

// Everything that images hold, in the format that is the first argument.
constexpr const char* kPythonTar =
    "import tarfile,sys,io\n"
    "b=io.BytesIO()\n"
    "t=tarfile.open(fileobj=b,mode='w',format=getattr(tarfile,sys.argv[1]))\n"
    "def add(name,type=tarfile.REGTYPE,content=b'',link='',**more):\n"
    "  i=tarfile.TarInfo(name); i.type=type; i.linkname=link; i.size=len(content)\n"
    "  for k,v in more.items(): setattr(i,k,v)\n"
    "  t.addfile(i,io.BytesIO(content))\n"
    "add('./')\n"
    "add('./usr/',tarfile.DIRTYPE,mode=0o755)\n"
    "add('usr//bin/./app',content=b'hello',mode=0o4755,uid=1000,gid=50)\n"
    "add('/etc/passwd',content=b'p'*513)\n"
    "add('usr/lib/'+'x'*200+'/file',content=b'deep')\n"
    "add('bin',tarfile.SYMTYPE,link='usr/bin')\n"
    "add('a/long',tarfile.SYMTYPE,link='y'*150)\n"
    "add('usr/bin/same',tarfile.LNKTYPE,link='./usr/bin/app')\n"
    "add('dev/null',tarfile.CHRTYPE,devmajor=1,devminor=3)\n"
    "add('run/pipe',tarfile.FIFOTYPE)\n"
    "add('a/../b',content=b'2',uid=3000000)\n"
    "t.close()\n"
    "sys.stdout.buffer.write(b.getvalue())\n";

TEST_CASE("Archives of Python are read in both formats with long names", "[oci]") {
  const auto python = testing::require_tool("python3");
  if (!python) return;
  for (const char* format : {"GNU_FORMAT", "PAX_FORMAT"}) {
    INFO(format);
    const std::string tar = run_filter({python->string(), "-c", kPythonTar, format}, "");
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}, std::size_t{100'000}}) {
      const auto items = list_tar(tar, piece);
      REQUIRE(items.size() == 11);
      CHECK(items[0].entry.path.empty());
      CHECK(items[1].entry.path == "usr");
      CHECK(items[1].entry.type == TarType::kDirectory);
      CHECK(items[2].entry.path == "usr/bin/app");
      CHECK(items[2].entry.type == TarType::kFile);
      CHECK(items[2].entry.mode == 04755);
      CHECK(items[2].entry.uid == 1000);
      CHECK(items[2].entry.gid == 50);
      CHECK(items[2].content == "hello");
      CHECK(tar.substr(static_cast<std::size_t>(items[2].entry.content_offset), 5) == "hello");
      CHECK(items[3].entry.path == "etc/passwd");
      CHECK(items[3].content == std::string(513, 'p'));
      CHECK(items[4].entry.path == "usr/lib/" + std::string(200, 'x') + "/file");
      CHECK(items[4].content == "deep");
      CHECK(items[5].entry.type == TarType::kSymbolicLink);
      CHECK(items[5].entry.link_target == "usr/bin");
      CHECK(items[6].entry.link_target == std::string(150, 'y'));
      CHECK(items[7].entry.type == TarType::kHardLink);
      CHECK(items[7].entry.link_target == "usr/bin/app");
      CHECK(items[8].entry.type == TarType::kOther);
      CHECK(items[9].entry.type == TarType::kOther);
      CHECK(items[10].entry.path == "b");
      CHECK(items[10].entry.uid == 3'000'000);
      CHECK(items[10].content == "2");
    }
  }
}

TEST_CASE("GNU tar's sparse files are passed over without losing the next entry", "[oci]") {
  const auto tar = testing::require_tool("tar");
  if (!tar) return;
  for (const char* format : {"--format=gnu", "--format=posix"}) {
    INFO(format);
    const testing::TempDir dir;
    // Holes of 64 KiB between thirty pieces: the map of the old form needs a second record.
    std::string script = "i=0; while [ $i -lt 30 ]; do printf piece | dd of=holes bs=65536 seek=$i";
    script +=
        " conv=notrunc status=none; i=$((i+1)); done; printf after > z; \"$0\" -cSf - $1 holes z";
    testing::ProcessOptions options;
    options.argv = {"/bin/sh", "-c", script, tar->string(), format};
    options.directory = dir.path();
    const auto result = testing::run_process(options);
    REQUIRE(result.ok());
    const auto items = list_tar(result.out, 777);
    REQUIRE(items.size() == 2);
    CHECK(items[0].entry.path == "holes");
    CHECK(items[0].content.find("piece") != std::string::npos);
    CHECK(items[1].entry.path == "z");
    CHECK(items[1].content == "after");
  }
}

TEST_CASE("The size in pax records is the one that counts", "[oci]") {
  const std::string tar = raw_entry("pax", 'x', "12 size=600\n") +
                          RawHeader{"file", '0', "00000000001", {}, {}}.record() +
                          records_of(std::string(600, 's')) + raw_entry("next", '0', "n") +
                          kEndOfTar;
  const auto items = list_tar(tar);
  REQUIRE(items.size() == 2);
  CHECK(items[0].entry.size_bytes == 600);
  CHECK(items[0].content == std::string(600, 's'));
  CHECK(items[1].content == "n");
}

/// A pax record (IEEE 1003.1-2001), whose length counts itself.
std::string pax_record(const std::string& key, const std::string& value) {
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

// The names and contents in this and the next test are what archive/tar of Go 1.19 gives.
TEST_CASE("Names in two forms are read as Go does", "[oci]") {
  const std::string file = raw_entry("header", '0', "x");
  const std::string long_name = raw_entry("././@LongLink", 'L', std::string("long\0", 5));
  const std::string path = pax_record("path", "pax");
  const std::string sparse = pax_record("GNU.sparse.name", "sparse");
  struct Case {
    std::string before, path;
    bool ambiguous;
  };
  for (const Case& each : std::vector<Case>{
           {"", "header", false},
           {long_name, "long", false},
           {pax(path), "pax", false},
           {pax(path) + long_name, "long", true},
           {long_name + pax(path), "long", true},
           {pax(pax_record("path", "")), "header", false},
           {pax(path + pax_record("path", "")), "header", false},
           {pax(path) + pax(pax_record("mtime", "1")), "header", true},
           {raw_entry("l", 'L', std::string(1, '\0')), "header", true},
           {pax(sparse), "header", true},
           {pax(pax_record("GNU.sparse.major", "2") + sparse), "header", true},
           {pax(pax_record("size", "")), "header", false},
           {raw_entry("g", 'g', pax_record("comment", "c")), "header", false},
           {raw_entry("g", 'g', path), "header", true},
           {pax(path) + raw_entry("g", 'g', pax_record("comment", "c")), "header", true},
           {long_name + raw_entry("g", 'g', pax_record("comment", "c")), "header", true}}) {
    const auto items = list_tar(each.before + file + kEndOfTar);
    REQUIRE(items.size() == 1);
    INFO(each.before);
    CHECK(items[0].entry.path == each.path);
    CHECK(items[0].entry.ambiguity.empty() != each.ambiguous);
    CHECK(items[0].content == "x");
  }
  // Without a name of its own the sparse file has that of the record.
  const std::string map = pax_record("GNU.sparse.map", "0,1") +
                          pax_record("GNU.sparse.numblocks", "1") +
                          pax_record("GNU.sparse.size", "1") + sparse;
  const auto items = list_tar(pax(map) + long_name + file + kEndOfTar);
  REQUIRE(items.size() == 1);
  CHECK(items[0].entry.path == "sparse");
  CHECK(items[0].entry.ambiguity == "it is stored as a sparse file");
}

TEST_CASE("Numbers and sizes that others would read otherwise are read as Go does", "[oci]") {
  // NULs before the digits are no end of them.
  const std::string nul_first =
      RawHeader{"f", '0', std::string("\0\0\0\0\0\0\0\0", 8) + "0005", {}, {}}.record();
  auto items = list_tar(RawHeader::with_checksum(nul_first) + records_of("hello") + kEndOfTar);
  REQUIRE(items.size() == 1);
  CHECK(items[0].content == "hello");
  CHECK(error_of([] {
          list_tar(RawHeader{"f", '0', "0000 00005", {}, {}}.record());
        }).code() == "image.broken_layer");
  // The directory of the oldest form has no content.
  items = list_tar(RawHeader{"d/", '\0', "00000000777", {}, {}}.record() +
                   raw_entry("f", '0', "x") + kEndOfTar);
  REQUIRE(items.size() == 2);
  CHECK(items[0].entry.type == TarType::kDirectory);
  CHECK_FALSE(items[0].entry.ambiguity.empty());
  CHECK(items[1].content == "x");
  // A prefix in star's form ends earlier, and a time follows.
  std::string star =
      RawHeader{"name", '0', "00000000000", {}, std::string(131, 'p') + "00000000000"}.record();
  star.replace(508, 4, std::string("tar\0", 4));
  items = list_tar(RawHeader::with_checksum(star) + kEndOfTar);
  REQUIRE(items.size() == 1);
  CHECK(items[0].entry.path == std::string(131, 'p') + "/name");
  CHECK_FALSE(items[0].entry.ambiguity.empty());
}

TEST_CASE("Entries that not all programs see alike are told", "[oci]") {
  const auto ambiguity = [](const std::string& octets) {
    const auto items = list_tar(octets + kEndOfTar);
    REQUIRE_FALSE(items.empty());
    return items.back().entry.ambiguity;
  };
  CHECK(ambiguity(raw_entry("f", '0', "x")).empty());
  CHECK(ambiguity(raw_entry("d/", '5', "")).empty());
  CHECK(ambiguity(raw_entry("f/", '0', "x")) == "it is a file with the name of a directory");
  CHECK(ambiguity(raw_entry("f", '7', "x")) == "its type is known to few programs");
  CHECK(ambiguity(RawHeader{"l", '1', "00000000777", "f", {}}.record()) ==
        "it has a size, and can have no content");
  std::string gnu = RawHeader{"f", '0', "00000000000", {}, "prefix"}.record();
  gnu.replace(257, 8, std::string("ustar  \0", 8));
  CHECK(ambiguity(RawHeader::with_checksum(gnu)) ==
        "its header has a prefix that not all programs read");
}

TEST_CASE("Extended attributes are told by their key", "[oci]") {
  const auto items = list_tar(
      pax(pax_record("mtime", "1.5") + pax_record("SCHILY.xattr.security.capability", "\x01")) +
      raw_entry("f", '0', "x") + raw_entry("g", '0', "y") + kEndOfTar);
  REQUIRE(items.size() == 2);
  CHECK(items[0].entry.attribute == "SCHILY.xattr.security.capability");
  CHECK(items[0].entry.ambiguity.empty());
  CHECK(items[1].entry.attribute.empty());
}

TEST_CASE("Sizes in base 256 are read", "[oci]") {
  std::string header = RawHeader{"file", '0', "", {}, {}}.record();
  std::string size(12, '\0');
  size[0] = static_cast<char>(0x80);
  size[11] = 5;
  header.replace(124, 12, size);
  const auto items = list_tar(RawHeader::with_checksum(header) + records_of("hello") + kEndOfTar);
  REQUIRE(items.size() == 1);
  CHECK(items[0].content == "hello");
}

TEST_CASE("Links and directories have no content whatever their size says", "[oci]") {
  const std::string tar = RawHeader{"l", '2', "00000000777", "target", {}}.record() +
                          RawHeader{"d/", '5', "00000000777", {}, {}}.record() +
                          raw_entry("f", '0', "x") + kEndOfTar;
  const auto items = list_tar(tar);
  REQUIRE(items.size() == 3);
  CHECK(items[0].entry.size_bytes == 0);
  CHECK(items[2].content == "x");
}

TEST_CASE("An archive may lack its end and may be followed by anything", "[oci]") {
  CHECK(list_tar(raw_entry("f", '0', "x")).size() == 1);
  CHECK(list_tar(raw_entry("f", '0', "x") + kEndOfTar + "garbage").size() == 1);
  CHECK(list_tar(kEndOfTar).empty());
}

TEST_CASE("What is no archive is told with the place", "[oci]") {
  const std::string good = raw_entry("f", '0', "hello");
  std::string changed = good;
  changed[0] = 'g';
  struct Case {
    std::string octets;
    std::string message;
  };
  for (const Case& each : std::vector<Case>{
           {"", "is no tar archive: it ends at octet 0"},
           {"\x7f"
            "ELF" +
                std::string(600, 'e'),
            "is no tar archive: the header before octet 512 is broken"},
           {"<html>" + std::string(600, ' '),
            "is no tar archive: the header before octet 512 is broken"},
           {good.substr(0, 300), "is no tar archive: it ends at octet 300"},
           {good.substr(0, 514), "is cut off: it ends in the middle of an entry, at octet 514"},
           {good.substr(0, 700), "is cut off: it ends in the middle of an entry, at octet 700"},
           {changed, "is no tar archive: the header before octet 512 is broken"},
           {kEndOfTar.substr(0, 512) + good,
            "is no tar archive: an entry follows an empty record at octet 1024"},
           {raw_entry("x", 'x', "nonsense"), "is no tar archive: broken pax records at octet 520"},
           {raw_entry("x", 'x', "99 path=a\n"),
            "is no tar archive: broken pax records at octet 522"},
           {raw_entry("x", 'x', "13 size=high\n"),
            "is no tar archive: broken pax records at octet 525"},
           {RawHeader{"x", 'L', "77777777777", {}, {}}.record(),
            "is no tar archive: a name of more than 1 MiB at octet 512"},
           {RawHeader{"f", '0', "99999999999", {}, {}}.record(),
            "is no tar archive: the header before octet 512 is broken"}}) {
    const Error error = error_of([&] { list_tar(each.octets, 100); });
    CHECK(error.category() == Category::kImage);
    CHECK(error.code() == "image.broken_layer");
    CHECK(error.message() == "layer 1 of app.tar " + each.message);
  }
}

TEST_CASE("Sizes that cannot be are refused", "[oci]") {
  for (const unsigned char first : {0x80, 0xff, 0xc0}) {
    std::string header = RawHeader{"file", '0', "", {}, {}}.record();
    header.replace(124, 12, std::string(1, static_cast<char>(first)) + std::string(11, '\xff'));
    CHECK(error_of([&] { list_tar(RawHeader::with_checksum(header)); }).code() ==
          "image.broken_layer");
  }
  CHECK(error_of([&] {
          list_tar(raw_entry("x", 'x', "28 size=9223372036854775807\n") + raw_entry("f", '0', ""));
        }).code() == "image.broken_layer");
}

TEST_CASE("Paths that leave the root are refused", "[oci]") {
  for (const std::string& path : {std::string(".."), std::string("../etc/passwd"),
                                  std::string("a/../../b"), std::string("/../x")}) {
    const Error error = error_of([&] { list_tar(raw_entry(path, '0', "x") + kEndOfTar); });
    CHECK(error.code() == "image.unsafe_path");
    CHECK(error.message() == "layer 1 of app.tar holds \"" + path + "\", which leaves the root");
    CHECK(error_of([&] { list_tar(raw_entry("f", '1', "", path) + kEndOfTar); }).code() ==
          "image.unsafe_path");
    // A symbolic link is followed by nobody here.
    CHECK(list_tar(raw_entry("f", '2', "", path) + kEndOfTar).size() == 1);
  }
  const Error error = error_of([&] {
    list_tar(raw_entry("x", 'x', std::string("12 path=a\0b\n", 12)) + raw_entry("f", '0', ""));
  });
  CHECK(error.message() == "layer 1 of app.tar holds \"a?b\", which has a NUL octet");
}

TEST_CASE("A visitor passes contents over and stops when it likes", "[oci]") {
  class Picky final : public TarVisitor {
   public:
    TarWish entry(const TarEntry& entry) override {
      paths += entry.path + " ";
      if (entry.path == "stop") return TarWish::kStop;
      return entry.path == "read" ? TarWish::kContent : TarWish::kNext;
    }
    bool content(base::ByteView piece) override {
      read += base::as_chars(piece);
      return true;
    }
    std::string paths, read;
  } visitor;
  TarReader reader(visitor, "layer");
  const std::string tar = raw_entry("pass", '0', std::string(2'000, 'p')) +
                          raw_entry("read", '0', "this") + raw_entry("stop", '0', "not this");
  CHECK_FALSE(reader.write(base::as_bytes(tar + "garbage")));
  CHECK_FALSE(reader.write(base::as_bytes("more")));
  reader.finish();
  CHECK(visitor.paths == "pass read stop ");
  CHECK(visitor.read == "this");
}

TEST_CASE("More than a million entries are refused", "[oci]") {
  class Count final : public TarVisitor {
   public:
    TarWish entry(const TarEntry&) override { return TarWish::kNext; }
    bool content(base::ByteView) override { return true; }
  } visitor;
  TarReader reader(visitor, "layer");
  std::string thousand;
  for (int i = 0; i < 1'000; ++i) thousand += RawHeader{"f", '0', "00000000000", {}, {}}.record();
  for (int i = 0; i < 1'000; ++i) REQUIRE(reader.write(base::as_bytes(thousand)));
  CHECK(error_of([&] { reader.write(base::as_bytes(thousand)); }).message() ==
        "layer is no tar archive: it has more than a million entries");
}

}  // namespace
}  // namespace ecloud::oci
