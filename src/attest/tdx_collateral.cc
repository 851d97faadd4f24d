#include "ecloud/attest/tdx_collateral.h"

#include "attest/collateral_fields.h"
#include "ecloud/base/text.h"

namespace ecloud::attest {
namespace {

constexpr std::size_t kMostOctets = std::size_t{1} << 24;

void expect_kind(const base::Json& document, std::string_view id, std::uint64_t version) {
  if (document["id"].as_string() != id) {
    throw document["id"].error("expected \"" + std::string(id) + "\"");
  }
  if (document["version"].as_u64() != version) {
    throw document["version"].error("expected " + std::to_string(version));
  }
}

TdxModule read_module(const base::Json& place) {
  TdxModule out;
  out.mr_signer = hex_field<48>(place["mrsigner"]);
  out.attributes = hex_field<8>(place["attributes"]);
  out.attributes_mask = hex_field<8>(place["attributesMask"]);
  return out;
}

Svns read_svns(const base::Json& place) {
  const auto components = place.elements();
  Svns out{};
  if (components.size() != out.size()) throw place.error("expected 16 components");
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(number_field(components[i]["svn"], 0xff));
  }
  return out;
}

TcbLevel read_level(const base::Json& place) {
  TcbLevel out;
  const base::Json tcb = place["tcb"];
  out.sgx_svns = read_svns(tcb["sgxtcbcomponents"]);
  out.tdx_svns = read_svns(tcb["tdxtcbcomponents"]);
  out.pce_svn = static_cast<std::uint16_t>(number_field(tcb["pcesvn"], 0xffff));
  out.status = status_field(place["tcbStatus"]);
  out.date = time_field(place["tcbDate"]);
  out.advisories = advisories_field(place["advisoryIDs"]);
  return out;
}

std::optional<std::uint8_t> hex_octet(std::string_view two) {
  const auto out = two.size() == 2 ? base::from_hex(two) : std::nullopt;
  if (!out || out->size() != 1) return std::nullopt;
  return out->front();
}

/// RFC 3986 section 2.1.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = text[i] == '%' ? hex_octet(text.substr(i + 1, 2)) : std::nullopt;
    out += octet ? static_cast<char>(*octet) : text[i];
    if (octet) i += 2;
  }
  return out;
}

}  // namespace

TcbInfo read_tcb_info(std::string_view content) {
  return read_collateral(content, "TCB info", [](const base::Json& document) {
    expect_kind(document, "TDX", 3);
    TcbInfo out;
    out.issued = time_field(document["issueDate"]);
    out.next_update = time_field(document["nextUpdate"]);
    out.fmspc = hex_field<6>(document["fmspc"]);
    out.pce_id = hex_field<2>(document["pceId"]);
    if (document["tcbType"].as_u64() != 0) throw document["tcbType"].error("expected 0");
    out.evaluation_number = number_field(document["tcbEvaluationDataNumber"], UINT32_MAX);
    out.module = read_module(document["tdxModule"]);
    const base::Json identities = document["tdxModuleIdentities"];
    for (const auto& place :
         identities.exists() ? identities.elements() : std::vector<base::Json>{}) {
      out.module_identities.push_back(
          {place["id"].as_string(), read_module(place), isv_levels_field(place["tcbLevels"])});
    }
    for (const base::Json& place : document["tcbLevels"].elements()) {
      out.levels.push_back(read_level(place));
    }
    return out;
  });
}

QeIdentity read_qe_identity(std::string_view content) {
  return read_collateral(content, "QE identity", [](const base::Json& document) {
    expect_kind(document, "TD_QE", 2);
    QeIdentity out;
    out.issued = time_field(document["issueDate"]);
    out.next_update = time_field(document["nextUpdate"]);
    out.evaluation_number = number_field(document["tcbEvaluationDataNumber"], UINT32_MAX);
    out.misc_select = hex_field<4>(document["miscselect"]);
    out.misc_select_mask = hex_field<4>(document["miscselectMask"]);
    out.attributes = hex_field<16>(document["attributes"]);
    out.attributes_mask = hex_field<16>(document["attributesMask"]);
    out.mr_signer = hex_field<32>(document["mrsigner"]);
    out.isv_prod_id = static_cast<std::uint16_t>(number_field(document["isvprodid"], 0xffff));
    out.levels = isv_levels_field(document["tcbLevels"]);
    return out;
  });
}

std::vector<crypto::Certificate> read_issuer_chain(std::string_view text) {
  const bool encoded = text.find("BEGIN%20CERTIFICATE") != std::string_view::npos;
  auto out = crypto::Certificate::from_pem(encoded ? percent_decoded(text) : std::string(text));
  if (!out) {
    throw Error(Category::kVerification, "attest.collateral",
                "the issuer chain is not certificates in PEM, plain or percent-encoded");
  }
  return *std::move(out);
}

crypto::RevocationList read_revocation_list(base::ByteView content) {
  const std::string_view text = base::trim(base::as_chars(content));
  const auto from_hex = content.size() <= kMostOctets ? base::from_hex(text) : std::nullopt;
  auto out = crypto::RevocationList::read(from_hex ? base::ByteView(*from_hex) : content);
  if (!out) {
    throw Error(Category::kVerification, "attest.collateral",
                "the revocation list is not one X.509 CRL in DER, PEM or hex");
  }
  return *std::move(out);
}

}  // namespace ecloud::attest
