#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/cancel.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/env.h"
#include "ecloud/base/secret.h"

namespace ecloud::base {

/// `env` without the variables that hold keys and passwords of ours: ECLOUD_*, EIGEN*, and all that
/// end in PRIVATE_KEY or MNEMONIC. For programs that have no business with them.
Env without_own_variables(const Env& env);

/// The first executable of that name in the directories of PATH. Relative ones are left out: they
/// would run what lies in the working directory.
std::optional<std::filesystem::path> find_program(const std::string& name, const Env& env);

/// What a pipe takes without a reader on every system.
constexpr std::size_t kMaxProgramInput = 4'096;

/// A small program of the system that is asked something and answers at once.
struct ProgramCall {
  std::filesystem::path program;
  /// After the name; anybody on the machine can read them.
  std::vector<std::string> arguments = {};
  ByteView input = {};              ///< its standard input, at most kMaxProgramInput octets
  const Env* env = nullptr;         ///< its variables, all of them
  Milliseconds time_limit{10'000};  ///< of real time, after which it is killed
  std::size_t max_output = std::size_t{64} << 10;
  const CancelToken* cancel = nullptr;  ///< optional
};

enum class ProgramEnd { kExited, kNotStarted, kTimedOut, kTooMuchOutput };

struct ProgramAnswer {
  ProgramEnd end = ProgramEnd::kExited;
  int status = 0;      ///< kExited: 0, the exit code, or 128 and the signal, as shells count
  std::string reason;  ///< kNotStarted: the system's words
  Secret output;       ///< kExited: all of its standard output
  std::string errors;  ///< the start of its standard error, at most 4 KiB
};

/// Runs a program without a shell and waits for its end; nothing of it is left running. Throws
/// Error{kInterrupted} when cancelled meanwhile, and nothing else.
ProgramAnswer run_program(const ProgramCall& call);

/// Longer lines are given out in pieces of this many octets.
constexpr std::size_t kMaxStreamedLine = std::size_t{16} << 10;

/// How a program ended whose output was streamed.
struct StreamedEnd {
  ProgramEnd end = ProgramEnd::kExited;  ///< kExited, kNotStarted or kTimedOut
  int status = 0;                        ///< as in ProgramAnswer
  std::string reason;                    ///< kNotStarted: the system's words
};

/// Runs a program that works for long and writes much. `on_line` gets each line of its standard
/// output and standard error as it comes, without line end; a carriage return ends a line too.
/// The program and all that it started in its session (it has one of its own, and no terminal) get
/// SIGTERM, and SIGKILL 5 seconds later, when `call.cancel` is cancelled (throws
/// Error{kInterrupted}), the time is up, or `on_line` throws. `call.max_output` does not count.
StreamedEnd run_program_streaming(const ProgramCall& call,
                                  const std::function<void(std::string_view)>& on_line);

}  // namespace ecloud::base
