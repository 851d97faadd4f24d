#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "deflate_block.h"
#include "ecloud/base/bytes.h"
#include "ecloud/oci/content.h"

namespace ecloud::oci {

/// RFC 1951: matches found through hash chains, with one step of lazy evaluation. What comes out
/// depends on the octets alone, not on the pieces in which they came, the compiler or the machine.
class DeflateEncoder {
 public:
  explicit DeflateEncoder(OctetSink sink);
  void write(base::ByteView octets);
  void finish();

 private:
  struct Match {
    unsigned length = 0;  ///< 0: none
    unsigned distance = 0;
  };

  void compress(std::size_t end);
  Match find(std::size_t at, unsigned better_than, unsigned tries);
  void insert(std::size_t at);
  void end_block(bool final);
  void slide();

  OctetSink sink_;
  bool wanted_ = true;
  DeflateTokens tokens_;
  DeflateBlockWriter blocks_;
  std::vector<std::uint8_t> buffer_;
  std::size_t filled_ = 0;
  std::size_t position_ = 0;     ///< coded up to here
  std::size_t block_start_ = 0;  ///< what the tokens begin with
  Match pending_;                ///< found for position_ already
  // Places in buffer_ by the hash of what stands there, and the place before with the same hash.
  std::vector<std::int32_t> newest_;
  std::vector<std::int32_t> older_;
};

}  // namespace ecloud::oci
