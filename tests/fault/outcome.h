#pragma once

#include <set>
#include <string>
#include <vector>

namespace ecloud::testing {

using Lines = std::vector<std::string>;

/// How a run ended, in this process or in one of its own.
struct Outcome {
  int code = -1;        ///< the exit code, or -1
  bool killed = false;  ///< by SIGKILL
  std::string out;
  std::string err;

  std::string describe() const;
};

/// Problems of a run that failed: an exit code that promises something else, a result on stdout,
/// or no error document.
Lines problems_of_failure(const Outcome& run);

/// Problems of the second run: after one that failed it is to end with 0; after one that did its
/// work, or was killed and may have done it, it may also say that the name is taken.
Lines problems_of_second(const Outcome& first, const Outcome& second);

/// What one end state has that the other lacks.
Lines differences(const Lines& wanted, const Lines& found);

}  // namespace ecloud::testing
