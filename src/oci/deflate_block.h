#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ecloud/base/bytes.h"

namespace ecloud::oci {

// RFC 1951, section 3.2.5.
inline constexpr std::size_t kLiteralCodes = 286;
inline constexpr std::size_t kDistanceCodes = 30;
inline constexpr unsigned kMinMatch = 3;
inline constexpr unsigned kMaxMatch = 258;

/// Literals and matches of one block, and how often each code comes.
class DeflateTokens {
 public:
  static constexpr std::size_t kCapacity = 32'768;

  DeflateTokens();
  void clear();
  bool full() const { return count_ == kCapacity; }
  std::size_t size() const { return count_; }

  void add_literal(std::uint8_t octet) {
    tokens_[count_++] = octet;
    ++literal_counts_[octet];
  }
  void add_match(unsigned length, unsigned distance);

 private:
  friend class DeflateBlockWriter;
  // A literal, or distance * 256 + length - kMinMatch.
  std::vector<std::uint32_t> tokens_;
  std::size_t count_ = 0;
  std::array<std::uint32_t, kLiteralCodes> literal_counts_{};
  std::array<std::uint32_t, kDistanceCodes> distance_counts_{};
};

/// Codes blocks in the shortest of the three ways of RFC 1951: dynamic, fixed, stored.
class DeflateBlockWriter {
 public:
  DeflateBlockWriter();
  /// `raw` is what the tokens stand for.
  void write(const DeflateTokens& tokens, base::ByteView raw, bool final);
  /// Whole octets since the last call; after a final block all of them. Lives until the next write.
  base::ByteView take();

 private:
  struct Codes;
  void put(std::uint64_t bits, unsigned count);
  void put_stored(base::ByteView raw, bool final);
  void put_tokens(const DeflateTokens& tokens, const Codes& codes);
  void reserve(std::size_t more_octets);
  void align();

  std::vector<std::uint8_t> out_;
  std::size_t used_ = 0;
  bool taken_ = false;
  std::uint64_t bits_ = 0;
  unsigned bit_count_ = 0;
};

}  // namespace ecloud::oci
