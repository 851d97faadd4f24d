#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::oci {

/// A content digest of the OCI image specification; sha256 only, the one that goes on chain.
class Digest {
 public:
  /// "sha256:" and 64 lower-case hex digits; nothing otherwise.
  static std::optional<Digest> parse(std::string_view text);
  static Digest of(base::ByteView content);
  explicit Digest(const base::Bytes32& sha256) : sha256_(sha256) {}

  std::string to_string() const;
  const base::Bytes32& sha256() const { return sha256_; }
  bool operator==(const Digest&) const = default;

 private:
  base::Bytes32 sha256_;
};

}  // namespace ecloud::oci
