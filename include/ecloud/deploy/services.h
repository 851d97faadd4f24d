#pragma once

#include <string>
#include <string_view>

#include "ecloud/base/clock.h"
#include "ecloud/base/paths.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/crypto/random.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/net/transport.h"
#include "ecloud/oci/registry.h"
#include "ecloud/platform/environment.h"

namespace ecloud::deploy {

/// What a workflow tells while it runs. Workflows never print.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A new step has begun: "waiting for the transaction".
  virtual void phase(std::string_view text) = 0;
  /// Something about the step that goes on: "Deploying".
  virtual void detail(std::string_view text) = 0;
  virtual void note(std::string_view text) = 0;
  virtual void warning(std::string_view text) = 0;
};

/// The world that a workflow acts on. Everything outlives the workflow.
struct Services {
  const platform::Environment& environment;
  const base::Paths& paths;
  net::Transport& transport;
  chain::RpcClient& rpc;
  oci::RegistryClient& registry;
  base::Clock& clock;
  crypto::Random& random;
  Observer& observer;
  /// Blocks from the one that holds a transaction on, itself included, until it counts as mined; 0
  /// for what suits the chain: 2 on Ethereum mainnet, 1 elsewhere.
  std::uint64_t confirmations = 0;
};

/// An account that signs.
struct Signer {
  const crypto::PrivateKey& key;
  eth::Address address;

  explicit Signer(const crypto::PrivateKey& private_key)
      : key(private_key), address(eth::Address::of(private_key.public_key())) {}
};

}  // namespace ecloud::deploy
