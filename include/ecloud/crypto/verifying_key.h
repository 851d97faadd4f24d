#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "ecloud/base/bytes.h"

namespace ecloud::crypto {

/// The asymmetric signatures of RFC 7518 section 3.1. Those over curves are r || s, of one length.
enum class SignatureAlgorithm {
  kRs256,
  kRs384,
  kRs512,  ///< RSASSA-PKCS1-v1_5
  kPs256,
  kPs384,
  kPs512,  ///< RSASSA-PSS, salt as long as the hash
  kEs256,
  kEs384,
  kEs512,  ///< ECDSA over P-256, P-384, P-521
};

/// "RS256" … "ES512". Nothing for anything else: "none" and the symmetric ones are no algorithms.
std::optional<SignatureAlgorithm> signature_algorithm(std::string_view name);

enum class KeyType { kRsa, kP256, kP384, kP521 };

/// A public key that others sign with. Copies share it; thread-safe.
class VerifyingKey {
 public:
  /// A point of P-256, P-384 or P-521, each coordinate as long as the field. Nothing when it is not
  /// on the curve.
  static std::optional<VerifyingKey> from_point(KeyType curve, base::ByteView x, base::ByteView y);
  /// Modulus and exponent, big-endian: 2048 to 8192 bits and an odd exponent of at most 64 bits;
  /// nothing otherwise.
  static std::optional<VerifyingKey> from_rsa(base::ByteView modulus, base::ByteView exponent);
  /// DER of a SubjectPublicKeyInfo of one of the types; nothing for anything else.
  static std::optional<VerifyingKey> from_spki(base::ByteView der);

  KeyType type() const { return type_; }
  /// Whether the type is the one that the algorithm asks for.
  bool fits(SignatureAlgorithm algorithm) const;
  /// Whether `signature` was made over `message`. False too for a malformed one and for an
  /// algorithm that does not fit.
  bool verify(SignatureAlgorithm algorithm, base::ByteView message, base::ByteView signature) const;

 private:
  VerifyingKey(std::shared_ptr<void> key, KeyType type) : key_(std::move(key)), type_(type) {}

  std::shared_ptr<void> key_;
  KeyType type_;
};

}  // namespace ecloud::crypto
