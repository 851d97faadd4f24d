#pragma once

#include <string>

#include "cli/json_values.h"
#include "cli/output.h"
#include "cli/values.h"
#include "ecloud/base/json.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// "12.5 %", or empty.
std::string show_percent(const std::optional<double>& percent);
/// "1.5 GiB", or empty.
std::string show_bytes(const std::optional<std::uint64_t>& bytes);

base::Json profile_document(const std::optional<platform::AppProfile>& profile);
base::Json metrics_document(const platform::AppMetrics& metrics);
/// "1.5 GiB of 16.0 GiB", as far as known.
std::string show_memory(const platform::AppMetrics& metrics);
/// A time that a server wrote: relative on a terminal; as it is when it is none.
std::string show_server_time(const Terminal& terminal, const std::string& text, std::int64_t now);
std::vector<std::string> variable_names(const platform::ReleaseRecord& release);
/// "REPOSITORY at COMMIT (success, with provenance)", or empty.
std::string show_build(const std::optional<platform::ReleaseBuild>& build);
/// {"id","status","repository","commit","imageDigest","provenance":bool}, or null.
base::Json build_document(const std::optional<platform::ReleaseBuild>& build);

/// --address-count, 1 to 5; without `default_text` it has no default.
Option address_count_option(const std::string& default_text);
/// Throws Error{kUsage, "cli.bad_value"}; 1 when it was not given.
std::size_t read_address_count(const Values& values);

/// {"verified":bool,"evm":[{"address","path"}],"solana":[…]}, or null.
base::Json addresses_document(const platform::AppInfo& info, std::size_t most);

/// "NAME@DIGEST", or the one of them that is known.
std::string show_image(const std::string& name, const std::string& digest);

/// What the platform's answer about an app lacks and people would miss, a sentence each.
std::vector<std::string> unread_members(const platform::AppInfo& info);

}  // namespace ecloud::cli
