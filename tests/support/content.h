#pragma once

#include <string>

#include "ecloud/oci/content.h"

namespace ecloud::testing {

/// All of it. Link ecloud_oci to use it.
inline std::string octets_of(const oci::Content& content) {
  std::string out;
  oci::read_all(content, [&](base::ByteView piece) {
    out += base::as_chars(piece);
    return true;
  });
  return out;
}

}  // namespace ecloud::testing
