#pragma once

#include <cstdint>
#include <filesystem>
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
  std::int64_t created_at = 0;  ///< unix seconds
};

/// STATE/apps/ENVIRONMENT/APPID.json, one file an app, so that two processes never write the same
/// one.
class AppRecords {
 public:
  AppRecords(const std::filesystem::path& state, const std::string& environment);

  void save(const AppRecord& record);
  /// Oldest first. A damaged file is left out.
  std::vector<AppRecord> all() const;
  std::optional<AppRecord> find(const eth::Address& app) const;
  /// Of that deployer; more than one when a name was used again.
  std::vector<AppRecord> named(const std::string& name, const eth::Address& deployer) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace ecloud::deploy
