#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ecloud::base {

/// Owned octets.
using Bytes = std::vector<std::uint8_t>;
/// Borrowed octets; the caller keeps them alive for the call.
using ByteView = std::span<const std::uint8_t>;
/// N octets by value: digests, addresses, words.
template <std::size_t N>
using FixedBytes = std::array<std::uint8_t, N>;
/// 32 octets: hashes, storage words, salts.
using Bytes32 = FixedBytes<32>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_chars(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

inline void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}

/// Compares in time that depends on the lengths alone. Different lengths are unequal.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace ecloud::base
