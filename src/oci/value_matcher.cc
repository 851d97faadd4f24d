#include "value_matcher.h"

#include <algorithm>

namespace ecloud::oci {

ValueMatcher::ValueMatcher() = default;

ValueMatcher::~ValueMatcher() {
  base::wipe(table_.data(), table_.size() * sizeof table_[0]);
  base::wipe(class_of_.data(), class_of_.size());
}

void ValueMatcher::add(base::ByteView text, std::size_t number) {
  texts_.push_back({base::Secret(text), number});
}

void ValueMatcher::insert(const Text& text) {
  std::uint32_t state = 0;
  for (const std::uint8_t octet : text.octets.reveal()) {
    if (next(state, octet) == 0) {
      const auto made = static_cast<std::uint32_t>(numbers_.size());
      next(state, octet) = made;
      table_.resize(table_.size() + classes_);
      numbers_.emplace_back();
    }
    state = next(state, octet);
  }
  numbers_[state].push_back(static_cast<std::uint32_t>(text.number));
}

/// Gives every state all its transitions: where the text does not go on, those of the longest
/// ending of what was read that is a beginning of a text too.
void ValueMatcher::link() {
  std::vector<std::uint32_t> fallback(numbers_.size());
  std::vector<std::uint32_t> queue;
  for (std::size_t c = 0; c < classes_; ++c) {
    if (table_[c] != 0) queue.push_back(table_[c]);
  }
  for (std::size_t at = 0; at < queue.size(); ++at) {
    const std::uint32_t state = queue[at];
    const std::uint32_t back = fallback[state];
    numbers_[state].insert(numbers_[state].end(), numbers_[back].begin(), numbers_[back].end());
    for (std::size_t c = 0; c < classes_; ++c) {
      std::uint32_t& to = table_[state * classes_ + c];
      const std::uint32_t otherwise = table_[back * classes_ + c];
      if (to == 0) {
        to = otherwise;
      } else {
        fallback[to] = otherwise;
        queue.push_back(to);
      }
    }
  }
}

void ValueMatcher::build() {
  std::size_t octets = 0;
  for (const Text& text : texts_) {
    octets += text.octets.size();
    for (const std::uint8_t octet : text.octets.reveal()) class_of_[octet] = 1;
  }
  unsigned made = 0;
  for (std::uint8_t& number : class_of_) {
    // 255 classes at most: the last octets of texts with all 256 share one, and cannot be told
    // apart, which no value of an environment variable comes near to.
    if (number != 0) number = static_cast<std::uint8_t>(std::min(++made, 255U));
  }
  classes_ = std::min(made, 255U) + 1;
  // At once, so that no half-grown copy of the table is left in memory.
  table_.reserve((octets + 1) * classes_);
  table_.resize(classes_);
  numbers_.resize(1);
  for (const Text& text : texts_) insert(text);
  link();
  for (const auto& numbers : numbers_) ends_.push_back(numbers.empty() ? 0 : 1);
  texts_.clear();
}

bool ValueMatcher::feed(base::ByteView octets, std::vector<bool>& found) {
  bool any = false;
  std::uint32_t state = state_;
  for (const std::uint8_t octet : octets) {
    state = table_[std::size_t{state} * classes_ + class_of_[octet]];
    if (ends_[state] == 0) continue;
    any = true;
    for (const std::uint32_t number : numbers_[state]) found[number] = true;
  }
  state_ = state;
  return any;
}

}  // namespace ecloud::oci
