#include <zlib.h>

#include "deflate.h"
#include "ecloud/oci/compression.h"

namespace ecloud::oci {
namespace {

// RFC 1952, section 2.3: magic, deflate, no flags, no time, neither fastest nor best, unknown
// operating system.
constexpr std::string_view kHeader("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);

void append_32(std::string& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

struct StableGzipWriter::Impl {
  explicit Impl(OctetSink to) : sink(std::move(to)), encoder(forward()) {}

  OctetSink forward() {
    return [this](base::ByteView octets) { return put(octets); };
  }
  bool put(base::ByteView octets) {
    wanted = wanted && sink(octets);
    return wanted;
  }
  void start() {
    if (!started) put(base::as_bytes(kHeader));
    started = true;
  }

  OctetSink sink;
  DeflateEncoder encoder;
  bool wanted = true;
  bool started = false;
  uLong crc = crc32(0, nullptr, 0);
  std::uint64_t size_bytes = 0;
};

StableGzipWriter::StableGzipWriter(OctetSink sink)
    : impl_(std::make_unique<Impl>(std::move(sink))) {}
StableGzipWriter::~StableGzipWriter() = default;

void StableGzipWriter::write(base::ByteView octets) {
  impl_->start();
  if (!impl_->wanted) return;
  impl_->crc = crc32_z(impl_->crc, octets.data(), octets.size());
  impl_->size_bytes += octets.size();
  impl_->encoder.write(octets);
}

void StableGzipWriter::finish() {
  impl_->start();
  if (!impl_->wanted) return;
  impl_->encoder.finish();
  std::string trailer;
  append_32(trailer, static_cast<std::uint32_t>(impl_->crc));
  append_32(trailer, static_cast<std::uint32_t>(impl_->size_bytes));
  impl_->put(base::as_bytes(trailer));
}

std::string gzip_stable(std::string_view content) {
  std::string out;
  StableGzipWriter writer([&](base::ByteView octets) {
    out += base::as_chars(octets);
    return true;
  });
  writer.write(base::as_bytes(content));
  writer.finish();
  return out;
}

}  // namespace ecloud::oci
