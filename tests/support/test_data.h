#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ecloud/base/files.h"
#include "ecloud/base/json.h"

namespace ecloud::testing {

/// The path of a file below tests/data.
inline std::filesystem::path test_data_path(std::string_view name) {
  return std::filesystem::path(ECLOUD_SOURCE_DIR) / "tests" / "data" / name;
}

/// The content of a file below tests/data; throws when there is none.
inline std::string test_data(std::string_view name) {
  return base::read_file(test_data_path(name), std::size_t{64} << 20);
}

inline base::Json test_data_json(std::string_view name) {
  return base::Json::parse(test_data(name), name);
}

}  // namespace ecloud::testing
