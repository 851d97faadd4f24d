#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecloud::platform {

/// One instruction of a Dockerfile: continuation lines joined, comments and the bodies of heredocs
/// left out.
struct DockerInstruction {
  std::size_t line = 0;                                   ///< where it begins, counted from 1
  std::string name;                                       ///< in capitals: "FROM"
  std::map<std::string, std::string, std::less<>> flags;  ///< --platform=X before the arguments
  std::string arguments;                                  ///< the rest, blanks trimmed

  /// The arguments as words; those of an exec form (a JSON array) are its elements. Quotes around
  /// words are taken off.
  std::vector<std::string> words() const;
  /// Whether the arguments are a JSON array of texts.
  bool exec_form() const;
};

/// The instructions of a Dockerfile in order. Anything can be read: nonsense becomes instructions
/// with odd names.
std::vector<DockerInstruction> read_dockerfile(std::string_view text);

/// Variables by name; those without a known value are absent.
using DockerVariables = std::map<std::string, std::string, std::less<>>;

/// `text` with $NAME, ${NAME} and ${NAME:-default} replaced; nothing when one is not known.
std::optional<std::string> substitute(std::string_view text, const DockerVariables& variables);

}  // namespace ecloud::platform
