// Which addresses the KMS derives for the app.
#include "deploy/verify_links.h"
#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/kms.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

std::string list_of(const std::vector<platform::DerivedAddress>& addresses) {
  std::vector<std::string> out;
  for (const platform::DerivedAddress& one : addresses) out.push_back(one.address);
  return out.empty() ? "no address" : base::join(out, ", ");
}

}  // namespace

std::vector<attest::Finding> judge_addresses(VerifyState& state) {
  Evidence evidence;
  const auto& given = state.material.addresses;
  const auto leave = [&](const std::string& name, const Absence& absence) {
    add_absence(evidence, name, absence);
    if (name == "kms-signature") evidence.not_checked("kms-app", evidence.missing({name}));
    return evidence.take();
  };
  if (!given) return leave("kms-signature", {"the UserAPI was not asked"});
  if (given->absence) return leave("kms-signature", *given->absence);
  try {
    const base::Json document =
        base::Json::parse(given->signed_addresses, "userapi", Category::kVerification);
    const platform::AppAddresses addresses = platform::verify_addresses(
        document, state.material.app, state.policy.environment.kms_signing_key);
    evidence.verified("kms-signature", "the KMS of environment " + state.policy.environment.name +
                                           " has signed " + list_of(addresses.evm));
    if (!addresses.names_app) {
      return leave("kms-app", {"what is signed names no app: these are addresses of some app"});
    }
    evidence.verified("kms-app", "for app " + state.material.app.to_string());
    for (const platform::DerivedAddress& one : addresses.evm) {
      state.evm_addresses.push_back(one.address);
    }
  } catch (const Error& error) {
    const bool other_app = error.code() == "kms.wrong_app";
    if (other_app) evidence.verified("kms-signature", "it is the KMS's");
    evidence.failed(other_app ? "kms-app" : "kms-signature", error.message());
    if (!other_app) evidence.not_checked("kms-app", "kms-signature failed");
  }
  return evidence.take();
}

}  // namespace ecloud::deploy
