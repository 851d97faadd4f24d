#include "deflate_block.h"

#include <algorithm>
#include <bit>

#include "huffman.h"

namespace ecloud::oci {
namespace {

// RFC 1951, section 3.2.
constexpr unsigned kMaxCodeBits = 15;
constexpr unsigned kMaxLengthCodeBits = 7;
constexpr std::size_t kEndOfBlock = 256;
constexpr std::size_t kFirstLengthCode = 257;
constexpr std::size_t kLengthCodes = 19;
constexpr std::size_t kMaxStored = 65'535;
constexpr std::array<std::uint8_t, kLengthCodes> kLengthCodeOrder = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
enum : unsigned { kStored = 0, kFixed = 1, kDynamic = 2 };

/// A code with extra bits: the smallest value that it stands for, and how many bits follow.
struct Range {
  std::uint16_t base;
  std::uint8_t extra_bits;
};

constexpr std::array<Range, 29> kLengths = [] {
  std::array<Range, 29> out{};
  unsigned base = kMinMatch;
  for (unsigned i = 0; i < 28; ++i) {
    const unsigned extra = i < 8 ? 0 : (i - 4) / 4;
    out[i] = {static_cast<std::uint16_t>(base), static_cast<std::uint8_t>(extra)};
    base += 1U << extra;
  }
  out[28] = {kMaxMatch, 0};
  return out;
}();

constexpr std::array<Range, kDistanceCodes> kDistances = [] {
  std::array<Range, kDistanceCodes> out{};
  unsigned base = 1;
  for (unsigned i = 0; i < kDistanceCodes; ++i) {
    const unsigned extra = i < 4 ? 0 : (i - 2) / 2;
    out[i] = {static_cast<std::uint16_t>(base), static_cast<std::uint8_t>(extra)};
    base += 1U << extra;
  }
  return out;
}();

/// Of a length minus kMinMatch: the index into kLengths.
constexpr std::array<std::uint8_t, 256> kLengthIndex = [] {
  std::array<std::uint8_t, 256> out{};
  for (unsigned length = kMinMatch; length <= kMaxMatch; ++length) {
    unsigned index = 28;
    while (kLengths[index].base > length) --index;
    out[length - kMinMatch] = static_cast<std::uint8_t>(index);
  }
  return out;
}();

/// The index into kDistances: twice the highest bit and the bit below it.
inline unsigned distance_index(unsigned distance) {
  const unsigned value = distance - 1;
  if (value < 4) return value;
  const unsigned highest = static_cast<unsigned>(std::bit_width(value)) - 1;
  return 2 * highest + ((value >> (highest - 1)) & 1);
}

/// Code lengths in the run-length form of section 3.2.7.
struct LengthRun {
  std::uint8_t code;
  std::uint8_t extra;
};

constexpr unsigned extra_bits_of_run(unsigned code) {
  return code == 16 ? 2 : code == 17 ? 3 : code == 18 ? 7 : 0;
}

void add_run(std::vector<LengthRun>& out, std::uint8_t value, std::size_t count) {
  const auto put = [&](unsigned code, std::size_t extra) {
    out.push_back({static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(extra)});
  };
  if (value != 0) {
    put(value, 0);
    --count;
  }
  while (count >= 3) {
    const std::size_t part = std::min<std::size_t>(count, value != 0 ? 6 : 138);
    if (value != 0) {
      put(16, part - 3);
    } else if (part <= 10) {
      put(17, part - 3);
    } else {
      put(18, part - 11);
    }
    count -= part;
  }
  for (; count > 0; --count) put(value, 0);
}

std::vector<LengthRun> runs_of(const std::vector<std::uint8_t>& lengths) {
  std::vector<LengthRun> out;
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t end = i;
    while (end < lengths.size() && lengths[end] == lengths[i]) ++end;
    add_run(out, lengths[i], end - i);
    i = end;
  }
  return out;
}

template <std::size_t N>
std::size_t used_codes(const std::array<std::uint8_t, N>& lengths, std::size_t at_least) {
  std::size_t used = N;
  while (used > at_least && lengths[used - 1] == 0) --used;
  return used;
}

}  // namespace

struct DeflateBlockWriter::Codes {
  std::array<std::uint8_t, kLiteralCodes> literal_lengths{};
  std::array<std::uint8_t, kDistanceCodes> distance_lengths{};
  std::array<std::uint16_t, kLiteralCodes> literals{};
  std::array<std::uint16_t, kDistanceCodes> distances{};

  // Of a dynamic block: its codes of code lengths.
  std::size_t literal_count = 0, distance_count = 0, order_count = 0;
  std::vector<LengthRun> runs;
  std::array<std::uint8_t, kLengthCodes> run_lengths{};
  std::array<std::uint16_t, kLengthCodes> run_codes{};

  /// Section 3.2.6.
  static Codes fixed() {
    Codes out;
    // The two codes that never come take their part of the code space.
    std::array<std::uint8_t, kLiteralCodes + 2> lengths{};
    std::array<std::uint16_t, kLiteralCodes + 2> codes{};
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    }
    huffman_codes(lengths, codes);
    std::copy_n(lengths.begin(), kLiteralCodes, out.literal_lengths.begin());
    std::copy_n(codes.begin(), kLiteralCodes, out.literals.begin());
    out.distance_lengths.fill(5);
    huffman_codes(out.distance_lengths, out.distances);
    return out;
  }

  static Codes dynamic(const DeflateTokens& tokens) {
    Codes out;
    auto literal_counts = tokens.literal_counts_;
    literal_counts[kEndOfBlock] = 1;
    huffman_lengths(literal_counts, kMaxCodeBits, out.literal_lengths);
    huffman_lengths(tokens.distance_counts_, kMaxCodeBits, out.distance_lengths);
    huffman_codes(out.literal_lengths, out.literals);
    huffman_codes(out.distance_lengths, out.distances);
    out.describe();
    return out;
  }

  void describe() {
    literal_count = used_codes(literal_lengths, kFirstLengthCode);
    distance_count = used_codes(distance_lengths, 1);
    std::vector<std::uint8_t> all(literal_lengths.begin(),
                                  literal_lengths.begin() + static_cast<long>(literal_count));
    all.insert(all.end(), distance_lengths.begin(),
               distance_lengths.begin() + static_cast<long>(distance_count));
    runs = runs_of(all);
    std::array<std::uint32_t, kLengthCodes> counts{};
    for (const LengthRun run : runs) ++counts[run.code];
    huffman_lengths(counts, kMaxLengthCodeBits, run_lengths);
    huffman_codes(run_lengths, run_codes);
    order_count = kLengthCodes;
    while (order_count > 4 && run_lengths[kLengthCodeOrder[order_count - 1]] == 0) --order_count;
  }

  std::uint64_t header_bits() const {
    std::uint64_t bits = 14 + 3 * order_count;
    for (const LengthRun run : runs) bits += run_lengths[run.code] + extra_bits_of_run(run.code);
    return bits;
  }

  std::uint64_t body_bits(const DeflateTokens& tokens) const {
    std::uint64_t bits = literal_lengths[kEndOfBlock];
    for (std::size_t i = 0; i < kLiteralCodes; ++i) {
      const unsigned extra = i < kFirstLengthCode ? 0 : kLengths[i - kFirstLengthCode].extra_bits;
      bits += std::uint64_t{tokens.literal_counts_[i]} * (literal_lengths[i] + extra);
    }
    for (std::size_t i = 0; i < kDistanceCodes; ++i) {
      bits += std::uint64_t{tokens.distance_counts_[i]} *
              (distance_lengths[i] + kDistances[i].extra_bits);
    }
    return bits;
  }
};

DeflateTokens::DeflateTokens() : tokens_(kCapacity) {}

void DeflateTokens::clear() {
  count_ = 0;
  literal_counts_.fill(0);
  distance_counts_.fill(0);
}

void DeflateTokens::add_match(unsigned length, unsigned distance) {
  tokens_[count_++] = distance << 8 | (length - kMinMatch);
  ++literal_counts_[kFirstLengthCode + kLengthIndex[length - kMinMatch]];
  ++distance_counts_[distance_index(distance)];
}

DeflateBlockWriter::DeflateBlockWriter() = default;

void DeflateBlockWriter::reserve(std::size_t more_octets) {
  if (out_.size() < used_ + more_octets) out_.resize(used_ + more_octets);
}

/// At most 56 bits. Always stores eight octets, of which the next call overwrites the incomplete
/// ones: reserve() leaves room for that.
inline void DeflateBlockWriter::put(std::uint64_t bits, unsigned count) {
  bits_ |= bits << bit_count_;
  bit_count_ += count;
  std::uint8_t* to = out_.data() + used_;
  for (unsigned i = 0; i < 8; ++i) to[i] = static_cast<std::uint8_t>(bits_ >> (8 * i));
  const unsigned octets = bit_count_ >> 3;
  used_ += octets;
  bits_ = octets == 8 ? 0 : bits_ >> (8 * octets);
  bit_count_ &= 7;
}

void DeflateBlockWriter::align() {
  if (bit_count_ != 0) put(0, 8 - bit_count_);
}

void DeflateBlockWriter::put_stored(base::ByteView raw, bool final) {
  do {
    const base::ByteView part = raw.first(std::min(raw.size(), kMaxStored));
    raw = raw.subspan(part.size());
    put((final && raw.empty() ? 1U : 0U) | kStored << 1, 3);
    align();
    put(part.size(), 16);
    put(part.size() ^ 0xffff, 16);
    std::copy(part.begin(), part.end(), out_.begin() + static_cast<long>(used_));
    used_ += part.size();
  } while (!raw.empty());
}

void DeflateBlockWriter::put_tokens(const DeflateTokens& tokens, const Codes& codes) {
  for (std::size_t i = 0; i < tokens.count_; ++i) {
    const std::uint32_t token = tokens.tokens_[i];
    const unsigned distance = token >> 8;
    const unsigned rest = token & 0xff;
    if (distance == 0) {
      put(codes.literals[rest], codes.literal_lengths[rest]);
      continue;
    }
    const unsigned length_index = kLengthIndex[rest];
    const Range length = kLengths[length_index];
    std::uint64_t bits = codes.literals[kFirstLengthCode + length_index];
    unsigned count = codes.literal_lengths[kFirstLengthCode + length_index];
    bits |= std::uint64_t{rest + kMinMatch - length.base} << count;
    count += length.extra_bits;
    const unsigned index = distance_index(distance);
    bits |= std::uint64_t{codes.distances[index]} << count;
    count += codes.distance_lengths[index];
    bits |= std::uint64_t{distance - kDistances[index].base} << count;
    put(bits, count + kDistances[index].extra_bits);
  }
  put(codes.literals[kEndOfBlock], codes.literal_lengths[kEndOfBlock]);
}

void DeflateBlockWriter::write(const DeflateTokens& tokens, base::ByteView raw, bool final) {
  static const Codes kFixedCodes = Codes::fixed();
  if (taken_) used_ = 0;
  taken_ = false;
  const Codes dynamic = Codes::dynamic(tokens);
  const std::uint64_t dynamic_bits = dynamic.header_bits() + dynamic.body_bits(tokens);
  const std::uint64_t fixed_bits = kFixedCodes.body_bits(tokens);
  // Three bits, up to seven that fill the octet, and two lengths for each part.
  const std::uint64_t stored_bits =
      8 * std::uint64_t{raw.size()} + (raw.size() / kMaxStored + 1) * 42;
  const std::uint64_t shortest = std::min({dynamic_bits, fixed_bits, stored_bits});
  reserve(static_cast<std::size_t>(shortest / 8) + 64);
  const unsigned last = final ? 1 : 0;
  if (shortest == stored_bits) {
    put_stored(raw, final);
  } else if (shortest == fixed_bits) {
    put(last | kFixed << 1, 3);
    put_tokens(tokens, kFixedCodes);
  } else {
    put(last | kDynamic << 1, 3);
    put(dynamic.literal_count - kFirstLengthCode, 5);
    put(dynamic.distance_count - 1, 5);
    put(dynamic.order_count - 4, 4);
    for (std::size_t i = 0; i < dynamic.order_count; ++i) {
      put(dynamic.run_lengths[kLengthCodeOrder[i]], 3);
    }
    for (const LengthRun run : dynamic.runs) {
      put(dynamic.run_codes[run.code], dynamic.run_lengths[run.code]);
      put(run.extra, extra_bits_of_run(run.code));
    }
    put_tokens(tokens, dynamic);
  }
  if (final) align();
}

base::ByteView DeflateBlockWriter::take() {
  taken_ = true;
  return {out_.data(), used_};
}

}  // namespace ecloud::oci
