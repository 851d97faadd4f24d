#include "ecloud/base/cancel.h"

#include <fcntl.h>
#include <poll.h>

#include <csignal>
#include <thread>

#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "support/catch.h"

namespace ecloud::base {
namespace {

CancelToken* signalled_token = nullptr;
volatile std::sig_atomic_t errno_afterwards = 0;

bool readable(const CancelToken& token) {
  pollfd entry{token.descriptor(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

/// The error that `action` throws; fails the test when there is none.
template <typename Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {Category::kBug, "", ""};
}

TEST_CASE("nothing is cancelled at first", "[base]") {
  const CancelToken token;
  CHECK_FALSE(token.cancelled());
  CHECK_NOTHROW(token.check());
  CHECK_FALSE(readable(token));
  CHECK_NOTHROW(token.wait(std::chrono::milliseconds(0)));
  CHECK_NOTHROW(token.wait(std::chrono::milliseconds(-5)));
  CHECK_NOTHROW(token.wait(std::chrono::milliseconds(1)));
}

TEST_CASE("once cancelled every wait ends with exit code 130", "[base]") {
  CancelToken token;
  token.cancel();
  CHECK(token.cancelled());
  CHECK(readable(token));
  const Error error = error_of([&] { token.check(); });
  CHECK(exit_code(error.category()) == 130);
  CHECK(error.code() == "interrupted");
  CHECK(error.message() == "interrupted");
  CHECK(error_of([&] { token.wait(std::chrono::hours(1)); }).code() == "interrupted");
  CHECK(readable(token));
}

TEST_CASE("cancelling again and again never blocks", "[base]") {
  CancelToken token;
  for (int i = 0; i < 100000; ++i) token.cancel();  // more than a pipe holds
  CHECK(token.cancelled());
}

TEST_CASE("a wait of an hour ends when another thread cancels", "[base]") {
  CancelToken token;
  std::thread other([&] { token.cancel(); });
  CHECK(error_of([&] { token.wait(std::chrono::hours(1)); }).code() == "interrupted");
  other.join();
}

TEST_CASE("cancelling works in a signal handler and keeps errno", "[base]") {
  CancelToken token;
  signalled_token = &token;
  const auto old = std::signal(SIGUSR1, [](int) {
    errno = 77;
    signalled_token->cancel();
    errno_afterwards = errno;
  });
  std::raise(SIGUSR1);
  CHECK(errno_afterwards == 77);
  std::signal(SIGUSR1, old);
  CHECK(token.cancelled());
}

TEST_CASE("the descriptors are not handed to other programs", "[base]") {
  const CancelToken token;
  CHECK((::fcntl(token.descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("the system clock sleeps until the user cancels", "[base]") {
  CancelToken token;
  SystemClock clock(token);
  CHECK_NOTHROW(clock.sleep(Milliseconds(0)));
  const Milliseconds before = clock.monotonic();
  clock.sleep(Milliseconds(2));
  CHECK((clock.monotonic() - before).count() >= 2);
  token.cancel();
  CHECK(error_of([&] { clock.sleep(std::chrono::hours(1)); }).category() == Category::kInterrupted);
}

}  // namespace
}  // namespace ecloud::base
