#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/verifying_key.h"

namespace ecloud::crypto {

/// An X.509 certificate (RFC 5280). Copies share it. What it says is not checked before
/// chain_problem does.
class Certificate {
 public:
  /// Exactly one, nothing after it; nothing otherwise.
  static std::optional<Certificate> from_der(base::ByteView der);
  /// All of a PEM text, in its order; blanks and NULs may stand between them. Nothing when there is
  /// none, something else, or more than 16.
  static std::optional<std::vector<Certificate>> from_pem(std::string_view pem);

  base::Bytes der() const;
  /// The last common name of the subject, or of the issuer; empty without one. Printable.
  std::string common_name() const;
  std::string issuer_common_name() const;
  /// Lower-case hex.
  std::string serial() const;
  std::int64_t not_before() const;  ///< unix seconds
  std::int64_t not_after() const;
  /// The key, when it is of a type that VerifyingKey knows.
  std::optional<VerifyingKey> key() const;
  /// The content of the extension with that dotted object identifier; nothing when it is not there
  /// exactly once.
  std::optional<base::Bytes> extension(const char* object_identifier) const;

 private:
  friend struct CertificateAccess;
  explicit Certificate(std::shared_ptr<void> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<void> handle_;
};

/// A certificate revocation list (RFC 5280 section 5). Copies share it.
class RevocationList {
 public:
  /// DER or PEM, exactly one; nothing otherwise.
  static std::optional<RevocationList> read(base::ByteView content);

  std::string issuer_common_name() const;
  std::int64_t this_update() const;  ///< unix seconds
  /// Nothing when it names no end.
  std::optional<std::int64_t> next_update() const;
  std::size_t size() const;  ///< revoked certificates

 private:
  friend struct CertificateAccess;
  explicit RevocationList(std::shared_ptr<void> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<void> handle_;
};

/// Why `leaf` is not certified by `root` through `between`, at `now` (unix seconds); empty when it
/// is. Strict in the sense of RFC 5280 (OpenSSL's X509_V_FLAG_X509_STRICT). Only `root` is trusted.
std::string chain_problem(const Certificate& leaf, const std::vector<Certificate>& between,
                          const Certificate& root, std::int64_t now);

/// Why `list` does not show that `certificate` is in force at `now`; empty when it does: `list` is
/// signed by `issuer`, the issuer of the certificate, is of that name and of that time, and does
/// not hold the certificate. Whether `issuer` is to be trusted is not asked.
std::string revocation_problem(const Certificate& certificate, const Certificate& issuer,
                               const RevocationList& list, std::int64_t now);

}  // namespace ecloud::crypto
