#include "ecloud/platform/app_rules.h"

#include "ecloud/base/text.h"
#include "platform/controller_codec.h"

namespace ecloud::platform {

bool allows(std::string_view version, AppChange change, ChainStatus status) {
  const bool exists = status != ChainStatus::kNone && status != ChainStatus::kTerminated;
  const bool has_machine = status == ChainStatus::kStarted || status == ChainStatus::kStopped;
  const bool is_lenient = generation_of(version) == Generation::kFourFields;
  switch (change) {
    case AppChange::kStart:
      return exists;
    case AppChange::kStop:
      return status == ChainStatus::kStarted;
    case AppChange::kUpgrade:
    case AppChange::kTerminate:
      return is_lenient ? exists : has_machine;
  }
  return false;
}

bool counts_against_quota(ChainStatus status) {
  return status == ChainStatus::kStarted || status == ChainStatus::kStopped ||
         status == ChainStatus::kCreated;
}

bool has_isolated_billing(std::string_view version) {
  if (generation_of(version) == Generation::kFourFields) return true;
  const auto parts = base::split(version, '.');
  return base::parse_decimal(parts[0]) == 1 && base::parse_decimal(parts[1]) >= 4;
}

base::Bytes encode_create_isolated_app(Generation generation, const base::Bytes32& salt,
                                       const Release& release) {
  return eth::abi_encode_call(create_isolated_app_call(generation),
                              {salt, release_value(release, generation)});
}

bool creates_isolated_app(base::ByteView data) {
  return calls(data, create_isolated_app_call(Generation::kThreeFields)) ||
         calls(data, create_isolated_app_call(Generation::kFourFields));
}

base::Bytes encode_billing_type(const eth::Address& app) {
  return eth::abi_encode_call(kBillingTypeCall, {app});
}

}  // namespace ecloud::platform
