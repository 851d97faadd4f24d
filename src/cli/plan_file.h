#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cli/app_selection.h"
#include "cli/context.h"
#include "cli/values.h"
#include "ecloud/deploy/saved_plan.h"

namespace ecloud::cli {

/// --plan-out FILE.
Option plan_out_option();
std::vector<JsonField> plan_file_json_fields();

/// Whether the plan is to be saved: --plan-out without --dry-run.
bool saves_plan(const Values& values);

/// Writes the plan into the file that --plan-out names, in the place of what is there, and says so
/// in the report.
void save_plan_file(Context& context, const Values& values, const deploy::Signer& signer,
                    const deploy::SavedPlan& plan, AppReport& report);

/// The plan in a file that the user named; errors of deploy::parse_saved_plan.
deploy::SavedPlan read_plan_file(Context& context, const std::string& file,
                                 const deploy::Signer& signer);

}  // namespace ecloud::cli
