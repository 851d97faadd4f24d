#include "devnet/kms.h"

#include <utility>

#include "ecloud/base/base58.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/crypto/hd.h"
#include "ecloud/crypto/jwe.h"

namespace ecloud::devnet {
namespace {

constexpr std::size_t kMaxPemBytes = 16 * 1024;
constexpr std::uint32_t kDisplayedAddresses = 5;

crypto::PemKeyPair key_pair(const std::optional<std::filesystem::path>& directory,
                            const std::string& name, crypto::PemKeyPair (*generate)()) {
  if (!directory) return generate();
  const auto public_file = *directory / (name + ".pem");
  const auto private_file = *directory / (name + "-private.pem");
  auto private_key = base::read_file_if_exists(private_file, kMaxPemBytes);
  auto public_key = base::read_file_if_exists(public_file, kMaxPemBytes);
  if (private_key && public_key) return {base::Secret(std::move(*private_key)), *public_key};
  if (private_key || public_key) {
    throw Error(
        Category::kUsage, "devnet.keys",
        "only one of " + public_file.string() + " and " + private_file.string() + " is there",
        "remove it, and both are made anew");
  }
  crypto::PemKeyPair made = generate();
  base::write_file_atomic(private_file, made.private_key.reveal_text(), base::kPrivateFile);
  base::write_file_atomic(public_file, made.public_key, base::kPublicFile);
  return made;
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Category::kVerification, "devnet.environment", why);
}

void merge_json(TeeEnvironment& out, std::string_view text, const std::string& what) {
  const auto json = base::Json::try_parse(text);
  if (!json || !json->is_object()) refuse(what + " is no JSON object");
  for (const auto& [name, value] : json->members()) {
    if (!value.is_string()) refuse(what + " has a value that is no string: " + name);
    out.insert_or_assign(name, base::Secret(value.as_string()));
  }
}

/// RFC 2104 with SHA-256, for keys of at most one block.
base::Bytes32 hmac_sha256(std::string_view key, base::ByteView message) {
  constexpr std::size_t kBlock = 64;
  const auto padded = [&](std::uint8_t pad, base::ByteView content) {
    base::Bytes out(kBlock, pad);
    for (std::size_t i = 0; i < key.size(); ++i) out[i] ^= static_cast<std::uint8_t>(key[i]);
    base::append(out, content);
    return out;
  };
  return crypto::sha256(padded(0x5c, crypto::sha256(padded(0x36, message))));
}

/// The attested hardware is that of the instance type: its last letter. Without one it is Intel
/// TDX.
char hardware_of(const TeeEnvironment& environment) {
  const auto type = environment.find("EIGEN_MACHINE_TYPE_PUBLIC");
  if (type == environment.end() || type->second.empty()) return 't';
  return type->second.reveal_text().back();
}

void validate_platform(const TeeEnvironment& environment) {
  const char hardware = hardware_of(environment);
  const std::string_view attested = hardware == 't'   ? "INTEL_TDX"
                                    : hardware == 's' ? "AMD_SEV_SNP"
                                    : hardware == 'v' ? "GCP_SHIELDED_VM"
                                                      : "";
  if (attested.empty()) {
    refuse("Platform validation failed: the instance type ends in none of t, s and v");
  }
  const auto named = environment.find("EIGEN_PLATFORM_PUBLIC");
  if (named == environment.end() || named->second.reveal_text() == attested) return;
  refuse("Platform validation failed: EIGEN_PLATFORM_PUBLIC is not " + std::string(attested));
}

std::string evm_address(const crypto::HdKey& root, std::uint32_t index) {
  const auto path = crypto::parse_derivation_path("m/44'/60'/0'/0/" + std::to_string(index));
  return eth::Address::of(root.derive(*path).key().public_key()).to_string();
}

std::string solana_address(base::ByteView seed, std::uint32_t index) {
  const auto path = crypto::parse_derivation_path("m/44'/501'/" + std::to_string(index) + "'/0'");
  return base::to_base58(crypto::ed25519_public_key(crypto::slip10_ed25519(seed, *path)));
}

base::Json derived(const std::string& address, const std::string& path) {
  return base::Json::object({{"address", address}, {"derivationPath", path}});
}

// The compact text that is signed, written by hand so that its key order depends on nothing else.
std::string list_text(const base::Json& list) {
  std::string out = "[";
  for (const base::Json& item : list.elements()) {
    if (out.size() > 1) out += ",";
    out += R"({"address":")" + item["address"].as_string() + R"(","derivationPath":")" +
           item["derivationPath"].as_string() + R"("})";
  }
  return out + "]";
}

}  // namespace

Kms::Kms(const std::optional<std::filesystem::path>& directory)
    : encryption_(key_pair(directory, "kms-encryption", crypto::generate_rsa_4096)),
      signing_(key_pair(directory, "kms-signing", crypto::generate_p256)) {}

base::Secret Kms::mnemonic(const eth::Address& app) const {
  const auto entropy = crypto::hkdf_sha256(encryption_.private_key.reveal(), app.bytes(),
                                           base::as_bytes("ecloud devnet app mnemonic"), 32);
  return crypto::mnemonic_from_entropy(entropy);
}

TeeEnvironment Kms::environment(const eth::Address& app, base::ByteView encrypted_env,
                                base::ByteView public_env) const {
  TeeEnvironment out;
  out.insert_or_assign("MNEMONIC", mnemonic(app));
  crypto::JweContent content;
  try {
    content = crypto::jwe_decrypt(encryption_.private_key, base::as_chars(encrypted_env));
  } catch (const Error& error) {
    refuse("the private environment does not decrypt: " + error.message());
  }
  const auto header = base::Json::try_parse(content.protected_header);
  const bool is_named = header && (*header)["x-eigenx-app-id"].is_string();
  const std::string named = is_named ? (*header)["x-eigenx-app-id"].as_string() : std::string();
  if (!is_named) refuse("the private environment names no app in x-eigenx-app-id");
  if (!base::equal_ignoring_case(named, app.to_string())) {
    refuse("the private environment was encrypted for another app, " + named);
  }
  merge_json(out, content.plaintext.reveal_text(), "the private environment");
  merge_json(out, base::as_chars(public_env), "the public environment");
  validate_platform(out);
  return out;
}

std::string disk_key(const TeeEnvironment& environment) {
  const auto mnemonic = environment.find("MNEMONIC");
  if (mnemonic == environment.end()) return {};
  const std::string_view words = mnemonic->second.reveal_text();
  if (!crypto::mnemonic_problem(words).empty()) return {};
  const base::Secret seed = crypto::mnemonic_seed(words);
  return base::to_hex(hmac_sha256("EIGENX_STORAGE_KEY_DERIVATION_V1", seed.reveal()));
}

base::Secret export_lines(const TeeEnvironment& environment) {
  std::string out;
  for (const auto& [name, value] : environment) {
    out += "export " + name + "=\"";
    out += value.reveal_text();
    out += "\"\n";
  }
  return base::Secret(std::move(out));
}

std::string Kms::sign(std::string_view text) const {
  return base::to_base64(crypto::p256_sign(signing_.private_key, base::as_bytes(text)));
}

base::Json Kms::signed_addresses(const eth::Address& app) {
  const auto known = signed_addresses_.find(app);
  if (known != signed_addresses_.end()) return known->second;
  const base::Secret words = mnemonic(app);
  const base::Secret seed = crypto::mnemonic_seed(words.reveal_text());
  const auto root = crypto::HdKey::from_seed(seed.reveal());
  base::Json evm = base::Json::array(), solana = base::Json::array();
  for (std::uint32_t i = 0; i < kDisplayedAddresses; ++i) {
    evm.push(derived(evm_address(root, i), "m/44'/60'/0'/0/" + std::to_string(i)));
    solana.push(
        derived(solana_address(seed.reveal(), i), "m/44'/501'/" + std::to_string(i) + "'/0'"));
  }
  const std::string id = app.to_lower_hex();
  std::string text = "COMPUTE_APP_KMS_SIGNATURE_V1";
  text.push_back('\0');
  text += R"({"appId":")" + id + R"(","evmAddresses":)" + list_text(evm) +
          R"(,"solanaAddresses":)" + list_text(solana) + "}";
  base::Json result = base::Json::object(
      {{"data",
        base::Json::object({{"appId", id}, {"evmAddresses", evm}, {"solanaAddresses", solana}})},
       {"signature", sign(text)}});
  signed_addresses_[app] = result;
  return result;
}

}  // namespace ecloud::devnet
