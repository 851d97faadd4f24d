#pragma once

#include <string>
#include <vector>

#include "ecloud/base/log.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/crypto/random.h"
#include "ecloud/deploy/services.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/registry.h"
#include "ecloud/platform/environment.h"
#include "support/fake_transport.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace ecloud::testing {

/// Keeps what a workflow tells.
class RecordingObserver final : public deploy::Observer {
 public:
  void phase(std::string_view text) override { add("phase", text); }
  void detail(std::string_view text) override { add("detail", text); }
  void note(std::string_view text) override { add("note", text); }
  void warning(std::string_view text) override { add("warning", text); }

  std::vector<std::string> lines;

 private:
  void add(const char* kind, std::string_view text) {
    lines.push_back(std::string(kind) + ": " + std::string(text));
  }
};

class NoCredentials final : public oci::CredentialSource {
 public:
  std::optional<oci::Credentials> find(const std::string&) override { return std::nullopt; }
};

/// The services of a workflow over a fake transport, in the environment sepolia.
struct FakeServices {
  TempDir home;
  ManualClock clock;
  FakeTransport transport;
  base::Log log;
  crypto::SystemRandom random;
  RecordingObserver observer;
  NoCredentials credentials;
  platform::Environment environment = platform::builtin_environments().front();
  base::Paths paths{home / "config", home / "state", home.path()};
  chain::RpcClient rpc{
      transport, clock, log, {.urls = environment.rpc_urls, .chain_id = environment.chain_id}};
  oci::RegistryClient registry{transport, credentials};
  deploy::Services services{environment, paths, transport, rpc, registry, clock, random, observer};
};

/// The first of the well-known keys of development chains.
inline crypto::PrivateKey test_key() {
  return *crypto::PrivateKey::from_hex(
      "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
}

inline eth::Address test_app() {
  return *eth::Address::parse("0x00000000000000000000000000000000000a9900");
}

}  // namespace ecloud::testing
