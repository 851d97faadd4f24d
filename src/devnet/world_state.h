#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "devnet/contract_addresses.h"
#include "ecloud/base/bytes.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"
#include "ecloud/platform/controller.h"

namespace ecloud::devnet {

/// What the chain remembers, as values: a copy is a snapshot, and assigning it back is a rollback.

struct Account {
  eth::U256 balance;  ///< wei
  std::uint64_t nonce = 0;
  base::Bytes code;  ///< empty, or a delegation (EIP-7702)
};

/// A release as it stands on chain.
struct ReleaseData {
  base::Bytes32 digest{};
  std::string registry;
  std::uint64_t upgrade_by_time = 0;  ///< unix seconds
  base::Bytes public_env;
  base::Bytes encrypted_env;
  std::uint64_t release_id = 0;    ///< counted from 0 for each app
  std::uint64_t block_number = 0;  ///< where it was announced
  std::uint64_t announced_at = 0;  ///< unix seconds
};
using ReleasePointer = std::shared_ptr<const ReleaseData>;

using AppStatus = platform::ChainStatus;

struct AppEntry {
  eth::Address app;
  eth::Address creator;
  eth::Address billing_account;  ///< the creator, or the app when it pays for itself
  std::uint32_t operator_set_id = 0;
  AppStatus status = AppStatus::kNone;
  std::vector<ReleasePointer> releases;  ///< all, oldest first
  ReleasePointer latest;                 ///< the one in force
  ReleasePointer pending;                ///< waits for the platform (four fields)
};

/// Apps of other people, which are only there to be counted: their accounts, and themselves as
/// started since a block. They never change, so that a snapshot shares them.
struct Strangers {
  std::uint32_t release_block = 0;
  std::vector<std::pair<eth::Address, eth::Address>> apps;  ///< app and its creator
};

struct ControllerState {
  std::map<eth::Address, AppEntry> apps;
  std::vector<eth::Address> order;             ///< as created, strangers' apps before the others
  std::shared_ptr<const Strangers> strangers;  ///< null: none
  std::map<eth::Address, std::uint32_t> quotas;
  std::uint32_t default_quota = 0;  ///< of accounts not in `quotas`
  std::uint32_t bought_quota = 0;   ///< of accounts not in `quotas` for which credits were bought
  std::optional<std::uint32_t> global_quota;
};

/// account, appointee, target, selector.
using Appointment = std::tuple<eth::Address, eth::Address, eth::Address, Selector>;

struct PermissionState {
  std::map<eth::Address, std::set<eth::Address>> admins;
  std::map<eth::Address, std::set<eth::Address>> pending_admins;
  std::set<Appointment> appointments;
};

/// Amounts in millionths of a dollar.
struct UsdcState {
  std::map<eth::Address, eth::U256> balances;
  std::map<std::pair<eth::Address, eth::Address>, eth::U256> allowances;  ///< by owner, spender
};

/// Credits that were bought for an account.
struct Purchase {
  eth::Address account;
  eth::U256 amount;        ///< millionths of a dollar
  std::uint64_t time = 0;  ///< unix seconds
};

struct CreditsState {
  eth::U256 minimum_purchase;           ///< millionths of a dollar
  std::uint64_t crediting_seconds = 0;  ///< until the platform has seen a purchase
  std::vector<Purchase> purchases;
};

struct WorldState {
  std::uint64_t chain_id = kChainId;
  std::map<eth::Address, Account> accounts;
  ControllerState controller;
  PermissionState permissions;
  UsdcState usdc;
  CreditsState credits;
};

}  // namespace ecloud::devnet
