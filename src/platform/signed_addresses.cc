#include "ecloud/platform/signed_addresses.h"

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/signatures.h"
#include "platform/server_words.h"

namespace ecloud::platform {

std::string fetch_signed_addresses(net::Transport& transport, base::Clock& clock,
                                   const Environment& environment, const crypto::PrivateKey* key,
                                   const base::Bytes32& domain_separator, const eth::Address& app) {
  net::Request asked;
  asked.url = environment.user_api_url + "/info?apps=" + app.to_string();
  asked.purpose = "the app's addresses";
  asked.headers.push_back(client_id_header());
  if (key != nullptr) {
    const auto expiry =
        static_cast<std::uint64_t>(clock.unix_seconds() + kUserApiSignatureLifetime);
    for (net::Header& header :
         user_api_headers(*key, domain_separator, kViewInfoPermission, expiry)) {
      asked.headers.push_back(std::move(header));
    }
  }
  const net::Response answer = transport.send(asked);
  if (!answer.ok()) {
    const bool forbidden = answer.status == 401 || answer.status == 403;
    const std::string words = server_words(answer);
    throw Error(forbidden ? Category::kCredentials : Category::kNetwork,
                forbidden ? "userapi.forbidden" : "userapi.failed",
                "the UserAPI (" + environment.user_api_url + ") answered " +
                    std::to_string(answer.status) + " to the request for the app's addresses" +
                    (words.empty() ? "" : ": " + words));
  }
  const base::Json document = base::Json::parse(answer.body, "userapi");
  const base::Json apps = document["apps"].exists() ? document["apps"] : document["Apps"];
  if (apps.elements().size() != 1) throw apps.error("is not about the one app that was asked for");
  const base::Json addresses = apps.at(0)["addresses"];
  return addresses.is_object() ? addresses.dump() : std::string();
}

}  // namespace ecloud::platform
