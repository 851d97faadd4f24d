#pragma once

#include <string>

#include "cli/json_values.h"
#include "cli/output.h"
#include "ecloud/base/json.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// "12.5 %", or empty.
std::string show_percent(const std::optional<double>& percent);
/// "1.5 GiB", or empty.
std::string show_bytes(const std::optional<std::uint64_t>& bytes);

base::Json profile_document(const std::optional<platform::AppProfile>& profile);
base::Json metrics_document(const platform::AppMetrics& metrics);
/// {"verified":bool,"evm":[{"address","path"}],"solana":[…]}, or null.
base::Json addresses_document(const platform::AppInfo& info, std::size_t most);

}  // namespace ecloud::cli
