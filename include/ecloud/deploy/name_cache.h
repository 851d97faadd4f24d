#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ecloud/eth/address.h"

namespace ecloud::deploy {

struct CachedName {
  eth::Address app;
  std::string name;
};

/// The names of an account's apps as last learnt, for shell completions and for nothing else:
/// STATE/completion/ENVIRONMENT.json. Losing it loses nothing, so that neither reading nor writing
/// fails.
class NameCache {
 public:
  NameCache(const std::filesystem::path& state, const std::string& environment);

  /// All apps of the account that are not terminated. Those without a name are left out.
  void replace(const eth::Address& account, const std::vector<CachedName>& names);
  /// The name of one more app, or its new one.
  void learn(const eth::Address& account, const CachedName& name);
  /// Of one account.
  std::vector<CachedName> names(const eth::Address& account) const;
  /// Of all accounts.
  std::vector<CachedName> all() const;

 private:
  std::filesystem::path file_;
};

}  // namespace ecloud::deploy
