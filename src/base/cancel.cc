#include "ecloud/base/cancel.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "ecloud/base/error.h"

namespace ecloud::base {

CancelToken::CancelToken() {
  if (::pipe(pipe_) != 0) fail_bug("no pipe for the cancel token");
  for (const int end : pipe_) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
}

CancelToken::~CancelToken() {
  for (const int end : pipe_) ::close(end);
}

void CancelToken::cancel() noexcept {
  const int saved = errno;
  cancelled_.store(true, std::memory_order_relaxed);
  [[maybe_unused]] const ssize_t written = ::write(pipe_[1], "x", 1);
  errno = saved;
}

void CancelToken::check() const {
  if (cancelled()) throw Error(Category::kInterrupted, "interrupted", "interrupted");
}

void CancelToken::wait(std::chrono::milliseconds duration) const {
  const auto end = std::chrono::steady_clock::now() + duration;
  for (;;) {
    check();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    pollfd readable{pipe_[0], POLLIN, 0};
    ::poll(&readable, 1, static_cast<int>(std::min<long long>(left.count() + 1, 60'000)));
  }
}

}  // namespace ecloud::base
