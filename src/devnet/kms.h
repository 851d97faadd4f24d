#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "ecloud/base/bytes.h"
#include "ecloud/base/json.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/pem_keys.h"
#include "ecloud/eth/address.h"

namespace ecloud::devnet {

/// The names and values that a TEE sees, sorted.
using TeeEnvironment = std::map<std::string, base::Secret>;

/// The key of the app's persistent disk, 64 lower-case hex digits: HMAC-SHA256 with the key
/// "EIGENX_STORAGE_KEY_DERIVATION_V1" of the BIP-39 seed of MNEMONIC. Empty when MNEMONIC is not a
/// valid recovery phrase.
std::string disk_key(const TeeEnvironment& environment);

/// What the KMS's client writes for the start script to source: `export NAME="VALUE"` lines, sorted
/// by name, nothing escaped, as the platform's client does.
base::Secret export_lines(const TeeEnvironment& environment);

/// The key management service: the keys of the platform, and what only their holder can do.
/// Not thread-safe.
class Kms {
 public:
  /// Reads the four PEM files of `directory` (see Options::key_dir), or makes the pairs that are
  /// missing, there or in memory. Throws Error{kUsage, "devnet.keys"} when half of a pair is
  /// missing.
  explicit Kms(const std::optional<std::filesystem::path>& directory);

  const std::string& encryption_key() const { return encryption_.public_key; }
  const std::string& signing_key() const { return signing_.public_key; }

  /// The mnemonic that the KMS gives to an app that has none of its own: 24 words derived from the
  /// KMS's key and the app.
  base::Secret mnemonic(const eth::Address& app) const;

  /// Decrypts the private variables of a release and lays everything together: the
  /// KMS's mnemonic, private variables over it, public ones over both. Throws Error{kVerification,
  /// "devnet.environment"} when the JWE does not decrypt, names another app, or holds no JSON
  /// object of strings, and when the public variables name other hardware than that of the instance
  /// type ("Platform validation failed").
  TeeEnvironment environment(const eth::Address& app, base::ByteView encrypted_env,
                             base::ByteView public_env) const;

  /// {"data":{appId, evmAddresses, solanaAddresses}, "signature"}: five addresses of each kind from
  /// the KMS's mnemonic, signed.
  base::Json signed_addresses(const eth::Address& app);

  /// DER ECDSA P-256 over SHA-256, base64.
  std::string sign(std::string_view text) const;

 private:
  crypto::PemKeyPair encryption_;
  crypto::PemKeyPair signing_;
  std::map<eth::Address, base::Json> signed_addresses_;
};

}  // namespace ecloud::devnet
