#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/workflow.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/log_text.h"

namespace ecloud::cli {

/// Which part of a log is wanted.
struct LogChoice {
  std::optional<std::int64_t> since;  ///< unix seconds
  std::optional<std::uint64_t> tail;  ///< lines

  /// Warns when `since` cannot be obeyed because no line carries a time; then it has no effect.
  std::string apply(const std::string& log, deploy::Observer& observer) const;
};

/// A log as it may be shown on a terminal: colours (SGR sequences, ECMA-48) stay when `colors`, and
/// end with each line; all other control characters but line breaks and tabs are shown as ?.
std::string terminal_log(std::string_view log, bool colors);

/// To stdout: as terminal_log on a terminal, octet by octet elsewhere.
void write_log(Terminal& terminal, std::string_view log);

/// After a refusal of an unsigned request: opens the key that was not worth a password
/// before, asking for it. False when there is none, or when it is open already; throws as
/// Context::deployer().
bool unlock_key(Context& context, const Error& refusal);

/// Prints a log and what comes after it.
class LogFollower {
 public:
  /// `context` and `workflow` outlive the object.
  LogFollower(Context& context, Workflow& workflow, const eth::Address& app,
              const LogChoice& choice);

  /// Returns when the app is terminated and all of its log was printed. Throws what no waiting
  /// cures: kCredentials, kNotFound, kInterrupted.
  void run();

 private:
  /// Whether something new came.
  bool look();
  void take(std::string log);
  void handle(const Error& error);
  bool is_over();
  void print(const std::string& text);
  platform::UserApi& api();

  Context& context_;
  Workflow& workflow_;
  const eth::Address app_;
  const LogChoice choice_;
  std::optional<platform::UserApi> api_;
  deploy::LogStream stream_;
  bool begun_ = false;
  bool waiting_noted_ = false;
  bool rotation_noted_ = false;
  std::string failure_;  ///< what went wrong at the last look; empty when nothing did
  int failures_ = 0;     ///< in a row
  int quiet_ = 0;        ///< looks in a row that brought nothing
};

}  // namespace ecloud::cli
