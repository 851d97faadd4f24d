#pragma once

#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/net/transport.h"

namespace ecloud::oci {

/// The pauses between the attempts at moving one blob: 1 s, 2 s, 4 s, 8 s, or what Retry-After asks
/// for up to half a minute.
class Patience {
 public:
  /// Null: without pauses.
  explicit Patience(base::Clock* clock) : clock_(clock) {}

  /// Waits before the next attempt. False when there have been enough: 5 without progress, 20 with.
  /// `answer` may be null.
  bool wait(const net::Response* answer);
  /// The last attempt has moved something.
  void progressed() { in_vain_ = 0; }

 private:
  base::Clock* clock_;
  int in_vain_ = 0;
  int attempts_ = 0;
};

/// Whether another attempt may help: a connection that was lost, and not a certificate.
bool may_pass(const Error& error);
/// 429, and 5xx.
bool may_pass(const net::Response& response);

}  // namespace ecloud::oci
