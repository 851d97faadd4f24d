#pragma once

#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/transaction.h"
#include "support/catch.h"
#include "support/http_probe.h"

namespace ecloud::testing {

/// Sends a call of the first account to `target`, past the program; `world` is a World or a
/// TerminalWorld.
template <typename AnyWorld>
void send_call(AnyWorld& world, const eth::Address& target, base::Bytes data) {
  const auto& account = devnet::Devnet::accounts().front();
  const auto key = crypto::PrivateKey::from_bytes(account.private_key.reveal());
  eth::Transaction transaction;
  transaction.chain_id = eth::U256(world.devnet.environment().chain_id);
  transaction.nonce = world.devnet.nonce(account.address);
  transaction.max_fee_per_gas = eth::U256(10'000'000'000);
  transaction.max_priority_fee_per_gas = eth::U256(1'000'000'000);
  transaction.gas_limit = 2'000'000;
  transaction.to = target;
  transaction.data = std::move(data);
  const auto raw = eth::sign_transaction(*key, transaction).raw;
  const auto answer =
      probe(world.devnet.port(), "POST", "/rpc", {},
            R"({"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[")" +
                base::to_hex_prefixed(raw) + "\"]}");
  INFO(answer.body);
  REQUIRE(answer.body.find("\"result\"") != std::string::npos);
}

}  // namespace ecloud::testing
