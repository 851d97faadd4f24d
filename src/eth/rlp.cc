#include "ecloud/eth/rlp.h"

#include <algorithm>

#include <fmt/format.h>

#include "ecloud/base/error.h"

namespace ecloud::eth {
namespace {

// Yellow Paper, appendix B: the first octet of short strings and lists, and the longest short one.
constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
constexpr std::size_t kShort = 55;
constexpr unsigned kMaxDepth = 16;

[[noreturn]] void fail(const std::string& what) {
  throw Error(Category::kFailure, "eth.rlp", "RLP: " + what);
}

void append_header(base::Bytes& out, std::uint8_t first, std::size_t size) {
  if (size <= kShort) {
    out.push_back(static_cast<std::uint8_t>(first + size));
    return;
  }
  const base::Bytes length = U256(size).to_minimal_big_endian();
  out.push_back(static_cast<std::uint8_t>(first + kShort + length.size()));
  base::append(out, length);
}

void encode_into(base::Bytes& out, const RlpItem& item) {
  if (item.is_list()) {
    base::Bytes payload;
    for (const RlpItem& element : item.list()) encode_into(payload, element);
    append_header(out, kList, payload.size());
    base::append(out, payload);
    return;
  }
  const base::Bytes& bytes = item.bytes();
  if (bytes.size() != 1 || bytes[0] >= kString) append_header(out, kString, bytes.size());
  base::append(out, bytes);
}

class Decoder {
 public:
  explicit Decoder(base::ByteView data) : rest_(data) {}

  bool done() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  /// The next item. `depth` counts the lists around it.
  RlpItem item(unsigned depth) {
    if (rest_.empty()) fail("the data ends where an item should begin");
    const std::uint8_t first = rest_[0];
    if (first < kString) return RlpItem(copy(take(1)));
    take(1);
    if (first >= kList) return list(payload(first - kList), depth);
    const base::ByteView content = payload(first - kString);
    if (content.size() == 1 && content[0] < kString) {
      fail(fmt::format("the octet 0x{:02x} has a length that it does not need", content[0]));
    }
    return RlpItem(copy(content));
  }

 private:
  static base::Bytes copy(base::ByteView view) { return {view.begin(), view.end()}; }

  static RlpItem list(base::ByteView content, unsigned depth) {
    if (depth == kMaxDepth) fail(fmt::format("lists are nested deeper than {}", kMaxDepth));
    RlpItem::List elements;
    Decoder inner(content);
    while (!inner.done()) elements.push_back(inner.item(depth + 1));
    return RlpItem(std::move(elements));
  }

  /// What follows a first octet that is `code` above its kind's base.
  base::ByteView payload(unsigned code) {
    if (code <= kShort) return take(code);
    const base::ByteView digits = take(code - kShort);
    if (digits[0] == 0) fail("a length has leading zeros");
    std::uint64_t size = 0;
    for (const std::uint8_t digit : digits) size = size << 8 | digit;
    if (size <= kShort) fail(fmt::format("the length {} is written in the long form", size));
    return take(size);
  }

  base::ByteView take(std::uint64_t size) {
    if (size > rest_.size()) {
      fail(fmt::format("an item of {} octets has only {} left", size, rest_.size()));
    }
    const base::ByteView out = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return out;
  }

  base::ByteView rest_;
};

}  // namespace

const base::Bytes& RlpItem::bytes() const {
  const auto* bytes = std::get_if<base::Bytes>(&value);
  if (bytes == nullptr) fail("expected octets, found a list");
  return *bytes;
}

const RlpItem::List& RlpItem::list() const {
  const auto* elements = std::get_if<List>(&value);
  if (elements == nullptr) fail("expected a list, found octets");
  return *elements;
}

U256 RlpItem::number() const {
  const base::Bytes& digits = bytes();
  if (!digits.empty() && digits[0] == 0) fail("a number has leading zeros");
  const std::optional<U256> number = U256::from_big_endian(digits);
  if (!number) fail(fmt::format("a number of {} octets is longer than 32", digits.size()));
  return *number;
}

std::uint64_t RlpItem::u64() const {
  const U256 wide = number();
  if (!wide.fits_u64()) fail(fmt::format("{} does not fit into 64 bits", wide.to_decimal()));
  return wide.to_u64();
}

Address RlpItem::address() const {
  const base::Bytes& octets = bytes();
  base::FixedBytes<20> out;
  if (octets.size() != out.size()) {
    fail(fmt::format("an address has {} octets, not 20", octets.size()));
  }
  std::copy(octets.begin(), octets.end(), out.begin());
  return Address(out);
}

bool RlpItem::operator==(const RlpItem& other) const {
  return value == other.value;
}

base::Bytes rlp_encode(const RlpItem& item) {
  base::Bytes out;
  encode_into(out, item);
  return out;
}

RlpItem rlp_decode(base::ByteView data) {
  Decoder decoder(data);
  RlpItem out = decoder.item(0);
  if (!decoder.done()) fail(fmt::format("{} octets follow the item", decoder.left()));
  return out;
}

}  // namespace ecloud::eth
