#include "crypto/ripemd160.h"

#include <bit>

namespace ecloud::crypto {
namespace {

using Words = std::array<std::uint32_t, 5>;
using Table = std::array<std::uint8_t, 80>;

/// One of the two lines of 80 steps: which word each step takes, how far it turns, what it adds.
struct Line {
  Table word;
  Table turn;
  std::array<std::uint32_t, 5> constant;
};

constexpr Line kLeft = {
    {0,  1, 2,  3, 4,  5,  6, 7,  8, 9,  10, 11, 12, 13, 14, 15, 7,  4,  13, 1,
     10, 6, 15, 3, 12, 0,  9, 5,  2, 14, 11, 8,  3,  10, 14, 4,  9,  15, 8,  1,
     2,  7, 0,  6, 13, 11, 5, 12, 1, 9,  11, 10, 0,  8,  12, 4,  13, 3,  7,  15,
     14, 5, 6,  2, 4,  0,  5, 9,  7, 12, 2,  10, 14, 1,  3,  8,  11, 6,  15, 13},
    {11, 14, 15, 12, 5, 8,  7,  9,  11, 13, 14, 15, 6,  7,  9,  8,  7,  6,  8,  13,
     11, 9,  7,  15, 7, 12, 15, 9,  11, 7,  13, 12, 11, 13, 6,  7,  14, 9,  13, 15,
     14, 8,  13, 6,  5, 12, 7,  5,  11, 12, 14, 15, 14, 15, 9,  8,  9,  14, 5,  6,
     8,  6,  5,  12, 9, 15, 5,  11, 6,  8,  13, 12, 5,  12, 13, 14, 11, 8,  5,  6},
    {0x00000000, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e}};

constexpr Line kRight = {
    {5,  14, 7,  0,  9,  2,  11, 4,  13, 6, 15, 8, 1,  10, 3,  12, 6, 11, 3, 7,
     0,  13, 5,  10, 14, 15, 8,  12, 4,  9, 1,  2, 15, 5,  1,  3,  7, 14, 6, 9,
     11, 8,  12, 2,  10, 0,  4,  13, 8,  6, 4,  1, 3,  11, 15, 0,  5, 12, 2, 13,
     9,  7,  10, 14, 12, 15, 10, 4,  1,  5, 8,  7, 6,  2,  13, 14, 0, 3,  9, 11},
    {8,  9,  9,  11, 13, 15, 15, 5, 7,  7,  8,  11, 14, 14, 12, 6,  9,  13, 15, 7,
     12, 8,  9,  11, 7,  7,  12, 7, 6,  15, 13, 11, 9,  7,  15, 11, 8,  6,  6,  14,
     12, 13, 5,  14, 13, 13, 7,  5, 15, 5,  8,  11, 14, 14, 6,  14, 6,  9,  12, 9,
     12, 5,  15, 8,  8,  5,  12, 9, 12, 5,  14, 6,  8,  13, 6,  5,  15, 13, 11, 11},
    {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0x00000000}};

std::uint32_t mix(std::size_t round, std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  switch (round) {
    case 0:
      return x ^ y ^ z;
    case 1:
      return (x & y) | (~x & z);
    case 2:
      return (x | ~y) ^ z;
    case 3:
      return (x & z) | (y & ~z);
    default:
      return x ^ (y | ~z);
  }
}

/// `mirrored` runs the functions of the rounds backwards, as the right line does.
Words run(const Line& line, bool mirrored, Words s, const std::array<std::uint32_t, 16>& block) {
  for (std::size_t step = 0; step < 80; ++step) {
    const std::size_t round = step / 16;
    const std::uint32_t sum = s[0] + mix(mirrored ? 4 - round : round, s[1], s[2], s[3]) +
                              block[line.word[step]] + line.constant[round];
    s = {s[4], std::rotl(sum, line.turn[step]) + s[4], s[1], std::rotl(s[2], 10), s[3]};
  }
  return s;
}

void compress(Words& h, const std::uint8_t* octets) {
  std::array<std::uint32_t, 16> block{};
  for (std::size_t i = 0; i < 64; ++i) {
    block[i / 4] |= static_cast<std::uint32_t>(octets[i]) << (8 * (i % 4));
  }
  const Words left = run(kLeft, false, h, block);
  const Words right = run(kRight, true, h, block);
  h = {h[1] + left[2] + right[3], h[2] + left[3] + right[4], h[3] + left[4] + right[0],
       h[4] + left[0] + right[1], h[0] + left[1] + right[2]};
}

}  // namespace

base::FixedBytes<20> ripemd160(base::ByteView data) {
  base::Bytes padded(data.begin(), data.end());
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  const std::uint64_t bits = static_cast<std::uint64_t>(data.size()) * 8;
  for (int shift = 0; shift < 64; shift += 8) {
    padded.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
  Words h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t i = 0; i < padded.size(); i += 64) compress(h, &padded[i]);
  base::FixedBytes<20> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(h[i / 4] >> (8 * (i % 4)));
  }
  return out;
}

}  // namespace ecloud::crypto
