#include "devnet/block_fees.h"

#include <algorithm>

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

constexpr std::uint64_t kGwei = 1'000'000'000;
constexpr std::uint64_t kLowestBaseFee = kGwei / 20;
constexpr std::uint64_t kHighestBaseFee = 3 * kGwei;
constexpr std::uint64_t kLowestTip = kGwei / 1000;
constexpr std::uint64_t kHighestTip = 2 * kGwei;

/// EIP-1559, BASE_FEE_MAX_CHANGE_DENOMINATOR.
constexpr std::uint64_t kMaxChangeDenominator = 8;

/// A number that looks random and is the same in every run.
std::uint64_t scattered(const char* purpose, std::uint64_t number) {
  base::Bytes seed = base::to_bytes(purpose);
  base::append(seed, eth::U256(number).to_word());
  const base::Bytes32 hash = crypto::keccak256(seed);
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | hash[i];
  return out;
}

}  // namespace

BlockFees steady_fees() {
  return {eth::U256(kGwei), eth::U256(kGwei)};
}

BlockFees varied_fees(const BlockFees& before, std::uint64_t number) {
  const std::uint64_t base =
      before.base_fee.fits_u64() ? before.base_fee.to_u64() : kHighestBaseFee;
  const std::uint64_t step = scattered("step", number) % (base / kMaxChangeDenominator + 1);
  bool rises = scattered("direction", number) % 2 == 0;
  if (base + step > kHighestBaseFee) rises = false;
  if (base < kLowestBaseFee + step) rises = true;
  // A base fee of 7 wei or less would stay there for good.
  const std::uint64_t moved = rises ? base + std::max<std::uint64_t>(step, 1) : base - step;
  const std::uint64_t tip = kLowestTip + scattered("tip", number) % (kHighestTip - kLowestTip + 1);
  return {eth::U256(moved), eth::U256(tip)};
}

}  // namespace ecloud::devnet
