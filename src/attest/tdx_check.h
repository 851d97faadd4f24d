#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/attest/tdx_verify.h"

namespace ecloud::attest {

/// What a quote's own content is worth something with.
inline const std::vector<std::string_view> kQuoteTrust = {"quote-signature", "qe-report-binding",
                                                          "qe-report-signature", "pck-chain"};

/// A document of Intel's with what came of reading and verifying it.
template <typename Content>
struct Document {
  std::string absent;                         ///< why it could not be checked; empty otherwise
  std::string problem;                        ///< why it failed; empty otherwise
  std::optional<Content> content;             ///< when it could be read
  std::optional<crypto::Certificate> signer;  ///< when there is a chain
};

/// One verification on its way.
struct TdxCheck {
  const TdxQuote& quote;
  const TdxCollateral& collateral;
  const TdxPolicy& policy;
  const crypto::Certificate& root;
  std::int64_t now;

  Evidence evidence;
  std::vector<crypto::Certificate> chain;  ///< leaf, CA, root of the quote; empty when unreadable
  std::optional<PckExtension> pck;
  Document<TcbInfo> tcb_info;
  Document<QeIdentity> qe_identity;
  std::optional<TcbStatus> tcb_status;
  std::vector<std::string> advisories;
};

// The steps, in this order. Each adds its findings.
void check_quote_signatures(TdxCheck& check);
void check_pck_chain(TdxCheck& check);
void load_documents(TdxCheck& check);
void check_revocation(TdxCheck& check);
void check_platform(TdxCheck& check);
void check_tcb_info(TdxCheck& check);
void check_tcb(TdxCheck& check);  ///< begins with check_tcb_info
void check_qe_identity(TdxCheck& check);
void check_policy(TdxCheck& check);

/// kQuoteTrust and `more`.
std::vector<std::string_view> quote_trust_and(const std::vector<std::string_view>& more);

/// Whether both are equal in the bits of `mask`.
bool equal_under_mask(base::ByteView a, base::ByteView b, base::ByteView mask);

/// "UpToDate, SWHardeningNeeded".
std::string status_list(const std::vector<TcbStatus>& statuses);
bool is_accepted(TcbStatus status, const TdxPolicy& policy);

}  // namespace ecloud::attest
