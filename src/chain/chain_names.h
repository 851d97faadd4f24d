#pragma once

#include <cstdint>
#include <string>

namespace ecloud::chain {

/// "11155111 (Sepolia)"; the number alone for a chain that has no well-known name.
std::string chain_in_words(std::uint64_t chain_id);

}  // namespace ecloud::chain
