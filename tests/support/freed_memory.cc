#include "support/freed_memory.h"

#include <malloc.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace ecloud::testing {
namespace {

// No memory of the heap: it is looked at while that is given back.
std::array<char, 512> secret_octets;
std::atomic<std::size_t> secret_size{0};
std::atomic<std::size_t> pieces_found{0};

void look_at(void* memory) noexcept {
  const std::size_t size = secret_size;
  if (memory == nullptr || size == 0) return;
  if (::memmem(memory, ::malloc_usable_size(memory), secret_octets.data(), size) != nullptr) {
    ++pieces_found;
  }
}

}  // namespace

FreedMemory::FreedMemory(std::string_view secret) {
  std::memcpy(secret_octets.data(), secret.data(), std::min(secret.size(), secret_octets.size()));
  pieces_found = 0;
  secret_size = std::min(secret.size(), secret_octets.size());
}

FreedMemory::~FreedMemory() {
  secret_size = 0;
}

std::size_t FreedMemory::found() const {
  return pieces_found;
}

}  // namespace ecloud::testing

void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory) noexcept {
  ecloud::testing::look_at(memory);
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  ::operator delete(memory);
}
