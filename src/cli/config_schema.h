#pragma once

#include "cli/config_file.h"
#include "ecloud/base/json.h"

namespace ecloud::cli {

/// A JSON Schema (draft-07, which editors know best) of ecloud.yaml or config.yaml, out of
/// config_keys(). Like ConfigFile it takes a key without a value as a key that is not there, and
/// any scalar where a text is wanted.
base::Json config_schema(ConfigFile::Which which);

}  // namespace ecloud::cli
