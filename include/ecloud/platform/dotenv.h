#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/secret.h"

namespace ecloud::platform {

/// The environment file of an app. Understood are KEY=VALUE, empty lines, # lines, `export ` before
/// the name, spaces (also those of Unicode) around name and value, 'single' quotes and `backquotes`
/// (taken literally), "double" quotes, quoted values over several lines (whose line ends become \n,
/// also those of Windows), and comments: # behind a quoted value, # after a space, and # between
/// the = and a space. The last of several equal names wins.
///
/// Between double quotes \n, \r and \t are resolved. \\ \" \$ and \` stay as they are: inside the
/// TEE a shell reads the value between double quotes and resolves them there.

constexpr std::size_t kMaxDotenvBytes = std::size_t{1} << 20;

struct DotenvEntry {
  std::string name;
  base::Secret value;
  std::size_t line = 0;  ///< counted from 1
  /// The value was written with escapes that the shell in the TEE resolves.
  bool shell_escaped = false;
};

struct DotenvWarning {
  std::size_t line = 0;
  std::string message;  ///< never holds a value
};

struct Dotenv {
  std::vector<DotenvEntry> entries;  ///< in order, names unique
  std::vector<DotenvWarning> warnings;
};

/// Throws Error{kUsage, "dotenv.syntax"} "FILE:LINE: …" for a line that cannot be read: no name, a
/// name that is not [A-Za-z_][A-Za-z0-9_]*, a quote that never ends, something behind a closing
/// quote; and "dotenv.binary" for NUL bytes or text that is not UTF-8. A line without `=` is a
/// warning, and so is a comment that ends an unquoted value.
Dotenv parse_dotenv(std::string_view text, std::string_view file);

/// Whether it is [A-Za-z_][A-Za-z0-9_]*.
bool is_variable_name(std::string_view name);

}  // namespace ecloud::platform
