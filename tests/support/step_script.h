#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ecloud/base/error.h"
#include "support/manual_clock.h"

namespace ecloud::testing {

/// What happens at the sleeps of a program that watches, one after the other; at the sleep after
/// the last step the user presses Ctrl-C.
inline void play(ManualClock& clock, std::vector<std::function<void()>> steps) {
  clock.on_sleep(
      [steps = std::move(steps), next = std::make_shared<std::size_t>(0)](base::Milliseconds) {
        if (*next >= steps.size()) {
          throw Error(Category::kInterrupted, "interrupted", "interrupted");
        }
        steps[(*next)++]();
      });
}

}  // namespace ecloud::testing
