#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "ecloud/base/json.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/tools.h"

namespace ecloud::testing {

inline std::filesystem::path interop_directory() {
  return std::filesystem::path(ECLOUD_SOURCE_DIR) / "tests" / "interop";
}

/// A file of an npm package that package.json pins. Without it the test is to return, visibly
/// skipped; or it fails here, where tools are required.
inline std::optional<std::filesystem::path> require_npm_file(const std::string& name) {
  const std::filesystem::path path = interop_directory() / "node_modules" / name;
  if (std::filesystem::exists(path)) return path;
  const std::string missing =
      "node_modules/" + name + " not installed (npm ci --ignore-scripts in tests/interop)";
  if (tools_are_required()) FAIL(missing + ", and ECLOUD_REQUIRE_TOOLS is set");
  WARN("SKIPPED: " + missing);
  return std::nullopt;
}

/// What a script of tests/interop prints about `input`; nothing when node or its packages are
/// missing and the test is to be skipped.
inline std::optional<base::Json> run_node(const std::string& script, const base::Json& input) {
  const auto node = require_tool("node");
  if (!node || !require_npm_file("viem/package.json")) return std::nullopt;
  ProcessOptions options;
  options.argv = {node->string(), (interop_directory() / script).string()};
  options.input = input.dump();
  const ProcessResult result = run_process(options);
  INFO(script + ": " + result.describe());
  REQUIRE(result.ok());
  return base::Json::parse(result.out, script);
}

}  // namespace ecloud::testing
