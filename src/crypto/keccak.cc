#include <bit>

#include "ecloud/crypto/hash.h"

namespace ecloud::crypto {
namespace {

// Names and constants as in FIPS 202 section 3.2; a state of 5 by 5 lanes, lane (x, y) at x + 5y.
using State = KeccakState;

constexpr std::size_t kRate = 136;  // octets: 1600 bits less twice the 256 bits of the digest

constexpr std::array<std::uint64_t, 24> kRoundConstants = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/// The walk of rho and pi over the lanes: where each lane goes and how far it turns.
struct Step {
  std::size_t lane;
  int turn;
};

constexpr std::array<Step, 24> walk() {
  std::array<Step, 24> steps{};
  std::size_t x = 1;
  std::size_t y = 0;
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const std::size_t next_y = (2 * x + 3 * y) % 5;
    x = y;
    y = next_y;
    steps[t] = {x + 5 * y, static_cast<int>((t + 1) * (t + 2) / 2 % 64)};
  }
  return steps;
}

constexpr std::array<Step, 24> kWalk = walk();

void theta(State& a) {
  std::array<std::uint64_t, 5> column;
  for (std::size_t x = 0; x < 5; ++x)
    column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
  for (std::size_t x = 0; x < 5; ++x) {
    const std::uint64_t change = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
    for (std::size_t y = 0; y < 25; y += 5) a[x + y] ^= change;
  }
}

void rho_and_pi(State& a) {
  std::uint64_t carried = a[1];
  for (const Step& step : kWalk) {
    const std::uint64_t displaced = a[step.lane];
    a[step.lane] = std::rotl(carried, step.turn);
    carried = displaced;
  }
}

void chi(State& a) {
  for (std::size_t y = 0; y < 25; y += 5) {
    const std::array<std::uint64_t, 5> row = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
    for (std::size_t x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
  }
}

void permute(State& a) {
  for (const std::uint64_t constant : kRoundConstants) {
    theta(a);
    rho_and_pi(a);
    chi(a);
    a[0] ^= constant;
  }
}

void absorb(State& a, std::size_t position, std::uint8_t octet) {
  a[position / 8] ^= static_cast<std::uint64_t>(octet) << (8 * (position % 8));
}

}  // namespace

Bytes32 keccak256(ByteView data) {
  return keccak256_continued({}, data);
}

Bytes32 keccak256_continued(const KeccakState& absorbed, ByteView rest) {
  State state = absorbed;
  std::size_t position = 0;
  for (const std::uint8_t octet : rest) {
    absorb(state, position++, octet);
    if (position == kRate) {
      permute(state);
      position = 0;
    }
  }
  absorb(state, position, 0x01);
  absorb(state, kRate - 1, 0x80);
  permute(state);
  Bytes32 digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8)));
  }
  return digest;
}

}  // namespace ecloud::crypto
