#include "ecloud/crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "crypto/certificate_access.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::crypto {
namespace {

using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<&::BN_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, OpensslFree<&::ASN1_OBJECT_free>>;

constexpr std::size_t kMostCertificates = 16;
constexpr std::size_t kMostOctets = std::size_t{1} << 24;

/// Without this OpenSSL would ask for the password of encrypted PEM on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

std::string common_name_of(const X509_NAME* name) {
  int last = -1;
  for (int at = -1; (at = ::X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return {};
  const ASN1_STRING* value = ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(name, last));
  std::uint8_t* text = nullptr;
  const int size = ::ASN1_STRING_to_UTF8(&text, value);
  std::string out;
  if (size >= 0) out.assign(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  ::OPENSSL_free(text);
  return base::printable_line(out);
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  // A time that cannot be read is outside of every validity: chain_problem says so.
  if (time == nullptr || ::ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<std::int64_t>(::timegm(&parts));
}

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\0';
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::shared_ptr<void> owned(X509* certificate) {
  return {certificate, ::X509_free};
}

}  // namespace

std::optional<Certificate> Certificate::from_der(base::ByteView der) {
  if (der.size() > kMostOctets) return std::nullopt;
  const std::uint8_t* at = der.data();
  X509* certificate = ::d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  ::ERR_clear_error();
  if (certificate == nullptr) return std::nullopt;
  Certificate out(owned(certificate));
  if (at != der.data() + der.size()) return std::nullopt;
  return out;
}

std::optional<std::vector<Certificate>> Certificate::from_pem(std::string_view pem) {
  static constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  static constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::vector<Certificate> out;
  for (std::string_view rest = without_blanks(pem); !rest.empty();) {
    const std::size_t end = rest.find(kEnd);
    if (!rest.starts_with(kBegin) || end == std::string_view::npos) return std::nullopt;
    const std::string_view one = rest.substr(0, end + kEnd.size());
    const BioPtr memory(::BIO_new_mem_buf(one.data(), static_cast<int>(one.size())));
    X509* certificate = ::PEM_read_bio_X509(memory.get(), nullptr, no_password, nullptr);
    ::ERR_clear_error();
    if (certificate == nullptr) return std::nullopt;
    out.push_back(Certificate(owned(certificate)));
    if (out.size() > kMostCertificates) return std::nullopt;
    rest = without_blanks(rest.substr(one.size()));
  }
  if (out.empty()) return std::nullopt;
  return out;
}

base::Bytes Certificate::der() const {
  std::uint8_t* encoded = nullptr;
  const int size = ::i2d_X509(CertificateAccess::get(*this), &encoded);
  if (size <= 0) fail_bug("a certificate could not be written in DER");
  base::Bytes out(encoded, encoded + size);
  ::OPENSSL_free(encoded);
  return out;
}

std::string Certificate::common_name() const {
  return common_name_of(::X509_get_subject_name(CertificateAccess::get(*this)));
}

std::string Certificate::issuer_common_name() const {
  return common_name_of(::X509_get_issuer_name(CertificateAccess::get(*this)));
}

std::string Certificate::serial() const {
  const ASN1_INTEGER* serial = ::X509_get0_serialNumber(CertificateAccess::get(*this));
  const BignumPtr value(::ASN1_INTEGER_to_BN(serial, nullptr));
  base::Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value.get())));
  ::BN_bn2bin(value.get(), bytes.data());
  return base::to_hex(bytes);
}

std::int64_t Certificate::not_before() const {
  return seconds_of(::X509_get0_notBefore(CertificateAccess::get(*this)));
}

std::int64_t Certificate::not_after() const {
  return seconds_of(::X509_get0_notAfter(CertificateAccess::get(*this)));
}

std::optional<VerifyingKey> Certificate::key() const {
  std::uint8_t* encoded = nullptr;
  const int size =
      ::i2d_X509_PUBKEY(::X509_get_X509_PUBKEY(CertificateAccess::get(*this)), &encoded);
  ::ERR_clear_error();
  if (size <= 0) return std::nullopt;
  const base::Bytes der(encoded, encoded + size);
  ::OPENSSL_free(encoded);
  return VerifyingKey::from_spki(der);
}

std::optional<base::Bytes> Certificate::extension(const char* object_identifier) const {
  const X509* certificate = CertificateAccess::get(*this);
  const ObjectPtr object(::OBJ_txt2obj(object_identifier, 1));
  if (!object) fail_bug("an object identifier is malformed");
  const int at = ::X509_get_ext_by_OBJ(certificate, object.get(), -1);
  if (at < 0 || ::X509_get_ext_by_OBJ(certificate, object.get(), at) >= 0) return std::nullopt;
  const ASN1_OCTET_STRING* content = ::X509_EXTENSION_get_data(::X509_get_ext(certificate, at));
  const std::uint8_t* data = ::ASN1_STRING_get0_data(content);
  return base::Bytes(data, data + ::ASN1_STRING_length(content));
}

std::optional<RevocationList> RevocationList::read(base::ByteView content) {
  if (content.size() > kMostOctets) return std::nullopt;
  const std::string_view text = without_blanks(base::as_chars(content));
  X509_CRL* list = nullptr;
  bool whole = true;
  if (text.starts_with("-----BEGIN X509 CRL-----")) {
    const BioPtr memory(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    list = ::PEM_read_bio_X509_CRL(memory.get(), nullptr, no_password, nullptr);
    whole =
        text.ends_with("-----END X509 CRL-----") && text.find("-----END") == text.rfind("-----END");
  } else {
    const std::uint8_t* at = content.data();
    list = ::d2i_X509_CRL(nullptr, &at, static_cast<long>(content.size()));
    whole = at == content.data() + content.size();
  }
  ::ERR_clear_error();
  if (list == nullptr) return std::nullopt;
  RevocationList out(std::shared_ptr<void>(list, ::X509_CRL_free));
  if (!whole) return std::nullopt;
  return out;
}

std::string RevocationList::issuer_common_name() const {
  return common_name_of(::X509_CRL_get_issuer(CertificateAccess::get(*this)));
}

std::int64_t RevocationList::this_update() const {
  return seconds_of(::X509_CRL_get0_lastUpdate(CertificateAccess::get(*this)));
}

std::optional<std::int64_t> RevocationList::next_update() const {
  const ASN1_TIME* time = ::X509_CRL_get0_nextUpdate(CertificateAccess::get(*this));
  if (time == nullptr) return std::nullopt;
  return seconds_of(time);
}

std::size_t RevocationList::size() const {
  const auto* revoked = ::X509_CRL_get_REVOKED(CertificateAccess::get(*this));
  const int count = sk_X509_REVOKED_num(revoked);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace ecloud::crypto
