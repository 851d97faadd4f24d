#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "ecloud/deploy/app_permissions.h"

namespace ecloud::cli {

/// What grant, revoke and accept share: plan, question, transaction, result. `request` has all but
/// the app.
void run_permission_change(Context& context, const Values& values,
                           deploy::PermissionRequest request);

/// What --allow and --target say: names as they are, selectors with their target. Throws
/// Error{kUsage, "cli.bad_value"}, Error{kUsage, "cli.conflict"}.
void read_wanted(const Values& values, const platform::Environment& environment,
                 deploy::PermissionRequest& out);

/// The positional ADDRESS: an address, or "anyone".
eth::Address read_account(const Values& values);

Option allow_option(std::string help);
Option target_option();

/// JSON fields, exit codes and the rest of such a command; the words are its own.
Command make_permission_command(std::string name);

/// "anyone", or the address.
std::string account_words(const eth::Address& account);

}  // namespace ecloud::cli
