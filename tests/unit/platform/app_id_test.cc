#include "ecloud/platform/app_id.h"

#include "ecloud/base/hex.h"
#include "ecloud/platform/environment.h"
#include "support/catch.h"

namespace ecloud::platform {
namespace {

eth::Address address(const char* text) {
  return *eth::Address::parse(text);
}

TEST_CASE("the app proxy is the one whose hash the platform publishes", "[platform]") {
  const AppProxyCode& proxy = platform_app_proxy();
  CHECK(base::to_hex(crypto::keccak256_continued(proxy.absorbed, proxy.rest)) ==
        "9349121a50022136a9010839f896ced1550509e36596d63006f44c5a4a565b20");
}

// getContractAddress of viem 2.38.6 with the whole code.
TEST_CASE("an app id is the one that the contract computes", "[platform]") {
  const eth::Address deployer = address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  base::Bytes32 salt{};
  salt.fill(0x5a);
  const auto id = [&](const Environment& in) {
    return compute_app_id(in.app_controller, in.app_beacon, in.app_proxy, deployer, salt)
        .to_string();
  };
  CHECK(id(builtin_environments()[0]) == "0x0D0B295014B7e8Cc95AbF3c621502e23E01bC486");
  CHECK(id(builtin_environments()[1]) == "0xACe2Aed981Ef190a7960cbd04F5d020855FC62C9");
}

}  // namespace
}  // namespace ecloud::platform
