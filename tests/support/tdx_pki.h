#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"

namespace ecloud::testing {

/// 2026-06-01T00:00:00Z: everything below is in force then.
constexpr std::int64_t kTdxNow = 1780272000;
constexpr std::int64_t kDay = 86400;

/// A fresh P-256 key that signs as Intel's keys do.
class SigningKey {
 public:
  SigningKey();
  base::Bytes point() const;                       ///< x || y
  base::Bytes sign(base::ByteView message) const;  ///< r || s, SHA-256
  void* handle() const { return key_.get(); }      ///< EVP_PKEY*

 private:
  std::shared_ptr<void> key_;
};

/// A certificate with its key.
struct Authority {
  SigningKey key;
  std::string pem;
  base::Bytes der;
};

struct CertificateRequest {
  std::string common_name;
  std::uint64_t serial = 1;
  bool is_authority = false;
  std::int64_t from = kTdxNow - 1000 * kDay;
  std::int64_t to = kTdxNow + 1000 * kDay;
  std::optional<base::Bytes> sgx_extension;  ///< content of 1.2.840.113741.1.13.1
};

/// Null `issuer`: signed by itself.
Authority make_certificate(const CertificateRequest& request, const Authority* issuer);

struct ListRequest {
  std::vector<std::uint64_t> revoked;
  std::int64_t from = kTdxNow - kDay;
  std::int64_t to = kTdxNow + 30 * kDay;
};
/// DER.
base::Bytes make_revocation_list(const Authority& issuer, const ListRequest& request);
std::string to_pem_list(const base::Bytes& der);

/// What a PCK certificate says of its platform.
struct SgxPlatform {
  base::Bytes fmspc = {0x90, 0xc0, 0x6f, 0, 0, 0};
  base::Bytes pce_id = {0, 0};
  base::Bytes component_svns = base::Bytes(16, 3);
  std::uint16_t pce_svn = 13;
};
base::Bytes make_sgx_extension(const SgxPlatform& platform);

/// The same structure as Intel's: a root, both CAs, a PCK certificate of each, and the signer of
/// documents. The serial numbers are those of the constants.
struct TdxPki {
  static constexpr std::uint64_t kPlatformCa = 2, kProcessorCa = 3, kPlatformPck = 4,
                                 kProcessorPck = 5, kTcbSigning = 6;
  TdxPki();
  Authority root, platform_ca, processor_ca, platform_pck, processor_pck, tcb_signing;

  /// The chain inside quotes: leaf, CA, root.
  std::string platform_chain() const { return platform_pck.pem + platform_ca.pem + root.pem; }
  std::string processor_chain() const { return processor_pck.pem + processor_ca.pem + root.pem; }
  /// The chain beside documents.
  std::string tcb_chain() const { return tcb_signing.pem + root.pem; }
};

/// One for all tests: making it costs some milliseconds.
const TdxPki& tdx_pki();

}  // namespace ecloud::testing
