#include "ecloud/deploy/top_up.h"
#include "ecloud/platform/credits.h"
#include "interop/anvil_chain.h"
#include "support/temp_dir.h"

namespace ecloud::deploy {
namespace {

using testing::Anvil;
using testing::Chain;

/// The contracts that sell credits, an account with dollars, and a journal of its own.
struct Shop {
  explicit Shop(const Anvil& anvil) : chain(anvil) {
    const base::Json code = testing::bytecode();
    chain.set_code(chain.environment().usdc_token, code["Usdc"].as_string());
    chain.set_code(chain.environment().usdc_credits, code["Credits"].as_string());
    paths.state = directory.path();
  }

  void mint(std::uint64_t amount) {
    call(chain.environment().usdc_token,
         eth::abi_encode_call("mint(address,uint256)", eth::abi_list(chain.account(), amount)));
  }
  void allow(std::uint64_t amount) {
    call(chain.environment().usdc_token,
         platform::encode_approve(chain.environment().usdc_credits, eth::U256(amount)));
  }
  std::string number(const eth::Address& to, const base::Bytes& data) {
    const auto results = chain.rpc().batch({chain::eth_call(to, data)});
    return platform::decode_number(
               chain::read_data(chain::value_or_throw(results.front(), "eth_call")))
        .to_decimal();
  }
  std::string credits() {
    return number(chain.environment().usdc_credits,
                  eth::abi_encode_call("creditsOf(address)", eth::abi_list(chain.account())));
  }
  std::string allowance() {
    return number(chain.environment().usdc_token,
                  platform::encode_allowance(chain.account(), chain.environment().usdc_credits));
  }
  std::string balance() {
    return number(chain.environment().usdc_token, platform::encode_balance_of(chain.account()));
  }
  TransactionOutcome buy(std::uint64_t amount) {
    const Services services = of_shop();
    TopUpRequest request;
    request.amount = eth::U256(amount);
    request.account = chain.account();
    TopUpPlan plan = plan_top_up(services, chain.signer(), request);
    return apply_top_up(services, chain.signer(), request, std::move(plan));
  }

  Services of_shop() const {
    const Services& s = chain.services();
    return {s.environment, paths, s.transport, s.rpc, s.registry, s.clock, s.random, s.observer};
  }

  Chain chain;
  testing::TempDir directory;
  base::Paths paths;

 private:
  void call(const eth::Address& to, base::Bytes data) {
    const ChainSnapshot snapshot = chain.snapshot();
    eth::Transaction tx;
    tx.chain_id = eth::U256(Anvil::kChainId);
    tx.nonce = snapshot.nonce;
    tx.max_priority_fee_per_gas = snapshot.fees.max_priority_fee_per_gas;
    tx.max_fee_per_gas = snapshot.fees.max_fee_per_gas;
    tx.gas_limit = 200'000;
    tx.to = to;
    tx.data = std::move(data);
    CHECK(chain.send(tx).success);
  }
};

TEST_CASE("approval and purchase are one transaction on anvil", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Shop shop(*anvil);
  shop.mint(100'000'000);
  shop.allow(3'000'000);
  const TransactionOutcome first = shop.buy(12'345'678);
  CHECK(first.receipt.success);
  CHECK(first.receipt.gas_used <= first.entry.gas_limit);
  CHECK(shop.credits() == "12345678");
  CHECK(shop.balance() == "87654322");
  CHECK(shop.allowance() == "0");
  CHECK(shop.chain.code_of_account() ==
        "0xef0100" + shop.chain.environment().delegator.to_lower_hex().substr(2));
  // Delegated already, and then with an allowance that makes the batch unnecessary.
  CHECK(shop.buy(5'000'000).receipt.success);
  shop.allow(6'000'000);
  CHECK(shop.buy(6'000'000).receipt.success);
  CHECK(shop.credits() == "23345678");
  CHECK(shop.allowance() == "0");
}

TEST_CASE("the contract's own refusal is read from anvil", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Shop shop(*anvil);
  const auto code_of = [&](std::uint64_t amount) {
    try {
      shop.buy(amount);
      return std::string("bought");
    } catch (const Error& error) {
      return error.code();
    }
  };
  CHECK(code_of(4'999'999) == "billing.below_minimum");
  CHECK(code_of(5'000'000) == "billing.insufficient_usdc");
  shop.mint(5'000'000);
  CHECK(code_of(5'000'000) == "bought");
}

}  // namespace
}  // namespace ecloud::deploy
