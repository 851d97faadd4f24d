#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ecloud::testing {

/// Looks, as long as it lives, into every piece of memory that operator delete gives back, on all
/// threads: what still holds the octets of `secret` was not wiped. One at a time. A program that
/// uses it has operator new and delete of its own, over malloc and free.
class FreedMemory {
 public:
  /// At least eight octets, which nothing else holds.
  explicit FreedMemory(std::string_view secret);
  ~FreedMemory();
  FreedMemory(const FreedMemory&) = delete;
  FreedMemory& operator=(const FreedMemory&) = delete;

  /// How many pieces held it.
  std::size_t found() const;
};

}  // namespace ecloud::testing
