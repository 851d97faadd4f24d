#include <string>

#include "archive_fixture.h"
#include "support/tools.h"

namespace ecloud::oci {
namespace {

// Made with zstd 1.5.4: printf hello | zstd -c, and gzip 1.12: printf hello | gzip -nc.
const std::string kZstdHello("\x28\xb5\x2f\xfd\x04\x58\x29\x00\x00hello\xa3\x6d\x9f\x88", 18);
const std::string kGzipHello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00"
    "\x00\x00",
    25);
// RFC 8878, section 3.1.2: magic, size 3, three octets.
const std::string kSkippable("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);

TEST_CASE("The first octets tell gzip and zstd and neither", "[oci]") {
  const auto of = [](std::string_view text) { return compression_of(base::as_bytes(text)); };
  CHECK(of(kGzipHello) == Compression::kGzip);
  CHECK(of(kZstdHello) == Compression::kZstd);
  CHECK(of(kSkippable) == Compression::kZstd);
  CHECK(of("") == Compression::kNone);
  CHECK(of("\x1f\x8b") == Compression::kNone);
  CHECK(of("PK\x03\x04") == Compression::kNone);
}

TEST_CASE("gzip and zstd and plain octets are decompressed in pieces of any size", "[oci]") {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1'000}}) {
    CHECK(decompress(kGzipHello, piece) == "hello");
    CHECK(decompress(kZstdHello, piece) == "hello");
    CHECK(decompress("hello", piece) == "hello");
    CHECK(decompress("hi", piece) == "hi");
    CHECK(decompress("", piece).empty());
    CHECK(decompress(kGzipHello + kGzipHello, piece) == "hellohello");
    CHECK(decompress(kGzipHello + std::string(900, '\0'), piece) == "hello");
    CHECK(decompress(kZstdHello + kSkippable + kZstdHello, piece) == "hellohello");
    CHECK(decompress(kSkippable + kZstdHello, piece) == "hello");
  }
}

TEST_CASE("What the gzip and zstd programs write can be read", "[oci]") {
  const auto gzip = testing::require_tool("gzip");
  const auto zstd = testing::require_tool("zstd");
  if (!gzip || !zstd) return;
  const std::string content = sample_octets(21, 3'000'000);
  for (const std::vector<std::string>& argv :
       std::vector<std::vector<std::string>>{{gzip->string(), "-1c"},
                                             {gzip->string(), "-9c"},
                                             {zstd->string(), "-1cq"},
                                             {zstd->string(), "-19cq", "--no-check"},
                                             {zstd->string(), "--long=27", "-3cq"}}) {
    INFO(argv[0] << " " << argv[1]);
    CHECK((decompress(run_filter(argv, content)) == content));
  }
}

TEST_CASE("A zstd frame that asks for a window above 128 MiB is refused", "[oci]") {
  const auto zstd = testing::require_tool("zstd");
  if (!zstd) return;
  const std::string frame = run_filter({zstd->string(), "--long=28", "-1cq"}, "abc");
  const Error error = error_of([&] { decompress(frame); });
  CHECK(error.code() == "image.broken_layer");
  CHECK(error.message() ==
        "layer 1 of app.tar cannot be decompressed: Frame requires too much memory for decoding");
}

TEST_CASE("Octets that are cut off are told from complete ones", "[oci]") {
  for (const std::string& whole : {kGzipHello, kZstdHello}) {
    for (std::size_t size = 4; size < whole.size(); ++size) {
      INFO("the first " << size << " of " << whole.size());
      const Error error = error_of([&] { decompress(whole.substr(0, size), 2); });
      CHECK(error.category() == Category::kImage);
      CHECK(error.code() == "image.broken_layer");
      CHECK(error.message() ==
            "layer 1 of app.tar is cut off: its compressed octets end in the middle");
    }
  }
}

TEST_CASE("Changed octets are noticed", "[oci]") {
  for (const std::string& whole : {kGzipHello, kZstdHello}) {
    std::string changed = whole;
    changed[whole.size() - 6] ^= 0x20;
    const Error error = error_of([&] { decompress(changed); });
    CHECK(error.code() == "image.broken_layer");
    INFO(error.message());
    CHECK(error.message().starts_with("layer 1 of app.tar cannot be decompressed: "));
  }
  for (const std::string& tail : {std::string("x"), std::string("\0x", 2), kZstdHello}) {
    CHECK(error_of([&] { decompress(kGzipHello + tail); }).code() == "image.broken_layer");
  }
  CHECK(error_of([&] { decompress(kZstdHello + "garbage"); }).code() == "image.broken_layer");
}

TEST_CASE("No more than the limit is decompressed", "[oci]") {
  const std::string bomb = gzip_stable(std::string(5'000'000, '\0'));
  CHECK(bomb.size() < 10'000);
  const Error error = error_of([&] { decompress(bomb, 4'096, {.max_bytes = 1'000'000}); });
  CHECK(error.code() == "image.too_large");
  CHECK(error.message() == "layer 1 of app.tar has more than 1000000 octets when decompressed");
  CHECK(decompress(bomb, 4'096, {.max_bytes = 5'000'000}).size() == 5'000'000);
  CHECK(error_of([&] { decompress("plain", 4'096, {.max_bytes = 4}); }).code() ==
        "image.too_large");
}

TEST_CASE("A sink that has enough ends the decompression", "[oci]") {
  const std::string compressed = gzip_stable(sample_octets(2, 2'000'000));
  std::uint64_t seen = 0;
  Decompressor decompressor(
      [&](base::ByteView octets) {
        seen += octets.size();
        return seen < 300'000;
      },
      "layer");
  std::size_t given = 0;
  in_pieces(compressed, 10'000, [&](base::ByteView part) {
    given += part.size();
    return decompressor.write(part);
  });
  CHECK(given < compressed.size() / 2);
  CHECK(seen < 600'000);
  CHECK_FALSE(decompressor.write(base::as_bytes("garbage")));
  // It did not see the end, and does not complain.
  decompressor.finish();
}

}  // namespace
}  // namespace ecloud::oci
