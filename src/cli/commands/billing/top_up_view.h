#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"
#include "ecloud/deploy/top_up.h"

namespace ecloud::cli {

/// The plan of a purchase for people, and as the document of --dry-run.
std::string format_top_up_plan(const Terminal& terminal, Stream stream, const deploy::Signer& payer,
                               const platform::Environment& environment,
                               const deploy::TopUpRequest& request, const deploy::TopUpPlan& plan);
base::Json top_up_plan_document(const deploy::Signer& payer,
                                const platform::Environment& environment,
                                const deploy::TopUpRequest& request, const deploy::TopUpPlan& plan);

/// What a purchase came to; `credits` are the dollars that the billing service shows after it.
base::Json top_up_document(const deploy::TransactionOutcome& outcome,
                           std::optional<double> credits);
std::vector<std::pair<std::string, std::string>> top_up_pairs(
    const deploy::TransactionOutcome& outcome, std::optional<double> credits);

std::vector<JsonField> top_up_json_fields();

}  // namespace ecloud::cli
