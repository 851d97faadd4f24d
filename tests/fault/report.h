#pragma once

#include <string>

namespace ecloud::testing {

/// Notes how the cases of one workflow and one kind of fault ended: a file of one line, WORKFLOW
/// FAULT CASES RIGHT between tabs, in the folder fault-results of the build directory (or where
/// ECLOUD_FAULT_RESULTS says). tests/fault/table.sh makes the table of them.
void record_result(const std::string& workflow, const std::string& fault, int cases, int right);

/// Whether the case is to run: ECLOUD_FAULT_ONLY is not set, or is its description.
bool is_wanted(const std::string& description);

}  // namespace ecloud::testing
