#pragma once

#include <cstdint>
#include <span>

namespace ecloud::oci {

/// The lengths of a prefix code in which symbols that come often are short; 0 for those that do not
/// come. No length is more than `max_length`. The same counts give the same lengths everywhere. At
/// least two symbols get a length, since decoders refuse codes of one: the first ones, if need be.
void huffman_lengths(std::span<const std::uint32_t> counts, unsigned max_length,
                     std::span<std::uint8_t> lengths);

/// The canonical codes of RFC 1951, section 3.2.2, with their bits reversed: deflate starts with
/// the highest bit of a code and fills octets from the lowest.
void huffman_codes(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes);

}  // namespace ecloud::oci
