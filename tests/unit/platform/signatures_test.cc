#include "ecloud/platform/signatures.h"

#include "ecloud/base/version.h"
#include "ecloud/eth/signing.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::fixed;
using testing::hex;
using testing::kSampleAccount;
using testing::sample_key;
using testing::vector_text;

// What the controller on Sepolia answers to domainSeparator(), as published.
constexpr std::string_view kSepoliaDomain =
    "0xcebde62aab3c3a48201064e3c026b012890976a50b61a1f4269359cb94bd3437";
constexpr std::uint64_t kExpiry = 1'800'000'300;

base::Bytes32 sepolia_domain(std::string_view version = "1.1.1") {
  return controller_domain_separator(version, 11155111,
                                     builtin_environments().at(0).app_controller);
}

TEST_CASE("the domain separator is the one of the contract on Sepolia", "[platform]") {
  CHECK(hex(sepolia_domain("1.1.1")) == kSepoliaDomain);
  CHECK(hex(sepolia_domain("1.5.0")) == kSepoliaDomain);
  CHECK(hex(sepolia_domain("1")) == kSepoliaDomain);
}

TEST_CASE("the domain separator names the chain, the contract and the major version",
          "[platform]") {
  CHECK(hex(controller_domain_separator("1.5.0", 1, builtin_environments().at(1).app_controller)) ==
        vector_text("signatures", "mainnetDomain"));
  CHECK(hex(sepolia_domain("2.0.0")) == vector_text("signatures", "laterVersionDomain"));
}

TEST_CASE("an empty contract version is refused", "[platform]") {
  CHECK(testing::error_of([] { sepolia_domain(""); }) ==
        "7 platform.version: the AppController returned an empty version");
}

TEST_CASE("the permission digest is the one that the contract calculates", "[platform]") {
  // calculateApiPermissionDigestHash(0x0e67b22f, 1234567890) on Sepolia, as published.
  CHECK(hex(api_permission_digest(sepolia_domain(), kViewInfoPermission, 1234567890)) ==
        "0xc9d4985e6126c6e03fa8cf20b2d587b2291e79885e31bbeb09c0ffb545c25abb");
  CHECK(hex(api_permission_digest(sepolia_domain(), kViewLogsPermission, kExpiry)) ==
        vector_text("signatures", "permissionDigest"));
}

TEST_CASE("the permissions are the platform's", "[platform]") {
  CHECK(hex(kViewLogsPermission) == "0x2fd3f2fe");
  CHECK(hex(kViewInfoPermission) == "0x0e67b22f");
  CHECK(hex(kUpdateProfilePermission) == "0x036fef61");
}

TEST_CASE("the UserAPI gets the signature that viem makes, without 0x", "[platform]") {
  const auto headers =
      user_api_headers(sample_key(), sepolia_domain(), kViewLogsPermission, kExpiry);
  REQUIRE(headers.size() == 2);
  CHECK(headers[0].name == "Authorization");
  CHECK(headers[0].value == "Bearer " + vector_text("signatures", "permissionSignature").substr(2));
  CHECK(headers[1].name == "X-eigenx-expiry");
  CHECK(headers[1].value == "1800000300");
}

TEST_CASE("the signature for the UserAPI recovers to its account", "[platform]") {
  const auto headers =
      user_api_headers(sample_key(), sepolia_domain(), kUpdateProfilePermission, kExpiry);
  const auto signature = crypto::RecoverableSignature::from_v27(
      testing::unhex(headers[0].value.substr(std::string_view("Bearer ").size())));
  REQUIRE(signature);
  const auto signer = eth::recover_address(
      user_api_signing_hash(sepolia_domain(), kUpdateProfilePermission, kExpiry), *signature);
  REQUIRE(signer);
  CHECK(signer->to_string() == kSampleAccount);
}

TEST_CASE("permission, expiry and domain all change what is signed", "[platform]") {
  const auto first = user_api_signing_hash(sepolia_domain(), kViewLogsPermission, kExpiry);
  CHECK(user_api_signing_hash(sepolia_domain(), kViewInfoPermission, kExpiry) != first);
  CHECK(user_api_signing_hash(sepolia_domain(), kViewLogsPermission, kExpiry + 1) != first);
  CHECK(user_api_signing_hash(sepolia_domain("2.0.0"), kViewLogsPermission, kExpiry) != first);
}

TEST_CASE("the billing digest is viem's", "[platform]") {
  CHECK(hex(billing_digest(kExpiry)) == vector_text("signatures", "billingDigest"));
  CHECK(hex(billing_digest(0)) == vector_text("signatures", "billingDigestOfZero"));
  CHECK(hex(billing_digest(UINT64_MAX)) == vector_text("signatures", "billingDigestOfLargest"));
}

TEST_CASE("the billing API gets viem's signature with 0x, and the account", "[platform]") {
  const auto headers = billing_headers(sample_key(), kExpiry);
  REQUIRE(headers.size() == 3);
  CHECK(headers[0].name == "Authorization");
  CHECK(headers[0].value == "Bearer " + vector_text("signatures", "billingSignature"));
  CHECK(headers[1].name == "X-Account");
  CHECK(headers[1].value == kSampleAccount);
  CHECK(headers[2].name == "X-Expiry");
  CHECK(headers[2].value == "1800000300");
}

TEST_CASE("the Build API gets viem's signature under its own names", "[platform]") {
  const auto headers = build_headers(sample_key(), 1'800'000'060);
  REQUIRE(headers.size() == 3);
  CHECK(headers[0].name == "Authorization");
  CHECK(headers[0].value == "Bearer " + vector_text("signatures", "buildSignature"));
  CHECK(headers[1].name == "X-Account");
  CHECK(headers[1].value == kSampleAccount);
  CHECK(headers[2].name == "X-eigenx-expiry");
  CHECK(headers[2].value == "1800000060");
}

TEST_CASE("every client says which version it is", "[platform]") {
  CHECK(client_id_header().name == "x-client-id");
  CHECK(client_id_header().value == "ecloud-cli/v" + std::string(kVersion));
}

}  // namespace
}  // namespace ecloud::platform
