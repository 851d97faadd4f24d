#include "deploy/release_facts.h"

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::deploy {

std::string digest_digits(std::string_view digest) {
  for (const std::string_view prefix : {"sha256:", "0x"}) {
    if (digest.starts_with(prefix)) digest.remove_prefix(prefix.size());
  }
  return base::to_lower(digest);
}

PublicEnvironment read_public_environment(base::ByteView public_env) {
  PublicEnvironment out;
  const auto document = base::Json::try_parse(base::as_chars(public_env));
  if (!document || !document->is_object()) return out;
  for (const auto& [name, value] : document->members()) {
    const std::string text = base::printable_line(value.opt_string().value_or(""));
    if (name == platform::kMachineTypeVariable) {
      out.instance_type = text;
    } else {
      out.variables[base::printable_line(name)] = text;
    }
  }
  return out;
}

}  // namespace ecloud::deploy
