#include "ecloud/crypto/jwe.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "crypto/openssl_keys.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/aead.h"

namespace ecloud::crypto {
namespace {

constexpr const char* kAlgorithm = "RSA-OAEP-256";
constexpr const char* kEncryption = "A256GCM";

Error malformed(const std::string& problem) {
  return {Category::kVerification, "crypto.jwe", "the encrypted text (JWE) is refused: " + problem};
}

/// RSA-OAEP with SHA-256 for the label and for MGF1 (RFC 7518 section 4.3), no label.
void use_oaep_256(EVP_PKEY_CTX* context) {
  if (::EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1 ||
      ::EVP_PKEY_CTX_set_rsa_oaep_md(context, ::EVP_sha256()) != 1 ||
      ::EVP_PKEY_CTX_set_rsa_mgf1_md(context, ::EVP_sha256()) != 1) {
    fail_bug("OpenSSL has no RSA-OAEP-256");
  }
}

base::Bytes wrap_key(EVP_PKEY* public_key, base::ByteView content_key) {
  const PkeyContextPtr context(::EVP_PKEY_CTX_new(public_key, nullptr));
  if (!context || ::EVP_PKEY_encrypt_init(context.get()) != 1) fail_bug("RSA did not start");
  use_oaep_256(context.get());
  std::size_t size = static_cast<std::size_t>(::EVP_PKEY_get_size(public_key));
  base::Bytes out(size);
  if (::EVP_PKEY_encrypt(context.get(), out.data(), &size, content_key.data(),
                         content_key.size()) != 1) {
    ::ERR_clear_error();
    throw Error(Category::kUsage, "crypto.invalid_public_key",
                "the public key encrypts nothing: its numbers are not those of an RSA key");
  }
  out.resize(size);
  return out;
}

/// Nothing when `wrapped` was not made for this key, or holds a key of another length.
std::optional<base::Secret> unwrap_key(EVP_PKEY* private_key, base::ByteView wrapped) {
  const PkeyContextPtr context(::EVP_PKEY_CTX_new(private_key, nullptr));
  if (!context || ::EVP_PKEY_decrypt_init(context.get()) != 1) fail_bug("RSA did not start");
  use_oaep_256(context.get());
  std::size_t size = static_cast<std::size_t>(::EVP_PKEY_get_size(private_key));
  base::Bytes buffer(size);
  const bool worked =
      ::EVP_PKEY_decrypt(context.get(), buffer.data(), &size, wrapped.data(), wrapped.size()) == 1;
  ::ERR_clear_error();
  std::optional<base::Secret> out;
  if (worked && size == kGcmKeySize) out.emplace(base::ByteView(buffer).first(size));
  base::wipe(buffer.data(), buffer.size());
  return out;
}

std::string protected_header(const std::vector<std::pair<std::string, std::string>>& extra) {
  base::Json header = base::Json::object();
  header.set("alg", kAlgorithm).set("enc", kEncryption);
  for (const auto& [name, value] : extra) {
    if (header[name].exists()) fail_bug("a JWE header is given twice: " + name);
    header.set(name, value);
  }
  return header.dump();
}

/// Throws for a header that asks for anything but what this module does.
void check_header(const std::string& text) {
  const std::optional<base::Json> header = base::Json::try_parse(text);
  if (!header || !header->is_object()) throw malformed("its header is no JSON object");
  const auto is = [&](const char* name, std::string_view value) {
    return (*header)[name].is_string() && (*header)[name].as_string() == value;
  };
  if (!is("alg", kAlgorithm)) throw malformed("its alg is not RSA-OAEP-256");
  if (!is("enc", kEncryption)) throw malformed("its enc is not A256GCM");
  // RFC 7516 sections 4.1.3 and 4.1.13: both change the meaning, and neither is understood here.
  for (const char* name : {"zip", "crit"}) {
    if ((*header)[name].exists()) {
      throw malformed("its header has " + std::string(name) + ", which is not supported");
    }
  }
}

struct Parts {
  std::string header_text;  // still in base64url: the additional data of the encryption
  std::array<base::Bytes, 5> octets;
};

Parts split_compact(std::string_view compact) {
  static constexpr std::array<const char*, 5> kNames = {"header", "encrypted key", "nonce",
                                                        "ciphertext", "tag"};
  const std::vector<std::string> texts = base::split(compact, '.');
  if (texts.size() != kNames.size()) {
    throw malformed("it has " + std::to_string(texts.size()) + " parts, not 5");
  }
  Parts parts{texts[0], {}};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::optional<base::Bytes> octets = base::from_base64url(texts[i]);
    if (!octets) throw malformed("its " + std::string(kNames[i]) + " is not in base64url");
    parts.octets[i] = std::move(*octets);
  }
  return parts;
}

}  // namespace

std::string jwe_encrypt(std::string_view public_key_pem, base::ByteView plaintext,
                        const std::vector<std::pair<std::string, std::string>>& extra_headers,
                        Random& random) {
  const PkeyPtr public_key = read_public_key(public_key_pem, KeyKind::kRsa);
  const std::string header = base::to_base64url(base::as_bytes(protected_header(extra_headers)));
  base::Bytes32 content_key = random.bytes32();
  const base::Bytes nonce = random.bytes(kGcmNonceSize);
  const base::Bytes wrapped = wrap_key(public_key.get(), content_key);
  const Sealed sealed = aes256gcm_seal(content_key, nonce, base::as_bytes(header), plaintext);
  base::wipe(content_key.data(), content_key.size());
  return base::join({header, base::to_base64url(wrapped), base::to_base64url(nonce),
                     base::to_base64url(sealed.ciphertext), base::to_base64url(sealed.tag)},
                    ".");
}

std::optional<std::string> jwe_protected_header(std::string_view compact) {
  const std::vector<std::string> texts = base::split(compact, '.');
  if (texts.size() != 5) return std::nullopt;
  const std::optional<base::Bytes> header = base::from_base64url(texts[0]);
  if (!header) return std::nullopt;
  return std::string(base::as_chars(*header));
}

JweContent jwe_decrypt(const base::Secret& private_key_pem, std::string_view compact) {
  const PkeyPtr private_key = read_private_key(private_key_pem, KeyKind::kRsa);
  const Parts parts = split_compact(compact);
  const auto& [header, wrapped, nonce, ciphertext, tag] = parts.octets;
  const std::string header_json(base::as_chars(header));
  check_header(header_json);
  if (nonce.size() != kGcmNonceSize) throw malformed("its nonce has not 12 octets");
  if (tag.size() != kGcmTagSize) throw malformed("its tag has not 16 octets");
  const std::optional<base::Secret> content_key = unwrap_key(private_key.get(), wrapped);
  if (!content_key) throw malformed("its encrypted key is not for this private key");
  Sealed sealed{ciphertext, {}};
  std::copy(tag.begin(), tag.end(), sealed.tag.begin());
  std::optional<base::Secret> plaintext =
      aes256gcm_open(content_key->reveal(), nonce, base::as_bytes(parts.header_text), sealed);
  if (!plaintext) throw malformed("its tag does not fit its header, nonce and ciphertext");
  return {header_json, std::move(*plaintext)};
}

}  // namespace ecloud::crypto
