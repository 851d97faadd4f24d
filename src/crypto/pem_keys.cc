#include "ecloud/crypto/pem_keys.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/openssl_keys.h"
#include "ecloud/base/error.h"

namespace ecloud::crypto {
namespace {

std::string_view content_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

PemKeyPair to_pem(const PkeyPtr& key) {
  // The memory of a BIO is wiped when it is freed.
  const BioPtr private_pem(::BIO_new(::BIO_s_mem()));
  const BioPtr public_pem(::BIO_new(::BIO_s_mem()));
  if (!key ||
      ::PEM_write_bio_PKCS8PrivateKey(private_pem.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) != 1 ||
      ::PEM_write_bio_PUBKEY(public_pem.get(), key.get()) != 1) {
    ::ERR_clear_error();
    throw Error(Category::kFailure, "crypto.no_entropy", "no key pair could be generated");
  }
  return {base::Secret(base::as_bytes(content_of(private_pem.get()))),
          std::string(content_of(public_pem.get()))};
}

}  // namespace

bool p256_verify(std::string_view public_key_pem, base::ByteView message,
                 base::ByteView signature_der) {
  const PkeyPtr key = read_public_key(public_key_pem, KeyKind::kP256);
  const DigestContextPtr context(::EVP_MD_CTX_new());
  if (::EVP_DigestVerifyInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key.get()) != 1) {
    fail_bug("ECDSA did not start");
  }
  const bool valid = ::EVP_DigestVerify(context.get(), signature_der.data(), signature_der.size(),
                                        message.data(), message.size()) == 1;
  ::ERR_clear_error();
  return valid;
}

base::Bytes p256_sign(const base::Secret& private_key_pem, base::ByteView message) {
  const PkeyPtr key = read_private_key(private_key_pem, KeyKind::kP256);
  const DigestContextPtr context(::EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(::EVP_PKEY_get_size(key.get()));
  base::Bytes signature(size);
  if (::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key.get()) != 1 ||
      ::EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) !=
          1) {
    fail_bug("ECDSA failed");
  }
  signature.resize(size);
  return signature;
}

PemKeyPair generate_rsa_4096() {
  return to_pem(PkeyPtr(EVP_RSA_gen(4096)));
}

PemKeyPair generate_p256() {
  return to_pem(PkeyPtr(EVP_EC_gen("P-256")));
}

}  // namespace ecloud::crypto
