#include "ecloud/platform/credits.h"
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

// Selectors and topics as viem's toFunctionSelector and toEventSelector give them.
constexpr char kTransferTopic[] =
    "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
constexpr char kApprovalTopic[] =
    "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925";
/// Error(string) with "ERC20: transfer amount exceeds allowance", made by viem.
constexpr char kExceedsAllowance[] = "ERC20: transfer amount exceeds allowance";

struct Bench : DevnetFixture {
  using DevnetFixture::DevnetFixture;

  eth::Address usdc() const { return environment().usdc_token; }
  eth::Address credits() const { return environment().usdc_credits; }
  eth::U256 number(const eth::Address& to, const base::Bytes& data) const {
    return platform::decode_number(call_result(to, data));
  }
  std::string refusal(std::size_t account, const eth::Address& to, const base::Bytes& data) const {
    return error_of(call(account, to, data));
  }
};

TEST_CASE("the first account has dollars and others have none", "[devnet]") {
  Bench net;
  CHECK(net.number(net.usdc(), platform::encode_balance_of(Bench::address(0))) ==
        eth::U256(10'000'000'000));
  CHECK(net.number(net.usdc(), platform::encode_balance_of(Bench::address(1))).is_zero());
  CHECK(net.number(net.credits(), platform::encode_minimum_purchase()) == eth::U256(5'000'000));
  CHECK(platform::decode_address(net.call_result(net.credits(), platform::encode_usdc())) ==
        net.usdc());
  net.devnet.set_usdc_balance(Bench::address(1), eth::U256(7));
  CHECK(net.number(net.usdc(), platform::encode_balance_of(Bench::address(1))) == eth::U256(7));
}

TEST_CASE("a purchase takes what was allowed and credits the account", "[devnet]") {
  Bench net;
  const eth::Address buyer = Bench::address(0), account = Bench::address(3);
  const eth::U256 amount(12'500'000);
  const base::Bytes purchase = platform::encode_purchase_credits_for(amount, account);
  CHECK(net.refusal(0, net.credits(), purchase).find(kExceedsAllowance) != std::string::npos);

  const base::Json approved =
      net.run(0, net.usdc(), platform::encode_approve(net.credits(), eth::U256(20'000'000)));
  CHECK(approved["logs"].at(0)["topics"].at(0).as_string() == kApprovalTopic);
  CHECK(net.number(net.usdc(), platform::encode_allowance(buyer, net.credits())) ==
        eth::U256(20'000'000));
  // As with USDC, a second approval replaces the first one.
  net.run(0, net.usdc(), platform::encode_approve(net.credits(), eth::U256(13'000'000)));
  CHECK(net.number(net.usdc(), platform::encode_allowance(buyer, net.credits())) ==
        eth::U256(13'000'000));

  const base::Json bought = net.run(0, net.credits(), purchase);
  CHECK(bought["status"].as_string() == "0x1");
  REQUIRE(bought["logs"].size() == 2);
  CHECK(bought["logs"].at(0)["topics"].at(0).as_string() == kTransferTopic);
  CHECK(bought["logs"].at(0)["address"].as_string() == net.usdc().to_lower_hex());
  CHECK(net.devnet.usdc_balance(buyer) == eth::U256(9'987'500'000));
  CHECK(net.devnet.usdc_balance(net.credits()) == amount);
  CHECK(net.devnet.usdc_allowance(buyer) == eth::U256(500'000));
  CHECK(net.devnet.credits(account) == amount);
  CHECK(net.devnet.credits(buyer).is_zero());
}

TEST_CASE("what the token and the credits contract refuse", "[devnet]") {
  Bench net;
  const eth::Address account = Bench::address(0);
  const auto buy = [&](std::uint64_t amount) {
    return platform::encode_purchase_credits_for(eth::U256(amount), account);
  };
  // BelowMinimumPurchase() and ZeroAddress().
  CHECK(net.refusal(0, net.credits(), buy(4'999'999)) == "3 execution reverted 0xfcd2aaeb");
  CHECK(net.refusal(0, net.credits(),
                    platform::encode_purchase_credits_for(eth::U256(5'000'000), eth::Address())) ==
        "3 execution reverted 0xd92e233d");
  net.run(1, net.usdc(), platform::encode_approve(net.credits(), eth::U256(5'000'000)));
  CHECK(net.refusal(1, net.credits(), buy(5'000'000)).find("exceeds balance") != std::string::npos);
  CHECK(net.refusal(0, net.credits(), {0x12, 0x34, 0x56, 0x78}) == "3 execution reverted 0x");
  CHECK(net.refusal(0, net.usdc(), {0x12, 0x34, 0x56, 0x78}) == "3 execution reverted 0x");
  CHECK(net.devnet.credits(account).is_zero());
}

TEST_CASE("credits can be bought for the sender, and the treasury has a name", "[devnet]") {
  Bench net;
  net.run(0, net.usdc(), platform::encode_approve(net.credits(), eth::U256(6'000'000)));
  const auto purchase = eth::abi_encode_call("purchaseCredits(uint256)", {eth::U256(6'000'000)});
  CHECK(net.run(0, net.credits(), purchase)["status"].as_string() == "0x1");
  CHECK(net.devnet.credits(Bench::address(0)) == eth::U256(6'000'000));
  const eth::Address treasury = platform::decode_address(
      net.call_result(net.credits(), eth::abi_encode_call("treasury()", {})));
  CHECK(net.devnet.usdc_balance(treasury) == eth::U256(6'000'000));
}

TEST_CASE("transfers move dollars between accounts", "[devnet]") {
  Bench net;
  const auto transfer =
      eth::abi_encode_call("transfer(address,uint256)", eth::abi_list(Bench::address(1), 1'000));
  CHECK(net.run(0, net.usdc(), transfer)["status"].as_string() == "0x1");
  CHECK(net.devnet.usdc_balance(Bench::address(1)) == eth::U256(1'000));
  net.run(1, net.usdc(), platform::encode_approve(Bench::address(2), eth::U256(600)));
  const auto take = eth::abi_encode_call("transferFrom(address,address,uint256)",
                                         eth::abi_list(Bench::address(1), Bench::address(2), 600));
  CHECK(net.run(2, net.usdc(), take)["status"].as_string() == "0x1");
  CHECK(net.devnet.usdc_balance(Bench::address(2)) == eth::U256(600));
  CHECK(net.refusal(2, net.usdc(), take).find(kExceedsAllowance) != std::string::npos);
}

TEST_CASE("dollars and credits outlive a restart", "[devnet]") {
  TempDir directory;
  devnet::Options options;
  options.state_dir = directory.path();
  {
    Bench net(options);
    net.devnet.set_usdc_balance(Bench::address(1), eth::U256(9'000'000));
    net.run(1, net.usdc(), platform::encode_approve(net.credits(), eth::U256(9'000'000)));
    net.run(1, net.credits(),
            platform::encode_purchase_credits_for(eth::U256(6'000'000), Bench::address(1)));
  }
  Bench net(options);
  CHECK(net.devnet.usdc_balance(Bench::address(1)) == eth::U256(3'000'000));
  CHECK(net.devnet.credits(Bench::address(1)) == eth::U256(6'000'000));
}

}  // namespace
}  // namespace ecloud::testing
