#include "ecloud/base/secret.h"

#include <cstring>
#include <utility>

namespace ecloud::base {

void wipe(void* data, std::size_t size) {
  if (size == 0) return;
  std::memset(data, 0, size);
  // The barrier tells the compiler that the zeros may be read.
  __asm__ __volatile__("" : : "r"(data) : "memory");
}

Secret::Secret(std::string&& text) : bytes_(text.begin(), text.end()) {
  wipe(text.data(), text.size());
  text.clear();
}

Secret::Secret(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
  other.bytes_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_.data(), bytes_.size());
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() {
  wipe(bytes_.data(), bytes_.size());
}

Secret Secret::clone() const {
  return Secret(ByteView(bytes_));
}

}  // namespace ecloud::base
