#pragma once

#include <optional>

#include "cli/commands/resume/operations.h"

namespace ecloud::cli {

/// Signs and sends a transaction in the place of the one that waits, after showing and asking. The
/// outcome when that one or an earlier attempt had its effect; nothing when it was cancelled, and
/// after a dry run. Throws Error{kTransaction, "resume.too_late"} when --cancel came too late.
std::optional<deploy::TransactionOutcome> replace(Context& context, Workflow& workflow,
                                                  OpenOperation& operation, bool cancels,
                                                  bool dry_run);

}  // namespace ecloud::cli
