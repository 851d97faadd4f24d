#include "cli/commands/app/log_follower.h"

#include <algorithm>

#include "cli/commands/app/app_facts.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr base::Milliseconds kShortest{1'000};
constexpr base::Milliseconds kWhileQuiet{5'000};
constexpr base::Milliseconds kLongest{30'000};
/// How many quiet looks there are before the app's state is asked for.
constexpr int kQuietLooks = 3;

/// The length of an SGR sequence (ESC [ digits and semicolons m) at the start of `text`; 0 for
/// anything else.
std::size_t color_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;:", 2);
  constexpr std::size_t kLongestSequence = 32;
  return end != std::string_view::npos && end < kLongestSequence && text[end] == 'm' ? end + 1 : 0;
}

std::string terminal_line(std::string_view line, bool colors) {
  std::string out;
  bool colored = false;
  while (!line.empty()) {
    const std::size_t length = color_length(line);
    if (length > 0) {
      if (colors) out += line.substr(0, length);
      colored = true;
      line.remove_prefix(length);
      continue;
    }
    const std::size_t end = std::min(line.find('\x1b', 1), line.size());
    out += base::printable(line.substr(0, end));
    line.remove_prefix(end);
  }
  return colored && colors ? out + "\x1b[0m" : out;
}

}  // namespace

std::string LogChoice::apply(const std::string& log, deploy::Observer& observer) const {
  std::string out = log;
  if (since) {
    auto recent = deploy::log_since(out, *since);
    if (recent) {
      out = std::move(*recent);
    } else if (!out.empty()) {
      observer.warning("no line of the log carries a time, so that --since has no effect");
    }
  }
  return tail ? std::string(deploy::log_tail(out, *tail)) : out;
}

std::string terminal_log(std::string_view log, bool colors) {
  std::string out;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    std::string_view line = log.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out += terminal_line(line, colors);
    if (end < log.size()) out += '\n';
    log.remove_prefix(std::min(end + 1, log.size()));
  }
  return out;
}

void write_log(Terminal& terminal, std::string_view log) {
  if (log.empty()) return;
  if (!terminal.is_terminal(Stream::kOutput)) return terminal.write(log);
  terminal.write(terminal_log(log, terminal.has_color(Stream::kOutput)));
}

bool unlock_key(Context& context, const Error& refusal) {
  if (refusal.category() != Category::kCredentials) return false;
  const FoundKey* found = context.found_key();
  const bool locked = found != nullptr && found->has_password && context.find_deployer() == nullptr;
  if (!locked) return false;
  context.terminal().note("the log is private: it is asked for again with the key of " +
                          found->source);
  context.deployer();
  return true;
}

LogFollower::LogFollower(Context& context, Workflow& workflow, const eth::Address& app,
                         const LogChoice& choice)
    : context_(context), workflow_(workflow), app_(app), choice_(choice) {}

platform::UserApi& LogFollower::api() {
  if (!api_) {
    const bool keyed = workflow_.find_signer() != nullptr;
    const base::Bytes32 separator = keyed ? workflow_.domain_separator() : base::Bytes32{};
    api_.emplace(workflow_.user_api(separator, false));
  }
  return *api_;
}

void LogFollower::run() {
  for (;;) {
    const bool news = look();
    if (news) quiet_ = 0;
    if (!news && failures_ == 0 && ++quiet_ % kQuietLooks == 0 && is_over()) {
      look();
      print(stream_.rest());
      return workflow_.note("app " + app_.to_string() + " is terminated; its log ends here");
    }
    base::Milliseconds pause = news || quiet_ == 0 ? kShortest * 2 : kWhileQuiet;
    if (failures_ > 0) pause = std::min(kShortest * (1 << std::min(failures_ - 1, 5)), kLongest);
    context_.clock().sleep(pause);
  }
}

bool LogFollower::look() {
  try {
    std::string log = api().logs(app_);
    if (failures_ > 0) workflow_.note("the platform answers again");
    failures_ = 0;
    failure_.clear();
    if (!begun_) {
      take(std::move(log));
      return true;
    }
    const deploy::LogStream::News news = stream_.take(std::move(log));
    if (news.rotated && !rotation_noted_) {
      rotation_noted_ = true;
      workflow_.note("the log was cut off or begun anew; what follows is new");
    }
    print(news.text);
    return !news.text.empty();
  } catch (const Error& error) {
    handle(error);
    return false;
  }
}

void LogFollower::take(std::string log) {
  begun_ = true;
  const std::string chosen = choice_.apply(log, workflow_);
  stream_.take(std::move(log));
  // An unfinished last line comes later, and whole.
  const std::string_view held = stream_.held();
  print(chosen.substr(0, chosen.size() - std::min(chosen.size(), held.size())));
}

void LogFollower::handle(const Error& error) {
  switch (error.category()) {
    case Category::kPending:
      if (!waiting_noted_) workflow_.note("the app is being set up; waiting for its log");
      waiting_noted_ = true;
      return;
    case Category::kNotFound: {
      const Error reason = unknown_to_platform(workflow_.services(), app_, error);
      // The log of an app that was terminated may be gone.
      if (begun_ || reason.category() == Category::kPending) {
        if (!waiting_noted_) workflow_.note(reason.message());
        waiting_noted_ = true;
        return;
      }
      throw reason;
    }
    case Category::kNetwork:
      if (failures_++ == 0 || error.message() != failure_) {
        workflow_.note("waiting for the platform: " + error.message());
      }
      failure_ = error.message();
      return;
    case Category::kCredentials:
      if (!unlock_key(context_, error)) throw error;
      api_.reset();
      return;
    default:
      throw error;
  }
}

bool LogFollower::is_over() {
  try {
    return api().status({app_}).front().state == platform::RunState::kTerminated;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    if (error.category() != Category::kNotFound) return false;
  }
  try {
    return ask_chain(workflow_.services(), app_).status == platform::ChainStatus::kTerminated;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return error.category() == Category::kNotFound;
  }
}

void LogFollower::print(const std::string& text) {
  if (text.empty()) return;
  context_.output().result(base::Json::object({{"appId", app_.to_string()}, {"log", text}}),
                           [&] { write_log(context_.terminal(), text); });
}

}  // namespace ecloud::cli
