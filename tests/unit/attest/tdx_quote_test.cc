#include "ecloud/attest/tdx_quote.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/failure.h"
#include "unit/attest/tdx_fixture.h"

namespace ecloud::attest {
namespace {

std::string refusal(const base::Bytes& bytes) {
  const Error error = testing::failure_of([&] { parse_tdx_quote(bytes); });
  CHECK(error.code() == "attest.quote");
  CHECK(error.category() == Category::kVerification);
  return error.message();
}

base::Bytes with(base::Bytes bytes, std::size_t at, std::uint8_t value) {
  bytes.at(at) = value;
  return bytes;
}

}  // namespace

TEST_CASE("a TDX quote is read with every field in its place", "[attest]") {
  const auto [version, type] = GENERATE(std::pair(4, 2), std::pair(5, 2), std::pair(5, 3));
  CAPTURE(version, type);
  QuoteMaker maker(version, type);
  maker.trailing.assign(100, 0x55);
  const base::Bytes bytes = maker.build();
  const TdxQuote quote = parse_tdx_quote(bytes);
  CHECK(quote.version == version);
  CHECK(quote.attestation_key_type == 2);
  CHECK(quote.tee_type == 0x81);
  CHECK(base::to_hex(quote.user_data) == "808182838485868788898a8b8c8d8e8f90919293");
  CHECK(quote.body_type == type);
  CHECK(quote.size == bytes.size() - 100);
  // The offsets of Intel's documents, counted from the beginning of a quote of version 4.
  const std::size_t more = version == 5 ? 6 : 0;
  const auto at = [&](std::size_t offset, std::size_t size) {
    return base::to_hex(base::ByteView(bytes).subspan(offset + more, size));
  };
  CHECK(base::to_hex(quote.body.tee_tcb_svn) == at(0x30, 16));
  CHECK(base::to_hex(quote.body.mr_seam) == at(0x40, 48));
  CHECK(base::to_hex(quote.body.mr_signer_seam) == at(0x70, 48));
  CHECK(base::to_hex(quote.body.seam_attributes) == at(0xa0, 8));
  CHECK(base::to_hex(quote.body.td_attributes) == at(0xa8, 8));
  CHECK(base::to_hex(quote.body.xfam) == at(0xb0, 8));
  CHECK(base::to_hex(quote.body.mr_td) == at(0xb8, 48));
  CHECK(base::to_hex(quote.body.mr_config_id) == at(0xe8, 48));
  CHECK(base::to_hex(quote.body.mr_owner) == at(0x118, 48));
  CHECK(base::to_hex(quote.body.mr_owner_config) == at(0x148, 48));
  CHECK(base::to_hex(quote.body.rtmr[0]) == at(0x178, 48));
  CHECK(base::to_hex(quote.body.rtmr[3]) == at(0x208, 48));
  CHECK(base::to_hex(quote.body.report_data) == at(0x238, 64));
  CHECK(quote.body.tee_tcb_svn2.has_value() == (type == 3));
  CHECK(quote.body.mr_servicetd.has_value() == (type == 3));
  CHECK(quote.signed_part.size() == 0x30 + more + (type == 3 ? 648u : 584u));
  CHECK(base::to_hex(quote.attestation_key) == base::to_hex(maker.attestation_key.point()));
  CHECK(quote.qe_auth_data == maker.auth_data);
  CHECK(quote.qe_report.isv_prod_id == 2);
  CHECK(quote.qe_report.isv_svn == 4);
  CHECK(quote.pck_chain == maker.chain);
}

TEST_CASE("a TDX quote that was cut off anywhere is refused with the offset", "[attest]") {
  const auto [version, type] = GENERATE(std::pair(4, 2), std::pair(5, 3));
  const base::Bytes whole = QuoteMaker(version, type).build();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    std::string message;
    try {
      parse_tdx_quote(cut);
      FAIL("accepted with " << size << " of " << whole.size() << " octets");
    } catch (const Error& error) {
      if (error.code() != "attest.quote" || !error.message().starts_with("at offset ")) {
        FAIL(error.code() << ": " << error.message());
      }
    }
  }
  CHECK(refusal({}) == "at offset 0: the version needs 2 octets, and 0 are left");
  CHECK(parse_tdx_quote(whole).size == whole.size());
}

TEST_CASE("what a verifier does not know is named", "[attest]") {
  const base::Bytes v4 = QuoteMaker(4).build();
  CHECK(refusal(with(v4, 0, 3)) == "at offset 0: the version is 3, and 4 and 5 are known");
  CHECK(refusal(with(v4, 2, 3)) ==
        "at offset 2: the type of the attestation key is 3, and 2 (ECDSA P-256) is known");
  CHECK(refusal(with(v4, 4, 0)) ==
        "at offset 4: the type of the TEE is 0, and that of TDX is 129 (0x81)");
  CHECK(refusal(with(v4, 12, 0)) ==
        "at offset 12: the vendor of the quoting enclave is 009a7233f79c4ca9940a0db3957f0607, and "
        "Intel's is 939a7233f79c4ca9940a0db3957f0607");
  const base::Bytes v5 = QuoteMaker(5, 3).build();
  CHECK(refusal(with(v5, 0x30, 1)) ==
        "at offset 48: the type of the body is 1, and 2 (TDX 1.0) and 3 (TDX 1.5) are known");
  CHECK(refusal(with(v5, 0x30, 2)) ==
        "at offset 50: the size of the body is 648, and that of type 2 is 584");
  CHECK(refusal(with(v5, 0x32, 0)) ==
        "at offset 50: the size of the body is 512, and that of type 3 is 648");
}

TEST_CASE("lengths that lie are refused", "[attest]") {
  const base::Bytes v4 = QuoteMaker(4).build();
  CHECK(has(refusal(with(v4, 0x27b, 0xff)), "at offset 636: the signature part needs"));
  CHECK(refusal(with(v4, 0x2fc, 5)) ==
        "at offset 764: the type of the certification data is 5, and 6 is expected");
  CHECK(has(refusal(with(v4, 0x301, 0x7f)), "at offset 766: the size of the certification data"));
  CHECK(has(refusal(with(v4, 0x4c3, 0x20)),
            "at offset 1218: the size of the authentication data is 8224, and at most 4096"));
  CHECK(refusal(with(v4, 0x4e4, 4)) ==
        "at offset 1252: the type of the PCK certificates is 4, and 5 is expected");
  CHECK(has(refusal(with(v4, 0x4e9, 0xff)), "at offset 1254: the size of the PCK certificates"));
}

}  // namespace ecloud::attest
