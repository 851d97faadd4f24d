#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/random.h"
#include "ecloud/crypto/secp256k1.h"

namespace ecloud::crypto {

/// Key files after the Web3 Secret Storage Definition, version 3: a private key under AES-128-CTR,
/// the key for that derived from a password, a Keccak-256 MAC over both.

/// What scrypt costs: 128 * n * r octets of memory and n * r * p steps. The default is geth's
/// standard, 256 MiB.
struct ScryptCost {
  std::uint64_t n = 262'144;
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};

/// The file's text for `key`, with the account's address in it, as geth and ethers open it. The
/// password is taken as the octets that it is; some programs normalise what is not ASCII. Throws
/// Error{kFailure, "keystore.no_memory"}.
std::string seal_keystore(const PrivateKey& key, const base::Secret& password, Random& random,
                          const ScryptCost& cost = {});

/// A key file that has been read and understood, and not opened yet.
class Keystore {
 public:
  /// `name` stands for the file in errors. Throws Error{kUsage} with code "keystore.malformed" for
  /// what is no such file or a damaged one (with the place), "keystore.unsupported" for another
  /// version, cipher or key derivation, and for costs beyond 1 GiB of memory or some minutes of
  /// work.
  static Keystore parse(std::string_view text, std::string name);

  /// The account as the file states it; not every program writes it. Not checked before open().
  const std::optional<base::FixedBytes<20>>& address() const { return address_; }

  /// Throws Error{kCredentials, "keystore.wrong_password"} when the MAC differs (the password is
  /// wrong, or the file was changed), Error{kVerification, "keystore.damaged"} when the MAC is
  /// right and what it protects is no private key or not that of address(), Error{kFailure,
  /// "keystore.no_memory"}.
  PrivateKey open(const base::Secret& password) const;

 private:
  Keystore() = default;
  base::Secret derive(const base::Secret& password) const;

  std::string name_;
  std::optional<base::FixedBytes<20>> address_;
  bool is_scrypt_ = true;
  ScryptCost cost_;
  std::uint32_t iterations_ = 0;  ///< of PBKDF2
  base::Bytes salt_;
  base::FixedBytes<16> iv_{};
  base::Bytes ciphertext_;
  base::Bytes32 mac_{};
};

}  // namespace ecloud::crypto
