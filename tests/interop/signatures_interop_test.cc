#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/random.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "ecloud/platform/signatures.h"
#include "interop/node_program.h"

namespace ecloud::platform {
namespace {

base::Json by_name(const std::vector<net::Header>& headers) {
  base::Json out = base::Json::object();
  for (const net::Header& header : headers) out.set(base::to_lower(header.name), header.value);
  return out;
}

TEST_CASE("viem recovers who signed for the UserAPI and for billing", "[interop]") {
  crypto::SystemRandom random;
  std::uint64_t expiry = 1'800'000'000;
  for (const Environment& environment : builtin_environments()) {
    for (const auto& permission :
         {kViewLogsPermission, kViewInfoPermission, kUpdateProfilePermission}) {
      const auto key = crypto::PrivateKey::from_bytes(random.bytes(32));
      REQUIRE(key);
      const std::string account = eth::Address::of(key->public_key()).to_string();
      const std::string version = "1.5.0";
      const base::Bytes32 domain =
          controller_domain_separator(version, environment.chain_id, environment.app_controller);
      const auto headers = user_api_headers(*key, domain, permission, ++expiry);
      const auto billing = billing_headers(*key, expiry);
      const auto recovered = testing::run_node(
          "signatures.mjs",
          base::Json::object(
              {{"userApi",
                base::Json::object({{"chainId", environment.chain_id},
                                    {"controller", environment.app_controller.to_string()},
                                    {"version", version},
                                    {"permission", base::to_hex_prefixed(permission)},
                                    {"headers", by_name(headers)}})},
               {"billing", base::Json::object({{"headers", by_name(billing)}})}}));
      if (!recovered) return;
      CHECK((*recovered)["userApi"].as_string() == account);
      CHECK((*recovered)["billing"].as_string() == account);
      CHECK(by_name(billing)["x-account"].as_string() == account);
    }
  }
}

}  // namespace
}  // namespace ecloud::platform
