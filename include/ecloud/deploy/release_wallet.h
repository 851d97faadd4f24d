#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/base/error.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/random.h"
#include "ecloud/deploy/services.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/eth/address.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::deploy {

/// A release says on chain where the app's wallet comes from, and carries the recovery phrase of a
/// generated one, encrypted with the deployer key. So the deployer key recovers the wallet on any
/// machine. Both are private members of the protected header of the JWE in encryptedEnv, which the
/// KMS ignores:
///
///   x-ecloud-wallet        "generated", "env" or "kms"
///   x-ecloud-wallet-words  only with "generated", and optional: base64url without padding of
///                          nonce (12 bytes) || ciphertext || tag (16 bytes)
///
/// AES-256-GCM of the phrase (BIP-39 words separated by one space, no line break) with
///   key              HKDF-SHA256(secret = the deployer's 32-byte private key,
///                                salt = the 20 bytes of the app ID,
///                                info = "ecloud app wallet on chain v1"), 32 bytes
///   additional data  the 20 bytes of the app ID
/// The same format with a test vector: docs/wallet-on-chain.md.
///
/// Whoever may upgrade the app chooses the header of the next release: the sealed phrase is
/// authenticated by GCM, `source` only by the KMS, which opens a JWE only with its own header.
/// All functions here are pure and thread-safe.
constexpr std::string_view kWalletMember = "x-ecloud-wallet";
constexpr std::string_view kWalletWordsMember = "x-ecloud-wallet-words";

/// What a release says of the app's wallet.
struct ReleaseWallet {
  WalletSource source = WalletSource::kKms;
  /// The value of x-ecloud-wallet-words; empty when the phrase was left out, and when `source` is
  /// not kGenerated.
  std::string sealed_phrase;
};

/// A new value of x-ecloud-wallet-words, with a nonce from `random`. `mnemonic` is in normal form.
std::string seal_phrase(const Signer& deployer, const eth::Address& app,
                        const base::Secret& mnemonic, crypto::Random& random);

/// The phrase, in normal form. Nothing when the value was not made with this key for this app.
std::optional<base::Secret> open_phrase(const Signer& deployer, const eth::Address& app,
                                        std::string_view sealed_phrase);

/// Error{kVerification, "wallet.forged"}: a release of `app` has members that are not what they
/// claim to be; `problem` says why.
Error forged_wallet(const eth::Address& app, const std::string& problem);

/// For platform::encrypt_private_environment().
platform::HeaderMembers header_members(const ReleaseWallet& wallet);

/// Reads them from the encryptedEnv of a release of `app`. Nothing when the release has none, as
/// those that other programs and early versions of this one made. Throws Error{kVerification,
/// "wallet.forged"} for members that no release of that app can have: an unknown source, a phrase
/// without a generated wallet or of an impossible size, a header of another app, and a ciphertext
/// that is too short for the recovery phrase that the wallet needs.
std::optional<ReleaseWallet> read_release_wallet(base::ByteView encrypted_env,
                                                 const eth::Address& app);

/// False when the encrypted variables are too short to contain a recovery phrase, so that the
/// wallet can only be the KMS's. True when the length is not known.
bool may_hold_mnemonic(base::ByteView encrypted_env);

}  // namespace ecloud::deploy
