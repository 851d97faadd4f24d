#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "ecloud/base/bytes.h"

namespace ecloud::attest {

/// The measurements and attributes of a trust domain (Intel TDX DCAP quote formats, TD report).
struct TdxBody {
  base::FixedBytes<16> tee_tcb_svn{};
  base::FixedBytes<48> mr_seam{};
  base::FixedBytes<48> mr_signer_seam{};
  base::FixedBytes<8> seam_attributes{};
  base::FixedBytes<8> td_attributes{};  ///< little-endian; bit 0 of the first octet is debug
  base::FixedBytes<8> xfam{};           ///< little-endian
  base::FixedBytes<48> mr_td{};
  base::FixedBytes<48> mr_config_id{};
  base::FixedBytes<48> mr_owner{};
  base::FixedBytes<48> mr_owner_config{};
  std::array<base::FixedBytes<48>, 4> rtmr{};
  base::FixedBytes<64> report_data{};
  /// Of TDX 1.5 (body type 3) alone.
  std::optional<base::FixedBytes<16>> tee_tcb_svn2;
  std::optional<base::FixedBytes<48>> mr_servicetd;
};

/// What is read of the report of the quoting enclave (an SGX REPORT body, 384 octets).
struct QeReport {
  base::FixedBytes<4> misc_select{};
  base::FixedBytes<16> attributes{};
  base::FixedBytes<32> mr_enclave{};
  base::FixedBytes<32> mr_signer{};
  std::uint16_t isv_prod_id = 0;
  std::uint16_t isv_svn = 0;
  base::FixedBytes<64> report_data{};
};

/// An Intel TDX quote of version 4 or 5. Nothing of it has been verified.
struct TdxQuote {
  std::uint16_t version = 0;
  std::uint16_t attestation_key_type = 0;
  std::uint32_t tee_type = 0;
  base::FixedBytes<16> qe_vendor_id{};
  base::FixedBytes<20> user_data{};
  std::uint16_t body_type = 2;  ///< 2: TDX 1.0, 3: TDX 1.5; always 2 in version 4
  TdxBody body;

  base::Bytes signed_part;  ///< header and body, in version 5 with type and size between them
  base::FixedBytes<64> signature{};        ///< r || s over signed_part
  base::FixedBytes<64> attestation_key{};  ///< x || y on P-256
  base::Bytes qe_report_bytes;             ///< 384 octets
  QeReport qe_report;
  base::FixedBytes<64> qe_report_signature{};  ///< r || s over qe_report_bytes
  base::Bytes qe_auth_data;
  std::string pck_chain;  ///< PEM: leaf, CA, root
  std::size_t size = 0;   ///< octets of the quote; what follows is padding
};

/// ECDSA with P-256, the one key type that TDX has.
constexpr std::uint16_t kAttestationKeyP256 = 2;
constexpr std::uint32_t kTeeTypeTdx = 0x81;
/// 939a7233-f79c-4ca9-940a-0db3957f0607: Intel's quoting enclave.
extern const base::FixedBytes<16> kIntelQeVendorId;

/// Reads a quote; octets after its end are allowed. Versions, key type, TEE type, vendor and every
/// length and size are checked. Throws Error{kVerification, "attest.quote"} that names the offset
/// and what is wrong there.
TdxQuote parse_tdx_quote(base::ByteView bytes);

}  // namespace ecloud::attest
