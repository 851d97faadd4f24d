#pragma once

#include <memory>
#include <optional>
#include <string>

#include "deploy/batch_transaction.h"
#include "ecloud/base/cancel.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/chain/transaction_watch.h"
#include "ecloud/net/curl_transport.h"
#include "ecloud/oci/credentials.h"
#include "interop/anvil.h"

namespace ecloud::testing {

using deploy::ChainSnapshot;
using platform::Generation;

constexpr std::uint64_t kWeiPerEther = 1'000'000'000'000'000'000;

/// Workflows tell nobody here.
class SilentObserver final : public deploy::Observer {
  void phase(std::string_view) override {}
  void detail(std::string_view) override {}
  void note(std::string_view) override {}
  void warning(std::string_view) override {}
};

class NoCredentials final : public oci::CredentialSource {
 public:
  std::optional<oci::Credentials> find(const std::string&) override { return std::nullopt; }
};

/// Runtime code of the contracts in tests/interop/solidity, which solc compiled.
inline base::Json bytecode() {
  return base::Json::parse(
      base::read_file(interop_directory() / "solidity" / "bytecode.json", 1 << 20),
      "bytecode.json");
}

inline platform::Environment make_environment(const Anvil& anvil) {
  platform::Environment out = platform::builtin_environments().at(0);
  out.name = "anvil";
  out.chain_id = Anvil::kChainId;
  out.rpc_urls = {anvil.url()};
  return out;
}

/// A fresh account with ETH on anvil, and the contracts of the platform that it deploys with. All
/// that is sent goes through the RPC client and the transport of the program itself.
class Chain {
 public:
  explicit Chain(const Anvil& anvil, Generation generation = Generation::kFourFields)
      : environment_(make_environment(anvil)), generation_(generation) {
    for (int i = 0; !key_ && i < 10; ++i) {
      key_ = crypto::PrivateKey::from_bytes(random_.bytes(32));
    }
    REQUIRE(key_);
    account_ = eth::Address::of(key_->public_key());
    rpc_.call("anvil_setBalance",
              base::Json::strings({account_.to_lower_hex(), eth::U256(kWeiPerEther).to_hex()}));
    const base::Json code = bytecode();
    set_code(environment_.delegator, code["Delegator"].as_string());
    set_code(environment_.permission_controller, code["Permissions"].as_string());
    set_code(environment_.app_controller,
             code[generation == Generation::kFourFields ? "ControllerFrom" : "ControllerBefore"]
                 .as_string());
  }

  const platform::Environment& environment() const { return environment_; }
  Generation generation() const { return generation_; }
  const eth::Address& account() const { return account_; }
  const crypto::PrivateKey& key() const { return *key_; }
  deploy::Signer signer() const { return deploy::Signer(*key_); }
  chain::RpcClient& rpc() { return rpc_; }
  const deploy::Services& services() const { return services_; }

  void set_code(const eth::Address& contract, const std::string& code) {
    rpc_.call("anvil_setCode", base::Json::strings({contract.to_lower_hex(), code}));
  }

  /// What a deployment reads before it sends, as far as the stand-ins have it.
  ChainSnapshot snapshot() {
    const auto results = rpc_.batch(
        {chain::get_transaction_count(account_, chain::BlockTag::kPending),
         chain::get_code(account_), chain::latest_block(), chain::max_priority_fee_per_gas()});
    REQUIRE(results.size() == 4);
    ChainSnapshot out;
    out.nonce = chain::read_u64(chain::value_or_throw(results[0], "nonce"));
    out.code = chain::read_data(chain::value_or_throw(results[1], "code"));
    out.fees = chain::suggest_fees(
        chain::read_block_header(chain::value_or_throw(results[2], "block")).base_fee_per_gas,
        chain::read_quantity(chain::value_or_throw(results[3], "tip")));
    return out;
  }

  std::string code_of_account() { return base::to_hex_prefixed(snapshot().code); }

  eth::U256 balance_of(const eth::Address& account) {
    const auto results = rpc_.batch({chain::get_balance(account)});
    return chain::read_quantity(chain::value_or_throw(results.front(), "eth_getBalance"));
  }

  /// Sends and waits; the node must take it.
  chain::Receipt send(const eth::Transaction& transaction) {
    const eth::SignedTransaction signed_one = eth::sign_transaction(*key_, transaction);
    const auto refused = rpc_.send_raw_transaction(signed_one.raw);
    INFO((refused ? refused->error.message : std::string()));
    REQUIRE_FALSE(refused);
    const auto watched = chain::watch_transaction(
        rpc_, clock_, {{signed_one.hash}, eth::Address::of(key_->public_key()), transaction.nonce});
    const auto& receipt = watched.receipt;
    REQUIRE(receipt);
    CHECK(receipt->transaction_hash == signed_one.hash);
    return *receipt;
  }

 private:
  platform::Environment environment_;
  Generation generation_;
  base::CancelToken cancel_;
  base::Log log_;
  base::SystemClock clock_{cancel_};
  crypto::SystemRandom random_;
  std::unique_ptr<net::Transport> transport_ =
      net::make_curl_transport({.user_agent = "ecloud-test"}, cancel_, log_);
  chain::RpcClient rpc_{*transport_,
                        clock_,
                        log_,
                        {.urls = environment_.rpc_urls, .chain_id = environment_.chain_id}};
  NoCredentials credentials_;
  oci::RegistryClient registry_{*transport_, credentials_};
  base::Paths paths_;
  SilentObserver observer_;
  deploy::Services services_{environment_, paths_, *transport_, rpc_,
                             registry_,    clock_, random_,     observer_};
  std::optional<crypto::PrivateKey> key_;
  eth::Address account_;
};

}  // namespace ecloud::testing
