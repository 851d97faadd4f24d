#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "devnet/world_state.h"
#include "ecloud/base/bytes.h"
#include "ecloud/eth/abi.h"

namespace ecloud::devnet {

struct LogRecord {
  eth::Address address;
  std::vector<base::Bytes32> topics;
  base::Bytes data;
};

struct BlockContext {
  std::uint64_t number = 0;
  std::uint64_t timestamp = 0;  ///< unix seconds
};

/// One transaction or call while it runs.
struct Execution {
  WorldState& state;
  BlockContext block;
  std::vector<LogRecord> logs;
  std::uint64_t gas = 0;  ///< used by the calls, without the intrinsic part
  int depth = 0;
};

struct Message {
  eth::Address caller;
  eth::Address target;
  eth::U256 value;  ///< wei
  base::ByteView data;
};

/// Ends an execution with revert data; caught inside this module. Changes are undone by whoever
/// took the snapshot.
struct Revert {
  base::Bytes data;
};

/// Reverts with the error "Name(type,…)" of a contract.
[[noreturn]] void revert_with(std::string_view error_signature,
                              const eth::AbiValue::List& arguments = {});
/// Reverts without data, as compiled code does for a call that it does not know.
[[noreturn]] void revert_empty();

/// The first four octets as a number; reverts without data when there are fewer.
std::uint32_t selector_of(base::ByteView data);
/// The arguments behind the selector. Reverts without data when they are malformed.
eth::AbiValue::List decode_arguments(std::string_view tuple_type, base::ByteView data);

/// The four octets of a bytes4 argument.
Selector selector_from(const eth::AbiValue& value);
/// An indexed argument.
base::Bytes32 topic_of(const eth::Address& address);

}  // namespace ecloud::devnet
