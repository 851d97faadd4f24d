#include "deflate.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ecloud::oci {
namespace {

constexpr std::size_t kWindow = 32'768;
// The coded part of the buffer moves out in whole windows, so that a place keeps its slot in
// older_.
constexpr std::size_t kBuffer = 10 * kWindow;
constexpr unsigned kHashBits = 16;
constexpr unsigned kHashedOctets = 4;
// Behind the last octet to be coded: the longest match after a lazy step, and its hashes.
constexpr std::size_t kAhead = kMaxMatch + kHashedOctets + 1;
// How hard to look, about as zlib's level 5 does.
constexpr unsigned kTries = 24;
constexpr unsigned kTriesAfterGood = 6;
constexpr unsigned kGood = 8;
constexpr unsigned kLazyBelow = 32;
constexpr unsigned kLongEnough = 128;

// Octet by octet, for the same value on machines of either byte order; compilers make one load.
inline std::uint32_t load_32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 |
         std::uint32_t{at[3]} << 24;
}

inline std::uint64_t load_64(const std::uint8_t* at) {
  return load_32(at) | std::uint64_t{load_32(at + 4)} << 32;
}

inline std::uint32_t hash(std::uint32_t octets) {
  return octets * 0x9e37'79b1U >> (32 - kHashBits);
}

unsigned common_length(const std::uint8_t* a, const std::uint8_t* b, unsigned limit) {
  unsigned length = 0;
  for (; length + 8 <= limit; length += 8) {
    const std::uint64_t difference = load_64(a + length) ^ load_64(b + length);
    if (difference != 0) return length + static_cast<unsigned>(std::countr_zero(difference)) / 8;
  }
  while (length < limit && a[length] == b[length]) ++length;
  return length;
}

void move_down(std::vector<std::int32_t>& places, std::int32_t by) {
  for (std::int32_t& place : places) place = std::max(place - by, -1);
}

}  // namespace

DeflateEncoder::DeflateEncoder(OctetSink sink)
    : sink_(std::move(sink)),
      buffer_(kBuffer),
      newest_(std::size_t{1} << kHashBits, -1),
      older_(kWindow, -1) {}

void DeflateEncoder::write(base::ByteView octets) {
  while (!octets.empty()) {
    const std::size_t part = std::min(octets.size(), kBuffer - filled_);
    std::copy_n(octets.begin(), part, buffer_.begin() + static_cast<long>(filled_));
    filled_ += part;
    octets = octets.subspan(part);
    // Only a full buffer is coded: its end must not depend on the pieces.
    if (filled_ < kBuffer) return;
    compress(kBuffer - kAhead);
    end_block(false);
    slide();
  }
}

void DeflateEncoder::finish() {
  compress(filled_);
  end_block(true);
}

inline void DeflateEncoder::insert(std::size_t at) {
  std::int32_t& newest = newest_[hash(load_32(buffer_.data() + at))];
  older_[at % kWindow] = newest;
  newest = static_cast<std::int32_t>(at);
}

/// Also inserts `at`.
inline DeflateEncoder::Match DeflateEncoder::find(std::size_t at, unsigned better_than,
                                                  unsigned tries) {
  Match best;
  if (at + kHashedOctets > filled_) return best;
  insert(at);
  const std::uint8_t* here = buffer_.data() + at;
  const auto limit = static_cast<unsigned>(std::min<std::size_t>(kMaxMatch, filled_ - at));
  // One octet less than the window: a place that far back has lost its slot to this one.
  const auto earliest = static_cast<std::int32_t>(at >= kWindow ? at - kWindow + 1 : 0);
  const std::uint32_t start = load_32(here);
  unsigned length = std::max(better_than, kHashedOctets - 1);
  if (length >= limit) return best;
  std::int32_t place = older_[at % kWindow];
  for (; place >= earliest && tries > 0; --tries) {
    const std::uint8_t* there = buffer_.data() + place;
    if (there[length] == here[length] && load_32(there) == start) {
      const unsigned common = common_length(there, here, limit);
      if (common > length) {
        length = common;
        best = {common, static_cast<unsigned>(at - static_cast<std::size_t>(place))};
        if (common >= kLongEnough || common == limit) break;
      }
    }
    place = older_[static_cast<std::size_t>(place) % kWindow];
  }
  return best;
}

void DeflateEncoder::compress(std::size_t end) {
  while (position_ < end) {
    if (tokens_.full()) end_block(false);
    const Match match = pending_.length != 0 ? pending_ : find(position_, 0, kTries);
    pending_ = {};
    if (match.length == 0) {
      tokens_.add_literal(buffer_[position_++]);
      continue;
    }
    std::size_t not_inserted = position_ + 1;
    if (match.length < kLazyBelow) {
      pending_ =
          find(position_ + 1, match.length, match.length >= kGood ? kTriesAfterGood : kTries);
      ++not_inserted;
    }
    if (pending_.length != 0) {
      tokens_.add_literal(buffer_[position_++]);
      continue;
    }
    tokens_.add_match(match.length, match.distance);
    position_ += match.length;
    const std::size_t hashable = filled_ < kHashedOctets ? 0 : filled_ - kHashedOctets + 1;
    for (std::size_t at = not_inserted; at < std::min(position_, hashable); ++at) insert(at);
  }
}

void DeflateEncoder::end_block(bool final) {
  const base::ByteView all(buffer_);
  blocks_.write(tokens_, all.subspan(block_start_, position_ - block_start_), final);
  block_start_ = position_;
  tokens_.clear();
  const base::ByteView coded = blocks_.take();
  if (wanted_ && !coded.empty()) wanted_ = sink_(coded);
}

void DeflateEncoder::slide() {
  const std::size_t by = (position_ - kWindow) / kWindow * kWindow;
  std::memmove(buffer_.data(), buffer_.data() + by, filled_ - by);
  filled_ -= by;
  position_ -= by;
  block_start_ -= by;
  move_down(newest_, static_cast<std::int32_t>(by));
  move_down(older_, static_cast<std::int32_t>(by));
}

}  // namespace ecloud::oci
