#include "ecloud/platform/kms.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/bytes.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/pem_keys.h"
#include "platform/server_fields.h"

namespace ecloud::platform {
namespace {

constexpr std::string_view kDomain = "COMPUTE_APP_KMS_SIGNATURE_V1";

base::Json address_list(const base::Json& list) {
  base::Json out = base::Json::array();
  for (const base::Json& entry : list.elements()) {
    const ServerFields fields(entry);
    out.push(base::Json::object({{"address", fields.place("address").as_string()},
                                 {"derivationPath", fields.place("derivationPath").as_string()}}));
  }
  return out;
}

std::vector<DerivedAddress> read_addresses(const base::Json& list) {
  std::vector<DerivedAddress> out;
  for (const base::Json& entry : list.elements()) {
    const ServerFields fields(entry);
    out.push_back({fields.text("address"), fields.text("derivationPath")});
  }
  return out;
}

}  // namespace

std::string kms_signed_text(const base::Json& data) {
  const ServerFields fields(data);
  base::Json ordered = base::Json::object();
  const base::Json app = fields.place("appId");
  if (app.exists() && !app.is_null()) ordered.set("appId", app.as_string());
  ordered.set("evmAddresses", address_list(fields.place("evmAddresses")));
  ordered.set("solanaAddresses", address_list(fields.place("solanaAddresses")));
  std::string text(kDomain);
  text.push_back('\0');
  return text + ordered.dump();
}

AppAddresses verify_addresses(const base::Json& signed_addresses, const eth::Address& app,
                              std::string_view kms_signing_key) {
  const ServerFields document(signed_addresses);
  const base::Json data = document.place("data");
  const auto signature = base::from_base64(document.place("signature").as_string());
  const std::string text = kms_signed_text(data);
  if (!signature || !crypto::p256_verify(kms_signing_key, base::as_bytes(text), *signature)) {
    throw Error(Category::kVerification, "kms.signature",
                "the addresses of app " + app.to_string() + " are not signed by the KMS",
                "do not send anything to these addresses; check --environment and the UserAPI URL");
  }
  const ServerFields fields(data);
  AppAddresses out;
  const base::Json app_id = fields.place("appId");
  out.names_app = app_id.exists() && !app_id.is_null();
  const std::string named = fields.text("appId");
  if (out.names_app && !base::equal_ignoring_case(named, app.to_string())) {
    throw Error(Category::kVerification, "kms.wrong_app",
                "the server gave the addresses of app " + named + " instead of " + app.to_string(),
                "do not send anything to these addresses; check the UserAPI URL");
  }
  out.evm = read_addresses(fields.place("evmAddresses"));
  out.solana = read_addresses(fields.place("solanaAddresses"));
  return out;
}

}  // namespace ecloud::platform
