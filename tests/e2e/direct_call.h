#pragma once

#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/crypto/random.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/app_id.h"
#include "ecloud/platform/controller.h"
#include "support/catch.h"
#include "support/http_probe.h"

namespace ecloud::testing {

/// Sends a call of the first account to `target`, past the program.
inline void send_call(devnet::Devnet& devnet, const eth::Address& target, base::Bytes data) {
  const auto& account = devnet::Devnet::accounts().front();
  const auto key = crypto::PrivateKey::from_bytes(account.private_key.reveal());
  eth::Transaction transaction;
  transaction.chain_id = eth::U256(devnet.environment().chain_id);
  transaction.nonce = devnet.nonce(account.address);
  transaction.max_fee_per_gas = eth::U256(10'000'000'000);
  transaction.max_priority_fee_per_gas = eth::U256(1'000'000'000);
  transaction.gas_limit = 2'000'000;
  transaction.to = target;
  transaction.data = std::move(data);
  const auto raw = eth::sign_transaction(*key, transaction).raw;
  const auto answer =
      probe(devnet.port(), "POST", "/rpc", {},
            R"({"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[")" +
                base::to_hex_prefixed(raw) + "\"]}");
  INFO(answer.body);
  REQUIRE(answer.body.find("\"result\"") != std::string::npos);
}
/// The same; `world` is a World or a TerminalWorld.
template <typename AnyWorld>
void send_call(AnyWorld& world, const eth::Address& target, base::Bytes data) {
  send_call(world.devnet, target, std::move(data));
}

/// Creates an app of the first account from "HOST/NAME@sha256:…" without the program's checks, with
/// the private variables of that JSON document. `now` is unix seconds of the devnet's clock.
inline eth::Address create_app_directly(devnet::Devnet& devnet, std::int64_t now,
                                        const std::string& image, std::string_view variables) {
  const platform::Environment environment = devnet.environment();
  crypto::SystemRandom random;
  base::Bytes32 salt{};
  salt.fill(0xd1);
  const eth::Address app = platform::compute_app_id(
      environment.app_controller, environment.app_beacon, environment.app_proxy,
      devnet::Devnet::accounts().front().address, salt);
  const oci::Reference reference = oci::Reference::parse(image);
  platform::Release release;
  release.artifacts = {{reference.digest->sha256(), reference.name()}};
  release.upgrade_by_time = static_cast<std::uint32_t>(now + 3'600);
  release.public_env = base::to_bytes(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})");
  release.encrypted_env =
      base::to_bytes(crypto::jwe_encrypt(environment.kms_encryption_key, base::as_bytes(variables),
                                         {{"x-eigenx-app-id", app.to_string()}}, random));
  const auto generation = platform::Generation::kFourFields;
  send_call(devnet, environment.app_controller,
            platform::encode_create_app(generation, salt, release));
  send_call(devnet, environment.permission_controller, platform::encode_accept_admin(app));
  return app;
}

}  // namespace ecloud::testing
