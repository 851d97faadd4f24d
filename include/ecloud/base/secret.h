#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::base {

/// Overwrites memory in a way that the compiler keeps.
void wipe(void* data, std::size_t size);

/// Octets that must not be shown: private keys, mnemonics, values of private variables.
/// Moves only, is wiped when it dies, and does not compile where it would be streamed. Who needs
/// the octets says so with reveal(), whose view dies with the Secret.
class Secret {
 public:
  Secret() = default;
  /// Takes the octets and wipes the string that they came in.
  explicit Secret(std::string&& text);
  explicit Secret(ByteView bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret clone() const;
  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }
  ByteView reveal() const { return bytes_; }
  std::string_view reveal_text() const { return as_chars(bytes_); }

 private:
  Bytes bytes_;
};

std::ostream& operator<<(std::ostream&, const Secret&) = delete;

}  // namespace ecloud::base
