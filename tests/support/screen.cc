#include "support/screen.h"

#include <algorithm>
#include <cstdlib>

namespace ecloud::testing {
namespace {

/// Octets of the UTF-8 character that begins with `first`.
std::size_t length_of(unsigned char first) {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

std::size_t count_of(std::string_view parameters) {
  const std::size_t count =
      parameters.empty() ? 1 : std::strtoul(std::string(parameters).c_str(), nullptr, 10);
  return std::max<std::size_t>(count, 1);
}

}  // namespace

std::vector<std::string>& Screen::row() {
  if (cells_.size() <= y_) cells_.resize(y_ + 1);
  return cells_[y_];
}

void Screen::feed(std::string_view octets) {
  pending_.append(octets);
  std::size_t at = 0;
  while (at < pending_.size()) {
    const unsigned char c = static_cast<unsigned char>(pending_[at]);
    if (c == 0x1b) {
      const std::size_t end = pending_.find_first_of(
          "@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
          "abcdefghijklmnopqrstuvwxyz",
          at + 1);
      if (end == std::string::npos) break;
      if (pending_[at + 1] == '[') {
        sequence(std::string_view(pending_).substr(at + 2, end - at - 2), pending_[end]);
      } else {
        problems_.push_back("ESC " + pending_.substr(at + 1, end - at));
      }
      at = end + 1;
    } else if (c < 0x20 || c == 0x7f) {
      control(pending_[at++]);
    } else {
      const std::size_t length = length_of(c);
      if (at + length > pending_.size()) break;
      character(pending_.substr(at, length));
      at += length;
    }
  }
  pending_.erase(0, at);
}

void Screen::control(char c) {
  switch (c) {
    case '\r':
      x_ = 0;
      return;
    case '\n':
      ++y_;
      row();
      return;
    case '\b':
      if (x_ > 0) --x_;
      return;
    default:
      problems_.push_back("control " + std::to_string(static_cast<int>(c)));
  }
}

void Screen::character(std::string octets) {
  if (x_ == columns_) {
    x_ = 0;
    ++y_;
  }
  std::vector<std::string>& cells = row();
  if (cells.size() <= x_) cells.resize(x_ + 1, " ");
  cells[x_++] = std::move(octets);
}

void Screen::sequence(std::string_view parameters, char final) {
  if (final == 'm') {
    styled_ = true;
    style_on_ = !parameters.empty() && parameters != "0";
  } else if (final == 'K' && (parameters.empty() || parameters == "0")) {
    if (row().size() > x_) row().resize(x_);
  } else if (final == 'J' && (parameters.empty() || parameters == "0")) {
    if (row().size() > x_) row().resize(x_);
    cells_.resize(y_ + 1);
  } else if (final == 'A') {
    y_ -= std::min(y_, count_of(parameters));
  } else if (final == 'B') {
    y_ += count_of(parameters);
  } else if ((final == 'h' || final == 'l') && parameters == "?25") {
    cursor_visible_ = final == 'h';
  } else {
    problems_.push_back("CSI " + std::string(parameters) + final);
  }
}

std::vector<std::string> Screen::rows() const {
  std::vector<std::string> out;
  for (const auto& cells : cells_) {
    std::string text;
    for (const std::string& cell : cells) text += cell;
    const std::size_t end = text.find_last_not_of(' ');
    out.push_back(end == std::string::npos ? std::string() : text.substr(0, end + 1));
  }
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

std::string Screen::text() const {
  std::string out;
  for (const std::string& line : rows()) out += line + "\n";
  return out;
}

}  // namespace ecloud::testing
