#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace ecloud {

/// Why something failed, as the shell sees it: the value is the exit code of the process.
enum class Category : int {
  kFailure = 1,        ///< a reason not below
  kUsage = 2,          ///< bad flag, argument, file or configuration: nothing was attempted
  kImage = 3,          ///< build, push, layering or digest failed: nothing is on chain
  kTransaction = 4,    ///< the transaction was refused or reverted
  kCredentials = 5,    ///< no credentials, or refused ones
  kNotFound = 6,       ///< app, build, image or release not found
  kNetwork = 7,        ///< network or a remote service failed after the retries
  kPending = 8,        ///< still going on when the time ran out
  kVerification = 9,   ///< a verification failed
  kBug = 70,           ///< our own mistake (EX_SOFTWARE of sysexits.h)
  kInterrupted = 130,  ///< Ctrl-C, or a confirmation declined
};

constexpr int exit_code(Category category) {
  return static_cast<int>(category);
}

/// The one exception type that leaves a module. `code` is stable and dotted ("chain.reverted"),
/// `message` names the thing and the value without a final full stop, `hint` is the next thing to
/// type or empty. Never holds a secret.
class Error : public std::exception {
 public:
  Error(Category category, std::string code, std::string message, std::string hint = {});

  Category category() const noexcept { return category_; }
  const std::string& code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& hint() const noexcept { return hint_; }
  const char* what() const noexcept override { return message_.c_str(); }

  /// The same error with another hint: for callers that know the next command better.
  Error with_hint(std::string hint) const;

 private:
  Category category_;
  std::string code_;
  std::string message_;
  std::string hint_;
};

/// Throws a kBug error that names the broken expectation. For states that no input can reach.
[[noreturn]] void fail_bug(std::string_view expectation);

}  // namespace ecloud
