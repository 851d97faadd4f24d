#include "ecloud/deploy/name_cache.h"

#include <algorithm>
#include <functional>
#include <map>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/lock_wait.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxCacheBytes = std::size_t{16} << 20;
/// The names are a convenience: no command waits long for them.
constexpr base::Milliseconds kPatience{2'000};

using Accounts = std::map<eth::Address, std::vector<CachedName>>;

Accounts read(const std::filesystem::path& file) {
  Accounts out;
  try {
    const auto text = base::read_file_if_exists(file, kMaxCacheBytes);
    if (!text) return out;
    const base::Json document = base::Json::parse(*text, file.string());
    for (const auto& [account, names] : document["accounts"].members()) {
      const auto owner = eth::Address::parse(account);
      if (!owner) continue;
      for (const auto& [id, name] : names.members()) {
        if (const auto app = eth::Address::parse(id)) {
          out[*owner].push_back({*app, name.as_string()});
        }
      }
    }
  } catch (const Error&) {
    out.clear();
  }
  return out;
}

base::Json to_json(const Accounts& accounts) {
  base::Json document = base::Json::object();
  for (const auto& [account, names] : accounts) {
    base::Json of_account = base::Json::object();
    for (const CachedName& name : names) of_account.set(name.app.to_string(), name.name);
    document.set(account.to_string(), std::move(of_account));
  }
  return base::Json::object({{"version", 1}, {"accounts", std::move(document)}});
}

/// Lets `change` work on what is there, and writes it when that returns true.
void change(const std::filesystem::path& file, const std::function<bool(Accounts&)>& change) {
  try {
    const base::FileLock lock = base::wait_for_lock(file.string() + ".lock", kPatience);
    Accounts accounts = read(file);
    if (!change(accounts)) return;
    base::write_file_atomic(file, to_json(accounts).dump() + "\n", base::kPrivateFile);
  } catch (const Error&) {
    // A full disk must not fail a command that has done its work.
  }
}

bool same(const std::vector<CachedName>& a, const std::vector<CachedName>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& two) {
    return one.app == two.app && one.name == two.name;
  });
}

}  // namespace

NameCache::NameCache(const std::filesystem::path& state, const std::string& environment)
    : file_(state / "completion" / (environment + ".json")) {}

void NameCache::replace(const eth::Address& account, const std::vector<CachedName>& names) {
  std::vector<CachedName> kept;
  for (const CachedName& name : names) {
    if (!name.name.empty()) kept.push_back(name);
  }
  change(file_, [&](Accounts& accounts) {
    if (same(accounts[account], kept)) return false;
    accounts[account] = std::move(kept);
    return true;
  });
}

void NameCache::learn(const eth::Address& account, const CachedName& name) {
  if (name.name.empty()) return;
  change(file_, [&](Accounts& accounts) {
    std::vector<CachedName>& names = accounts[account];
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const CachedName& known) { return known.app == name.app; });
    if (found == names.end()) {
      names.push_back(name);
    } else if (found->name == name.name) {
      return false;
    } else {
      found->name = name.name;
    }
    return true;
  });
}

std::vector<CachedName> NameCache::names(const eth::Address& account) const {
  return read(file_)[account];
}

std::vector<CachedName> NameCache::all() const {
  std::vector<CachedName> out;
  for (const auto& [account, names] : read(file_))
    out.insert(out.end(), names.begin(), names.end());
  return out;
}

}  // namespace ecloud::deploy
