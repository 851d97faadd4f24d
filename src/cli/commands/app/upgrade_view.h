#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "ecloud/deploy/release_difference.h"
#include "ecloud/deploy/upgrade_app.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// What an upgrade will change, for people: "old -> new" where they differ.
Pairs upgrade_pairs(Context& context, const deploy::Signer& signer,
                    const deploy::CurrentApp& current, const deploy::UpgradeRequest& request,
                    const deploy::UpgradePlan& plan);

/// The same as a document, for --dry-run --json.
base::Json upgrade_plan_document(Context& context, const deploy::Signer& signer,
                                 const deploy::CurrentApp& current,
                                 const deploy::UpgradeRequest& request,
                                 const deploy::UpgradePlan& plan);

/// What the new release has otherwise than the one that runs, a line each.
Pairs difference_pairs(const deploy::ReleaseDifference& difference);
base::Json difference_document(const deploy::ReleaseDifference& difference);

/// What became of it; `info` when it was waited for.
base::Json upgrade_document(Context& context, const deploy::TransactionOutcome& outcome,
                            const std::optional<platform::AppInfo>& info);
Pairs upgrade_outcome_pairs(Context& context, const deploy::TransactionOutcome& outcome,
                            const std::optional<platform::AppInfo>& info);

std::vector<JsonField> upgrade_json_fields();

}  // namespace ecloud::cli
