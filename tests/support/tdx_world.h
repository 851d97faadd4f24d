#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ecloud/base/bytes.h"
#include "support/tdx_pki.h"

namespace ecloud::testing {

/// A quote as it is before it is signed. The fields may be changed; build() binds and signs what
/// there is.
struct QuoteMaker {
  /// Version 4, or 5 with a body of type 2 or 3.
  explicit QuoteMaker(int version = 4, int body_type = 2);

  int version, body_type;
  base::Bytes header;     ///< 48 octets
  base::Bytes body;       ///< 584 or 648 octets
  base::Bytes qe_report;  ///< 384 octets; build() writes the binding into a copy
  base::Bytes auth_data;
  bool bind = true;  ///< write SHA-256(key || auth data) into the report
  SigningKey attestation_key;
  std::string chain;                ///< PEM
  const SigningKey* pck = nullptr;  ///< signs the report
  base::Bytes trailing;             ///< after the end

  base::Bytes build() const;
  /// A field of the body, by its offset in a body ("MRTD" is 0x88).
  void set(std::size_t offset, const base::Bytes& value);
};

/// Offsets in a body.
constexpr std::size_t kTeeTcbSvn = 0, kMrSeam = 16, kMrSignerSeam = 64, kSeamAttributes = 112,
                      kTdAttributes = 120, kXfam = 128, kMrTd = 136, kMrConfigId = 184,
                      kMrOwner = 232, kMrOwnerConfig = 280, kRtmr0 = 328, kReportData = 520;

struct LevelSpec {
  base::Bytes sgx_svns, tdx_svns;
  int pce_svn;
  std::string status;
  std::vector<std::string> advisories;
};

struct ModuleSpec {
  std::string id;
  std::vector<std::pair<int, std::string>> levels;  ///< isvsvn, status
  base::Bytes mr_signer = base::Bytes(48, 0);
};

struct TcbInfoSpec {
  std::string id = "TDX";
  std::string fmspc = "90c06f000000", pce_id = "0000";
  std::string issued = "2026-05-20T00:00:00Z", next_update = "2026-06-19T00:00:00Z";
  int evaluation = 18;
  base::Bytes module_signer = base::Bytes(48, 0);
  std::vector<ModuleSpec> modules;
  std::vector<LevelSpec> levels;
  /// One level that fits the quotes of QuoteMaker, and module TDX_01.
  TcbInfoSpec();
};

struct QeIdentitySpec {
  std::string id = "TD_QE";
  std::string issued = "2026-05-20T00:00:00Z", next_update = "2026-06-19T00:00:00Z";
  std::string mr_signer, attributes = "11000000000000000000000000000000", misc_select = "00000000";
  int prod_id = 2;
  std::vector<std::pair<int, std::string>> levels = {{4, "UpToDate"}};
  QeIdentitySpec();
};

/// The content alone.
std::string tcb_info_content(const TcbInfoSpec& spec);
std::string qe_identity_content(const QeIdentitySpec& spec);
/// {"NAME":content,"signature":hex}.
std::string signed_document(const std::string& name, const std::string& content,
                            const SigningKey& key);

/// An event log of the form of ACPI's CCEL.
struct EventSpec {
  std::uint32_t index, type;
  std::string data;
};
base::Bytes make_event_log(const std::vector<EventSpec>& events);

}  // namespace ecloud::testing
