#pragma once

#include <string>

#include "fault/fault_kinds.h"
#include "fault/workflows.h"

namespace ecloud::testing {

/// Runs the workflow once for every request that it makes, with that fault at the request, and
/// again without faults, and checks that it ends where a run without faults does: see
/// tests/fault/README.md. Fails the test case for each that does not.
void check_network_fault(const std::string& workflow_name, Fault fault);

}  // namespace ecloud::testing
