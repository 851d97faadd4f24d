#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/oci/compression.h"

namespace ecloud::oci {
namespace {

constexpr std::size_t kOutBytes = std::size_t{128} << 10;
// 128 MiB: what the zstd program takes unasked; RFC 8878 recommends that all take 8 MiB.
constexpr int kZstdWindowBits = 27;
// zlib's number for a window of 32 KiB, and 16 for "gzip, not zlib".
constexpr int kGzipWindow = 15 + 16;

constexpr std::size_t kMagicBytes = 4;

/// Decompresses what it is given into a buffer of the caller.
class Coder {
 public:
  struct Step {
    std::size_t taken = 0;
    std::size_t made = 0;
  };
  virtual ~Coder() = default;
  /// Takes and makes as much as it can. Nothing made and nothing taken: it needs more of one.
  virtual Step step(base::ByteView in, std::vector<std::uint8_t>& out) = 0;
  /// Whether the octets may end here.
  virtual bool complete() const = 0;
};

/// What a coder throws; the Decompressor gives it a name.
struct Broken {
  const char* reason;
};

class GzipCoder final : public Coder {
 public:
  GzipCoder() {
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~GzipCoder() override { inflateEnd(&stream_); }
  GzipCoder(const GzipCoder&) = delete;
  GzipCoder& operator=(const GzipCoder&) = delete;

  Step step(base::ByteView in, std::vector<std::uint8_t>& out) override {
    if (between_ && !in.empty()) {
      // Zeros at the end come from tapes, and from tools that fill up to whole records.
      if (in[0] == 0) {
        padded_ = true;
        return {1, 0};
      }
      if (padded_) throw Broken{"other octets follow its end"};
      inflateReset(&stream_);
      between_ = false;
    }
    const std::size_t given = std::min<std::size_t>(in.size(), std::numeric_limits<uInt>::max());
    // zlib does not write there; its interface is older than const.
    stream_.next_in = const_cast<Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(given);
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) between_ = true;
    if (result != Z_STREAM_END && result != Z_OK && result != Z_BUF_ERROR) {
      throw Broken{"corrupt gzip"};
    }
    return {given - stream_.avail_in, out.size() - stream_.avail_out};
  }
  bool complete() const override { return between_; }

 private:
  z_stream stream_{};
  bool between_ = false;  // a member has ended, and no other has begun
  bool padded_ = false;
};

class ZstdCoder final : public Coder {
 public:
  ZstdCoder() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kZstdWindowBits);
  }
  ~ZstdCoder() override { ZSTD_freeDCtx(context_); }
  ZstdCoder(const ZstdCoder&) = delete;
  ZstdCoder& operator=(const ZstdCoder&) = delete;

  Step step(base::ByteView in, std::vector<std::uint8_t>& out) override {
    if (between_ && in.empty()) return {};
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_, &to, &from);
    if (ZSTD_isError(result)) throw Broken{ZSTD_getErrorName(result)};
    between_ = result == 0;
    return {from.pos, to.pos};
  }
  bool complete() const override { return between_; }

 private:
  ZSTD_DCtx* context_;
  bool between_ = false;
};

std::unique_ptr<Coder> make_coder(Compression compression) {
  if (compression == Compression::kGzip) return std::make_unique<GzipCoder>();
  if (compression == Compression::kZstd) return std::make_unique<ZstdCoder>();
  return nullptr;
}

}  // namespace

Compression compression_of(base::ByteView start) {
  if (start.size() >= 3 && start[0] == 0x1f && start[1] == 0x8b && start[2] == 8) {
    return Compression::kGzip;
  }
  if (start.size() < kMagicBytes) return Compression::kNone;
  const std::uint32_t magic = std::uint32_t{start[0]} | std::uint32_t{start[1]} << 8 |
                              std::uint32_t{start[2]} << 16 | std::uint32_t{start[3]} << 24;
  if (magic == ZSTD_MAGICNUMBER ||
      (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
    return Compression::kZstd;
  return Compression::kNone;
}

struct Decompressor::Impl {
  OctetSink sink;
  std::string name;
  DecompressLimits limits;
  std::uint64_t bytes_out = 0;
  std::vector<std::uint8_t> start;  // until there is enough to tell by
  bool started = false;
  bool wanted = true;
  std::unique_ptr<Coder> coder;  // none: plain
  std::vector<std::uint8_t> out;

  void begin() {
    started = true;
    coder = make_coder(compression_of(start));
    if (coder) out.resize(kOutBytes);
  }

  void give(base::ByteView octets) {
    if (octets.empty()) return;
    if (octets.size() > limits.max_bytes - bytes_out) {
      throw Error(
          Category::kImage, "image.too_large",
          name + " has more than " + std::to_string(limits.max_bytes) + " octets when decompressed",
          "check what built the image");
    }
    bytes_out += octets.size();
    wanted = sink(octets);
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(Category::kImage, "image.broken_layer", name + " " + reason,
                "build the image anew, or push it again");
  }

  /// `in` is empty to see what is still inside of the coder.
  void run(base::ByteView in) {
    if (!coder) return give(in);
    try {
      for (bool more = true; more && wanted;) {
        const Coder::Step step = coder->step(in, out);
        in = in.subspan(step.taken);
        give({out.data(), step.made});
        more = !in.empty() || step.made == out.size();
        if (step.taken == 0 && step.made == 0) break;
      }
    } catch (const Broken& broken) {
      fail(std::string("cannot be decompressed: ") + broken.reason);
    }
  }
};

Decompressor::Decompressor(OctetSink sink, std::string name, DecompressLimits limits)
    : impl_(std::make_unique<Impl>()) {
  impl_->sink = std::move(sink);
  impl_->name = std::move(name);
  impl_->limits = limits;
}
Decompressor::~Decompressor() = default;

bool Decompressor::write(base::ByteView octets) {
  if (!impl_->wanted) return false;
  if (!impl_->started) {
    const std::size_t part = std::min(octets.size(), kMagicBytes - impl_->start.size());
    impl_->start.insert(impl_->start.end(), octets.begin(),
                        octets.begin() + static_cast<long>(part));
    octets = octets.subspan(part);
    if (impl_->start.size() < kMagicBytes) return true;
    impl_->begin();
    impl_->run(impl_->start);
  }
  if (impl_->wanted && !octets.empty()) impl_->run(octets);
  return impl_->wanted;
}

void Decompressor::finish() {
  if (!impl_->wanted) return;
  if (!impl_->started) {
    impl_->begin();
    impl_->run(impl_->start);
  }
  if (impl_->wanted && impl_->coder && !impl_->coder->complete()) {
    impl_->fail("is cut off: its compressed octets end in the middle");
  }
}

std::uint64_t Decompressor::bytes_out() const {
  return impl_->bytes_out;
}

}  // namespace ecloud::oci
