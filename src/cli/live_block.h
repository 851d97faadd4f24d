#pragma once

#include <string>
#include <string_view>

#include "cli/terminal.h"

namespace ecloud::cli {

/// Text on stdout that is shown anew when it has changed: on a terminal over what was there, in one
/// write and without clearing first, so that nothing flickers; elsewhere below it, after an empty
/// line. Lines wrap as the terminal does it. Nothing else is written to the terminal meanwhile.
class LiveBlock {
 public:
  /// `terminal` outlives the object.
  explicit LiveBlock(Terminal& terminal) : terminal_(terminal) {}

  /// `text` ends in a line break and may hold paint().
  void show(std::string_view text);

 private:
  std::size_t rows_of(std::string_view text) const;

  Terminal& terminal_;
  std::string shown_;
};

}  // namespace ecloud::cli
