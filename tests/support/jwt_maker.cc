#include "support/jwt_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>

#include "ecloud/base/base64.h"

namespace ecloud::testing {
namespace {

using base::Bytes;
using base::Json;

void expect(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(what);
}

EVP_PKEY* as_key(const std::shared_ptr<void>& key) {
  return static_cast<EVP_PKEY*>(key.get());
}

const EVP_MD* digest_of(const std::string& algorithm) {
  if (algorithm.ends_with("512")) return ::EVP_sha512();
  return algorithm.ends_with("384") ? ::EVP_sha384() : ::EVP_sha256();
}

const char* curve_of(const std::string& algorithm) {
  if (algorithm == "ES512") return "P-521";
  return algorithm == "ES384" ? "P-384" : "P-256";
}

int field_size(const std::string& algorithm) {
  if (algorithm == "ES512") return 66;
  return algorithm == "ES384" ? 48 : 32;
}

std::string number_of(EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* value = nullptr;
  expect(::EVP_PKEY_get_bn_param(key, name, &value) == 1, name);
  Bytes out(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(value)));
  ::BN_bn2binpad(value, out.data(), static_cast<int>(out.size()));
  ::BN_free(value);
  return base::to_base64url(out);
}

std::string encoded(const Json& value) {
  return base::to_base64url(base::as_bytes(value.dump()));
}

Bytes to_raw(const Bytes& der, int size) {
  const unsigned char* at = der.data();
  ECDSA_SIG* numbers = ::d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  Bytes out(static_cast<std::size_t>(2 * size));
  ::BN_bn2binpad(::ECDSA_SIG_get0_r(numbers), out.data(), size);
  ::BN_bn2binpad(::ECDSA_SIG_get0_s(numbers), out.data() + size, size);
  ::ECDSA_SIG_free(numbers);
  return out;
}

}  // namespace

JwtSigner::JwtSigner(std::string algorithm, std::string key_id)
    : algorithm_(std::move(algorithm)), key_id_(std::move(key_id)) {
  EVP_PKEY* key = algorithm_[0] == 'E' ? EVP_EC_gen(curve_of(algorithm_)) : EVP_RSA_gen(2048);
  expect(key != nullptr, "key");
  key_ = std::shared_ptr<void>(key, ::EVP_PKEY_free);
}

std::string JwtSigner::sign(const Json& claims, Json header) const {
  if (!header["alg"].exists()) header.set("alg", algorithm_);
  if (!header["kid"].exists() && !key_id_.empty()) header.set("kid", key_id_);
  const std::string text = encoded(header) + "." + encoded(claims);
  EVP_MD_CTX* context = ::EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  expect(
      ::EVP_DigestSignInit(context, &parameters, digest_of(algorithm_), nullptr, as_key(key_)) == 1,
      "signature");
  if (algorithm_[0] == 'P') {
    ::EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    ::EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
  }
  Bytes signature(1024);
  std::size_t size = signature.size();
  const base::ByteView message = base::as_bytes(text);
  expect(::EVP_DigestSign(context, signature.data(), &size, message.data(), message.size()) == 1,
         "signature");
  ::EVP_MD_CTX_free(context);
  signature.resize(size);
  if (algorithm_[0] == 'E') signature = to_raw(signature, field_size(algorithm_));
  return text + "." + base::to_base64url(signature);
}

Json JwtSigner::public_key() const {
  Json out = Json::object();
  if (algorithm_[0] == 'E') {
    const int size = field_size(algorithm_);
    out = Json::object({{"kty", "EC"},
                        {"crv", curve_of(algorithm_)},
                        {"x", number_of(as_key(key_), OSSL_PKEY_PARAM_EC_PUB_X, size)},
                        {"y", number_of(as_key(key_), OSSL_PKEY_PARAM_EC_PUB_Y, size)}});
  } else {
    out = Json::object({{"kty", "RSA"},
                        {"n", number_of(as_key(key_), OSSL_PKEY_PARAM_RSA_N)},
                        {"e", number_of(as_key(key_), OSSL_PKEY_PARAM_RSA_E)}});
  }
  if (!key_id_.empty()) out.set("kid", key_id_);
  return out.set("alg", algorithm_).set("use", "sig");
}

std::string JwtSigner::public_pem() const {
  BIO* memory = ::BIO_new(::BIO_s_mem());
  expect(::PEM_write_bio_PUBKEY(memory, as_key(key_)) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string out(data, static_cast<std::size_t>(size));
  ::BIO_free(memory);
  return out;
}

std::string key_set_of(const std::vector<Json>& keys) {
  return Json::object({{"keys", Json::array(keys)}}).dump();
}

std::string sign_hs256(const Json& header, const Json& claims, const std::string& secret) {
  const std::string text = encoded(header) + "." + encoded(claims);
  Bytes out(32);
  unsigned size = 0;
  const base::ByteView message = base::as_bytes(text);
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), message.data(),
         message.size(), out.data(), &size);
  return text + "." + base::to_base64url(out);
}

}  // namespace ecloud::testing
