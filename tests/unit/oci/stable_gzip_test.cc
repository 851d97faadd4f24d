#include <zlib.h>

#include <string>

#include "archive_fixture.h"
#include "ecloud/base/hex.h"
#include "ecloud/oci/digest.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::oci {
namespace {

std::string compress_in_pieces(std::string_view content, std::size_t piece) {
  std::string out;
  StableGzipWriter writer([&](base::ByteView octets) {
    out += base::as_chars(octets);
    return true;
  });
  in_pieces(content, piece, [&](base::ByteView part) {
    writer.write(part);
    return true;
  });
  writer.finish();
  return out;
}

/// What zlib makes of the same octets, to compare the sizes.
std::size_t zlib_size(const std::string& content, int level) {
  uLongf size = compressBound(static_cast<uLong>(content.size()));
  std::string out(size, '\0');
  REQUIRE(compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                    reinterpret_cast<const Bytef*>(content.data()),
                    static_cast<uLong>(content.size()), level) == Z_OK);
  return size;
}

/// Some of our sources: text as it stands in images.
std::string project_text() {
  std::string out;
  for (const char* file : {"/src/oci/tar_reader.cc", "/src/oci/deflate_block.cc", "/CMakeLists.txt",
                           "/src/oci/manifest.cc", "/src/cli/error_catalogue_services.cc"}) {
    out += testing::slurp(std::string(ECLOUD_SOURCE_DIR) + file);
  }
  return out;
}

/// The same on every machine: its digest stands below.
std::string fixed_content() {
  std::string out;
  std::uint32_t state = 1;
  while (out.size() < 1'000'000) {
    // Numerical Recipes' generator; its upper bits choose words.
    state = state * 1'664'525 + 1'013'904'223;
    const char* const words[] = {"layer", "usr/lib", " ", "deadbeef", "\n", "0123456789"};
    out += words[(state >> 24) % 6];
    if ((state >> 16) % 50 == 0) out += static_cast<char>(state >> 8);
    if ((state >> 16) % 1'000 == 1) out.append((state >> 8) % 5'000, 'x');
  }
  return out;
}

TEST_CASE("The gzip of an empty content is the shortest that there is", "[oci]") {
  // Header of RFC 1952, one fixed block with its end alone, and two words of zeros.
  CHECK(base::to_hex(base::as_bytes(gzip_stable(""))) ==
        "1f8b08000000000000ff03000000000000000000");
}

TEST_CASE("What is compressed comes back as it was", "[oci]") {
  std::uint32_t seed = 100;
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{5},
        std::size_t{257}, std::size_t{258}, std::size_t{259}, std::size_t{32'768},
        std::size_t{65'536}, std::size_t{327'417}, std::size_t{327'680}, std::size_t{327'681},
        std::size_t{900'000}}) {
    for (int round = 0; round < 4; ++round) {
      const std::string content = sample_octets(++seed, size);
      INFO("seed " << seed << ", " << size << " octets");
      const std::string compressed = gzip_stable(content);
      REQUIRE(decompress(compressed) == content);
    }
  }
}

TEST_CASE("Long runs and noise come back as they were", "[oci]") {
  std::mt19937 random(7);
  std::string noise(700'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  std::string period;
  for (int i = 0; i < 20; ++i) period += noise.substr(0, 32'769 + static_cast<std::size_t>(i));
  for (const std::string& content :
       {std::string(3'000'000, 'a'), noise, period, noise.substr(0, 40) + std::string(300, 'q')}) {
    REQUIRE(decompress(gzip_stable(content)) == content);
  }
  // Five octets for each 65535 of a stored block, and header and trailer of 18.
  CHECK(gzip_stable(noise).size() < noise.size() + 18 + 30 * 5);
  CHECK(gzip_stable(std::string(3'000'000, 'a')).size() < 4'000);
}

TEST_CASE("How the content is cut into pieces does not change its gzip", "[oci]") {
  const std::string content = sample_octets(3, 800'000);
  const std::string whole = gzip_stable(content);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{511}, std::size_t{65'536}, std::size_t{327'680}}) {
    CHECK(compress_in_pieces(content, piece) == whole);
  }
}

TEST_CASE("The gzip of a fixed content has a fixed digest", "[oci]") {
  const std::string content = fixed_content();
  // If this changes, every layer that was ever made gets another digest: do not change it.
  CHECK(Digest::of(base::as_bytes(content)).to_string() ==
        "sha256:08ba6b740e660886342d5bd9fb6ca4f805a268d19cf6aa7d8a8b4291a6bb2a90");
  CHECK(Digest::of(base::as_bytes(gzip_stable(content))).to_string() ==
        "sha256:51a01862eec1ac6b943d1c65786df71c49113b62d05dc64fe0b7550e74a7698a");
  CHECK(Digest::of(base::as_bytes(gzip_stable("the same everywhere\n"))).to_string() ==
        "sha256:25e35311125e51dd268b6e341cf07c1c65aa383c163dd3d8fe5f557e5a21ae00");
}

TEST_CASE("gzip and Python read what we compress", "[oci]") {
  const auto gzip = testing::require_tool("gzip");
  const auto python = testing::require_tool("python3");
  if (!gzip || !python) return;
  for (const std::string& content : {fixed_content(), sample_octets(11, 500'000), std::string()}) {
    const std::string compressed = gzip_stable(content);
    CHECK(run_filter({gzip->string(), "-dc"}, compressed) == content);
    CHECK(run_filter({python->string(), "-c",
                      "import gzip,sys; sys.stdout.buffer.write(gzip.decompress("
                      "sys.stdin.buffer.read()))"},
                     compressed) == content);
  }
}

TEST_CASE("Our compression is about as good as that of zlib", "[oci]") {
  for (const std::string& content : {project_text(), fixed_content(), sample_octets(5, 600'000)}) {
    const std::size_t ours = gzip_stable(content).size();
    const std::size_t theirs = zlib_size(content, 5);
    INFO(content.size() << " octets: ours " << ours << ", zlib's " << theirs);
    CHECK(ours < theirs * 106 / 100 + 30);
  }
}

TEST_CASE("A sink that wants no more gets no more", "[oci]") {
  int calls = 0;
  StableGzipWriter writer([&](base::ByteView) {
    ++calls;
    return false;
  });
  writer.write(base::as_bytes(std::string(2'000'000, 'b')));
  writer.finish();
  CHECK(calls == 1);
}

}  // namespace
}  // namespace ecloud::oci
