#include "ecloud/platform/credits.h"

#include "ecloud/base/hex.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "support/catch.h"

namespace ecloud::platform {
namespace {

const eth::Address kSpender = *eth::Address::parse("0xed9c88640ca9149Bd9f7ee6620074af10F2E145d");
const eth::Address kAccount = *eth::Address::parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

std::string hex(const base::Bytes& bytes) {
  return base::to_hex_prefixed(bytes);
}

TEST_CASE("an amount of dollars is read exactly or not at all", "[platform]") {
  const auto read = [](std::string_view text) {
    const auto amount = parse_usdc(text);
    return amount ? amount->to_decimal() : "refused";
  };
  CHECK(read("5") == "5000000");
  CHECK(read("0.1") == "100000");
  CHECK(read("12.345678") == "12345678");
  CHECK(read("2.01") == "2010000");
  CHECK(read("9007199254740993") == "9007199254740993000000");
  CHECK(read("0") == "0");
  CHECK(read("000.50") == "500000");
  for (const char* bad : {"", " 5", "5 ", "+5", "-5", "5.", ".5", "5.1234567", "1e3", "1,000", "$5",
                          "0x5", "five", "5.5.5", "\xd9\xa5"}) {
    INFO(bad);
    CHECK(read(bad) == "refused");
  }
}

TEST_CASE("amounts are written with two digits or as many as matter", "[platform]") {
  CHECK(format_usdc(eth::U256(5'000'000)) == "5.00 USDC");
  CHECK(format_usdc(eth::U256(12'500'000)) == "12.50 USDC");
  CHECK(format_usdc(eth::U256(12'345'678)) == "12.345678 USDC");
  CHECK(format_usdc(eth::U256(1)) == "0.000001 USDC");
  CHECK(format_usdc(eth::U256()) == "0.00 USDC");
}

TEST_CASE("the calls of a purchase are viem's", "[platform]") {
  // viem 2.38.6 encodeFunctionData with these arguments.
  CHECK(hex(encode_approve(kSpender, eth::U256(50'000'000))) ==
        "0x095ea7b3000000000000000000000000ed9c88640ca9149bd9f7ee6620074af10f2e145d"
        "0000000000000000000000000000000000000000000000000000000002faf080");
  CHECK(hex(encode_purchase_credits_for(eth::U256(50'000'000), kAccount)) ==
        "0xdfeddbc30000000000000000000000000000000000000000000000000000000002faf080"
        "000000000000000000000000f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
  CHECK(hex(encode_balance_of(kAccount)) ==
        "0x70a08231000000000000000000000000f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
  CHECK(hex(encode_allowance(kAccount, kSpender)) ==
        "0xdd62ed3e000000000000000000000000f39fd6e51aad88f6f4ce6ab8827279cfffb92266"
        "000000000000000000000000ed9c88640ca9149bd9f7ee6620074af10f2e145d");
  CHECK(hex(encode_minimum_purchase()) == "0xaa2de6c3");
  CHECK(hex(encode_usdc()) == "0x3e413bee");
  CHECK(hex(encode_billing_account(kAccount)).starts_with("0x3e032115"));
}

TEST_CASE("a plan says what a purchase does", "[platform]") {
  const Environment& sepolia = builtin_environments().front();
  const DecodedCall approval = describe_call(
      {sepolia.usdc_token, {}, encode_approve(sepolia.usdc_credits, eth::U256(7'250'000))},
      sepolia);
  CHECK(approval.contract == "USDC");
  CHECK(approval.function == "approve");
  using Arguments = std::vector<std::pair<std::string, std::string>>;
  CHECK(approval.arguments == Arguments{{"spender", "USDCCredits"}, {"amount", "7.25 USDC"}});
  const DecodedCall purchase = describe_call(
      {sepolia.usdc_credits, {}, encode_purchase_credits_for(eth::U256(7'250'000), kAccount)},
      sepolia);
  CHECK(purchase.contract == "USDCCredits");
  CHECK(purchase.function == "purchaseCreditsFor");
  CHECK(purchase.arguments ==
        Arguments{{"amount", "7.25 USDC"}, {"account", kAccount.to_string()}});
}

TEST_CASE("what was paid is read from the token's own events", "[platform]") {
  const auto bytes = [](std::uint64_t amount) {
    const base::Bytes32 word = eth::U256(amount).to_word();
    return base::Bytes(word.begin(), word.end());
  };
  const eth::Address token = builtin_environments().front().usdc_token;
  chain::Receipt receipt;
  const auto add = [&](const eth::Address& emitter, const base::Bytes32& topic,
                       const eth::Address& from, std::uint64_t amount) {
    receipt.logs.push_back({emitter, {topic, from.to_word(), kSpender.to_word()}, bytes(amount)});
  };
  add(kSpender, topic_transfer(), kAccount, 1);  // another contract's event
  add(token, topic_approval(), kAccount, 2);     // no payment
  add(token, topic_transfer(), kSpender, 4);     // somebody else's payment
  CHECK(transferred_from(receipt, token, kAccount).is_zero());
  add(token, topic_transfer(), kAccount, 8);
  add(token, topic_transfer(), kAccount, 16);
  CHECK(transferred_from(receipt, token, kAccount) == eth::U256(24));
  receipt.logs.back().topics.pop_back();
  CHECK(transferred_from(receipt, token, kAccount) == eth::U256(8));
}

TEST_CASE("what was credited is read from the contract's own events", "[platform]") {
  const eth::Address contract = builtin_environments().front().usdc_credits;
  const eth::Address other = builtin_environments().front().usdc_token;
  // As viem's toEventSelector gives it.
  CHECK(base::to_hex_prefixed(topic_credits_purchased()) ==
        "0x04297192211dd6ce4c4f2aac1d314a51360598d084022b5e7a4148b2dabc9898");
  chain::Receipt receipt;
  const auto add = [&](const eth::Address& emitter, const base::Bytes32& topic,
                       const eth::Address& payer, const eth::Address& account,
                       std::uint64_t amount) {
    const base::Bytes32 word = eth::U256(amount).to_word();
    receipt.logs.push_back({emitter,
                            {topic, payer.to_word(), account.to_word()},
                            base::Bytes(word.begin(), word.end())});
  };
  add(other, topic_credits_purchased(), kAccount, kSpender, 1);     // another contract
  add(contract, topic_transfer(), kAccount, kSpender, 2);           // another event
  add(contract, topic_credits_purchased(), kSpender, kSpender, 4);  // somebody else paid
  add(contract, topic_credits_purchased(), kAccount, kAccount, 8);  // for somebody else
  CHECK(credited_to(receipt, contract, kAccount, kSpender).is_zero());
  add(contract, topic_credits_purchased(), kAccount, kSpender, 16);
  CHECK(credited_to(receipt, contract, kAccount, kSpender) == eth::U256(16));
  receipt.logs.back().data.pop_back();
  CHECK(credited_to(receipt, contract, kAccount, kSpender).is_zero());
}

TEST_CASE("only apps on Sepolia can be paid for with test money", "[platform]") {
  const Environment& sepolia = builtin_environments()[0];
  const Environment& mainnet = builtin_environments()[1];
  const auto chains = credits_chains(sepolia);
  REQUIRE(chains.size() == 2);
  CHECK(chains[0].name == "ethereum");
  CHECK(chains[0].chain_id == 1);
  CHECK(chains[1].name == "base-sepolia");
  CHECK(chains[1].chain_id == 84532);
  CHECK(chains[1].usdc_credits.to_string() == "0x7673a47463F80c6a3553Db9E54c8cDcd5313d0ac");
  CHECK(chains[1].usdc_token.to_string() == "0x036CbD53842c5426634e7929541eC2318f3dCF7e");
  CHECK(chains[1].rpc_urls == std::vector<std::string>{"https://base-sepolia-rpc.publicnode.com"});
  CHECK(credits_chains(mainnet).size() == 1);
  CHECK(chain_name(84532) == "Base Sepolia");
}

TEST_CASE("both environments sell credits on mainnet for Circle's USDC", "[platform]") {
  for (const Environment& environment : builtin_environments()) {
    CHECK(environment.credits_chain_id == 1);
    CHECK(environment.usdc_credits == kSpender);
    CHECK(environment.usdc_token.to_string() == "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48");
    CHECK(environment.credits_rpc_urls ==
          std::vector<std::string>{"https://ethereum-rpc.publicnode.com"});
  }
}

}  // namespace
}  // namespace ecloud::platform
