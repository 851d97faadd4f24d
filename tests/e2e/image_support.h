#pragma once

#include <optional>
#include <string>
#include <vector>

#include "e2e/session.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/tar.h"
#include "support/catch.h"
#include "support/docker_archive.h"

namespace ecloud::testing {

/// A request that changes what a registry holds.
inline bool writes(const devnet::RequestRecord& request) {
  return request.path.starts_with("/v2/") && request.method != "GET" && request.method != "HEAD";
}

inline std::size_t writes_of(const World& world) {
  std::size_t count = 0;
  for (const auto& request : world.devnet.requests()) count += writes(request) ? 1 : 0;
  return count;
}

/// Neither in the registry nor on chain.
inline void check_nothing_happened(const World& world) {
  CHECK(writes_of(world) == 0);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.apps().empty());
}

}  // namespace ecloud::testing
