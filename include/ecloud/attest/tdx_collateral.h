#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/certificate.h"

namespace ecloud::attest {

/// What Intel publishes beside a quote (Intel SGX and TDX Provisioning Certification Service,
/// version 4). Everything here reads octets that the caller has; nothing is verified by reading.
/// All functions throw Error{kVerification, "attest.collateral"} that says what is wrong and where.

/// How good a platform, a module or a quoting enclave is. The order is that of `worse`.
enum class TcbStatus {
  kUpToDate,
  kSwHardeningNeeded,
  kConfigurationNeeded,
  kConfigurationAndSwHardeningNeeded,
  kOutOfDate,
  kOutOfDateConfigurationNeeded,
  kRevoked,
};

/// "UpToDate", "SWHardeningNeeded", … as Intel writes them.
std::string_view tcb_status_word(TcbStatus status);
/// Throws for a word that is none.
TcbStatus parse_tcb_status(std::string_view word);
/// The status of both together: the worse one; out of date with a configuration that is needed is
/// OutOfDateConfigurationNeeded.
TcbStatus worse(TcbStatus a, TcbStatus b);

using Fmspc = base::FixedBytes<6>;
using PceId = base::FixedBytes<2>;
using Svns = std::array<std::uint8_t, 16>;

/// Object identifier 1.2.840.113741.1.13.1 of a PCK certificate: which platform it is for.
struct PckExtension {
  Fmspc fmspc{};
  PceId pce_id{};
  Svns component_svns{};
  std::uint16_t pce_svn = 0;
};
PckExtension read_pck_extension(const crypto::Certificate& certificate);

/// A document with its signature: {"NAME": content, "signature": hex}.
struct SignedDocument {
  std::string content;               ///< the exact octets that are signed
  base::FixedBytes<64> signature{};  ///< r || s, ECDSA P-256 with SHA-256
};
/// `name` is "tcbInfo" or "enclaveIdentity".
SignedDocument read_signed_document(std::string_view text, std::string_view name);

/// A status that holds from a security version on.
struct IsvLevel {
  std::uint16_t isv_svn = 0;
  TcbStatus status = TcbStatus::kRevoked;
  std::int64_t date = 0;  ///< unix seconds
  std::vector<std::string> advisories;
};

/// What signs the TDX module, and how.
struct TdxModule {
  base::FixedBytes<48> mr_signer{};
  base::FixedBytes<8> attributes{};
  base::FixedBytes<8> attributes_mask{};
};

/// A generation of the module: "TDX_01", "TDX_03".
struct TdxModuleIdentity {
  std::string id;
  TdxModule module;
  std::vector<IsvLevel> levels;  ///< in the order of the document, the newest first
};

struct TcbLevel {
  Svns sgx_svns{};
  Svns tdx_svns{};
  std::uint16_t pce_svn = 0;
  TcbStatus status = TcbStatus::kRevoked;
  std::int64_t date = 0;  ///< unix seconds
  std::vector<std::string> advisories;
};

/// TCB info of version 3 with id TDX.
struct TcbInfo {
  std::int64_t issued = 0;       ///< unix seconds
  std::int64_t next_update = 0;  ///< unix seconds
  Fmspc fmspc{};
  PceId pce_id{};
  std::uint32_t evaluation_number = 0;
  TdxModule module;
  std::vector<TdxModuleIdentity> module_identities;
  std::vector<TcbLevel> levels;  ///< in the order of the document
};
TcbInfo read_tcb_info(std::string_view content);

/// The identity of the quoting enclave for TDX: version 2 with id TD_QE.
struct QeIdentity {
  std::int64_t issued = 0;       ///< unix seconds
  std::int64_t next_update = 0;  ///< unix seconds
  std::uint32_t evaluation_number = 0;
  base::FixedBytes<4> misc_select{};
  base::FixedBytes<4> misc_select_mask{};
  base::FixedBytes<16> attributes{};
  base::FixedBytes<16> attributes_mask{};
  base::FixedBytes<32> mr_signer{};
  std::uint16_t isv_prod_id = 0;
  std::vector<IsvLevel> levels;
};
QeIdentity read_qe_identity(std::string_view content);

/// Certificates in PEM, or in the percent-encoding of the service's headers.
std::vector<crypto::Certificate> read_issuer_chain(std::string_view text);

/// A revocation list in DER, PEM, or hex of DER.
crypto::RevocationList read_revocation_list(base::ByteView content);

/// "Intel SGX Root CA", valid to the end of 2049; SHA-256 of its DER
/// 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3.
const crypto::Certificate& intel_sgx_root();

}  // namespace ecloud::attest
