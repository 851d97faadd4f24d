#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/random.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "interop/node_program.h"

namespace ecloud::eth {
namespace {

crypto::PrivateKey random_key(crypto::Random& random) {
  for (;;) {
    if (auto key = crypto::PrivateKey::from_bytes(random.bytes(32))) return std::move(*key);
  }
}

Transaction sample(crypto::Random& random, std::size_t data_size) {
  Transaction out;
  out.chain_id = U256(data_size % 2 == 0 ? 1 : 11155111);
  out.nonce = data_size;
  out.max_priority_fee_per_gas = U256(1'500'000'000);
  out.max_fee_per_gas = U256(63'000'000'000);
  out.gas_limit = 21'000 + data_size;
  out.to = platform::builtin_environments().at(0).app_controller;
  out.value = U256(data_size) * U256(1'000'000'000'000'000'000);
  out.data = random.bytes(data_size);
  return out;
}

/// What viem read against what was signed.
void compare(const base::Json& read, const SignedTransaction& signed_one, const Address& account) {
  const Transaction& own = signed_one.transaction;
  CHECK(read["type"].as_string() == (own.type() == 2 ? "eip1559" : "eip7702"));
  CHECK(read["chainId"].as_string() == own.chain_id.to_decimal());
  CHECK(read["nonce"].as_string() == std::to_string(own.nonce));
  CHECK(read["maxPriorityFeePerGas"].as_string() == own.max_priority_fee_per_gas.to_decimal());
  CHECK(read["maxFeePerGas"].as_string() == own.max_fee_per_gas.to_decimal());
  CHECK(read["gas"].as_string() == std::to_string(own.gas_limit));
  CHECK(base::to_lower(read["to"].as_string()) == own.to.to_lower_hex());
  CHECK(read["value"].as_string() == own.value.to_decimal());
  CHECK(read["data"].as_string() == base::to_hex_prefixed(own.data));
  CHECK(read["sender"].as_string() == account.to_string());
  CHECK(read["hash"].as_string() == base::to_hex_prefixed(signed_one.hash));
  CHECK(read["ethers"]["sender"].as_string() == account.to_string());
  CHECK(read["ethers"]["hash"].as_string() == base::to_hex_prefixed(signed_one.hash));
  const auto authorizations = read["authorizations"].elements();
  REQUIRE(authorizations.size() == own.authorizations.size());
  for (std::size_t i = 0; i < authorizations.size(); ++i) {
    const Authorization& authorization = own.authorizations[i];
    const std::string address = authorization.address.to_lower_hex();
    const std::string nonce = std::to_string(authorization.nonce);
    const std::string chain = authorization.chain_id.to_decimal();
    CHECK(authorizations[i]["chainId"].as_string() == chain);
    CHECK(authorizations[i]["address"].as_string() == address);
    CHECK(authorizations[i]["nonce"].as_string() == nonce);
    CHECK(authorizations[i]["authority"].as_string() == account.to_string());
    CHECK(read["ethers"]["authorities"].at(i).as_string() == address + " " + nonce + " " + chain);
  }
}

TEST_CASE("viem and ethers read our transactions and recover our account", "[interop]") {
  crypto::SystemRandom random;
  const Address delegator = platform::builtin_environments().at(0).delegator;
  std::vector<SignedTransaction> sent;
  std::vector<Address> accounts;
  base::Json raw = base::Json::array();
  for (const std::size_t size : {0, 1, 55, 56, 127, 128, 255, 256, 3000}) {
    for (const std::size_t authorizations : {0, 1, 2}) {
      const crypto::PrivateKey key = random_key(random);
      Transaction transaction = sample(random, size);
      for (std::size_t i = 0; i < authorizations; ++i) {
        transaction.authorizations.push_back(
            sign_authorization(key, i == 0 ? transaction.chain_id : U256(0),
                               i == 0 ? delegator : Address(), transaction.nonce + 1 + i));
      }
      sent.push_back(sign_transaction(key, std::move(transaction)));
      accounts.push_back(Address::of(key.public_key()));
      raw.push(base::to_hex_prefixed(sent.back().raw));
    }
  }
  const auto read = testing::run_node("transactions.mjs", base::Json::object({{"raw", raw}}));
  if (!read) return;
  REQUIRE(read->size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    INFO(base::to_hex_prefixed(sent[i].raw));
    compare(read->at(i), sent[i], accounts[i]);
  }
}

}  // namespace
}  // namespace ecloud::eth
