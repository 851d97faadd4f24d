#pragma once

#include <string>

#include "ecloud/base/json.h"

namespace ecloud::cli {

/// A document for a reader, with what could change how a terminal shows it written as \uXXXX: C0,
/// DEL, C1, and the marks that turn the direction of text around. The value is the same.
std::string printable_json(const base::Json& document, bool pretty = false);

}  // namespace ecloud::cli
