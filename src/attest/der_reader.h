#pragma once

#include <cstdint>
#include <optional>

#include "ecloud/base/bytes.h"

namespace ecloud::attest {

/// Universal tags of X.690 that Intel's extension is made of.
constexpr std::uint8_t kDerInteger = 0x02;
constexpr std::uint8_t kDerOctetString = 0x04;
constexpr std::uint8_t kDerObjectIdentifier = 0x06;
constexpr std::uint8_t kDerSequence = 0x30;

struct DerValue {
  std::uint8_t tag = 0;
  base::ByteView content;
};

/// Takes values of DER (definite lengths, tags of one octet) from the front of borrowed octets.
class DerReader {
 public:
  explicit DerReader(base::ByteView bytes) : bytes_(bytes) {}

  bool done() const { return bytes_.empty(); }
  /// Nothing when what follows is no such value.
  std::optional<DerValue> next();
  /// The content of the next value when it has that tag; nothing otherwise.
  std::optional<base::ByteView> next(std::uint8_t tag);

 private:
  base::ByteView bytes_;
};

/// A non-negative INTEGER of at most 32 bits.
std::optional<std::uint32_t> der_number(base::ByteView content);

}  // namespace ecloud::attest
