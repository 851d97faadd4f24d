#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ecloud::platform {

/// Why Caddy would not take a Caddyfile.
struct CaddyfileProblem {
  std::size_t line = 1;  ///< counted from 1
  std::string message;   ///< without a final full stop
};

/// What can be said of a Caddyfile without Caddy: that nothing is in it, or that its braces, quotes
/// or heredocs do not match, as Caddy's lexer reads them (caddyserver/caddy,
/// caddyconfig/caddyfile/lexer.go). Unknown directives and what an import or a variable brings are
/// not looked at, so no problem means only that none was found.
std::optional<CaddyfileProblem> find_caddyfile_problem(std::string_view text);

}  // namespace ecloud::platform
