#pragma once

#include <stdexcept>

#include "ecloud/base/error.h"
#include "support/catch.h"

namespace ecloud::testing {

/// The Error that `action` ends with; the test fails when it ends without one.
template <typename Action>
Error failure_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error");
  throw std::logic_error("unreachable");
}

}  // namespace ecloud::testing
