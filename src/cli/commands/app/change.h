#pragma once

#include <functional>

#include "cli/command.h"
#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/deploy/journal.h"

namespace ecloud::cli {

/// Tells what else there is to know before an app is changed, and asks; `asking` is false for a dry
/// run.
using BeforeChange = std::function<void(Workflow&, const eth::Address& app, bool asking)>;

/// What start, stop and terminate share: plan, question, transaction, wait, result.
void run_change(Context& context, const Values& values, deploy::Operation change,
                const BeforeChange& before = {});

/// Positional, waiting options, JSON fields and exit codes of such a command; the words are its
/// own.
Command make_change_command(deploy::Operation change);

}  // namespace ecloud::cli
