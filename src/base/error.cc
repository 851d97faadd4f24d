#include "ecloud/base/error.h"

#include <utility>

namespace ecloud {

Error::Error(Category category, std::string code, std::string message, std::string hint)
    : category_(category),
      code_(std::move(code)),
      message_(std::move(message)),
      hint_(std::move(hint)) {}

Error Error::with_hint(std::string hint) const {
  Error copy = *this;
  copy.hint_ = std::move(hint);
  return copy;
}

void fail_bug(std::string_view expectation) {
  throw Error(Category::kBug, "bug.unexpected", "internal error: " + std::string(expectation));
}

}  // namespace ecloud
