#include "ecloud/platform/environment.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/crypto/pem_keys.h"
#include "platform_support.h"
#include "support/counting_random.h"

namespace ecloud::platform {
namespace {

using testing::error_of;

/// The DER octets of a PEM text.
base::Bytes der_of(const std::string& pem) {
  std::string text;
  for (const std::string& line : base::split(pem, '\n')) {
    if (!line.starts_with("-----")) text += line;
  }
  const auto der = base::from_base64(text);
  REQUIRE(der);
  return *der;
}

std::string fingerprint(const std::string& pem) {
  return base::to_hex(crypto::sha256(der_of(pem)));
}

const Environment& sepolia() {
  return builtin_environments().at(0);
}
const Environment& mainnet() {
  return builtin_environments().at(1);
}

TEST_CASE("Sepolia is known with its contracts and services", "[platform]") {
  const Environment& e = sepolia();
  CHECK(e.name == "sepolia");
  CHECK(e.chain_id == 11155111);
  CHECK(e.rpc_urls == std::vector<std::string>{"https://ethereum-sepolia-rpc.publicnode.com"});
  CHECK(e.app_controller.to_lower_hex() == "0x0dd810a6ffba6a9820a10d97b659f07d8d23d4e2");
  CHECK(e.permission_controller.to_lower_hex() == "0x44632dfbdcb6d3e21ef613b0ca8a6a0c618f5a37");
  CHECK(e.delegator.to_lower_hex() == "0x63c0c19a282a1b52b07dd5a65b58948a07dae32b");
  CHECK(e.user_api_url == "https://userapi-compute-sepolia-prod.eigencloud.xyz");
  CHECK(e.billing_url == "https://billingapi.eigencloud.xyz");
  CHECK(e.dashboard_url == "https://verify-sepolia.eigencloud.xyz");
  CHECK(e.kms_server_url == "http://10.128.15.203:8080");
  CHECK_FALSE(e.is_mainnet());
}

TEST_CASE("mainnet-alpha is known with its contracts and services", "[platform]") {
  const Environment& e = mainnet();
  CHECK(e.name == "mainnet-alpha");
  CHECK(e.chain_id == 1);
  CHECK(e.rpc_urls == std::vector<std::string>{"https://ethereum-rpc.publicnode.com"});
  CHECK(e.app_controller.to_lower_hex() == "0xc38d35fc995e75342a21cbd6d770305b142fbe67");
  CHECK(e.permission_controller.to_lower_hex() == "0x25e5f8b1e7adf44518d35d5b2271f114e081f0e5");
  CHECK(e.delegator == sepolia().delegator);
  CHECK(e.user_api_url == "https://userapi-compute.eigencloud.xyz");
  CHECK(e.billing_url == "https://billingapi.eigencloud.xyz");
  CHECK(e.dashboard_url == "https://verify.eigencloud.xyz");
  CHECK(e.kms_server_url == "http://10.128.0.2:8080");
  CHECK(e.is_mainnet());
}

TEST_CASE("there are two public environments and the devnet", "[platform]") {
  CHECK(builtin_environments().size() == 2);
  CHECK(builtin_environment_names() ==
        std::vector<std::string>{"sepolia", "mainnet-alpha", "devnet"});
}

TEST_CASE("the KMS keys are those that the platform publishes", "[platform]") {
  // openssl pkey -pubin -outform DER | sha256sum, of the published files.
  CHECK(fingerprint(sepolia().kms_encryption_key) ==
        "2d002951df4b31ea261f7e2c5ae876d7440f79edcb3d275521484a27372de6f3");
  CHECK(fingerprint(sepolia().kms_signing_key) ==
        "21a6d204ac9696d646409df7acd7dc9b4e566333dd4a456f00deb1b44bfe574c");
  CHECK(fingerprint(mainnet().kms_encryption_key) ==
        "e0ca0b4a834ec8c6289d32c71017be2d4aa329b61219a0734062c23bf9c96170");
  CHECK(fingerprint(mainnet().kms_signing_key) ==
        "f6e3d5e8ad34a52d0e6af9951db8509690795795c8b2ad955bf09746c34e8b45");
}

TEST_CASE("the KMS keys can be used: RSA with 4096 bits and P-256", "[platform]") {
  testing::CountingRandom random;
  for (const Environment& e : builtin_environments()) {
    INFO(e.name);
    // A SubjectPublicKeyInfo of RSA with 4096 bits and exponent 65537 takes 550 octets in DER, one
    // of P-256 91.
    CHECK(der_of(e.kms_encryption_key).size() == 550);
    CHECK(der_of(e.kms_signing_key).size() == 91);
    const std::string jwe =
        crypto::jwe_encrypt(e.kms_encryption_key, base::as_bytes("{}"), {}, random);
    // The wrapped key is as long as the modulus: 512 octets, 683 characters.
    CHECK(base::split(jwe, '.').at(1).size() == 683);
    CHECK_FALSE(crypto::p256_verify(e.kms_signing_key, base::as_bytes("x"), base::as_bytes("y")));
  }
}

TEST_CASE("an app has a page on the dashboard where there is one", "[platform]") {
  CHECK(sepolia().dashboard_page(testing::other_app()) ==
        "https://verify-sepolia.eigencloud.xyz/app/0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa");
  Environment none = sepolia();
  none.dashboard_url.clear();
  CHECK(none.dashboard_page(testing::other_app()).empty());
}

TEST_CASE("chains have names", "[platform]") {
  CHECK(chain_name(1) == "Ethereum mainnet");
  CHECK(chain_name(11155111) == "Sepolia");
  CHECK(chain_name(31337) == "devnet");
  CHECK(chain_name(17) == "chain 17");
}

base::Json devnet_info() {
  return base::Json::parse(R"({"chainId":31337,"rpcUrl":"http://127.0.0.1:1","appController":
    "0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2","permissionController":
    "0x44632dfBdCb6D3E21EF613B0ca8A6A0c618F5a37","delegator":
    "0x63c0c19a282a1b52b07dd5a65b58948a07dae32b","userApiUrl":"http://127.0.0.1:2",
    "billingUrl":"http://127.0.0.1:3","kmsEncryptionKey":"PEM 1","kmsSigningKey":"PEM 2"})",
                           "devnet.json", Category::kUsage);
}

TEST_CASE("a running devnet describes itself", "[platform]") {
  base::Json info = devnet_info();
  Environment e = environment_from_devnet_info(info);
  CHECK(e.name == "devnet");
  CHECK(e.chain_id == 31337);
  CHECK(e.rpc_urls == std::vector<std::string>{"http://127.0.0.1:1"});
  CHECK(e.app_controller == sepolia().app_controller);
  CHECK(e.permission_controller == sepolia().permission_controller);
  CHECK(e.delegator == sepolia().delegator);
  CHECK(e.user_api_url == "http://127.0.0.1:2");
  CHECK(e.billing_url == "http://127.0.0.1:3");
  CHECK(e.kms_encryption_key == "PEM 1");
  CHECK(e.kms_signing_key == "PEM 2");
  CHECK(e.dashboard_url.empty());
  CHECK(e.kms_server_url.empty());
  info.set("dashboardUrl", "http://127.0.0.1:4").set("kmsServerUrl", "http://127.0.0.1:5");
  e = environment_from_devnet_info(info);
  CHECK(e.dashboard_url == "http://127.0.0.1:4");
  CHECK(e.kms_server_url == "http://127.0.0.1:5");
}

TEST_CASE("a description of a devnet with something wrong is refused", "[platform]") {
  const auto refusal = [](std::string_view member, base::Json value) {
    base::Json info = devnet_info();
    info.set(member, std::move(value));
    const base::Json parsed = base::Json::parse(info.dump(), "devnet.json", Category::kUsage);
    return error_of([&] { environment_from_devnet_info(parsed); });
  };
  CHECK(refusal("delegator", "0x1234") ==
        "2 json.shape: devnet.json: $.delegator: is not an Ethereum address");
  CHECK(refusal("chainId", "31337") ==
        "2 json.shape: devnet.json: $.chainId: expected a whole number that is not "
        "negative, found string");
  CHECK(refusal("rpcUrl", nullptr) ==
        "2 json.shape: devnet.json: $.rpcUrl: expected a string, found null");
  CHECK(refusal("kmsSigningKey", base::Json::array()) ==
        "2 json.shape: devnet.json: $.kmsSigningKey: expected a string, found array");
}

}  // namespace
}  // namespace ecloud::platform
