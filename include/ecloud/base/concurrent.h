#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace ecloud::base {

/// Runs every task at the same time, each on a thread of its own but the last, which runs on the
/// caller's; returns when all have ended. When several throw, the first task's exception in the
/// order given is rethrown: what the user sees does not depend on timing. A task must not outlive
/// what it refers to, and none does, because all are joined here.
void run_concurrently(std::vector<std::function<void()>> tasks);

/// As above, with at most `at_once` (at least 1) tasks under way at a time, begun in the order
/// given. After the first failure no more are begun.
void run_concurrently(std::vector<std::function<void()>> tasks, std::size_t at_once);

}  // namespace ecloud::base
