#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/oci/content.h"

namespace ecloud::oci {

/// gzip (RFC 1952) whose octets depend on the content alone: no time, no name, operating system
/// 255, and a deflate encoder (RFC 1951) of our own. The digest of a layer stands on the chain, and
/// anybody must be able to compute it again on any machine and in any year; zlib promises only that
/// its output can be read, and zlib-ng, Apple's zlib and new versions of all of them write other
/// octets. For the same reason nothing in the encoder may change without a new digest in its test.
/// Takes about 1 MiB of memory whatever the size of the content, and is as fast and as good as
/// zlib's level 5. How the content is cut into pieces makes no difference.
class StableGzipWriter {
 public:
  explicit StableGzipWriter(OctetSink sink);
  ~StableGzipWriter();
  StableGzipWriter(const StableGzipWriter&) = delete;
  StableGzipWriter& operator=(const StableGzipWriter&) = delete;

  void write(base::ByteView octets);
  /// Writes what is left. Nothing can be written after it.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// All at once, in memory.
std::string gzip_stable(std::string_view content);

enum class Compression { kNone, kGzip, kZstd };

/// What the first octets (four are enough) say: RFC 1952, or RFC 8878 with its skippable frames.
Compression compression_of(base::ByteView start);

struct DecompressLimits {
  /// Of what comes out.
  std::uint64_t max_bytes = std::uint64_t{64} << 30;
};

/// Decompresses octets that come piece by piece; tells by their start whether they are gzip (one
/// member or more), zstd (frames, also skippable ones, with windows up to 128 MiB) or plain. Takes
/// the memory of the window and little more. Errors, both of category kImage with `name` ("layer 3
/// of alice/app") in the message:
///   image.broken_layer  corrupt or cut off, or something else behind it than zeros
///   image.too_large     more than the limit comes out
class Decompressor {
 public:
  Decompressor(OctetSink sink, std::string name, DecompressLimits limits = {});
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// False once the sink has enough.
  bool write(base::ByteView octets);
  /// The octets have ended. Does nothing after the sink has had enough.
  void finish();
  /// How much went to the sink so far.
  std::uint64_t bytes_out() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ecloud::oci
