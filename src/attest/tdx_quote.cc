#include "ecloud/attest/tdx_quote.h"

#include "attest/byte_reader.h"
#include "ecloud/base/hex.h"

namespace ecloud::attest {

const base::FixedBytes<16> kIntelQeVendorId = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                               0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

namespace {

constexpr std::size_t kBodySize10 = 584;
constexpr std::size_t kBodySize15 = 648;
constexpr std::size_t kQeReportSize = 384;
constexpr std::uint16_t kCertificationQeReport = 6;
constexpr std::uint16_t kCertificationPckChain = 5;
// The longest of the public samples is 5 KB, with three certificates.
constexpr std::size_t kMostAuthData = 4096;

std::string number_text(std::uint64_t value) {
  return std::to_string(value);
}

void read_header(ByteReader& in, TdxQuote& quote) {
  quote.version = in.u16("the version");
  if (quote.version != 4 && quote.version != 5) {
    in.fail_at(0, "the version is " + number_text(quote.version) + ", and 4 and 5 are known");
  }
  quote.attestation_key_type = in.u16("the type of the attestation key");
  if (quote.attestation_key_type != kAttestationKeyP256) {
    in.fail_at(2, "the type of the attestation key is " + number_text(quote.attestation_key_type) +
                      ", and 2 (ECDSA P-256) is known");
  }
  quote.tee_type = in.u32("the type of the TEE");
  if (quote.tee_type != kTeeTypeTdx) {
    in.fail_at(4, "the type of the TEE is " + number_text(quote.tee_type) +
                      ", and that of TDX is 129 (0x81)");
  }
  in.take(4, "the reserved part of the header");
  quote.qe_vendor_id = in.fixed<16>("the vendor of the quoting enclave");
  if (quote.qe_vendor_id != kIntelQeVendorId) {
    in.fail_at(12, "the vendor of the quoting enclave is " + base::to_hex(quote.qe_vendor_id) +
                       ", and Intel's is " + base::to_hex(kIntelQeVendorId));
  }
  quote.user_data = in.fixed<20>("the user data of the header");
}

/// The size of the body, after what version 5 says of it.
std::size_t read_body_size(ByteReader& in, TdxQuote& quote) {
  if (quote.version == 4) return kBodySize10;
  const std::size_t at = in.offset();
  quote.body_type = in.u16("the type of the body");
  if (quote.body_type != 2 && quote.body_type != 3) {
    in.fail_at(at, "the type of the body is " + number_text(quote.body_type) +
                       ", and 2 (TDX 1.0) and 3 (TDX 1.5) are known");
  }
  const std::size_t expected = quote.body_type == 2 ? kBodySize10 : kBodySize15;
  const std::uint32_t size = in.u32("the size of the body");
  if (size != expected) {
    in.fail_at(at + 2, "the size of the body is " + number_text(size) + ", and that of type " +
                           number_text(quote.body_type) + " is " + number_text(expected));
  }
  return expected;
}

TdxBody read_body(ByteReader in) {
  TdxBody body;
  body.tee_tcb_svn = in.fixed<16>("TEE_TCB_SVN");
  body.mr_seam = in.fixed<48>("MRSEAM");
  body.mr_signer_seam = in.fixed<48>("MRSIGNERSEAM");
  body.seam_attributes = in.fixed<8>("SEAMATTRIBUTES");
  body.td_attributes = in.fixed<8>("TDATTRIBUTES");
  body.xfam = in.fixed<8>("XFAM");
  body.mr_td = in.fixed<48>("MRTD");
  body.mr_config_id = in.fixed<48>("MRCONFIGID");
  body.mr_owner = in.fixed<48>("MROWNER");
  body.mr_owner_config = in.fixed<48>("MROWNERCONFIG");
  for (auto& rtmr : body.rtmr) rtmr = in.fixed<48>("an RTMR");
  body.report_data = in.fixed<64>("REPORTDATA");
  if (in.remaining() > 0) {
    body.tee_tcb_svn2 = in.fixed<16>("TEE_TCB_SVN2");
    body.mr_servicetd = in.fixed<48>("MRSERVICETD");
  }
  return body;
}

/// Intel SGX, REPORTBODY: the offsets of its fields.
QeReport read_qe_report(base::ByteView bytes) {
  ByteReader in(bytes, "attest.quote");
  QeReport report;
  in.take(16, "CPUSVN");
  report.misc_select = in.fixed<4>("MISCSELECT");
  in.take(28, "a reserved field");
  report.attributes = in.fixed<16>("ATTRIBUTES");
  report.mr_enclave = in.fixed<32>("MRENCLAVE");
  in.take(32, "a reserved field");
  report.mr_signer = in.fixed<32>("MRSIGNER");
  in.take(96, "a reserved field");
  report.isv_prod_id = in.u16("ISVPRODID");
  report.isv_svn = in.u16("ISVSVN");
  in.take(60, "a reserved field");
  report.report_data = in.fixed<64>("REPORTDATA");
  return report;
}

/// A part after its type and size.
ByteReader read_part(ByteReader& in, std::uint16_t expected_type, const char* what) {
  const std::size_t at = in.offset();
  const std::uint16_t type = in.u16(what);
  if (type != expected_type) {
    in.fail_at(at, "the type of " + std::string(what) + " is " + number_text(type) + ", and " +
                       number_text(expected_type) + " is expected");
  }
  const std::uint32_t size = in.u32(what);
  if (size > in.remaining()) {
    in.fail_at(at + 2, "the size of " + std::string(what) + " is " + number_text(size) + ", and " +
                           number_text(in.remaining()) + " octets are left for it");
  }
  return in.part(size, what);
}

void read_signature_part(ByteReader in, TdxQuote& quote) {
  quote.signature = in.fixed<64>("the signature");
  quote.attestation_key = in.fixed<64>("the attestation key");
  ByteReader outer = read_part(in, kCertificationQeReport, "the certification data");
  const base::ByteView report = outer.take(kQeReportSize, "the report of the quoting enclave");
  quote.qe_report_bytes.assign(report.begin(), report.end());
  quote.qe_report = read_qe_report(report);
  quote.qe_report_signature = outer.fixed<64>("the signature of the quoting enclave's report");
  const std::size_t at = outer.offset();
  const std::uint16_t auth_size = outer.u16("the size of the authentication data");
  if (auth_size > kMostAuthData) {
    outer.fail_at(at, "the size of the authentication data is " + number_text(auth_size) +
                          ", and at most " + number_text(kMostAuthData) + " octets are read");
  }
  const base::ByteView auth = outer.take(auth_size, "the authentication data");
  quote.qe_auth_data.assign(auth.begin(), auth.end());
  ByteReader inner = read_part(outer, kCertificationPckChain, "the PCK certificates");
  quote.pck_chain = base::as_chars(inner.take(inner.remaining(), "the PCK certificates"));
}

}  // namespace

TdxQuote parse_tdx_quote(base::ByteView bytes) {
  ByteReader in(bytes, "attest.quote");
  TdxQuote quote;
  read_header(in, quote);
  const std::size_t body_size = read_body_size(in, quote);
  quote.body = read_body(in.part(body_size, "the body"));
  const base::ByteView covered = bytes.first(in.offset());
  quote.signed_part.assign(covered.begin(), covered.end());
  const std::uint32_t size = in.u32("the length of the signature part");
  read_signature_part(in.part(size, "the signature part"), quote);
  quote.size = in.offset();
  return quote;
}

}  // namespace ecloud::attest
