#include "ecloud/deploy/release_wallet.h"

#include <algorithm>

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/aead.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/crypto/jwe.h"

namespace ecloud::deploy {
namespace {

constexpr std::string_view kKeyInfo = "ecloud app wallet on chain v1";
/// 24 words of eight letters and the spaces between them.
constexpr std::size_t kLongestPhrase = 24 * 8 + 23;
/// {"MNEMONIC":"…"} with the shortest phrase there is: twelve words of three letters (BIP-39).
constexpr std::size_t kShortestMnemonicJson = 15 + 12 * 3 + 11;
constexpr std::size_t kOverhead = crypto::kGcmNonceSize + crypto::kGcmTagSize;

base::Secret key_for(const Signer& deployer, const eth::Address& app) {
  base::Bytes key = crypto::hkdf_sha256(deployer.key.secret().reveal(), app.bytes(),
                                        base::as_bytes(kKeyInfo), crypto::kGcmKeySize);
  base::Secret secret{base::ByteView(key)};
  base::wipe(key.data(), key.size());
  return secret;
}

[[noreturn]] void fail_forged(const eth::Address& app, const std::string& problem) {
  throw forged_wallet(app, problem);
}

/// The text of a member; nothing when it is missing.
std::optional<std::string> text_member(const base::Json& header, std::string_view name,
                                       const eth::Address& app) {
  const base::Json member = header[name];
  if (!member.exists()) return std::nullopt;
  if (!member.is_string()) fail_forged(app, std::string(name) + " is not a string");
  return member.as_string();
}

void check_sealed(const std::string& sealed, const eth::Address& app) {
  const auto bytes = base::from_base64url(sealed);
  const bool fits =
      bytes && bytes->size() > kOverhead && bytes->size() <= kOverhead + kLongestPhrase;
  if (!fits) {
    fail_forged(app, std::string(kWalletWordsMember) + " is not an encrypted recovery phrase");
  }
}

}  // namespace

Error forged_wallet(const eth::Address& app, const std::string& problem) {
  const std::string id = app.to_string();
  return {Category::kVerification, "wallet.forged",
          "a release of app " + id + " has a forged wallet entry on chain: " + problem,
          "see who made the release: ecloud compute app releases " + id +
              "\nto go back to a release that you trust: ecloud compute app rollback " + id +
              " --to RELEASE\nor name the wallet for the next release: --wallet generated, env "
              "or kms"};
}

std::string seal_phrase(const Signer& deployer, const eth::Address& app,
                        const base::Secret& mnemonic, crypto::Random& random) {
  const base::Secret key = key_for(deployer, app);
  base::Bytes out = random.bytes(crypto::kGcmNonceSize);
  const crypto::Sealed sealed =
      crypto::aes256gcm_seal(key.reveal(), out, app.bytes(), mnemonic.reveal());
  base::append(out, sealed.ciphertext);
  base::append(out, sealed.tag);
  return base::to_base64url(out);
}

std::optional<base::Secret> open_phrase(const Signer& deployer, const eth::Address& app,
                                        std::string_view sealed_phrase) {
  const auto bytes = base::from_base64url(sealed_phrase);
  if (!bytes || bytes->size() <= kOverhead) return std::nullopt;
  const base::ByteView all(*bytes);
  crypto::Sealed sealed;
  const base::ByteView ciphertext = all.subspan(crypto::kGcmNonceSize, all.size() - kOverhead);
  sealed.ciphertext.assign(ciphertext.begin(), ciphertext.end());
  const base::ByteView tag = all.last(crypto::kGcmTagSize);
  std::copy(tag.begin(), tag.end(), sealed.tag.begin());
  auto phrase = crypto::aes256gcm_open(key_for(deployer, app).reveal(),
                                       all.first(crypto::kGcmNonceSize), app.bytes(), sealed);
  if (!phrase || !crypto::mnemonic_problem(phrase->reveal_text()).empty()) return std::nullopt;
  return phrase;
}

platform::HeaderMembers header_members(const ReleaseWallet& wallet) {
  platform::HeaderMembers out = {
      {std::string(kWalletMember), std::string(to_string(wallet.source))}};
  if (!wallet.sealed_phrase.empty()) {
    out.emplace_back(std::string(kWalletWordsMember), wallet.sealed_phrase);
  }
  return out;
}

std::optional<ReleaseWallet> read_release_wallet(base::ByteView encrypted_env,
                                                 const eth::Address& app) {
  const auto text = crypto::jwe_protected_header(base::as_chars(encrypted_env));
  const auto header = text ? base::Json::try_parse(*text) : std::nullopt;
  if (!header || !header->is_object()) return std::nullopt;
  const auto source = text_member(*header, kWalletMember, app);
  const auto sealed = text_member(*header, kWalletWordsMember, app);
  if (!source && !sealed) return std::nullopt;
  const auto named = text_member(*header, platform::kAppIdMember, app);
  if (!named || !base::equal_ignoring_case(*named, app.to_string())) {
    fail_forged(app, "its variables are encrypted for another app");
  }
  const auto known = wallet_source_of(source.value_or(""));
  if (!known) {
    fail_forged(app, std::string(kWalletMember) + " must be one of generated, env, kms; got '" +
                         base::printable_line(source.value_or(""), 40) + "'");
  }
  if (sealed && *known != WalletSource::kGenerated) {
    fail_forged(app, "it carries a recovery phrase, and the wallet is not a generated one");
  }
  if (sealed) check_sealed(*sealed, app);
  if (*known != WalletSource::kKms && !may_hold_mnemonic(encrypted_env)) {
    fail_forged(app, "its variables are too short to contain a recovery phrase");
  }
  return ReleaseWallet{*known, sealed.value_or("")};
}

/// The plaintext of a compact JWE is as long as its ciphertext: A256GCM pads nothing (RFC 7518,
/// 5.3). What is compressed (RFC 7516, "zip") counts as long enough.
bool may_hold_mnemonic(base::ByteView encrypted_env) {
  const auto parts = base::split(base::as_chars(encrypted_env), '.');
  if (parts.size() != 5) return true;
  const auto header = base::from_base64url(parts[0]);
  const auto ciphertext = base::from_base64url(parts[3]);
  if (!header || !ciphertext) return true;
  const auto document = base::Json::try_parse(base::as_chars(*header));
  const bool plain = document && document->is_object() && (*document)["enc"].is_string() &&
                     (*document)["enc"].as_string() == "A256GCM" && !(*document)["zip"].exists();
  return !plain || ciphertext->size() >= kShortestMnemonicJson;
}

}  // namespace ecloud::deploy
