#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/wallets.h"
#include "ecloud/eth/address.h"

namespace ecloud::deploy {

/// What this machine remembers of an app that it deployed. Nothing in it is secret, and nothing in
/// it is needed to reach the app by its id.
struct AppRecord {
  eth::Address app;
  std::string name;  ///< may be empty
  eth::Address deployer;
  WalletSource wallet = WalletSource::kGenerated;
  std::string evm_address;      ///< the wallet's first one; empty for kKms
  std::string image;            ///< name@digest of the last deployment
  std::string folder;           ///< where it was deployed from
  std::string transaction;      ///< hash
  std::uint64_t block = 0;      ///< of that transaction; 0 in files of before it was kept
  std::int64_t created_at = 0;  ///< unix seconds
  /// Blocks of the releases that this machine made with that wallet; none in files of before they
  /// were kept.
  std::vector<std::uint64_t> releases;

  bool made_with_this_wallet(std::uint64_t release_block) const;

  /// Whether the app has a later release, by `release_block`, than the one that this speaks of: it
  /// was made on another machine, and what is here may hold no more.
  bool is_outdated(std::uint64_t release_block) const {
    return block != 0 && release_block > block;
  }
};

/// STATE/apps/ENVIRONMENT/APPID.json, one file an app, so that two processes never write the same
/// one.
class AppRecords {
 public:
  AppRecords(const std::filesystem::path& state, const std::string& environment);

  void save(const AppRecord& record);
  /// Gives `change` the record as it is, or nothing, and saves what it returns unless that is
  /// nothing. One process at a time, so that of two changes none is lost.
  void change(const eth::Address& app,
              const std::function<std::optional<AppRecord>(std::optional<AppRecord>)>& change);
  /// Oldest first. A damaged file is left out.
  std::vector<AppRecord> all() const;
  std::optional<AppRecord> find(const eth::Address& app) const;
  /// Of that deployer; more than one when a name was used again.
  std::vector<AppRecord> named(const std::string& name, const eth::Address& deployer) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace ecloud::deploy
