#include <fmt/format.h>

#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/eth/abi.h"

namespace ecloud::chain {
namespace {

/// Selectors of Error(string) and Panic(uint256): Solidity documentation, "Error handling".
constexpr char kErrorSelector[] = "08c379a0";
constexpr char kPanicSelector[] = "4e487b71";

/// Codes of Panic: Solidity documentation, "Panic via assert and Error via require".
const char* panic_in_words(std::uint64_t code) {
  switch (code) {
    case 0x00:
      return "panic";
    case 0x01:
      return "an assertion failed";
    case 0x11:
      return "arithmetic overflow or underflow";
    case 0x12:
      return "division by zero";
    case 0x21:
      return "a value outside its enum";
    case 0x22:
      return "a badly encoded byte array in storage";
    case 0x31:
      return "pop() of an empty array";
    case 0x32:
      return "an array index out of bounds";
    case 0x41:
      return "too much memory";
    case 0x51:
      return "a call of an uninitialised function";
    default:
      return "panic";
  }
}

std::optional<eth::AbiValue> decode_one(const char* tuple_type, base::ByteView data) {
  try {
    return eth::abi_decode(tuple_type, data).at(0);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> solidity_revert_reason(base::ByteView data) {
  if (data.size() < 4) return std::nullopt;
  const std::string selector = base::to_hex(data.first(4));
  if (selector == kErrorSelector) {
    const auto value = decode_one("(string)", data.subspan(4));
    if (!value) return std::nullopt;
    const std::string text = base::printable_line(base::as_chars(value->bytes()));
    return text.empty() ? std::nullopt : std::optional(text);
  }
  if (selector == kPanicSelector) {
    const auto value = decode_one("(uint256)", data.subspan(4));
    if (!value) return std::nullopt;
    const eth::U256& code = value->number();
    const char* words = code.fits_u64() ? panic_in_words(code.to_u64()) : "panic";
    return fmt::format("{} (code {})", words, code.to_hex());
  }
  return std::nullopt;
}

}  // namespace ecloud::chain
