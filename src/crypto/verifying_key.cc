#include "ecloud/crypto/verifying_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <string>

#include "crypto/openssl_keys.h"
#include "ecloud/base/error.h"

namespace ecloud::crypto {
namespace {

using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<&::BN_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, OpensslFree<&::ECDSA_SIG_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, OpensslFree<&::OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, OpensslFree<&::OSSL_PARAM_free>>;

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;
constexpr std::size_t kMostExponentOctets = 8;

struct Algorithm {
  std::string_view name;
  SignatureAlgorithm id;
  KeyType key;
  const EVP_MD* (*digest)();
  bool pss;
};

constexpr std::array<Algorithm, 9> kAlgorithms = {{
    {"RS256", SignatureAlgorithm::kRs256, KeyType::kRsa, ::EVP_sha256, false},
    {"RS384", SignatureAlgorithm::kRs384, KeyType::kRsa, ::EVP_sha384, false},
    {"RS512", SignatureAlgorithm::kRs512, KeyType::kRsa, ::EVP_sha512, false},
    {"PS256", SignatureAlgorithm::kPs256, KeyType::kRsa, ::EVP_sha256, true},
    {"PS384", SignatureAlgorithm::kPs384, KeyType::kRsa, ::EVP_sha384, true},
    {"PS512", SignatureAlgorithm::kPs512, KeyType::kRsa, ::EVP_sha512, true},
    {"ES256", SignatureAlgorithm::kEs256, KeyType::kP256, ::EVP_sha256, false},
    {"ES384", SignatureAlgorithm::kEs384, KeyType::kP384, ::EVP_sha384, false},
    {"ES512", SignatureAlgorithm::kEs512, KeyType::kP521, ::EVP_sha512, false},
}};

struct Curve {
  KeyType type;
  const char* name;
  std::size_t octets;
};

constexpr std::array<Curve, 3> kCurves = {{{KeyType::kP256, "prime256v1", 32},
                                           {KeyType::kP384, "secp384r1", 48},
                                           {KeyType::kP521, "secp521r1", 66}}};

const Algorithm& find_algorithm(SignatureAlgorithm id) {
  return kAlgorithms[static_cast<std::size_t>(id)];
}

const Curve* find_curve(KeyType type) {
  for (const Curve& curve : kCurves) {
    if (curve.type == type) return &curve;
  }
  return nullptr;
}

BignumPtr number(base::ByteView bytes) {
  return BignumPtr(::BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

PkeyPtr from_parameters(const char* kind, OSSL_PARAM_BLD* builder) {
  const ParamsPtr parameters(::OSSL_PARAM_BLD_to_param(builder));
  const PkeyContextPtr context(::EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters && context && ::EVP_PKEY_fromdata_init(context.get()) == 1) {
    ::EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  }
  ::ERR_clear_error();
  return PkeyPtr(key);
}

std::optional<KeyType> type_of(const EVP_PKEY* key) {
  if (::EVP_PKEY_is_a(key, "RSA") == 1) {
    const int bits = ::EVP_PKEY_get_bits(key);
    if (bits < kLeastRsaBits || bits > kMostRsaBits) return std::nullopt;
    return KeyType::kRsa;
  }
  std::array<char, 64> group{};
  if (::EVP_PKEY_is_a(key, "EC") != 1 ||
      ::EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) {
    return std::nullopt;
  }
  for (const Curve& curve : kCurves) {
    if (std::string_view(group.data()) == curve.name) return curve.type;
  }
  return std::nullopt;
}

/// SEC 1 and RFC 3279 write the two numbers in DER, and that is what OpenSSL takes.
base::Bytes to_der(base::ByteView signature) {
  const std::size_t half = signature.size() / 2;
  const EcdsaPtr numbers(::ECDSA_SIG_new());
  BignumPtr r = number(signature.first(half));
  BignumPtr s = number(signature.subspan(half));
  if (!numbers || ::ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) {
    fail_bug("a signature could not be written in DER");
  }
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  std::uint8_t* encoded = nullptr;
  const int size = ::i2d_ECDSA_SIG(numbers.get(), &encoded);
  base::Bytes out;
  if (size > 0) out.assign(encoded, encoded + size);
  ::OPENSSL_free(encoded);
  return out;
}

}  // namespace

std::optional<SignatureAlgorithm> signature_algorithm(std::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return algorithm.id;
  }
  return std::nullopt;
}

std::optional<VerifyingKey> VerifyingKey::from_point(KeyType curve, base::ByteView x,
                                                     base::ByteView y) {
  const Curve* found = find_curve(curve);
  if (found == nullptr || x.size() != found->octets || y.size() != found->octets) return {};
  base::Bytes point{0x04};  // SEC 1 section 2.3.3, uncompressed
  base::append(point, x);
  base::append(point, y);
  const ParamBuilderPtr builder(::OSSL_PARAM_BLD_new());
  ::OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, found->name, 0);
  ::OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
  PkeyPtr key = from_parameters("EC", builder.get());
  if (!key) return std::nullopt;
  return VerifyingKey(std::shared_ptr<void>(key.release(), ::EVP_PKEY_free), curve);
}

std::optional<VerifyingKey> VerifyingKey::from_rsa(base::ByteView modulus,
                                                   base::ByteView exponent) {
  if (modulus.size() > kMostRsaBits / 8 + 1 || exponent.empty() ||
      exponent.size() > kMostExponentOctets || exponent.back() % 2 == 0) {
    return std::nullopt;
  }
  const BignumPtr n = number(modulus);
  const BignumPtr e = number(exponent);
  if (::BN_is_one(e.get()) == 1 || ::BN_is_odd(n.get()) != 1) return std::nullopt;
  const ParamBuilderPtr builder(::OSSL_PARAM_BLD_new());
  ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  PkeyPtr key = from_parameters("RSA", builder.get());
  if (!key || type_of(key.get()) != KeyType::kRsa) return std::nullopt;
  return VerifyingKey(std::shared_ptr<void>(key.release(), ::EVP_PKEY_free), KeyType::kRsa);
}

std::optional<VerifyingKey> VerifyingKey::from_spki(base::ByteView der) {
  const std::uint8_t* at = der.data();
  PkeyPtr key(::d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ::ERR_clear_error();
  if (!key || at != der.data() + der.size()) return std::nullopt;
  const auto type = type_of(key.get());
  if (!type) return std::nullopt;
  return VerifyingKey(std::shared_ptr<void>(key.release(), ::EVP_PKEY_free), *type);
}

bool VerifyingKey::fits(SignatureAlgorithm algorithm) const {
  return find_algorithm(algorithm).key == type_;
}

bool VerifyingKey::verify(SignatureAlgorithm algorithm, base::ByteView message,
                          base::ByteView signature) const {
  const Algorithm& form = find_algorithm(algorithm);
  if (form.key != type_) return false;
  base::Bytes encoded(signature.begin(), signature.end());
  if (const Curve* curve = find_curve(type_); curve != nullptr) {
    if (signature.size() != 2 * curve->octets) return false;
    encoded = to_der(signature);
  }
  const DigestContextPtr context(::EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // belongs to the context
  if (::EVP_DigestVerifyInit(context.get(), &parameters, form.digest(), nullptr,
                             static_cast<EVP_PKEY*>(key_.get())) != 1) {
    fail_bug("verifying a signature did not start");
  }
  if (form.pss && (::EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                   ::EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    fail_bug("RSASSA-PSS did not start");
  }
  const bool valid = ::EVP_DigestVerify(context.get(), encoded.data(), encoded.size(),
                                        message.data(), message.size()) == 1;
  ::ERR_clear_error();
  return valid;
}

}  // namespace ecloud::crypto
