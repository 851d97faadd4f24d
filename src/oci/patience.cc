#include "patience.h"

#include <algorithm>

#include "ecloud/net/retry.h"

namespace ecloud::oci {
namespace {

constexpr int kMaxInVain = 4;
constexpr int kMaxAttempts = 19;
constexpr base::Milliseconds kFirstPause{1'000};
constexpr base::Milliseconds kLongestPause{30'000};

}  // namespace

bool Patience::wait(const net::Response* answer) {
  if (in_vain_ >= kMaxInVain || attempts_ >= kMaxAttempts) return false;
  if (clock_ != nullptr) {
    base::Milliseconds pause = kFirstPause * (1 << in_vain_);
    if (answer != nullptr) {
      pause = net::retry_after(*answer, clock_->unix_seconds()).value_or(pause);
    }
    clock_->sleep(std::min(pause, kLongestPause));
  }
  ++in_vain_;
  ++attempts_;
  return true;
}

bool may_pass(const Error& error) {
  return error.category() == Category::kNetwork && error.code().starts_with("net.") &&
         error.code() != "net.tls" && error.code() != "net.too_large" &&
         error.code() != "net.redirect_refused" && error.code() != "net.proxy";
}

bool may_pass(const net::Response& response) {
  return response.status == 429 || response.status >= 500;
}

}  // namespace ecloud::oci
