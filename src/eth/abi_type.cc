#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/eth/abi.h"
#include "eth/abi_internal.h"

namespace ecloud::eth {
namespace {

using Kind = AbiType::Kind;

constexpr unsigned kMaxDepth = 16;
constexpr std::size_t kMaxHead = std::size_t{1} << 20;

class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : text_(text), rest_(text) {}

  AbiType whole() {
    AbiType out = type(0);
    if (!rest_.empty()) fail(fmt::format("'{}' follows the type", rest_));
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Error(Category::kBug, "eth.abi_type", fmt::format("ABI type '{}': {}", text_, why));
  }

  bool eat(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  AbiType type(unsigned depth) {
    AbiType out = eat('(') ? tuple(depth) : elementary();
    while (eat('[')) {
      if (++depth > kMaxDepth) fail(fmt::format("it is nested deeper than {}", kMaxDepth));
      out = array(std::move(out));
    }
    return out;
  }

  AbiType tuple(unsigned depth) {
    if (depth == kMaxDepth) fail(fmt::format("it is nested deeper than {}", kMaxDepth));
    AbiType out;
    out.kind = Kind::kTuple;
    if (depth == 0 && eat(')')) {
      if (rest_.starts_with('[')) fail("an empty tuple has no place in an array");
      return out;
    }
    do {
      out.components.push_back(type(depth + 1));
    } while (eat(','));
    if (!eat(')')) fail("a tuple does not end with ')'");
    return check_size(std::move(out));
  }

  AbiType array(AbiType element) {
    AbiType out;
    out.kind = Kind::kArray;
    out.components.push_back(std::move(element));
    if (!eat(']')) {
      out.fixed_array = true;
      out.size = number(1, kMaxHead);
      if (!eat(']')) fail("an array does not end with ']'");
    }
    return check_size(std::move(out));
  }

  AbiType check_size(AbiType out) const {
    if (abi_content_head(out) > kMaxHead) fail("its head is over 1 MiB");
    return out;
  }

  AbiType elementary() {
    const std::string_view name = word([](char c) { return c >= 'a' && c <= 'z'; });
    AbiType out;
    if (name == "address") {
      out.kind = Kind::kAddress;
    } else if (name == "bool") {
      out.kind = Kind::kBool;
    } else if (name == "string") {
      out.kind = Kind::kString;
    } else if (name == "bytes") {
      out.kind = starts_with_digit() ? Kind::kFixedBytes : Kind::kBytes;
      if (out.kind == Kind::kFixedBytes) out.size = number(1, 32);
    } else if (name == "uint" || name == "int") {
      out.kind = name == "uint" ? Kind::kUint : Kind::kInt;
      if (starts_with_digit()) out.bits = static_cast<unsigned>(number(8, 256));
      if (out.bits % 8 != 0) fail(fmt::format("{} is no multiple of 8 bits", out.bits));
    } else {
      fail(fmt::format("'{}' is no type", name));
    }
    return out;
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  bool starts_with_digit() const { return !rest_.empty() && is_digit(rest_[0]); }

  template <typename Predicate>
  std::string_view word(Predicate belongs) {
    std::size_t size = 0;
    while (size < rest_.size() && belongs(rest_[size])) ++size;
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

  std::size_t number(std::size_t low, std::size_t high) {
    const std::string_view digits = word(is_digit);
    const std::optional<std::uint64_t> value = base::parse_decimal(digits);
    if (!value || digits[0] == '0' || *value < low || *value > high) {
      fail(fmt::format("'{}' is no number from {} to {}", digits, low, high));
    }
    return static_cast<std::size_t>(*value);
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

std::size_t abi_content_head(const AbiType& type) {
  if (type.kind == Kind::kArray) {
    return type.fixed_array ? type.size * type.components[0].head_size() : 0;
  }
  std::size_t out = 0;
  for (const AbiType& component : type.components) out += component.head_size();
  return out;
}

AbiType AbiType::parse(std::string_view text) {
  return TypeParser(text).whole();
}

bool AbiType::is_dynamic() const {
  if (kind == Kind::kBytes || kind == Kind::kString) return true;
  if (kind == Kind::kArray && !fixed_array) return true;
  for (const AbiType& component : components) {
    if (component.is_dynamic()) return true;
  }
  return false;
}

std::size_t AbiType::head_size() const {
  const bool nested = kind == Kind::kArray || kind == Kind::kTuple;
  return nested && !is_dynamic() ? abi_content_head(*this) : kAbiWord;
}

std::string AbiType::to_string() const {
  switch (kind) {
    case Kind::kUint:
      return fmt::format("uint{}", bits);
    case Kind::kInt:
      return fmt::format("int{}", bits);
    case Kind::kAddress:
      return "address";
    case Kind::kBool:
      return "bool";
    case Kind::kFixedBytes:
      return fmt::format("bytes{}", size);
    case Kind::kBytes:
      return "bytes";
    case Kind::kString:
      return "string";
    case Kind::kArray:
      return components[0].to_string() + (fixed_array ? fmt::format("[{}]", size) : "[]");
    case Kind::kTuple:
      break;
  }
  std::string out = "(";
  for (const AbiType& component : components) {
    if (out.size() > 1) out += ',';
    out += component.to_string();
  }
  return out + ")";
}

AbiType parse_abi_tuple(std::string_view text) {
  AbiType out = AbiType::parse(text);
  if (out.kind != Kind::kTuple) {
    throw Error(Category::kBug, "eth.abi_type", fmt::format("ABI type '{}': it is no tuple", text));
  }
  return out;
}

AbiSignature parse_abi_signature(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == 0 || open == std::string_view::npos) {
    throw Error(Category::kBug, "eth.abi_type",
                fmt::format("'{}' is no signature like name(type,...)", text));
  }
  AbiSignature out;
  out.parameters = parse_abi_tuple(text.substr(open));
  const std::string canonical = std::string(text.substr(0, open)) + out.parameters.to_string();
  const base::Bytes32 hash = crypto::keccak256(base::as_bytes(canonical));
  out.selector = {hash[0], hash[1], hash[2], hash[3]};
  return out;
}

base::FixedBytes<4> abi_selector(std::string_view signature) {
  return parse_abi_signature(signature).selector;
}

}  // namespace ecloud::eth
