#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::deploy {

/// What a release says, in one form wherever it was read.

/// The digits of a digest in lower case: servers write it with "sha256:", with "0x" or bare.
std::string digest_digits(std::string_view digest);

/// The public variables of a release, printable; empty when they are not a JSON object.
struct PublicEnvironment {
  std::string instance_type;                     ///< may be empty
  std::map<std::string, std::string> variables;  ///< without the instance type
};
PublicEnvironment read_public_environment(base::ByteView public_env);

}  // namespace ecloud::deploy
