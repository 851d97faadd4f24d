#include "ecloud/platform/kms.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/bytes.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/pem_keys.h"

namespace ecloud::platform {
namespace {

constexpr std::string_view kDomain = "COMPUTE_APP_KMS_SIGNATURE_V1";

base::Json address_list(const base::Json& list) {
  base::Json out = base::Json::array();
  for (const base::Json& entry : list.elements()) {
    out.push(base::Json::object({{"address", entry["address"].as_string()},
                                 {"derivationPath", entry["derivationPath"].as_string()}}));
  }
  return out;
}

std::vector<DerivedAddress> read_addresses(const base::Json& list) {
  std::vector<DerivedAddress> out;
  for (const base::Json& entry : list.elements()) {
    out.push_back({base::printable_line(entry["address"].as_string()),
                   base::printable_line(entry["derivationPath"].as_string())});
  }
  return out;
}

}  // namespace

std::string kms_signed_text(const base::Json& data) {
  base::Json ordered = base::Json::object();
  if (data["appId"].exists()) ordered.set("appId", data["appId"].as_string());
  ordered.set("evmAddresses", address_list(data["evmAddresses"]));
  ordered.set("solanaAddresses", address_list(data["solanaAddresses"]));
  std::string text(kDomain);
  text.push_back('\0');
  return text + ordered.dump();
}

AppAddresses verify_addresses(const base::Json& signed_addresses, const eth::Address& app,
                              std::string_view kms_signing_key) {
  const base::Json data = signed_addresses["data"];
  const auto signature = base::from_base64(signed_addresses["signature"].as_string());
  const std::string text = kms_signed_text(data);
  if (!signature || !crypto::p256_verify(kms_signing_key, base::as_bytes(text), *signature)) {
    throw Error(Category::kVerification, "kms.signature",
                "the addresses of app " + app.to_string() + " are not signed by the KMS",
                "do not send anything to these addresses; check --environment and the UserAPI URL");
  }
  AppAddresses out;
  out.names_app = data["appId"].exists();
  if (out.names_app && !base::equal_ignoring_case(data["appId"].as_string(), app.to_string())) {
    throw Error(Category::kVerification, "kms.wrong_app",
                "the server gave the addresses of app " +
                    base::printable_line(data["appId"].as_string()) + " instead of " +
                    app.to_string(),
                "do not send anything to these addresses; check the UserAPI URL");
  }
  out.evm = read_addresses(data["evmAddresses"]);
  out.solana = read_addresses(data["solanaAddresses"]);
  return out;
}

}  // namespace ecloud::platform
