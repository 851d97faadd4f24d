#include <algorithm>

#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "eth/abi_internal.h"

namespace ecloud::eth {
namespace {

using Kind = AbiType::Kind;

[[noreturn]] void fail(const std::string& what) {
  throw Error(Category::kNetwork, "eth.abi_data", "ABI data: " + what);
}

class Decoder {
 public:
  explicit Decoder(base::ByteView data) : data_(data), unread_(data.size()) {}

  /// `count` values whose heads begin at `start`: of the types of a tuple or of an array's one
  /// type.
  AbiValue::List members(const std::vector<AbiType>& types, std::size_t count, std::size_t start) {
    const bool same_type = types.size() == 1;
    AbiValue::List out;
    out.reserve(count);
    std::size_t head = start;
    for (std::size_t i = 0; i < count; ++i) {
      const AbiType& type = types[same_type ? 0 : i];
      out.push_back(value(type, type.is_dynamic() ? follow(head, start) : head));
      head += type.head_size();
    }
    return out;
  }

 private:
  AbiValue value(const AbiType& type, std::size_t at) {
    switch (type.kind) {
      case Kind::kArray:
        return array(type, at);
      case Kind::kTuple:
        return members(type.components, type.components.size(), at);
      case Kind::kBytes:
      case Kind::kString: {
        const std::size_t size = length(at, 1);
        return octets(at + kAbiWord, size);
      }
      case Kind::kFixedBytes:
        return fixed_bytes(type, at);
      case Kind::kAddress: {
        const base::ByteView octets = word(at);
        check(all(octets.first(12), 0), "address", at, octets);
        base::FixedBytes<20> out;
        std::copy(octets.begin() + 12, octets.end(), out.begin());
        return Address(out);
      }
      default:
        return number(type, at);
    }
  }

  AbiValue array(const AbiType& type, std::size_t at) {
    const AbiType& element = type.components[0];
    if (type.fixed_array) return members(type.components, type.size, at);
    const std::size_t count = length(at, element.head_size());
    return members(type.components, count, at + kAbiWord);
  }

  AbiValue fixed_bytes(const AbiType& type, std::size_t at) {
    const base::ByteView octets = word(at);
    check(all(octets.subspan(type.size), 0), type.to_string(), at, octets);
    return base::Bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(type.size));
  }

  AbiValue number(const AbiType& type, std::size_t at) {
    const base::ByteView octets = word(at);
    const unsigned bits = type.kind == Kind::kBool ? 8 : type.bits;
    const std::size_t above = kAbiWord - bits / 8;
    const bool negative = type.kind == Kind::kInt && (octets[above] & 0x80) != 0;
    bool fits = all(octets.first(above), negative ? 0xff : 0);
    if (type.kind == Kind::kBool) fits = fits && octets.back() <= 1;
    check(fits, type.to_string(), at, octets);
    return *U256::from_big_endian(octets);
  }

  static bool all(base::ByteView octets, std::uint8_t value) {
    return std::all_of(octets.begin(), octets.end(),
                       [value](std::uint8_t octet) { return octet == value; });
  }

  static void check(bool fits, const std::string& type, std::size_t at, base::ByteView octets) {
    if (fits) return;
    fail(fmt::format("the word at octet {} is no {}: {}", at, type,
                     U256::from_big_endian(octets)->to_hex()));
  }

  /// Where the offset at `head` leads to, counted from `start`.
  std::size_t follow(std::size_t head, std::size_t start) {
    const U256 offset = *U256::from_big_endian(word(head));
    if (offset > U256(data_.size() - start)) {
      fail(fmt::format("the offset {} at octet {} leads out of its {} octets", offset.to_decimal(),
                       head, data_.size()));
    }
    return start + static_cast<std::size_t>(offset.to_u64());
  }

  /// The length word at `at`, when as many elements of at least `element_size` octets can follow.
  std::size_t length(std::size_t at, std::size_t element_size) {
    const U256 count = *U256::from_big_endian(word(at));
    const std::size_t most = (data_.size() - at - kAbiWord) / element_size;
    if (count > U256(most)) {
      fail(fmt::format("the length {} at octet {} is more than its {} octets can hold",
                       count.to_decimal(), at, data_.size()));
    }
    return static_cast<std::size_t>(count.to_u64());
  }

  base::ByteView word(std::size_t at) { return read(at, kAbiWord); }

  base::Bytes octets(std::size_t at, std::size_t size) {
    const base::ByteView out = read(at, size);
    return {out.begin(), out.end()};
  }

  base::ByteView read(std::size_t at, std::size_t size) {
    if (at > data_.size() || size > data_.size() - at) {
      fail(fmt::format("{} octets are wanted at octet {} of {}", size, at, data_.size()));
    }
    // Honest encoders write every octet for one value; offsets that share octets would let a small
    // answer unfold into a huge value.
    if (size > unread_) fail("its offsets use the same octets more than once");
    unread_ -= size;
    return data_.subspan(at, size);
  }

  base::ByteView data_;
  std::size_t unread_;
};

}  // namespace

AbiValue::List abi_decode(std::string_view tuple_type, base::ByteView data) {
  const AbiType type = parse_abi_tuple(tuple_type);
  return Decoder(data).members(type.components, type.components.size(), 0);
}

}  // namespace ecloud::eth
