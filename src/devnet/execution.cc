#include "devnet/execution.h"

#include <string>

#include "ecloud/base/error.h"

namespace ecloud::devnet {

void revert_with(std::string_view error_signature, const eth::AbiValue::List& arguments) {
  throw Revert{eth::abi_encode_call(error_signature, arguments)};
}

void revert_empty() {
  throw Revert{};
}

std::uint32_t selector_of(base::ByteView data) {
  if (data.size() < 4) revert_empty();
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8 | data[i];
  return out;
}

eth::AbiValue::List decode_arguments(std::string_view tuple_type, base::ByteView data) {
  try {
    return eth::abi_decode(tuple_type, data.subspan(4));
  } catch (const Error&) {
    revert_empty();
  }
}

Selector selector_from(const eth::AbiValue& value) {
  Selector out{};
  const base::Bytes& bytes = value.bytes();
  for (std::size_t i = 0; i < out.size() && i < bytes.size(); ++i) out[i] = bytes[i];
  return out;
}

base::Bytes32 topic_of(const eth::Address& address) {
  return address.to_word();
}

}  // namespace ecloud::devnet
