#pragma once

#include <optional>
#include <vector>

#include "cli/context.h"
#include "cli/output.h"
#include "ecloud/deploy/rollback_app.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// What a rollback changes, for people: "old -> new" where they differ, then the transaction.
Pairs rollback_pairs(Context& context, const eth::Address& account,
                     const deploy::RollbackPlan& plan);

/// The members that the documents of a rollback have in common, out of a plan.
base::Json rollback_document(Context& context, const deploy::RollbackPlan& plan);

/// What became of it; `info` when it was waited for. Made of the journal alone, so that a run that
/// was cut off can tell the same.
base::Json rollback_outcome_document(Context& context, const deploy::TransactionOutcome& outcome,
                                     const std::optional<platform::AppInfo>& info);
Pairs rollback_outcome_pairs(Context& context, const deploy::TransactionOutcome& outcome,
                             const std::optional<platform::AppInfo>& info);

/// For --list. `times` are those of the blocks in unix seconds, in the order of the list.
base::Json past_releases_document(Context& context, const deploy::PastReleases& releases,
                                  const std::vector<std::optional<std::int64_t>>& times);
Table past_releases_table(Context& context, const deploy::PastReleases& releases,
                          const std::vector<std::optional<std::int64_t>>& times);

std::vector<JsonField> rollback_json_fields();

}  // namespace ecloud::cli
