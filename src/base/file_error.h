#pragma once

#include <cstring>
#include <string>

#include "ecloud/base/error.h"

namespace ecloud::base {

/// Error{kFailure, "file.unwritable"}. `error` is an errno.
inline Error unwritable(const std::string& subject, int error) {
  return {Category::kFailure, "file.unwritable",
          "cannot write " + subject + ": " + std::strerror(error),
          "check the permissions of the directory and the free space of the disk"};
}

}  // namespace ecloud::base
