#pragma once

#include <string>
#include <vector>

#include "support/child_process.h"

namespace ecloud::testing {

/// "NAME=VALUE" of the variables that a program is to see.
std::vector<std::string> environment_of(const ProcessOptions& options);

/// As posix_spawn() wants them, with the null pointer at the end. Valid as long as `texts`.
std::vector<char*> pointers_to(std::vector<std::string>& texts);

}  // namespace ecloud::testing
