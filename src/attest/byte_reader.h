#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "ecloud/base/bytes.h"
#include "ecloud/base/error.h"

namespace ecloud::attest {

/// Takes little-endian fields from the front of borrowed octets. Every taking is checked; what is
/// missing is Error{kVerification, code} that names the offset.
class ByteReader {
 public:
  /// `code` is a literal; `base` is where `bytes` begin, for the errors.
  ByteReader(base::ByteView bytes, const char* code, std::size_t base = 0)
      : bytes_(bytes), code_(code), base_(base) {}

  std::size_t remaining() const { return bytes_.size() - at_; }
  /// Counted from the beginning of the whole.
  std::size_t offset() const { return base_ + at_; }

  base::ByteView take(std::size_t size, const char* what) {
    if (size > remaining()) {
      fail(std::string(what) + " needs " + std::to_string(size) + " octets, and " +
           std::to_string(remaining()) + " are left");
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }

  template <std::size_t N>
  base::FixedBytes<N> fixed(const char* what) {
    const base::ByteView taken = take(N, what);
    base::FixedBytes<N> out;
    std::copy(taken.begin(), taken.end(), out.begin());
    return out;
  }

  std::uint8_t u8(const char* what) { return take(1, what)[0]; }
  std::uint16_t u16(const char* what) { return static_cast<std::uint16_t>(number(2, what)); }
  std::uint32_t u32(const char* what) { return number(4, what); }

  /// The next `size` octets as a reader of their own.
  ByteReader part(std::size_t size, const char* what) {
    const std::size_t begin = offset();
    return {take(size, what), code_, begin};
  }

  [[noreturn]] void fail(const std::string& problem) const { fail_at(offset(), problem); }
  [[noreturn]] void fail_at(std::size_t offset, const std::string& problem) const {
    throw Error(Category::kVerification, code_,
                "at offset " + std::to_string(offset) + ": " + problem);
  }

 private:
  std::uint32_t number(std::size_t size, const char* what) {
    const base::ByteView taken = take(size, what);
    std::uint32_t out = 0;
    for (std::size_t i = size; i > 0; --i) out = out << 8 | taken[i - 1];
    return out;
  }

  base::ByteView bytes_;
  const char* code_;
  std::size_t base_;
  std::size_t at_ = 0;
};

}  // namespace ecloud::attest
