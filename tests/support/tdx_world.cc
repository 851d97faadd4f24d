#include "support/tdx_world.h"

#include <algorithm>
#include <stdexcept>

#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::testing {
namespace {

using base::Bytes;
using base::Json;

constexpr std::size_t kQeMrSigner = 128, kQeProdId = 256, kQeReportData = 320;

void little_endian(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put(Bytes& out, std::size_t at, base::ByteView value) {
  if (at + value.size() > out.size()) throw std::out_of_range("a field of a quote");
  std::copy(value.begin(), value.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

/// 0x21 0x22 …: no field looks like another one.
Bytes counting(std::uint8_t first, std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

Json components(const Bytes& svns) {
  Json out = Json::array();
  for (const std::uint8_t svn : svns) out.push(Json::object({{"svn", int{svn}}}));
  return out;
}

Json isv_levels(const std::vector<std::pair<int, std::string>>& levels) {
  Json out = Json::array();
  for (const auto& [svn, status] : levels) {
    Json level = Json::object({{"tcb", Json::object({{"isvsvn", svn}})},
                               {"tcbDate", "2026-01-01T00:00:00Z"},
                               {"tcbStatus", status}});
    if (status != "UpToDate") level.set("advisoryIDs", Json::strings({"INTEL-SA-90000"}));
    out.push(level);
  }
  return out;
}

Json module(const Bytes& mr_signer) {
  return Json::object({{"mrsigner", base::to_hex(mr_signer)},
                       {"attributes", "0000000000000000"},
                       {"attributesMask", "FFFFFFFFFFFFFFFF"}});
}

}  // namespace

QuoteMaker::QuoteMaker(int version_, int body_type_)
    : version(version_), body_type(body_type_), auth_data(counting(0, 32)) {
  little_endian(header, static_cast<std::uint64_t>(version), 2);
  little_endian(header, 2, 2);
  little_endian(header, 0x81, 4);
  little_endian(header, 0, 4);
  base::append(header, *base::from_hex("939a7233f79c4ca9940a0db3957f0607"));
  base::append(header, counting(0x80, 20));
  body.assign(body_type == 3 ? 648 : 584, 0);
  Bytes svn(16, 0);
  svn[0] = 5, svn[1] = 1, svn[2] = 4;
  set(kTeeTcbSvn, svn);
  set(kMrSeam, counting(0x10, 48));
  set(kTdAttributes, {0, 0, 0, 0x10, 0, 0, 0, 0});  // SEPT_VE_DISABLE
  set(kXfam, {0xe7, 0x02, 0x06, 0, 0, 0, 0, 0});
  set(kMrTd, counting(0x20, 48));
  for (std::size_t i = 0; i < 3; ++i) {
    set(kRtmr0 + 48 * i, counting(static_cast<std::uint8_t>(0x30 + 0x10 * i), 48));
  }
  set(kReportData, counting(0x70, 64));
  if (body_type == 3) set(584, svn);
  qe_report.assign(384, 0);
  put(qe_report, 48, Bytes{0x11});  // ATTRIBUTES: initialised, provisioning key
  put(qe_report, kQeMrSigner, counting(0xa0, 32));
  put(qe_report, kQeProdId, Bytes{2, 0, 4, 0});  // ISVPRODID, ISVSVN
  chain = tdx_pki().platform_chain();
  pck = &tdx_pki().platform_pck.key;
}

void QuoteMaker::set(std::size_t offset, const Bytes& value) {
  put(body, offset, value);
}

Bytes QuoteMaker::build() const {
  Bytes out = header;
  if (version == 5) {
    little_endian(out, static_cast<std::uint64_t>(body_type), 2);
    little_endian(out, body.size(), 4);
  }
  base::append(out, body);
  const Bytes key = attestation_key.point();
  Bytes report = qe_report;
  Bytes bound = key;
  base::append(bound, auth_data);
  if (bind) put(report, kQeReportData, crypto::sha256(bound));

  Bytes inner = report;
  base::append(inner, pck->sign(report));
  little_endian(inner, auth_data.size(), 2);
  base::append(inner, auth_data);
  little_endian(inner, 5, 2);
  little_endian(inner, chain.size(), 4);
  base::append(inner, base::as_bytes(chain));

  Bytes signature = attestation_key.sign(out);
  base::append(signature, key);
  little_endian(signature, 6, 2);
  little_endian(signature, inner.size(), 4);
  base::append(signature, inner);
  little_endian(out, signature.size(), 4);
  base::append(out, signature);
  base::append(out, trailing);
  return out;
}

TcbInfoSpec::TcbInfoSpec() {
  modules = {{"TDX_03", {{3, "UpToDate"}}, Bytes(48, 0)},
             {"TDX_01", {{5, "UpToDate"}, {2, "OutOfDate"}}, Bytes(48, 0)}};
  Bytes tdx(16, 0);
  tdx[0] = 5, tdx[2] = 4;
  levels = {{Bytes(16, 3), tdx, 13, "UpToDate", {}},
            {Bytes(16, 2), Bytes(16, 0), 5, "OutOfDate", {"INTEL-SA-00001", "INTEL-SA-00002"}}};
}

QeIdentitySpec::QeIdentitySpec() : mr_signer(base::to_hex(counting(0xa0, 32))) {}

std::string tcb_info_content(const TcbInfoSpec& spec) {
  Json identities = Json::array();
  for (const ModuleSpec& one : spec.modules) {
    Json identity = Json::object({{"id", one.id}});
    for (const auto& [name, value] : module(one.mr_signer).members()) identity.set(name, value);
    identity.set("tcbLevels", isv_levels(one.levels));
    identities.push(identity);
  }
  Json levels = Json::array();
  for (const LevelSpec& level : spec.levels) {
    Json entry =
        Json::object({{"tcb", Json::object({{"sgxtcbcomponents", components(level.sgx_svns)},
                                            {"pcesvn", level.pce_svn},
                                            {"tdxtcbcomponents", components(level.tdx_svns)}})},
                      {"tcbDate", "2026-01-01T00:00:00Z"},
                      {"tcbStatus", level.status}});
    if (!level.advisories.empty()) entry.set("advisoryIDs", Json::strings(level.advisories));
    levels.push(entry);
  }
  return Json::object({{"id", spec.id},
                       {"version", 3},
                       {"issueDate", spec.issued},
                       {"nextUpdate", spec.next_update},
                       {"fmspc", spec.fmspc},
                       {"pceId", spec.pce_id},
                       {"tcbType", 0},
                       {"tcbEvaluationDataNumber", spec.evaluation},
                       {"tdxModule", module(spec.module_signer)},
                       {"tdxModuleIdentities", identities},
                       {"tcbLevels", levels}})
      .dump();
}

std::string qe_identity_content(const QeIdentitySpec& spec) {
  return Json::object({{"id", spec.id},
                       {"version", 2},
                       {"issueDate", spec.issued},
                       {"nextUpdate", spec.next_update},
                       {"tcbEvaluationDataNumber", 18},
                       {"miscselect", spec.misc_select},
                       {"miscselectMask", "FFFFFFFF"},
                       {"attributes", spec.attributes},
                       {"attributesMask", "FBFFFFFFFFFFFFFF0000000000000000"},
                       {"mrsigner", spec.mr_signer},
                       {"isvprodid", spec.prod_id},
                       {"tcbLevels", isv_levels(spec.levels)}})
      .dump();
}

std::string signed_document(const std::string& name, const std::string& content,
                            const SigningKey& key) {
  return "{\"" + name + "\":" + content + ",\"signature\":\"" +
         base::to_hex(key.sign(base::as_bytes(content))) + "\"}";
}

Bytes make_event_log(const std::vector<EventSpec>& events) {
  Bytes algorithms = base::to_bytes(std::string_view("Spec ID Event03\0", 16));
  little_endian(algorithms, 0, 4);
  base::append(algorithms, Bytes{0, 2, 0, 2});
  little_endian(algorithms, 1, 4);
  little_endian(algorithms, 0x0c, 2);
  little_endian(algorithms, 48, 2);
  algorithms.push_back(0);
  Bytes out;
  little_endian(out, 1, 4);
  little_endian(out, 3, 4);
  out.resize(out.size() + 20);
  little_endian(out, algorithms.size(), 4);
  base::append(out, algorithms);
  for (const EventSpec& event : events) {
    little_endian(out, event.index, 4);
    little_endian(out, event.type, 4);
    little_endian(out, 1, 4);
    little_endian(out, 0x0c, 2);
    base::append(out, crypto::sha384(base::as_bytes(event.data)));
    little_endian(out, event.data.size(), 4);
    base::append(out, base::as_bytes(event.data));
  }
  return out;
}

}  // namespace ecloud::testing
