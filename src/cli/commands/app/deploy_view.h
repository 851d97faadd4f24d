#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "ecloud/base/json.h"
#include "ecloud/deploy/deploy_app.h"

namespace ecloud::cli {

/// The plan of a deployment for people: names of private variables, never their values. `first`
/// stands before it.
std::string format_plan(const Terminal& terminal, Stream stream, const deploy::Signer& signer,
                        const platform::Environment& environment,
                        const deploy::DeployRequest& request, const deploy::DeployPlan& plan,
                        Pairs first = {});

/// The same as a document, for --dry-run --json.
base::Json plan_document(const deploy::Signer& signer, const platform::Environment& environment,
                         const deploy::DeployRequest& request, const deploy::DeployPlan& plan);

/// What became of a deployment; `info` when it was waited for.
base::Json outcome_document(const platform::Environment& environment,
                            const deploy::DeployOutcome& outcome,
                            const std::optional<platform::AppInfo>& info);

/// The id comes first.
Pairs outcome_pairs(const platform::Environment& environment, const deploy::DeployOutcome& outcome,
                    const std::optional<platform::AppInfo>& info);

/// outcome_pairs() as text. Scripts that take the last address of what is printed, or the line "App
/// ID: ", get the id: elsewhere than on a terminal it comes last, and first as ecloud 0.1.0 wrote
/// it.
std::string format_outcome(const Terminal& terminal, Pairs pairs);

/// The members of outcome_document() and of plan_document().
std::vector<JsonField> deploy_json_fields();

}  // namespace ecloud::cli
