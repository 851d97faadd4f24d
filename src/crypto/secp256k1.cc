#include "ecloud/crypto/secp256k1.h"

#include <secp256k1_recovery.h>

#include <algorithm>

#include "crypto/secp256k1_context.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/random.h"

namespace ecloud::crypto {
namespace {

/// Half of the group order n of SEC 2 section 2.4.1, rounded down: the highest s of EIP-2.
constexpr base::Bytes32 kHalfOrder = {
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

secp256k1_pubkey point_of(const base::Secret& secret) {
  secp256k1_pubkey point;
  if (::secp256k1_ec_pubkey_create(secp256k1_shared_context(), &point, secret.reveal().data()) !=
      1) {
    fail_bug("a checked private key has no public key");
  }
  return point;
}

template <std::size_t N>
base::FixedBytes<N> serialize(const secp256k1_pubkey& point, unsigned form) {
  base::FixedBytes<N> out;
  std::size_t size = out.size();
  ::secp256k1_ec_pubkey_serialize(secp256k1_shared_context(), out.data(), &size, &point, form);
  return out;
}

}  // namespace

const secp256k1_context* secp256k1_shared_context() {
  // Never destroyed: threads may still sign while the process ends.
  static const secp256k1_context* const context = [] {
    secp256k1_context* made = ::secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    const base::Bytes32 seed = SystemRandom().bytes32();
    if (::secp256k1_context_randomize(made, seed.data()) != 1) fail_bug("no secp256k1 context");
    return made;
  }();
  return context;
}

base::FixedBytes<65> RecoverableSignature::with_v27() const {
  base::FixedBytes<65> out;
  std::copy(r.begin(), r.end(), out.begin());
  std::copy(s.begin(), s.end(), out.begin() + 32);
  out[64] = static_cast<std::uint8_t>(27 + y_parity);
  return out;
}

std::optional<RecoverableSignature> RecoverableSignature::from_v27(base::ByteView bytes) {
  if (bytes.size() != 65) return std::nullopt;
  const std::uint8_t v = bytes[64];
  if (v > 1 && v != 27 && v != 28) return std::nullopt;
  RecoverableSignature out;
  std::copy_n(bytes.begin(), 32, out.r.begin());
  std::copy_n(bytes.begin() + 32, 32, out.s.begin());
  out.y_parity = v > 1 ? static_cast<std::uint8_t>(v - 27) : v;
  return out;
}

std::optional<PrivateKey> PrivateKey::from_bytes(base::ByteView bytes) {
  if (bytes.size() != 32) return std::nullopt;
  if (::secp256k1_ec_seckey_verify(secp256k1_shared_context(), bytes.data()) != 1) {
    return std::nullopt;
  }
  return PrivateKey(base::Secret(bytes));
}

std::optional<PrivateKey> PrivateKey::from_hex(std::string_view text) {
  std::optional<base::Bytes> bytes = base::from_hex(base::trim_spaces(text));
  if (!bytes) return std::nullopt;
  std::optional<PrivateKey> key = from_bytes(*bytes);
  base::wipe(bytes->data(), bytes->size());
  return key;
}

PrivateKey PrivateKey::clone() const {
  return PrivateKey(secret_.clone());
}

PublicKey PrivateKey::public_key() const {
  return serialize<65>(point_of(secret_), SECP256K1_EC_UNCOMPRESSED);
}

CompressedPublicKey PrivateKey::compressed_public_key() const {
  return serialize<33>(point_of(secret_), SECP256K1_EC_COMPRESSED);
}

RecoverableSignature PrivateKey::sign(const base::Bytes32& digest) const {
  const secp256k1_context* context = secp256k1_shared_context();
  secp256k1_ecdsa_recoverable_signature signature;
  if (::secp256k1_ecdsa_sign_recoverable(context, &signature, digest.data(),
                                         secret_.reveal().data(), nullptr, nullptr) != 1) {
    fail_bug("a checked private key does not sign");
  }
  base::FixedBytes<64> compact;
  int recovery_id = 0;
  ::secp256k1_ecdsa_recoverable_signature_serialize_compact(context, compact.data(), &recovery_id,
                                                            &signature);
  // 2 and 3 stand for an r above the order, which nobody has ever met and Ethereum cannot express.
  if (recovery_id > 1) fail_bug("the x of a signature is above the group order");
  RecoverableSignature out;
  std::copy_n(compact.begin(), 32, out.r.begin());
  std::copy_n(compact.begin() + 32, 32, out.s.begin());
  out.y_parity = static_cast<std::uint8_t>(recovery_id);
  return out;
}

std::optional<PublicKey> recover(const base::Bytes32& digest,
                                 const RecoverableSignature& signature) {
  if (signature.y_parity > 1 || signature.s > kHalfOrder) return std::nullopt;
  const secp256k1_context* context = secp256k1_shared_context();
  base::FixedBytes<65> compact = signature.with_v27();
  secp256k1_ecdsa_recoverable_signature parsed;
  if (::secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, compact.data(),
                                                            signature.y_parity) != 1) {
    return std::nullopt;
  }
  secp256k1_pubkey point;
  if (::secp256k1_ecdsa_recover(context, &point, &parsed, digest.data()) != 1) return std::nullopt;
  return serialize<65>(point, SECP256K1_EC_UNCOMPRESSED);
}

}  // namespace ecloud::crypto
