#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/output.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/platform/controller.h"

namespace ecloud::cli {

/// What the chain says of one app.
struct ChainFacts {
  platform::ChainStatus status = platform::ChainStatus::kNone;
  eth::Address creator;
  eth::Address billing_account;                        ///< who pays: the creator, or the app itself
  std::uint64_t latest_release_block = 0;              ///< 0: none is in force
  std::optional<std::uint64_t> pending_release_block;  ///< nothing: none waits
};

/// Asked in one batch. Throws Error{kNotFound, "app.not_found"} when the chain has no such app.
ChainFacts ask_chain(const deploy::Services& services, const eth::Address& app);

/// Throws Error{kNotFound, "app.not_found"} when the chain has no such app; a chain that does not
/// answer is no reason to fail.
void require_on_chain(const deploy::Services& services, const eth::Address& app);

/// What chain, platform and this machine say of one app.
struct AppFacts {
  eth::Address app;
  ChainFacts chain;
  std::optional<platform::AppInfo> info;
  std::optional<Error> info_problem;  ///< why `info` is missing
  std::optional<platform::ReleaseRecord> release;
  std::string release_problem;  ///< why `release` is missing or not the latest; may be empty
  std::optional<deploy::AppRecord> record;
  std::optional<deploy::WalletAddresses> stored_wallet;
  std::string wallet_problem;
  /// What the release says of the wallet on chain; asked for only when this machine cannot say.
  std::optional<deploy::WalletSource> stated_wallet;

  /// Whether the app was upgraded on another machine since this one did something to it.
  bool changed_elsewhere() const;

  std::string name() const;
};

/// Asks all three at the same time. Failures of the platform are in the facts; the chain's are
/// thrown. An app that the chain has and the platform does not know is Error{kPending,
/// "app.not_noticed"} in `info_problem`.
AppFacts collect_facts(Workflow& workflow, platform::UserApi& api, const eth::Address& app);

base::Json facts_document(const AppFacts& facts, const platform::Environment& environment,
                          std::size_t addresses);
struct ShownWallets {
  std::size_t addresses = 1;  ///< of each kind, where the KMS derives them
  bool all = false;           ///< also the KMS's when the app has one of its own
};

/// `now` is for relative times, in unix seconds.
Pairs facts_pairs(const AppFacts& facts, const platform::Environment& environment,
                  const Terminal& terminal, const ShownWallets& wallets, std::int64_t now);
std::vector<JsonField> facts_fields();

/// The error for an app that the UserAPI does not know, after a look at the chain: it is not there,
/// or the platform has not noticed it yet.
Error unknown_to_platform(const deploy::Services& services, const eth::Address& app,
                          const Error& answer);

}  // namespace ecloud::cli
