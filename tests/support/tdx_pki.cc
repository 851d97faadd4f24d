#include "support/tdx_pki.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <stdexcept>

namespace ecloud::testing {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using X509Ptr = std::unique_ptr<X509, Free<&::X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Free<&::X509_CRL_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Free<&::X509_NAME_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Free<&::ASN1_TIME_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Free<&::ASN1_INTEGER_free>>;
using BioPtr = std::unique_ptr<BIO, Free<&::BIO_free_all>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<&::X509_EXTENSION_free>>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, Free<&::EVP_MD_CTX_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, Free<&::ECDSA_SIG_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, Free<&::ASN1_OCTET_STRING_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Free<&::ASN1_OBJECT_free>>;

void expect(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(what);
}

EVP_PKEY* as_key(const SigningKey& key) {
  return static_cast<EVP_PKEY*>(key.handle());
}

NamePtr make_name(const std::string& common_name) {
  NamePtr name(::X509_NAME_new());
  const auto add = [&](const char* field, const std::string& value) {
    const auto* text = reinterpret_cast<const unsigned char*>(value.c_str());
    expect(::X509_NAME_add_entry_by_txt(name.get(), field, MBSTRING_ASC, text, -1, -1, 0) == 1,
           "name");
  };
  add("CN", common_name);
  add("O", "Test Corporation");
  add("C", "US");
  return name;
}

void add_extension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context{};
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(::X509V3_EXT_conf_nid(nullptr, &context, id, value));
  expect(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

void add_sgx_extension(X509* certificate, const base::Bytes& content) {
  const ObjectPtr object(::OBJ_txt2obj("1.2.840.113741.1.13.1", 1));
  const OctetsPtr octets(::ASN1_OCTET_STRING_new());
  ::ASN1_OCTET_STRING_set(octets.get(), content.data(), static_cast<int>(content.size()));
  const ExtensionPtr extension(
      ::X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, octets.get()));
  expect(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1, "SGX extension");
}

X509Ptr read_certificate(const base::Bytes& der) {
  const unsigned char* at = der.data();
  return X509Ptr(::d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

template <typename Value, typename Encode>
base::Bytes to_der(Value* value, Encode encode) {
  unsigned char* encoded = nullptr;
  const int size = encode(value, &encoded);
  expect(size > 0, "DER");
  base::Bytes out(encoded, encoded + size);
  ::OPENSSL_free(encoded);
  return out;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

base::Bytes tagged(std::uint8_t tag, const base::Bytes& content) {
  base::Bytes out{tag};
  if (content.size() >= 0x80) {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
  }
  out.push_back(static_cast<std::uint8_t>(content.size()));
  base::append(out, content);
  return out;
}

base::Bytes integer(std::uint32_t value) {
  return tagged(0x02, {0, static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
}

/// SEQUENCE { 1.2.840.113741.1.13.1.ARCS, value }.
base::Bytes pair(const base::Bytes& arcs, const base::Bytes& value) {
  base::Bytes name = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
  base::append(name, arcs);
  base::Bytes content = tagged(0x06, name);
  base::append(content, value);
  return tagged(0x30, content);
}

}  // namespace

SigningKey::SigningKey() : key_(EVP_EC_gen("P-256"), ::EVP_PKEY_free) {
  expect(key_ != nullptr, "key");
}

base::Bytes SigningKey::point() const {
  base::Bytes out(65);
  std::size_t size = 0;
  expect(::EVP_PKEY_get_octet_string_param(as_key(*this), OSSL_PKEY_PARAM_PUB_KEY, out.data(),
                                           out.size(), &size) == 1 &&
             size == 65 && out[0] == 4,
         "point");
  out.erase(out.begin());
  return out;
}

base::Bytes SigningKey::sign(base::ByteView message) const {
  const ContextPtr context(::EVP_MD_CTX_new());
  base::Bytes der(128);
  std::size_t size = der.size();
  expect(
      ::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, as_key(*this)) == 1 &&
          ::EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) == 1,
      "signature");
  const unsigned char* at = der.data();
  const SignaturePtr numbers(::d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  base::Bytes out(64);
  expect(::BN_bn2binpad(::ECDSA_SIG_get0_r(numbers.get()), out.data(), 32) == 32 &&
             ::BN_bn2binpad(::ECDSA_SIG_get0_s(numbers.get()), out.data() + 32, 32) == 32,
         "signature");
  return out;
}

Authority make_certificate(const CertificateRequest& request, const Authority* issuer) {
  Authority out;
  const X509Ptr certificate(::X509_new());
  X509* made = certificate.get();
  const X509Ptr signer = issuer == nullptr ? nullptr : read_certificate(issuer->der);
  const NamePtr subject = make_name(request.common_name);
  ::X509_set_version(made, X509_VERSION_3);
  ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(made), request.serial);
  ::ASN1_TIME_set(::X509_getm_notBefore(made), static_cast<std::time_t>(request.from));
  ::ASN1_TIME_set(::X509_getm_notAfter(made), static_cast<std::time_t>(request.to));
  ::X509_set_subject_name(made, subject.get());
  ::X509_set_issuer_name(made, signer ? ::X509_get_subject_name(signer.get()) : subject.get());
  ::X509_set_pubkey(made, as_key(out.key));
  X509* above = signer ? signer.get() : made;
  const bool authority = request.is_authority;
  add_extension(made, above, NID_subject_key_identifier, "hash");
  add_extension(made, above, NID_authority_key_identifier, "keyid:always");
  add_extension(made, above, NID_basic_constraints,
                authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(
      made, above, NID_key_usage,
      authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation");
  if (request.sgx_extension) add_sgx_extension(made, *request.sgx_extension);
  expect(::X509_sign(made, as_key(issuer == nullptr ? out.key : issuer->key), ::EVP_sha256()) > 0,
         "certificate");
  out.der = to_der(made, [](X509* value, unsigned char** to) { return ::i2d_X509(value, to); });
  const BioPtr memory(::BIO_new(::BIO_s_mem()));
  expect(::PEM_write_bio_X509(memory.get(), made) == 1, "PEM");
  out.pem = text_of(memory.get());
  return out;
}

base::Bytes make_revocation_list(const Authority& issuer, const ListRequest& request) {
  const CrlPtr list(::X509_CRL_new());
  const X509Ptr signer = read_certificate(issuer.der);
  const TimePtr from(::ASN1_TIME_set(nullptr, static_cast<std::time_t>(request.from)));
  const TimePtr to(::ASN1_TIME_set(nullptr, static_cast<std::time_t>(request.to)));
  ::X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  ::X509_CRL_set_issuer_name(list.get(), ::X509_get_subject_name(signer.get()));
  ::X509_CRL_set1_lastUpdate(list.get(), from.get());
  ::X509_CRL_set1_nextUpdate(list.get(), to.get());
  for (const std::uint64_t serial : request.revoked) {
    const IntegerPtr number(::ASN1_INTEGER_new());
    ::ASN1_INTEGER_set_uint64(number.get(), serial);
    X509_REVOKED* entry = ::X509_REVOKED_new();
    ::X509_REVOKED_set_serialNumber(entry, number.get());
    ::X509_REVOKED_set_revocationDate(entry, from.get());
    ::X509_CRL_add0_revoked(list.get(), entry);
  }
  ::X509_CRL_sort(list.get());
  expect(::X509_CRL_sign(list.get(), as_key(issuer.key), ::EVP_sha256()) > 0, "CRL");
  return to_der(list.get(),
                [](X509_CRL* value, unsigned char** out) { return ::i2d_X509_CRL(value, out); });
}

std::string to_pem_list(const base::Bytes& der) {
  const unsigned char* at = der.data();
  const CrlPtr list(::d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  const BioPtr memory(::BIO_new(::BIO_s_mem()));
  expect(list && ::PEM_write_bio_X509_CRL(memory.get(), list.get()) == 1, "PEM");
  return text_of(memory.get());
}

base::Bytes make_sgx_extension(const SgxPlatform& platform) {
  base::Bytes svns;
  for (std::uint8_t i = 0; i < 16; ++i) {
    const std::uint8_t arc = static_cast<std::uint8_t>(i + 1);
    base::append(svns, pair({2, arc}, integer(platform.component_svns[i])));
  }
  base::append(svns, pair({2, 17}, integer(platform.pce_svn)));
  base::append(svns, pair({2, 18}, tagged(0x04, platform.component_svns)));
  base::Bytes parts = pair({1}, tagged(0x04, base::Bytes(16, 0xab)));  // PPID
  base::append(parts, pair({2}, tagged(0x30, svns)));
  base::append(parts, pair({3}, tagged(0x04, platform.pce_id)));
  base::append(parts, pair({4}, tagged(0x04, platform.fmspc)));
  base::append(parts, pair({5}, tagged(0x0a, {1})));  // scalable SGX
  return tagged(0x30, parts);
}

TdxPki::TdxPki() {
  root = make_certificate({"Intel SGX Root CA", 1, true}, nullptr);
  platform_ca = make_certificate({"Intel SGX PCK Platform CA", kPlatformCa, true}, &root);
  processor_ca = make_certificate({"Intel SGX PCK Processor CA", kProcessorCa, true}, &root);
  CertificateRequest pck{"Intel SGX PCK Certificate", kPlatformPck};
  pck.sgx_extension = make_sgx_extension({});
  platform_pck = make_certificate(pck, &platform_ca);
  pck.serial = kProcessorPck;
  processor_pck = make_certificate(pck, &processor_ca);
  tcb_signing = make_certificate({"Intel SGX TCB Signing", kTcbSigning}, &root);
}

const TdxPki& tdx_pki() {
  static const TdxPki pki;
  return pki;
}

}  // namespace ecloud::testing
