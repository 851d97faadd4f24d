// What Foundry's node says of a nonce that is in use already, and what the RPC client makes of it.

#include "interop/anvil_chain.h"
#include "support/catch.h"

using namespace ecloud;
using testing::Anvil;
using testing::Chain;

namespace {

/// Sends nothing of value to the account itself.
struct Sender {
  explicit Sender(const Anvil& anvil) : chain(anvil), now(chain.snapshot()) {}

  eth::SignedTransaction with(std::uint64_t nonce, std::uint64_t value,
                              std::uint64_t tip_factor = 1) const {
    eth::Transaction tx;
    tx.chain_id = eth::U256(Anvil::kChainId);
    tx.nonce = nonce;
    tx.max_priority_fee_per_gas = now.fees.max_priority_fee_per_gas * eth::U256(tip_factor);
    tx.max_fee_per_gas = now.fees.max_fee_per_gas * eth::U256(tip_factor);
    tx.gas_limit = 21'000;
    tx.to = chain.account();
    tx.value = eth::U256(value);
    return eth::sign_transaction(chain.key(), tx);
  }
  std::optional<chain::Refusal> send(const eth::SignedTransaction& tx) {
    return chain.rpc().send_raw_transaction(tx.raw);
  }
  void mine(bool automatically) {
    chain.rpc().call("evm_setAutomine", base::Json::array({base::Json(automatically)}));
  }

  Chain chain;
  testing::ChainSnapshot now;
};

}  // namespace

TEST_CASE("anvil's words for a nonce that is mined are understood", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Sender sender(*anvil);
  const eth::SignedTransaction mined = sender.with(sender.now.nonce, 1);
  REQUIRE_FALSE(sender.send(mined));

  const auto other = sender.send(sender.with(sender.now.nonce, 2));
  REQUIRE(other);
  INFO(other->error.message);
  CHECK(other->nonce_too_low);
  CHECK_FALSE(other->nonce_in_pool);
  CHECK_FALSE(other->account_is_busy);
  CHECK_FALSE(other->demanded_tip);
  // The very transaction that is mined is none of another one: the caller looks for its hash.
  const auto same = sender.send(mined);
  INFO((same ? same->error.message : std::string("accepted")));
  CHECK((!same || same->nonce_too_low));
}

TEST_CASE("anvil's words for a nonce that is in the pool are understood", "[interop][anvil]") {
  const auto anvil = Anvil::start();
  if (!anvil) return;
  Sender sender(*anvil);
  sender.mine(false);
  const eth::SignedTransaction pending = sender.with(sender.now.nonce, 1);
  REQUIRE_FALSE(sender.send(pending));

  // The same bytes again are a success, however anvil words it.
  CHECK_FALSE(sender.send(pending));
  const auto other = sender.send(sender.with(sender.now.nonce, 2));
  REQUIRE(other);
  INFO(other->error.message);
  CHECK(other->nonce_in_pool);
  CHECK_FALSE(other->nonce_too_low);
  CHECK_FALSE(other->demanded_tip);
  // A replacement that pays more is none to refuse.
  const eth::SignedTransaction dearer = sender.with(sender.now.nonce, 3, 2);
  CHECK_FALSE(sender.send(dearer));
  sender.chain.rpc().call("evm_mine", base::Json::array());
  const auto receipts = sender.chain.rpc().batch(
      {chain::get_transaction_receipt(dearer.hash), chain::get_transaction_receipt(pending.hash)});
  CHECK(chain::read_receipt(chain::value_or_throw(receipts[0], "receipt")));
  CHECK_FALSE(chain::read_receipt(chain::value_or_throw(receipts[1], "receipt")));
}
