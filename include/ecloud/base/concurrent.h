#pragma once

#include <functional>
#include <vector>

namespace ecloud::base {

/// Runs every task at the same time, each on a thread of its own but the last, which runs on the
/// caller's; returns when all have ended. When several throw, the first task's exception in the
/// order given is rethrown: what the user sees does not depend on timing. A task must not outlive
/// what it refers to, and none does, because all are joined here.
void run_concurrently(std::vector<std::function<void()>> tasks);

}  // namespace ecloud::base
