#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecloud/eth/signing.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "ecloud/platform/signatures.h"
#include "ecloud/platform/user_api.h"
#include "platform_support.h"
#include "support/fake_transport.h"
#include "support/manual_clock.h"

namespace ecloud::testing {

inline const std::string kUserApi = "https://userapi-compute-sepolia-prod.eigencloud.xyz";
inline const std::string kAppText = "0x1111222233334444555566667777888899990000";
inline const std::string kOtherText = "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa";

/// The UserAPI of Sepolia on a transport without a network.
struct UserApiFixture {
  FakeTransport transport;
  ManualClock clock{1'800'000'000};
  platform::Environment environment = platform::builtin_environments().at(0);
  crypto::PrivateKey key = sample_key();
  base::Bytes32 domain = platform::controller_domain_separator("1.5.0", environment.chain_id,
                                                               environment.app_controller);
  platform::UserApi api{transport, clock, environment, &key, domain};
  platform::UserApi keyless{transport, clock, environment, nullptr, domain};

  UserApiFixture() = default;
  /// Answers one request.
  UserApiFixture(std::string_view path, int status, std::string body,
                 std::string_view method = "GET") {
    answer(path, status, std::move(body), method);
  }
  void answer(std::string_view path, int status, std::string body,
              std::string_view method = "GET") {
    transport.once(method, kUserApi + std::string(path), make_response(status, std::move(body)));
  }
  net::Request only_request() const {
    REQUIRE(transport.complaints() == "");
    REQUIRE(transport.requests().size() == 1);
    return transport.requests().front();
  }
};

/// The value of a header; "none" when there is none.
inline std::string header_of(const net::Request& request, std::string_view name) {
  for (const net::Header& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return "none";
}

/// The account whose signature for `permission` a request carries; "nobody" without one.
inline std::string signer_of(const net::Request& request, const UserApiFixture& fixture,
                             const base::FixedBytes<4>& permission) {
  const std::string authorization = header_of(request, "Authorization");
  if (!authorization.starts_with("Bearer ")) return "nobody";
  const auto octets = base::from_hex(authorization.substr(7));
  const auto signature = octets ? crypto::RecoverableSignature::from_v27(*octets) : std::nullopt;
  if (!signature) return "nobody";
  const std::uint64_t expiry = std::stoull(header_of(request, "X-eigenx-expiry"));
  const auto signer = eth::recover_address(
      platform::user_api_signing_hash(fixture.domain, permission, expiry), *signature);
  return signer ? signer->to_string() : "nobody";
}

/// 0x…01, 0x…02 and so on.
inline std::vector<eth::Address> numbered_apps(std::size_t count) {
  std::vector<eth::Address> out;
  for (std::size_t i = 1; i <= count; ++i) {
    base::FixedBytes<20> octets{};
    octets[19] = static_cast<std::uint8_t>(i);
    out.emplace_back(octets);
  }
  return out;
}

/// "?apps=A,B".
inline std::string apps_query(const std::vector<eth::Address>& apps, std::size_t first,
                              std::size_t count) {
  std::string out = "?apps=";
  for (std::size_t i = first; i < first + count; ++i) {
    out += (i > first ? "," : "") + apps[i].to_string();
  }
  return out;
}

}  // namespace ecloud::testing
