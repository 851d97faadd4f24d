#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "cli/output.h"
#include "cli/values.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// "0.33"; "unknown" when the platform does not say.
std::string show_price(const std::optional<double>& usd);
/// "16 GB", "512 MB"; "unknown" when the platform does not say.
std::string show_memory_size(const std::optional<std::uint64_t>& megabytes);

/// The rows Hardware and Price of a plan. `offer` is what the platform says of the type; nothing
/// when it was not read.
Pairs instance_pairs(const std::string& type, const std::optional<platform::Sku>& offer);

/// name, hardware, hasTee, vcpus, memoryMb, hourlyUsd, monthlyUsd; null for what is unknown.
base::Json instance_document(const std::string& type, const std::optional<platform::Sku>& offer);
/// Of instance_document(), in a plan.
JsonField instance_json_field();

/// Asks before an app gets an instance type that is not known to have a TEE. --yes agrees when the
/// type itself was given with --instance-type, its variable or ecloud.yaml; otherwise
/// Error{kUsage, "deploy.no_tee"}. Nothing happens for a type with a TEE.
void confirm_hardware(Context& context, const Values& values, const std::string& type);

}  // namespace ecloud::cli
