#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/json.h"
#include "ecloud/eth/address.h"

namespace ecloud::platform {

struct DerivedAddress {
  std::string address;
  std::string derivation_path;
};

/// The wallet addresses of an app, as the KMS derives and signs them.
struct AppAddresses {
  std::vector<DerivedAddress> evm;
  std::vector<DerivedAddress> solana;
  /// Whether the signed data names the app (newer servers): otherwise the signature binds the
  /// addresses to the KMS, but not to this app.
  bool names_app = false;
};

/// "COMPUTE_APP_KMS_SIGNATURE_V1" || 0x00 || compact JSON of the addresses in the order appId,
/// evmAddresses, solanaAddresses: what the KMS signs (ECDSA P-256 over SHA-256).
std::string kms_signed_text(const base::Json& data);

/// `signed_addresses` is {"data":{…},"signature":"BASE64 DER"}. Throws Error{kVerification,
/// "kms.signature"} when the signature is not the KMS's and "kms.wrong_app" when the data name
/// another app than `app`.
AppAddresses verify_addresses(const base::Json& signed_addresses, const eth::Address& app,
                              std::string_view kms_signing_key);

}  // namespace ecloud::platform
