#include "huffman.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace ecloud::oci {
namespace {

constexpr unsigned kLongest = 15;

struct Leaf {
  std::uint32_t count;
  std::uint32_t symbol;
};

/// Rare ones first; the symbol decides between equals, so that no sorting algorithm does.
std::vector<Leaf> sorted_leaves(std::span<const std::uint32_t> counts) {
  std::vector<Leaf> leaves;
  for (std::uint32_t symbol = 0; symbol < counts.size(); ++symbol) {
    if (counts[symbol] != 0) leaves.push_back({counts[symbol], symbol});
  }
  for (std::uint32_t symbol = 0; leaves.size() < 2; ++symbol) {
    if (counts[symbol] == 0) leaves.push_back({1, symbol});
  }
  std::sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) {
    return std::pair(a.count, a.symbol) < std::pair(b.count, b.symbol);
  });
  return leaves;
}

/// The depth of every leaf in Huffman's tree. Inner nodes come into being in the order of their
/// weights, so that two queues do for a heap.
std::vector<unsigned> depths_of(const std::vector<Leaf>& leaves) {
  const std::size_t count = leaves.size();
  std::vector<std::uint64_t> weights(2 * count - 1);
  std::vector<std::size_t> parents(2 * count - 1);
  for (std::size_t i = 0; i < count; ++i) weights[i] = leaves[i].count;
  std::size_t next_leaf = 0;
  std::size_t next_inner = count;
  for (std::size_t made = count; made < weights.size(); ++made) {
    for (int child = 0; child < 2; ++child) {
      const bool inner =
          next_leaf == count || (next_inner < made && weights[next_inner] < weights[next_leaf]);
      const std::size_t node = inner ? next_inner++ : next_leaf++;
      weights[made] += weights[node];
      parents[node] = made;
    }
  }
  std::vector<unsigned> depths(weights.size());
  for (std::size_t i = weights.size() - 1; i-- > 0;) depths[i] = depths[parents[i]] + 1;
  depths.resize(count);
  return depths;
}

using LengthCounts = std::array<std::uint32_t, kLongest + 1>;

/// Cuts what is too deep off, and pays for it by making short codes longer until the code is
/// complete again (Kraft's sum is 1).
void limit_lengths(LengthCounts& of_length, unsigned max_length) {
  std::uint32_t sum = 0;
  for (unsigned length = 1; length <= max_length; ++length) {
    sum += of_length[length] << (max_length - length);
  }
  for (; sum > std::uint32_t{1} << max_length; --sum) {
    unsigned shorter = max_length - 1;
    while (of_length[shorter] == 0) --shorter;
    --of_length[shorter];
    of_length[shorter + 1] += 2;
    --of_length[max_length];
  }
}

std::uint16_t reversed(unsigned code, unsigned length) {
  unsigned out = 0;
  for (unsigned i = 0; i < length; ++i) out |= ((code >> i) & 1) << (length - 1 - i);
  return static_cast<std::uint16_t>(out);
}

}  // namespace

void huffman_lengths(std::span<const std::uint32_t> counts, unsigned max_length,
                     std::span<std::uint8_t> lengths) {
  std::fill(lengths.begin(), lengths.end(), std::uint8_t{0});
  const std::vector<Leaf> leaves = sorted_leaves(counts);
  LengthCounts of_length{};
  for (const unsigned depth : depths_of(leaves)) ++of_length[std::min(depth, max_length)];
  limit_lengths(of_length, max_length);
  std::size_t leaf = 0;
  for (unsigned length = max_length; length > 0; --length) {
    for (std::uint32_t i = 0; i < of_length[length]; ++i) {
      lengths[leaves[leaf++].symbol] = static_cast<std::uint8_t>(length);
    }
  }
}

void huffman_codes(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes) {
  LengthCounts of_length{};
  for (const std::uint8_t length : lengths) ++of_length[length];
  of_length[0] = 0;
  LengthCounts next{};
  for (unsigned length = 1; length <= kLongest; ++length) {
    next[length] = (next[length - 1] + of_length[length - 1]) << 1;
  }
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    const unsigned length = lengths[symbol];
    codes[symbol] = length == 0 ? std::uint16_t{0} : reversed(next[length]++, length);
  }
}

}  // namespace ecloud::oci
