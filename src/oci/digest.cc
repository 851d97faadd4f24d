#include "ecloud/oci/digest.h"

#include <algorithm>

#include "ecloud/base/hex.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::oci {
namespace {

constexpr std::string_view kPrefix = "sha256:";
constexpr std::size_t kHexDigits = 64;

bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

std::optional<Digest> Digest::parse(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() != kHexDigits || !std::all_of(text.begin(), text.end(), is_lower_hex)) {
    return std::nullopt;
  }
  const auto sha256 = base::fixed_from_hex<32>(text);
  if (!sha256) return std::nullopt;
  return Digest(*sha256);
}

Digest Digest::of(base::ByteView content) {
  return Digest(crypto::sha256(content));
}

std::string Digest::to_string() const {
  return std::string(kPrefix) + base::to_hex(sha256_);
}

}  // namespace ecloud::oci
