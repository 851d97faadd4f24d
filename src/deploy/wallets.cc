#include "ecloud/deploy/wallets.h"

#include <algorithm>

#include "ecloud/base/base58.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/aead.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/crypto/hd.h"

namespace ecloud::deploy {
namespace {

constexpr std::string_view kKeyInfo = "ecloud app wallet v1";
constexpr std::size_t kMaxWalletFileBytes = 64 * 1024;

base::Secret file_key(const Signer& deployer, const eth::Address& app) {
  base::Bytes key = crypto::hkdf_sha256(deployer.key.secret().reveal(), app.bytes(),
                                        base::as_bytes(kKeyInfo), crypto::kGcmKeySize);
  base::Secret secret{base::ByteView(key)};
  base::wipe(key.data(), key.size());
  return secret;
}

std::vector<std::uint32_t> path_of(std::string_view text) {
  auto path = crypto::parse_derivation_path(text);
  if (!path) fail_bug("a derivation path of ours is malformed");
  return std::move(*path);
}

base::Bytes hex_member(const base::Json& document, std::string_view name) {
  auto bytes = base::from_hex(document[name].as_string());
  if (!bytes) throw document[name].error("is not hex");
  return std::move(*bytes);
}

}  // namespace

std::string_view to_string(WalletSource source) {
  switch (source) {
    case WalletSource::kGenerated:
      return "generated";
    case WalletSource::kKms:
      return "kms";
    case WalletSource::kEnvironment:
      return "env";
  }
  fail_bug("a wallet source without a name");
}

std::optional<WalletSource> wallet_source_of(std::string_view word) {
  for (const WalletSource source :
       {WalletSource::kGenerated, WalletSource::kKms, WalletSource::kEnvironment}) {
    if (word == to_string(source)) return source;
  }
  return std::nullopt;
}

platform::AppAddresses derive_addresses(const base::Secret& mnemonic, std::uint32_t count) {
  const base::Secret seed = crypto::mnemonic_seed(mnemonic.reveal_text());
  const crypto::HdKey root = crypto::HdKey::from_seed(seed.reveal());
  platform::AppAddresses out;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string evm_path = "m/44'/60'/0'/0/" + std::to_string(i);
    const crypto::HdKey evm = root.derive(path_of(evm_path));
    out.evm.push_back({eth::Address::of(evm.key().public_key()).to_string(), evm_path});
    const std::string solana_path = "m/44'/501'/" + std::to_string(i) + "'/0'";
    const base::Secret solana = crypto::slip10_ed25519(seed.reveal(), path_of(solana_path));
    out.solana.push_back({base::to_base58(crypto::ed25519_public_key(solana)), solana_path});
  }
  return out;
}

WalletAddresses wallet_addresses(const base::Secret& mnemonic) {
  const platform::AppAddresses first = derive_addresses(mnemonic, 1);
  return {first.evm.front().address, first.solana.front().address};
}

WalletStore::WalletStore(const std::filesystem::path& state, const std::string& environment)
    : directory_(state / "wallets" / environment) {}

std::filesystem::path WalletStore::file_of(const eth::Address& app) const {
  return directory_ / (app.to_string() + ".json");
}

void WalletStore::save(const Signer& deployer, const eth::Address& app,
                       const base::Secret& mnemonic, crypto::Random& random, std::int64_t now) {
  const base::Secret key = file_key(deployer, app);
  const base::Bytes nonce = random.bytes(crypto::kGcmNonceSize);
  const crypto::Sealed sealed = crypto::aes256gcm_seal(key.reveal(), nonce, {}, mnemonic.reveal());
  const WalletAddresses addresses = wallet_addresses(mnemonic);
  const base::Json document = base::Json::object({
      {"version", 1},
      {"appId", app.to_string()},
      {"deployer", deployer.address.to_string()},
      {"createdAt", base::format_rfc3339(now)},
      {"evmAddress", addresses.evm},
      {"solanaAddress", addresses.solana},
      {"cipher", "AES-256-GCM"},
      {"kdf", "HKDF-SHA256"},
      {"kdfInfo", kKeyInfo},
      {"nonce", base::to_hex(nonce)},
      {"ciphertext", base::to_hex(sealed.ciphertext)},
      {"tag", base::to_hex(sealed.tag)},
  });
  base::write_new_file(file_of(app), document.pretty() + "\n", base::kPrivateFile);
  const auto stored = load(deployer, app);
  if (!stored || !base::equal_constant_time(stored->reveal(), mnemonic.reveal())) {
    throw Error(Category::kFailure, "wallet.not_stored",
                "the wallet could not be read back from " + file_of(app).string(),
                "check the disk; nothing has been sent");
  }
}

void WalletStore::save_instead(const Signer& deployer, const eth::Address& app,
                               const base::Secret& mnemonic, crypto::Random& random,
                               std::int64_t now) {
  const auto old = load(deployer, app);
  if (!old) return save(deployer, app, mnemonic, random, now);
  if (base::equal_constant_time(old->reveal(), mnemonic.reveal())) return;
  const std::filesystem::path aside =
      directory_ / (app.to_string() + "-" + wallet_addresses(*old).evm + ".json");
  std::error_code failure;
  std::filesystem::rename(file_of(app), aside, failure);
  if (failure) {
    throw Error(Category::kFailure, "file.unwritable",
                "cannot rename " + file_of(app).string() + ": " + failure.message());
  }
  try {
    save(deployer, app, mnemonic, random, now);
  } catch (...) {
    std::error_code ignored;
    if (!std::filesystem::exists(file_of(app), ignored)) {
      std::filesystem::rename(aside, file_of(app), ignored);
    }
    throw;
  }
}

std::optional<base::Secret> WalletStore::load(const Signer& deployer,
                                              const eth::Address& app) const {
  const auto text =
      base::read_file_if_exists(file_of(app), kMaxWalletFileBytes, Category::kFailure);
  if (!text) return std::nullopt;
  const base::Json document =
      base::Json::parse(*text, file_of(app).string(), Category::kVerification);
  const auto owner = eth::Address::parse(document["deployer"].as_string());
  if (owner && *owner != deployer.address) {
    throw Error(Category::kCredentials, "wallet.wrong_key",
                "the wallet of app " + app.to_string() + " belongs to the key of " +
                    owner->to_string() + ", not to that of " + deployer.address.to_string(),
                "give the key that deployed the app");
  }
  crypto::Sealed sealed;
  sealed.ciphertext = hex_member(document, "ciphertext");
  const base::Bytes tag = hex_member(document, "tag");
  const base::Bytes nonce = hex_member(document, "nonce");
  const bool sized = tag.size() == sealed.tag.size() && nonce.size() == crypto::kGcmNonceSize;
  if (sized) std::copy(tag.begin(), tag.end(), sealed.tag.begin());
  auto opened = sized ? crypto::aes256gcm_open(file_key(deployer, app).reveal(), nonce, {}, sealed)
                      : std::nullopt;
  if (!opened) {
    throw Error(Category::kVerification, "wallet.damaged",
                file_of(app).string() + " is damaged: it does not open with the deployer's key",
                "restore the file from a backup");
  }
  return std::move(*opened);
}

}  // namespace ecloud::deploy
