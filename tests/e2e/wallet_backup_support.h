#pragma once

#include <algorithm>
#include <sstream>
#include "e2e/direct_call.h"
#include "e2e/session.h"
#include "ecloud/chain/chain.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/deploy/release_wallet.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/controller.h"
#include "support/catch.h"

namespace ecloud::testing {

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The latest release of an app, from its event on chain; `world` is a World or a TerminalWorld.
template <typename AnyWorld>
platform::Release latest_release(AnyWorld& world, const eth::Address& app) {
  const devnet::AppView view = *world.devnet.app(app);
  std::ostringstream block;
  block << "0x" << std::hex << std::max(view.pending_release_block, view.latest_release_block);
  const auto& controller = world.devnet.environment().app_controller;
  const auto answer =
      probe(world.devnet.port(), "POST", "/rpc", {},
            R"({"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"address":")" +
                controller.to_string() + R"(","fromBlock":")" + block.str() + R"(","toBlock":")" +
                block.str() + R"("}]})");
  const auto found = platform::find_app_upgraded(
      chain::read_logs(base::Json::parse(answer.body, "logs")["result"]), controller, app);
  REQUIRE(found);
  return *found;
}

/// The private variables of a release that another program makes.
struct OtherVariables {
  std::string phrase;                      ///< MNEMONIC; empty: none
  std::optional<eth::Address> header_app;  ///< for which they are encrypted; nothing: the app
  std::size_t filler = 80;                 ///< length of TOKEN
};

/// The first account releases the app again, past the program, with those members in the header.
template <typename AnyWorld>
void release_elsewhere(AnyWorld& world, const eth::Address& app, std::int64_t now,
                       const platform::HeaderMembers& members, const OtherVariables& given = {}) {
  platform::Release release = latest_release(world, app);
  release.upgrade_by_time = static_cast<std::uint32_t>(now) + 3'600;
  platform::AppEnvironment variables;
  variables.private_variables["TOKEN"] = base::Secret(std::string(given.filler, 'o'));
  if (!given.phrase.empty()) {
    variables.private_variables["MNEMONIC"] = base::Secret(std::string(given.phrase));
  }
  crypto::SystemRandom random;
  release.encrypted_env = platform::encrypt_private_environment(
      variables, given.header_app.value_or(app), world.devnet.environment().kms_encryption_key,
      random, members);
  send_call(world, world.devnet.environment().app_controller,
            platform::encode_upgrade_app(platform::Generation::kFourFields, app, release));
}

/// An app with variables that are long enough to hide a recovery phrase.
struct BackupWorld : World {
  explicit BackupWorld(std::vector<std::string> more = {}) {
    devnet.set_persistent_disks(false);
    user.write(".env", "TOKEN=" + std::string(80, 'a') + "\nGREETING_PUBLIC=hi\n");
    more.push_back("--json");
    const RunResult run = user.run(deploy(std::move(more)));
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = *eth::Address::parse(run.json()["appId"].as_string());
    words = tee("MNEMONIC");
    devnet.clear_requests();
  }

  std::string tee(const std::string& name) const {
    for (const auto& [key, value] : devnet.tee_environment(app)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return "(none)";
  }
  std::string address() const {
    return deploy::wallet_addresses(base::Secret(std::string(words))).evm;
  }
  RunResult upgrade(Session& session, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"compute", "app", "upgrade", app.to_string()});
    return session.run(more);
  }
  RunResult wallet(Session& session, const std::string& verb,
                   std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"compute", "app", "wallet", verb, app.to_string()});
    return session.run(more);
  }
  /// The protected header of the latest release.
  base::Json header() {
    const auto release = latest();
    return base::Json::parse(*crypto::jwe_protected_header(base::as_chars(release.encrypted_env)),
                             "header");
  }
  platform::Release latest() { return latest_release(*this, app); }
  /// As release_elsewhere(), for this app.
  void release_with(const platform::HeaderMembers& members, const std::string& phrase = {},
                    const std::optional<eth::Address>& header_app = {}) {
    release_elsewhere(*this, app, clock.unix_seconds(), members,
                      {.phrase = phrase, .header_app = header_app, .filler = filler});
    clock.sleep(std::chrono::minutes(1));
  }
  std::size_t sent() const { return devnet.count("rpc:eth_sendRawTransaction"); }

  eth::Address app;
  std::string words;
  std::size_t filler = 80;  ///< length of the private variable in release_with()
};

/// A team member with upgrade rights and nothing else.
struct Colleague {
  explicit Colleague(BackupWorld& world) : session(world.devnet, world.clock) {
    const auto& account = devnet::Devnet::accounts().at(1);
    session.set("ECLOUD_PRIVATE_KEY", base::to_hex_prefixed(account.private_key.reveal()));
    const RunResult shared = world.user.run({"compute", "app", "share", world.app.to_string(),
                                             account.address.to_string(), "--allow", "upgrade"});
    INFO(shared.describe());
    REQUIRE(shared.code == 0);
    world.devnet.clear_requests();
  }
  Session session;
};

inline void must(const RunResult& run) {
  INFO(run.describe());
  REQUIRE(run.code == 0);
}

}  // namespace ecloud::testing
