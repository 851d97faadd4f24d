#include "ecloud/deploy/watch.h"

#include <algorithm>
#include <optional>

#include "ecloud/base/error.h"

namespace ecloud::deploy {
namespace {

using platform::RunState;

base::Milliseconds delay_before(std::size_t question) {
  constexpr base::Milliseconds kFirst[] = {base::Milliseconds(500), base::Milliseconds(1'000),
                                           base::Milliseconds(2'000)};
  return question < std::size(kFirst) ? kFirst[question] : base::Milliseconds(5'000);
}

/// States that no waiting turns into Running.
bool is_final_failure(RunState state) {
  return state == RunState::kFailed || state == RunState::kStopped ||
         state == RunState::kSuspended || state == RunState::kTerminating ||
         state == RunState::kTerminated;
}

/// Errors that say something about now and nothing about the app.
bool passes(const Error& error) {
  return error.category() == Category::kNetwork || error.category() == Category::kNotFound ||
         error.category() == Category::kPending;
}

}  // namespace

platform::AppInfo wait_until_running(const Services& services, platform::UserApi& api,
                                     const eth::Address& app, base::Milliseconds timeout,
                                     const std::string& wait_command) {
  const base::Milliseconds end = services.clock.monotonic() + timeout;
  std::string last = "no answer yet";
  for (std::size_t question = 0;; ++question) {
    const base::Milliseconds left = end - services.clock.monotonic();
    if (left.count() <= 0) {
      throw Error(Category::kPending, "app.still_pending",
                  "app " + app.to_string() + " is not running after " +
                      std::to_string(timeout.count() / 1000) + " s (last: " + last + ")",
                  "the deployment goes on; wait again with: " + wait_command);
    }
    services.clock.sleep(std::min(delay_before(question), left));
    try {
      platform::AppInfo info = api.info({app}).front();
      last = info.state_word.empty() ? "no state" : info.state_word;
      services.observer.detail(last);
      if (info.state == RunState::kRunning && info.ip) return info;
      if (is_final_failure(info.state)) {
        throw Error(Category::kFailure, "app.failed",
                    "app " + app.to_string() + " is " + last + ", it does not run",
                    "see why: ecloud compute app logs " + app.to_string());
      }
    } catch (const Error& error) {
      if (!passes(error)) throw;
      last = error.message();
      services.observer.detail(last);
    }
  }
}

}  // namespace ecloud::deploy
