#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "ecloud/base/secret.h"
#include "ecloud/crypto/random.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/address.h"
#include "ecloud/platform/kms.h"

namespace ecloud::deploy {

/// Where the words of an app's wallet come from.
enum class WalletSource {
  kGenerated,    ///< made here, stored here under the deployer's key; the deployer knows them
  kKms,          ///< made by the platform's KMS; nobody outside the TEE knows them
  kEnvironment,  ///< MNEMONIC of the .env; whoever has the file knows them
};
std::string_view to_string(WalletSource source);  ///< "generated", "kms", "env"
std::optional<WalletSource> wallet_source_of(std::string_view word);

/// First addresses of a phrase: m/44'/60'/0'/0/0 and, for Solana, m/44'/501'/0'/0'.
struct WalletAddresses {
  std::string evm;     ///< EIP-55
  std::string solana;  ///< base58
};
WalletAddresses wallet_addresses(const base::Secret& mnemonic);

/// The first `count` addresses of each kind, m/44'/60'/0'/0/i and m/44'/501'/i'/0', as the platform
/// derives them.
platform::AppAddresses derive_addresses(const base::Secret& mnemonic, std::uint32_t count);

/// The generated wallets of this machine: STATE/wallets/ENVIRONMENT/APPID.json (mode 0600), the
/// words under AES-256-GCM with the key HKDF-SHA256(deployer's private key, salt = the 20 octets of
/// the app id, info = "ecloud app wallet v1"). So the key that deployed an app always recovers its
/// wallet, and there is no other password. A file is never replaced or removed; that of a wallet
/// which the app has given up is put aside as APPID-ADDRESS.json when it gets other words.
class WalletStore {
 public:
  WalletStore(const std::filesystem::path& state, const std::string& environment);

  /// Writes and syncs the file, and reads it back before it returns.
  void save(const Signer& deployer, const eth::Address& app, const base::Secret& mnemonic,
            crypto::Random& random, std::int64_t now);

  /// As save, after the file of other words was put aside.
  void save_instead(const Signer& deployer, const eth::Address& app, const base::Secret& mnemonic,
                    crypto::Random& random, std::int64_t now);

  /// Nothing when there is no file. Throws Error{kCredentials, "wallet.wrong_key"} when another key
  /// deployed the app, Error{kVerification, "wallet.damaged"} for a damaged file.
  std::optional<base::Secret> load(const Signer& deployer, const eth::Address& app) const;

  std::filesystem::path file_of(const eth::Address& app) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace ecloud::deploy
