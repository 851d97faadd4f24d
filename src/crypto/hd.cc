#include "ecloud/crypto/hd.h"

#include <algorithm>
#include <utility>

#include "crypto/ripemd160.h"
#include "crypto/secp256k1_context.h"
#include "ecloud/base/base58.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::crypto {
namespace {

// BIP-32, "Serialization format": Bitcoin's main network, whose prefix other chains use too.
constexpr std::uint32_t kPrivateVersion = 0x0488ade4;
constexpr std::uint32_t kPublicVersion = 0x0488b21e;
constexpr std::size_t kExtendedSize = 78;
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kMaxDepth = 255;

void append_big_endian(base::Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t read_big_endian(base::ByteView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[i];
  return value;
}

base::FixedBytes<kChecksumSize> checksum(base::ByteView payload) {
  const base::Bytes32 digest = sha256(sha256(payload));
  return {digest[0], digest[1], digest[2], digest[3]};
}

/// Version and payload of an extended key with its fields in the order of BIP-32.
struct Extended {
  std::uint32_t version;
  std::uint8_t depth;
  base::FixedBytes<4> parent_fingerprint;
  std::uint32_t child_number;
  base::Bytes32 chain_code;
};

base::Bytes serialize(const Extended& fields) {
  base::Bytes out;
  out.reserve(kExtendedSize + kChecksumSize);
  append_big_endian(out, fields.version);
  out.push_back(fields.depth);
  base::append(out, fields.parent_fingerprint);
  append_big_endian(out, fields.child_number);
  base::append(out, fields.chain_code);
  return out;
}

std::string finish_base58(base::Bytes& payload) {
  base::append(payload, checksum(payload));
  std::string text = base::to_base58(payload);
  base::wipe(payload.data(), payload.size());
  return text;
}

/// The octets of a well-formed extended key of either kind, its key data still unchecked.
std::optional<base::Secret> decode_extended(std::string_view text) {
  // 82 octets are 112 characters at most; longer texts would only cost time.
  if (text.size() > 112) return std::nullopt;
  std::optional<base::Bytes> bytes = base::from_base58(text);
  if (!bytes || bytes->size() != kExtendedSize + kChecksumSize) return std::nullopt;
  const base::ByteView all = *bytes;
  const base::ByteView payload = all.first(kExtendedSize);
  const auto sum = checksum(payload);
  std::optional<base::Secret> out;
  if (std::equal(sum.begin(), sum.end(), all.begin() + kExtendedSize)) out.emplace(payload);
  base::wipe(bytes->data(), bytes->size());
  return out;
}

Extended fields_of(base::ByteView payload) {
  Extended out{};
  out.version = read_big_endian(payload);
  out.depth = payload[4];
  std::copy_n(payload.begin() + 5, 4, out.parent_fingerprint.begin());
  out.child_number = read_big_endian(payload.subspan(9));
  std::copy_n(payload.begin() + 13, 32, out.chain_code.begin());
  return out;
}

/// A master key has neither a parent nor a number.
bool consistent(const Extended& fields) {
  return fields.depth != 0 ||
         (fields.child_number == 0 && fields.parent_fingerprint == base::FixedBytes<4>{});
}

std::optional<PrivateKey> private_key_of(base::ByteView payload) {
  const base::ByteView key_data = payload.subspan(45);
  if (key_data[0] != 0) return std::nullopt;
  return PrivateKey::from_bytes(key_data.subspan(1));
}

bool is_point(base::ByteView compressed) {
  secp256k1_pubkey point;
  return ::secp256k1_ec_pubkey_parse(secp256k1_shared_context(), &point, compressed.data(),
                                     compressed.size()) == 1;
}

/// HMAC-SHA512 cut in two: a key, or what is added to one, and the chain code.
struct Halves {
  base::Secret left;
  base::Bytes32 right;
};

Halves hmac_halves(base::ByteView key, base::ByteView data) {
  base::FixedBytes<64> digest = hmac_sha512(key, data);
  Halves out{base::Secret(base::ByteView(digest).first(32)), {}};
  std::copy_n(digest.begin() + 32, 32, out.right.begin());
  base::wipe(digest.data(), digest.size());
  return out;
}

void check_seed(base::ByteView seed) {
  if (seed.size() >= 16 && seed.size() <= 64) return;
  throw Error(Category::kUsage, "crypto.invalid_seed",
              "a seed has 16 to 64 octets, not " + std::to_string(seed.size()));
}

Error invalid_path(const std::string& message) {
  return {Category::kUsage, "crypto.invalid_path", message};
}

}  // namespace

std::optional<std::vector<std::uint32_t>> parse_derivation_path(std::string_view text) {
  std::vector<std::string> parts = base::split(text, '/');
  if (parts.front() != "m" || parts.size() - 1 > kMaxDepth) return std::nullopt;
  std::vector<std::uint32_t> path;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    std::string_view part = parts[i];
    const bool hardened = part.ends_with('\'') || part.ends_with('h');
    if (hardened) part.remove_suffix(1);
    const std::optional<std::uint64_t> index = base::parse_decimal(part);
    if (!index || *index >= kHardened) return std::nullopt;
    path.push_back(static_cast<std::uint32_t>(*index) | (hardened ? kHardened : 0));
  }
  return path;
}

HdKey::HdKey(PrivateKey key, base::Bytes32 chain_code, std::uint8_t depth,
             base::FixedBytes<4> parent_fingerprint, std::uint32_t child_number)
    : key_(std::move(key)),
      chain_code_(chain_code),
      depth_(depth),
      parent_fingerprint_(parent_fingerprint),
      child_number_(child_number) {}

HdKey HdKey::from_seed(base::ByteView seed) {
  check_seed(seed);
  const Halves halves = hmac_halves(base::as_bytes("Bitcoin seed"), seed);
  std::optional<PrivateKey> key = PrivateKey::from_bytes(halves.left.reveal());
  if (!key) {
    throw Error(Category::kUsage, "crypto.invalid_seed", "the seed gives no valid master key");
  }
  return {std::move(*key), halves.right, 0, {}, 0};
}

HdKey HdKey::from_extended(std::string_view xprv) {
  const std::optional<base::Secret> payload = decode_extended(xprv);
  if (payload) {
    const Extended fields = fields_of(payload->reveal());
    std::optional<PrivateKey> key = private_key_of(payload->reveal());
    if (fields.version == kPrivateVersion && consistent(fields) && key) {
      return {std::move(*key), fields.chain_code, fields.depth, fields.parent_fingerprint,
              fields.child_number};
    }
  }
  throw Error(Category::kUsage, "crypto.invalid_extended_key",
              "the text is no valid extended private key (xprv)");
}

HdKey HdKey::derive(const std::vector<std::uint32_t>& path) const {
  HdKey node(key_.clone(), chain_code_, depth_, parent_fingerprint_, child_number_);
  for (const std::uint32_t index : path) node = node.child(index);
  return node;
}

HdKey HdKey::child(std::uint32_t index) const {
  if (depth_ == kMaxDepth) throw invalid_path("a derivation path has at most 255 levels");
  const CompressedPublicKey public_key = key_.compressed_public_key();
  base::Bytes data;
  data.reserve(public_key.size() + 4);
  if (index >= kHardened) {
    data.push_back(0);
    base::append(data, key_.secret().reveal());
  } else {
    base::append(data, public_key);
  }
  append_big_endian(data, index);
  const Halves halves = hmac_halves(chain_code_, data);
  base::wipe(data.data(), data.size());

  base::Bytes32 sum;
  std::copy_n(key_.secret().reveal().begin(), sum.size(), sum.begin());
  const int added = ::secp256k1_ec_seckey_tweak_add(secp256k1_shared_context(), sum.data(),
                                                    halves.left.reveal().data());
  std::optional<PrivateKey> key = PrivateKey::from_bytes(sum);
  base::wipe(sum.data(), sum.size());
  // BIP-32 puts the chance below 2^-127.
  if (added != 1 || !key) fail_bug("a derivation index has no valid key");
  const base::FixedBytes<20> id = ripemd160(sha256(public_key));
  return {std::move(*key),
          halves.right,
          static_cast<std::uint8_t>(depth_ + 1),
          {id[0], id[1], id[2], id[3]},
          index};
}

base::Secret HdKey::extended_private() const {
  base::Bytes payload =
      serialize({kPrivateVersion, depth_, parent_fingerprint_, child_number_, chain_code_});
  payload.push_back(0);
  base::append(payload, key_.secret().reveal());
  return base::Secret(finish_base58(payload));
}

std::string HdKey::extended_public() const {
  base::Bytes payload =
      serialize({kPublicVersion, depth_, parent_fingerprint_, child_number_, chain_code_});
  base::append(payload, key_.compressed_public_key());
  return finish_base58(payload);
}

bool valid_extended_key(std::string_view text) {
  const std::optional<base::Secret> payload = decode_extended(text);
  if (!payload) return false;
  const Extended fields = fields_of(payload->reveal());
  if (!consistent(fields)) return false;
  if (fields.version == kPrivateVersion) return private_key_of(payload->reveal()).has_value();
  return fields.version == kPublicVersion && is_point(payload->reveal().subspan(45));
}

base::Secret slip10_ed25519(base::ByteView seed, const std::vector<std::uint32_t>& path) {
  check_seed(seed);
  Halves node = hmac_halves(base::as_bytes("ed25519 seed"), seed);
  for (const std::uint32_t index : path) {
    if (index < kHardened) throw invalid_path("ed25519 keys have hardened children alone");
    base::Bytes data;
    data.reserve(1 + 32 + 4);
    data.push_back(0);
    base::append(data, node.left.reveal());
    append_big_endian(data, index);
    node = hmac_halves(node.right, data);
    base::wipe(data.data(), data.size());
  }
  return std::move(node.left);
}

}  // namespace ecloud::crypto
