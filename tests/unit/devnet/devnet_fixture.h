#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "devnet/devnet.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/crypto/random.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/controller.h"
#include "support/catch.h"
#include "support/http_probe.h"
#include "support/manual_clock.h"
#include "support/test_data.h"

namespace ecloud::testing {

/// The devnet's clock in viem_vectors.json.
constexpr std::int64_t kVectorTime = 1'800'000'000;

/// What viem and jose made (tests/data/devnet/make_vectors.mjs).
inline const base::Json& vectors() {
  static const base::Json kVectors = test_data_json("devnet/viem_vectors.json");
  return kVectors;
}

inline devnet::Options with_test_keys(devnet::Options options = {}) {
  options.key_dir = test_data_path("devnet");
  return options;
}

/// A devnet under a clock that stands, and a client of it with nothing of ours but the signing of
/// transactions and the calldata of the platform module.
class DevnetFixture {
 public:
  explicit DevnetFixture(devnet::Options options = {})
      : clock(kVectorTime), devnet(prepare(std::move(options), clock)) {}

  ManualClock clock;
  devnet::Devnet devnet;

  void pass(double seconds) {
    clock.sleep(base::Milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  }

  // JSON-RPC.
  base::Json rpc_text(const std::string& body) const {
    const ProbeAnswer answer = probe(devnet.port(), "POST", "/rpc", {}, body);
    REQUIRE(answer.status == 200);
    return base::Json::parse(answer.body, "rpc");
  }
  base::Json rpc(const std::string& method, const base::Json& params = base::Json::array()) const {
    return rpc_text(
        base::Json::object({{"jsonrpc", "2.0"}, {"id", 7}, {"method", method}, {"params", params}})
            .dump());
  }
  base::Json result(const std::string& method,
                    const base::Json& params = base::Json::array()) const {
    const base::Json answer = rpc(method, params);
    INFO(answer.dump());
    REQUIRE(answer["result"].exists());
    return answer["result"];
  }
  /// "CODE MESSAGE" or "CODE MESSAGE DATA" of an error answer.
  static std::string error_of(const base::Json& answer) {
    if (!answer["error"].exists()) return "no error: " + answer.dump();
    const base::Json error = answer["error"];
    return std::to_string(error["code"].as_i64()) + " " + error["message"].as_string() +
           (error["data"].exists() ? " " + error["data"].as_string() : "");
  }

  // Accounts and transactions.
  static crypto::PrivateKey key(std::size_t account) {
    return *crypto::PrivateKey::from_bytes(
        devnet::Devnet::accounts().at(account).private_key.reveal());
  }
  static eth::Address address(std::size_t account) {
    return devnet::Devnet::accounts().at(account).address;
  }
  /// A valid transaction of the account with its next nonce.
  eth::Transaction transaction(std::size_t account, const eth::Address& to,
                               base::Bytes data = {}) const {
    eth::Transaction tx;
    tx.chain_id = eth::U256(31337);
    tx.nonce = devnet.nonce(address(account));
    tx.max_priority_fee_per_gas = eth::U256(1'000'000'000);
    tx.max_fee_per_gas = eth::U256(3'000'000'000);
    tx.gas_limit = 2'000'000;
    tx.to = to;
    tx.data = std::move(data);
    return tx;
  }
  base::Json send_raw(base::ByteView raw) const {
    return rpc("eth_sendRawTransaction", base::Json::array({base::to_hex_prefixed(raw)}));
  }
  base::Json send(std::size_t account, eth::Transaction tx) const {
    return send_raw(eth::sign_transaction(key(account), std::move(tx)).raw);
  }
  base::Json receipt(const base::Json& hash) const {
    return result("eth_getTransactionReceipt", base::Json::array({hash}));
  }
  /// Sends a call, and gives its receipt.
  base::Json run(std::size_t account, const eth::Address& to, base::Bytes data) const {
    const base::Json sent = send(account, transaction(account, to, std::move(data)));
    INFO(sent.dump());
    REQUIRE(sent["result"].exists());
    return receipt(sent["result"]);
  }
  /// The answer of an eth_call from the account.
  base::Json call(std::size_t account, const eth::Address& to, const base::Bytes& data) const {
    return rpc("eth_call",
               base::Json::array({base::Json::object({{"from", address(account).to_string()},
                                                      {"to", to.to_string()},
                                                      {"data", base::to_hex_prefixed(data)}}),
                                  "latest"}));
  }
  base::Bytes call_result(const eth::Address& to, const base::Bytes& data) const {
    const base::Json answer = call(0, to, data);
    INFO(answer.dump());
    return *base::from_hex(answer["result"].as_string());
  }

  // Apps.
  platform::Environment environment() const { return devnet.environment(); }
  static base::Bytes32 salt(std::uint8_t octet) {
    base::Bytes32 out{};
    out.fill(octet);
    return out;
  }
  eth::Address app_id(std::size_t account, std::uint8_t salt_octet) const {
    return platform::decode_address(
        call_result(environment().app_controller,
                    platform::encode_calculate_app_id(address(account), salt(salt_octet))));
  }
  /// A release that runs: an image elsewhere, and an empty environment for `app`.
  platform::Release release(const eth::Address& app) const {
    crypto::SystemRandom random;
    platform::Release out;
    base::Bytes32 digest{};
    digest.fill(0x22);
    out.artifacts = {{digest, "docker.io/library/nginx"}};
    out.upgrade_by_time = static_cast<std::uint32_t>(kVectorTime + 3600);
    out.public_env = base::to_bytes(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-2s"})");
    out.encrypted_env = base::to_bytes(
        crypto::jwe_encrypt(environment().kms_encryption_key, base::as_bytes(R"({"KEY":"value"})"),
                            {{"x-eigenx-app-id", app.to_string()}}, random));
    return out;
  }
  /// Creates an app with its release as a plain call, and accepts to be its admin.
  eth::Address create_app(std::size_t account = 0, std::uint8_t salt_octet = 1) const {
    const eth::Address app = app_id(account, salt_octet);
    create_app_with(account, salt_octet, release(app));
    return app;
  }
  void create_app_with(std::size_t account, std::uint8_t salt_octet,
                       const platform::Release& with) const {
    const base::Json created =
        run(account, environment().app_controller,
            platform::encode_create_app(generation(), salt(salt_octet), with));
    REQUIRE(created["status"].as_string() == "0x1");
    const base::Json accepted = run(account, environment().permission_controller,
                                    platform::encode_accept_admin(app_id(account, salt_octet)));
    REQUIRE(accepted["status"].as_string() == "0x1");
  }
  platform::Generation generation() const {
    return devnet.info()["generation"].as_string() == "1.5.0" ? platform::Generation::kFourFields
                                                              : platform::Generation::kThreeFields;
  }

  // The services.
  ProbeAnswer get(const std::string& target, ProbeHeaders headers = {}) const {
    headers.emplace_back("x-client-id", "ecloud-cli/v0.2.0");
    return probe(devnet.port(), "GET", target, headers);
  }
  ProbeAnswer post(const std::string& target, const std::string& body,
                   ProbeHeaders headers = {}) const {
    headers.emplace_back("x-client-id", "ecloud-cli/v0.2.0");
    return probe(devnet.port(), "POST", target, headers, body);
  }
  static base::Json json(const ProbeAnswer& answer) {
    INFO(answer.body);
    return base::Json::parse(answer.body, "answer");
  }
  static std::string error_text(const ProbeAnswer& answer) {
    return std::to_string(answer.status) + " " + json(answer)["error"].opt_string().value_or("-");
  }
  /// A signature of viem's over a UserAPI permission: "info", "logs", "profile".
  static ProbeHeaders signed_by(std::size_t account, const std::string& permission,
                                std::int64_t expiry = kVectorTime + 300) {
    const base::Json signature =
        vectors()["signatures"]["account" + std::to_string(account)][permission];
    return {{"Authorization", "Bearer " + signature.as_string()},
            {"X-eigenx-expiry", std::to_string(expiry)}};
  }

 private:
  static devnet::Options prepare(devnet::Options options, ManualClock& clock) {
    options.clock = &clock;
    return with_test_keys(std::move(options));
  }
};

}  // namespace ecloud::testing
