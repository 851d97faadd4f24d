#include "ecloud/deploy/watch.h"
#include "ecloud/deploy/controller_reads.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "ecloud/base/error.h"
#include "ecloud/chain/chain.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {
namespace {

using platform::AppInfo;
using platform::RunState;

/// How long a state that may be that of before has to stand still to be believed.
constexpr base::Milliseconds kSettled{20'000};

base::Milliseconds delay_before(std::size_t question) {
  constexpr base::Milliseconds kFirst[] = {base::Milliseconds(500), base::Milliseconds(1'000),
                                           base::Milliseconds(2'000)};
  return question < std::size(kFirst) ? kFirst[question] : base::Milliseconds(5'000);
}

/// Answers in a row that cannot be read before the wait ends: a page of a proxy passes, a server
/// that speaks another language does not.
constexpr int kMostUnreadable = 5;

bool is_unreadable(const Error& error) {
  return error.code() == "json.shape" || error.code() == "json.syntax";
}

/// Errors that say something about now and nothing about the app.
bool passes(const Error& error) {
  return error.category() == Category::kNetwork || error.category() == Category::kNotFound ||
         error.category() == Category::kPending;
}

std::string word_of(const AppInfo& info) {
  return info.state_word.empty() ? "no state" : info.state_word;
}

/// The state, and what of it keeps the wait from ending.
std::string progress_of(const AppInfo& info, bool needs_ip) {
  const bool lacks_ip = needs_ip && info.state == RunState::kRunning && !info.ip;
  return word_of(info) + (lacks_ip ? " without an IP address" : "");
}

/// A wait cannot work without the state.
void require_state(const AppInfo& info) {
  if (!info.state_problem.empty()) {
    throw Error(Category::kNetwork, "json.shape", info.state_problem);
  }
}

[[noreturn]] void fail_app(const AppInfo& info) {
  throw Error(Category::kFailure, "app.failed",
              "app " + info.app.to_string() + " is " + word_of(info) + ", it does not run",
              "see why: ecloud compute app logs " + info.app.to_string());
}

struct Wait {
  const Services& services;
  const eth::Address& app;
  base::Milliseconds timeout;
  std::string goal;  ///< "running"
  std::string hint;  ///< when the time ran out
  std::function<AppInfo()> ask;
  /// Whether that is the end of it; throws when it is a bad one.
  std::function<bool(const AppInfo&)> is_end;
  bool needs_ip = false;  ///< for the words about the last answer
};

/// Counts answers in a row that cannot be read.
class UnreadableAnswers {
 public:
  void add(const Error& error, const eth::Address& app, const std::string& hint) {
    if (++count_ < kMostUnreadable) return;
    throw Error(Category::kNetwork, error.code(),
                "the platform's answers about app " + app.to_string() +
                    " cannot be read: " + error.message(),
                hint);
  }
  void clear() { count_ = 0; }

 private:
  int count_ = 0;
};

AppInfo run_wait(const Wait& wait) {
  base::Clock& clock = wait.services.clock;
  const base::Milliseconds end = clock.monotonic() + wait.timeout;
  std::string last = "no answer yet";
  UnreadableAnswers unreadable;
  for (std::size_t question = 0;; ++question) {
    const base::Milliseconds left = end - clock.monotonic();
    if (left.count() <= 0) {
      throw Error(Category::kPending, "app.still_pending",
                  "app " + wait.app.to_string() + " is not " + wait.goal + " after " +
                      std::to_string(wait.timeout.count() / 1000) + " s (last: " + last + ")",
                  wait.hint);
    }
    clock.sleep(std::min(delay_before(question), left));
    try {
      AppInfo info = wait.ask();
      require_state(info);
      last = progress_of(info, wait.needs_ip);
      wait.services.observer.detail(last);
      if (wait.is_end(info)) return info;
      unreadable.clear();
    } catch (const Error& error) {
      if (!passes(error)) throw;
      if (is_unreadable(error)) {
        unreadable.add(error, wait.app, wait.hint);
      } else {
        unreadable.clear();
      }
      last = error.message();
      wait.services.observer.detail(last);
    }
  }
}

/// The public half of an app's state: it needs no signature, and a terminated app still has it.
AppInfo ask_status(platform::UserApi& api, const eth::Address& app) {
  const platform::AppStatus status = api.status({app}).front();
  AppInfo info;
  info.app = app;
  info.state = status.state;
  info.state_word = status.state_word;
  info.state_problem = status.state_problem;
  return info;
}

/// What the platform shows of an app: everything to who may see it, and else the public half, of
/// which the IP address is no part.
class View {
 public:
  View(const Services& services, platform::UserApi& api, const eth::Address& app)
      : services_(services), api_(api), app_(app) {}

  AppInfo ask() {
    if (is_narrow_) return ask_status(api_, app_);
    try {
      return api_.info({app_}).front();
    } catch (const Error& error) {
      if (error.code() != "userapi.forbidden") throw;
      AppInfo info = ask_status(api_, app_);
      is_narrow_ = true;
      services_.observer.note(
          "only the app's state is waited for, because its address is not shown: " +
          error.message());
      return info;
    }
  }
  bool is_reachable(const AppInfo& info) const { return is_narrow_ || info.ip.has_value(); }

 private:
  const Services& services_;
  platform::UserApi& api_;
  const eth::Address& app_;
  bool is_narrow_ = false;
};

/// Starting and deploying differ in what an app that is stopped or suspended means: the platform
/// may not have noticed the start yet.
bool runs(const AppInfo& info, bool is_reachable, bool stopped_is_failure) {
  if (info.state == RunState::kRunning && is_reachable) return true;
  const bool leads_nowhere =
      info.state == RunState::kFailed || info.state == RunState::kTerminating ||
      info.state == RunState::kTerminated ||
      (stopped_is_failure &&
       (info.state == RunState::kStopped || info.state == RunState::kSuspended));
  if (leads_nowhere) fail_app(info);
  return false;
}

AppInfo ask_terminated(platform::UserApi& api, const eth::Address& app) {
  try {
    return ask_status(api, app);
  } catch (const Error& error) {
    if (error.category() != Category::kNotFound) throw;
    AppInfo gone;
    gone.app = app;
    gone.state = RunState::kTerminated;
    gone.state_word = platform::to_string(RunState::kTerminated);
    return gone;
  }
}

/// Whether the platform has taken a release into force.
class UpgradeProgress {
 public:
  UpgradeProgress(const Services& services, platform::UserApi& api, const View& view,
                  const SentRelease& release)
      : services_(services), api_(api), view_(view), release_(release) {}

  bool is_end(const AppInfo& info) {
    const base::Milliseconds now = services_.clock.monotonic();
    if (info.state != state_) {
      changed_ = state_.has_value();
      state_ = info.state;
      since_ = now;
    }
    const bool stands_still = now - since_ >= kSettled;
    switch (info.state) {
      case RunState::kFailed:
        if (changed_ || stands_still) fail_app(info);
        return false;
      case RunState::kSuspended:
      case RunState::kTerminating:
      case RunState::kTerminated:
        fail_app(info);
      case RunState::kRunning:
        return view_.is_reachable(info) && is_in_force(info.app, stands_still);
      case RunState::kStopped:
        return is_in_force(info.app, stands_still);
      default:
        return false;
    }
  }

 private:
  bool is_in_force(const eth::Address& app, bool stands_still) {
    const auto view = [&](const base::Bytes& data) {
      return chain::eth_call(services_.environment.app_controller, data);
    };
    const auto results = services_.rpc.batch(
        {view(platform::encode_version()), view(platform::encode_latest_release_block(app))});
    const auto data = [&](std::size_t i) {
      return chain::read_data(chain::value_or_throw(results[i], "eth_call"));
    };
    const auto generation = platform::generation_of(controller_version(services_, results[0]));
    if (generation == platform::Generation::kFourFields) {
      return platform::decode_number(data(1)) >= eth::U256(release_.block);
    }
    return changed_ || (stands_still && is_listed(api_.details(app), release_));
  }

  const Services& services_;
  platform::UserApi& api_;
  const View& view_;
  const SentRelease& release_;
  std::optional<RunState> state_;
  base::Milliseconds since_{0};
  bool changed_ = false;
};

}  // namespace

AppInfo wait_until_running(const Services& services, platform::UserApi& api,
                           const eth::Address& app, base::Milliseconds timeout,
                           const std::string& wait_command) {
  // Whoever deployed it may see it.
  return run_wait({services, app, timeout, "running",
                   "the deployment goes on; wait again with: " + wait_command,
                   [&] { return api.info({app}).front(); },
                   [](const AppInfo& info) { return runs(info, info.ip.has_value(), true); },
                   true});
}

AppInfo wait_for_change(const Services& services, platform::UserApi& api, const eth::Address& app,
                        Operation change, base::Milliseconds timeout,
                        const std::string& wait_command) {
  const std::string hint =
      "the change is on chain and the platform goes on; wait again with: " + wait_command;
  if (change == Operation::kStart) {
    View view(services, api, app);
    return run_wait(
        {services, app, timeout, "running", hint, [&] { return view.ask(); },
         [&](const AppInfo& info) { return runs(info, view.is_reachable(info), false); }});
  }
  if (change == Operation::kStop) {
    return run_wait({services, app, timeout, "stopped", hint, [&] { return ask_status(api, app); },
                     [](const AppInfo& info) {
                       if (info.state == RunState::kTerminated) fail_app(info);
                       return info.state == RunState::kStopped;
                     }});
  }
  return run_wait({services, app, timeout, "terminated", hint,
                   [&] { return ask_terminated(api, app); },
                   [](const AppInfo& info) { return info.state == RunState::kTerminated; }});
}

AppInfo wait_for_upgrade(const Services& services, platform::UserApi& api, const eth::Address& app,
                         const SentRelease& release, base::Milliseconds timeout,
                         const std::string& wait_command) {
  View view(services, api, app);
  UpgradeProgress progress(services, api, view, release);
  return run_wait(
      {services, app, timeout, "upgraded",
       "the upgrade is on chain and the platform goes on; wait again with: " + wait_command,
       [&] { return view.ask(); }, [&](const AppInfo& info) { return progress.is_end(info); }});
}

}  // namespace ecloud::deploy
