#pragma once

#include <string_view>

#include "ecloud/base/json.h"

namespace ecloud::platform {

/// The in-toto statement of a payload, as read_provenance takes and refuses it.
base::Json find_statement(std::string_view payload);

}  // namespace ecloud::platform
