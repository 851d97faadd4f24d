#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"

namespace ecloud::oci {

/// Finds many short texts at once in octets that come piece by piece (Aho and Corasick, 1975), one
/// table look-up an octet. Wipes its tables, from which the texts could be read.
class ValueMatcher {
 public:
  ValueMatcher();
  ~ValueMatcher();
  ValueMatcher(const ValueMatcher&) = delete;
  ValueMatcher& operator=(const ValueMatcher&) = delete;

  /// `text` is not empty; what is found of it is reported as `number`. Before build().
  void add(base::ByteView text, std::size_t number);
  void build();

  /// Begins with other octets.
  void reset() { state_ = 0; }
  /// Sets found[number] for each text that ends in `octets`, which continue those before. Returns
  /// whether there was one.
  bool feed(base::ByteView octets, std::vector<bool>& found);

 private:
  struct Text {
    base::Secret octets;
    std::size_t number;
  };
  std::uint32_t& next(std::uint32_t state, std::uint8_t octet) {
    return table_[std::size_t{state} * classes_ + class_of_[octet]];
  }
  void insert(const Text& text);
  void link();

  std::vector<Text> texts_;
  // Octets that no text holds share class 0, which keeps the table small.
  std::array<std::uint8_t, 256> class_of_{};
  std::size_t classes_ = 1;
  std::vector<std::uint32_t> table_;
  std::vector<std::vector<std::uint32_t>> numbers_;  // what ends in a state
  std::vector<std::uint8_t> ends_;                   // whether numbers_ of a state is not empty
  std::uint32_t state_ = 0;
};

}  // namespace ecloud::oci
