#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "eth/abi_internal.h"

namespace ecloud::eth {
namespace {

using Kind = AbiType::Kind;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw Error(Category::kBug, "eth.abi_value",
              fmt::format("ABI value{}{}: {}", path.empty() ? "" : " ", path, why));
}

const char* kind_name(const AbiValue& value) {
  static constexpr const char* kNames[] = {"a number", "an address", "octets", "a list"};
  return kNames[value.value.index()];
}

template <typename T>
const T& expect(const AbiType& type, const AbiValue& value, const std::string& path) {
  const T* found = std::get_if<T>(&value.value);
  if (found == nullptr) {
    fail(path, fmt::format("{} cannot hold {}", type.to_string(), kind_name(value)));
  }
  return *found;
}

/// True when the octets above the lowest `bits` are all `filling`.
bool filled_above(const base::Bytes32& word, unsigned bits, std::uint8_t filling) {
  for (std::size_t i = 0; i < word.size() - bits / 8; ++i) {
    if (word[i] != filling) return false;
  }
  return true;
}

bool in_range(const AbiType& type, const base::Bytes32& word) {
  switch (type.kind) {
    case Kind::kUint:
      return filled_above(word, type.bits, 0);
    case Kind::kInt: {
      const bool negative = (word[word.size() - type.bits / 8] & 0x80) != 0;
      return filled_above(word, type.bits, negative ? 0xff : 0);
    }
    default:
      return filled_above(word, 8, 0) && word.back() <= 1;
  }
}

void append_padded(base::Bytes& out, base::ByteView octets) {
  base::append(out, octets);
  out.resize((out.size() + kAbiWord - 1) / kAbiWord * kAbiWord);
}

void append_word(base::Bytes& out, std::uint64_t number) {
  base::append(out, U256(number).to_word());
}

base::Bytes encode_value(const AbiType& type, const AbiValue& value, const std::string& path);

/// Heads, then tails. `types` holds the members of a tuple or the one element type of an array.
base::Bytes encode_members(const std::vector<AbiType>& types, const AbiValue::List& values,
                           const std::string& path) {
  const bool same_type = types.size() == 1;
  std::size_t head_size = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    head_size += types[same_type ? 0 : i].head_size();
  }
  base::Bytes heads;
  base::Bytes tails;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const AbiType& type = types[same_type ? 0 : i];
    const std::string place = path.empty() ? std::to_string(i) : fmt::format("{}[{}]", path, i);
    const base::Bytes encoded = encode_value(type, values[i], place);
    if (type.is_dynamic()) {
      append_word(heads, head_size + tails.size());
      base::append(tails, encoded);
    } else {
      base::append(heads, encoded);
    }
  }
  base::append(heads, tails);
  return heads;
}

base::Bytes encode_list(const AbiType& type, const AbiValue::List& values,
                        const std::string& path) {
  base::Bytes out;
  if (type.kind == Kind::kArray && !type.fixed_array) {
    append_word(out, values.size());
  } else {
    const std::size_t expected = type.fixed_array ? type.size : type.components.size();
    if (values.size() != expected) {
      fail(path, fmt::format("{} cannot hold a list of {}", type.to_string(), values.size()));
    }
  }
  base::append(out, encode_members(type.components, values, path));
  return out;
}

base::Bytes encode_octets(const AbiType& type, const base::Bytes& octets, const std::string& path) {
  base::Bytes out;
  if (type.kind != Kind::kFixedBytes) {
    append_word(out, octets.size());
  } else if (octets.size() != type.size) {
    fail(path, fmt::format("{} cannot hold {} octets", type.to_string(), octets.size()));
  }
  append_padded(out, octets);
  return out;
}

base::Bytes encode_value(const AbiType& type, const AbiValue& value, const std::string& path) {
  switch (type.kind) {
    case Kind::kArray:
    case Kind::kTuple:
      return encode_list(type, expect<AbiValue::List>(type, value, path), path);
    case Kind::kFixedBytes:
    case Kind::kBytes:
    case Kind::kString:
      return encode_octets(type, expect<base::Bytes>(type, value, path), path);
    case Kind::kAddress: {
      const base::Bytes32 word = expect<Address>(type, value, path).to_word();
      return {word.begin(), word.end()};
    }
    default:
      break;
  }
  const U256& number = expect<U256>(type, value, path);
  const base::Bytes32 word = number.to_word();
  if (!in_range(type, word)) {
    fail(path, fmt::format("{} cannot hold {}", type.to_string(), number.to_decimal()));
  }
  return {word.begin(), word.end()};
}

}  // namespace

base::Bytes abi_encode(std::string_view tuple_type, const AbiValue::List& values) {
  return encode_list(parse_abi_tuple(tuple_type), values, {});
}

base::Bytes abi_encode_call(std::string_view signature, const AbiValue::List& values) {
  const AbiSignature parsed = parse_abi_signature(signature);
  base::Bytes out(parsed.selector.begin(), parsed.selector.end());
  base::append(out, encode_list(parsed.parameters, values, {}));
  return out;
}

}  // namespace ecloud::eth
