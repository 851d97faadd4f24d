#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/values.h"

namespace ecloud::cli {

/// Something that a file or a variable can say, and what it is now.
struct Setting {
  /// The key of ecloud.yaml; of what has none the name of its option.
  std::string key;
  std::string help;
  /// Null for keys that no option stands for.
  const Option* option = nullptr;
  /// The value that was given, or the default; empty without either.
  std::optional<Found> found;

  bool secret() const { return option != nullptr && option->secret; }
  /// The value as it may be shown: "set" of a secret, the host of a node's URL.
  std::string shown() const;
};

/// All of them: the keys of ecloud.yaml in the order of its documentation, then the options that
/// variables give. Values are those of `values`, for its app and environment.
std::vector<Setting> effective_settings(Context& context, const Values& values);

/// "flag", "variable", "ecloud.yaml", "config.yaml", "default" or "prompt".
std::string_view to_string(Source source);

}  // namespace ecloud::cli
