// What registries send and archives hold.
#include <string>

#include "ecloud/oci/compression.h"
#include "ecloud/oci/image.h"
#include "ecloud/oci/root_files.h"
#include "ecloud/oci/tar.h"
#include "fuzz/targets.h"
#include "oci/auth_challenge.h"
#include "oci/manifest.h"

namespace ecloud::fuzz {
namespace {

/// Keeps what a runtime would see, so that links and whiteouts are followed too.
class Visitor final : public oci::TarVisitor {
 public:
  oci::TarWish entry(const oci::TarEntry& entry) override {
    require(entry.path != ".." && !entry.path.starts_with("../"), "no path leaves the root");
    files.add(0, entry);
    return entry.size_bytes % 3 == 1 ? oci::TarWish::kNext : oci::TarWish::kContent;
  }
  bool content(base::ByteView piece) override {
    bytes += piece.size();
    return true;
  }
  oci::RootFiles files;
  std::uint64_t bytes = 0;
};

void run_tar(base::ByteView input) {
  Visitor visitor;
  accepts([&] {
    oci::TarReader reader(visitor, "input");
    // In two pieces, so that every state is left and entered again.
    const std::size_t half = input.size() / 2;
    if (reader.write(input.subspan(0, half))) reader.write(input.subspan(half));
    reader.finish();
  });
  visitor.files.resolve("/bin/sh");
  visitor.files.resolve("usr/../a/b/../../c");
}

void run_decompress(base::ByteView input) {
  accepts([&] {
    std::uint64_t out = 0;
    oci::Decompressor reader(
        [&](base::ByteView octets) {
          out += octets.size();
          return true;
        },
        "input", {.max_bytes = std::uint64_t{1} << 20});
    reader.write(input);
    reader.finish();
    require(out == reader.bytes_out() && out <= (1u << 20), "no more than the limit comes out");
  });
}

/// Our own encoder, read by zlib.
void run_deflate(base::ByteView input) {
  const std::string packed = oci::gzip_stable(base::as_chars(input));
  std::string out;
  const bool sound = accepts([&] {
    oci::Decompressor reader(
        [&](base::ByteView octets) {
          out += base::as_chars(octets);
          return true;
        },
        "packed");
    reader.write(base::as_bytes(packed));
    reader.finish();
  });
  require(sound && out == base::as_chars(input), "what was packed comes out again");
}

void run_manifest(base::ByteView input) {
  const std::string_view text = base::as_chars(input);
  accepts([&] {
    const auto manifest = oci::parse_manifest("input", "", text);
    if (manifest.is_index()) oci::choose_amd64("input", manifest);
  });
  accepts([&] { oci::parse_image_config("input", text); });
}

void run_challenge(base::ByteView input) {
  net::Response response;
  response.status = 401;
  response.headers = {{"WWW-Authenticate", std::string(base::as_chars(input))}};
  accepts([&] { oci::choose_challenge(response); });
  accepts([&] { oci::parse_url_host(base::as_chars(input)); });
}

}  // namespace

std::vector<Target> image_targets() {
  return {{"challenge", run_challenge},
          {"decompress", run_decompress},
          {"deflate", run_deflate},
          {"manifest", run_manifest},
          {"tar", run_tar}};
}

}  // namespace ecloud::fuzz
