#pragma once

#include <optional>
#include <string>

#include "ecloud/base/json.h"

namespace ecloud::cli {

/// null for nothing, and for an empty text.
inline base::Json text_or_null(const std::optional<std::string>& text) {
  return text && !text->empty() ? base::Json(*text) : base::Json();
}

template <typename Number>
base::Json number_or_null(const std::optional<Number>& number) {
  return number ? base::Json(*number) : base::Json();
}

}  // namespace ecloud::cli
