#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ecloud/chain/chain.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {

/// What every transaction of an account has to know of the chain.
struct AccountSnapshot {
  std::string controller_version;
  platform::Generation generation = platform::Generation::kFourFields;  ///< of its releases
  eth::U256 balance;                                                    ///< wei
  std::uint64_t nonce = 0;
  base::Bytes code;
  chain::Fees fees;
  std::uint64_t block_timestamp = 0;  ///< unix seconds
};

/// What a deployment has to know, read in one round trip.
struct ChainSnapshot : AccountSnapshot {
  eth::Address app;
  eth::U256 max_active_apps, active_apps;
  /// Of an app that had the wanted name already.
  std::optional<platform::ChainStatus> namesake_status;
};

/// What the change of an app has to know, read in one round trip.
struct AppSnapshot : AccountSnapshot {
  platform::ChainStatus status = platform::ChainStatus::kNone;
  eth::Address creator;  ///< zero: there is no such app
  std::uint64_t latest_release_block = 0;
  /// Of an upgrade that the platform has not confirmed; four-field generation.
  std::optional<std::uint64_t> pending_release_block;
  bool logs_are_public = false;
  /// Who pays for the app: its creator, or the app itself.
  eth::Address billing_account;
  /// The answer to the estimate that was asked for with it.
  std::optional<chain::RpcResult> estimate;
};

/// The calls about an account that every transaction needs, for a batch of the caller's own, and
/// what their answers say; the version of the controller stays empty.
std::vector<chain::RpcCall> account_calls(const eth::Address& account);
void read_account_answers(std::span<const chain::RpcResult> answers, AccountSnapshot& out);

AccountSnapshot read_account(const Services& services, const eth::Address& account);

/// `probe`, when given, is estimated in the same round trip.
AppSnapshot read_app(const Services& services, const eth::Address& account, const eth::Address& app,
                     const std::optional<eth::Transaction>& probe = std::nullopt);

/// The quota is that of `payer`: the account, or the app that is to pay for itself.
ChainSnapshot read_chain(const Services& services, const eth::Address& account,
                         const base::Bytes32& salt, const std::optional<eth::Address>& namesake,
                         const eth::Address& payer);

}  // namespace ecloud::deploy
