#include "chain/chain_names.h"

namespace ecloud::chain {
namespace {

struct NamedChain {
  std::uint64_t id;
  const char* name;
};

/// From the registry of EIP-155 chain ids (github.com/ethereum-lists/chains).
constexpr NamedChain kChains[] = {
    {1, "Ethereum mainnet"}, {10, "OP Mainnet"},      {137, "Polygon"},
    {8453, "Base"},          {17000, "Holesky"},      {31337, "local devnet"},
    {42161, "Arbitrum One"}, {84532, "Base Sepolia"}, {560048, "Hoodi"},
    {11155111, "Sepolia"},
};

}  // namespace

std::string chain_in_words(std::uint64_t chain_id) {
  const std::string number = std::to_string(chain_id);
  for (const NamedChain& chain : kChains) {
    if (chain.id == chain_id) return number + " (" + chain.name + ")";
  }
  return number;
}

}  // namespace ecloud::chain
