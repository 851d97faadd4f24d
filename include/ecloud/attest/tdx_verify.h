#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ecloud/attest/evidence.h"
#include "ecloud/attest/tdx_collateral.h"
#include "ecloud/attest/tdx_quote.h"

namespace ecloud::attest {

/// What Intel publishes, as far as the caller has it. What is absent leaves its checks undone.
struct TdxCollateral {
  std::optional<base::Bytes> pck_crl;   ///< of the CA that issued the PCK certificate; any form
  std::optional<base::Bytes> root_crl;  ///< of the Intel SGX Root CA; DER, PEM or hex
  std::optional<std::string> tcb_info;  ///< {"tcbInfo": …, "signature": …}, octet for octet
  std::optional<std::string> tcb_info_issuer_chain;  ///< PEM, or as in the service's header
  std::optional<std::string> qe_identity;            ///< {"enclaveIdentity": …, "signature": …}
  std::optional<std::string> qe_identity_issuer_chain;  ///< PEM, or as in the service's header
};

/// Bits of TDATTRIBUTES (Intel TDX Module, Base Architecture Specification).
constexpr std::uint64_t kTdDebug = 1;
constexpr std::uint64_t kTdSeptVeDisable = std::uint64_t{1} << 28;
constexpr std::uint64_t kTdMigratable = std::uint64_t{1} << 29;
constexpr std::uint64_t kTdPks = std::uint64_t{1} << 30;
constexpr std::uint64_t kTdKeyLocker = std::uint64_t{1} << 31;
constexpr std::uint64_t kTdPerfmon = std::uint64_t{1} << 63;

/// What the caller asks of a trust domain. Debug is always forbidden.
struct TdxPolicy {
  std::uint64_t allowed_td_attributes = kTdSeptVeDisable | kTdPks | kTdKeyLocker;
  /// Bits of XFAM that are always one and those that may be: x87 and SSE, and what processors with
  /// TDX save (Intel TDX Module, XFAM).
  std::uint64_t required_xfam = 0x3;
  std::uint64_t allowed_xfam = 0x6dbe7;
  // Values that are accepted; without any the measurement is shown and not checked.
  std::vector<base::FixedBytes<48>> mr_td;
  std::array<std::vector<base::FixedBytes<48>>, 4> rtmr;
  std::vector<base::FixedBytes<48>> mr_config_id;
  /// 64 octets, or the first 32.
  std::optional<base::Bytes> report_data;
  std::vector<TcbStatus> accepted_statuses = {TcbStatus::kUpToDate};
  /// The least tcbEvaluationDataNumber of TCB info and QE identity.
  std::optional<std::uint32_t> least_evaluation_number;
};

struct TdxReport {
  /// In this order: quote-format, quote-signature, qe-report-binding, qe-report-signature,
  /// pck-chain, pck-crl, root-crl, pck-platform, tcb-info, tdx-module, tcb-level, qe-identity,
  /// td-attributes, xfam, mr-td, rtmr0 … rtmr3, mr-config-id, report-data. Always all of them.
  std::vector<Finding> findings;
  std::optional<TdxQuote> quote;  ///< when it could be read
  /// Of platform and module, the worse; when TCB info was there and a level fits.
  std::optional<TcbStatus> tcb_status;
  std::vector<std::string> advisories;  ///< of platform, module and quoting enclave, sorted
  /// "mr_td" … and lower-case hex, in the order of the quote.
  std::vector<std::pair<std::string, std::string>> measurements;
};

/// Walks the chain of evidence of a quote. `now` is in unix seconds. `trusted_root` is the root
/// that everything has to lead to; the certificate inside the quote is only compared with it.
/// Throws nothing about what it is given: what is malformed is a finding that failed.
TdxReport verify_tdx_quote(base::ByteView quote, const TdxCollateral& collateral,
                           const TdxPolicy& policy, std::int64_t now,
                           const crypto::Certificate& trusted_root = intel_sgx_root());

}  // namespace ecloud::attest
