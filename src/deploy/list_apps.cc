#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/deploy/name_cache.h"
#include "ecloud/platform/signatures.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kBlocksInBatch = 100;

/// What the platform says of each app, in groups.
class States {
 public:
  States(platform::UserApi& api, AppList& list) : api_(api), list_(list) {}

  void ask() {
    std::vector<std::function<void()>> tasks;
    for (std::size_t first = 0; first < list_.apps.size(); first += platform::kMaxAppsPerRequest) {
      const std::size_t end = std::min(first + platform::kMaxAppsPerRequest, list_.apps.size());
      tasks.emplace_back([this, first, end] { ask_group(first, end); });
    }
    base::run_concurrently(std::move(tasks), platform::kMaxRequestsAtOnce);
  }

 private:
  void ask_group(std::size_t first, std::size_t end) {
    if (down_) return;
    std::vector<eth::Address> ids;
    for (std::size_t i = first; i < end; ++i) ids.push_back(list_.apps[i].chain.app);
    try {
      std::vector<platform::AppInfo> infos = api_.info(ids);
      for (std::size_t i = first; i < end; ++i) list_.apps[i].info = std::move(infos[i - first]);
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
      const bool about_one =
          error.category() == Category::kNotFound || error.category() == Category::kCredentials;
      if (about_one && end - first > 1) {
        for (std::size_t i = first; i < end; ++i) ask_group(i, i + 1);
        return;
      }
      if (!about_one) down_ = true;
      const std::lock_guard lock(mutex_);
      if (list_.problem.empty()) list_.problem = error.message();
    }
  }

  platform::UserApi& api_;
  AppList& list_;
  std::atomic<bool> down_{false};
  std::mutex mutex_;
};

/// Times of the blocks that hold the latest releases. Nobody fails for want of them.
std::map<std::uint64_t, std::int64_t> block_times(const Services& services,
                                                  const std::set<std::uint64_t>& blocks) {
  std::map<std::uint64_t, std::int64_t> out;
  const std::vector<std::uint64_t> numbers(blocks.begin(), blocks.end());
  try {
    for (std::size_t first = 0; first < numbers.size(); first += kBlocksInBatch) {
      const std::size_t end = std::min(first + kBlocksInBatch, numbers.size());
      std::vector<chain::RpcCall> calls;
      for (std::size_t i = first; i < end; ++i) calls.push_back(chain::block_by_number(numbers[i]));
      const auto results = services.rpc.batch(calls);
      for (std::size_t i = first; i < end; ++i) {
        const base::Json& value = chain::value_or_throw(results[i - first], "eth_getBlockByNumber");
        if (value.is_object()) {
          out[numbers[i]] = static_cast<std::int64_t>(chain::read_block_header(value).timestamp);
        }
      }
    }
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
  }
  return out;
}

void fill_release_times(const Services& services, AppList& list) {
  std::set<std::uint64_t> blocks;
  for (const ListedApp& app : list.apps) blocks.insert(app.chain.latest_release_block);
  blocks.erase(0);
  const auto times = block_times(services, blocks);
  for (ListedApp& app : list.apps) {
    const auto found = times.find(app.chain.latest_release_block);
    if (found != times.end()) app.released_at = found->second;
  }
}

void fill_names(const Services& services, AppList& list) {
  const AppRecords records(services.paths.state, services.environment.name);
  for (ListedApp& app : list.apps) {
    const auto record = records.find(app.chain.app);
    if (record) app.created_at = record->created_at;
    const bool named = app.info && app.info->profile && !app.info->profile->name.empty();
    app.name = named ? app.info->profile->name : record ? record->name : std::string();
  }
}

void remember_names(const Services& services, const Signer& signer, const AppList& list) {
  std::vector<CachedName> names;
  for (const ListedApp& app : list.apps) {
    if (!app.is_gone()) names.push_back({app.chain.app, app.name});
  }
  NameCache(services.paths.state, services.environment.name).replace(signer.address, names);
}

}  // namespace

AppList list_apps(const Services& services, const Signer& signer, const ListOptions& options) {
  AppList out;
  ChainApps chain = chain_apps(services, signer.address);
  out.controller_version = std::move(chain.controller_version);
  out.incomplete = std::move(chain.incomplete);
  for (const platform::AppRecord& app : chain.apps) {
    ListedApp listed;
    listed.chain = app;
    if (options.all || !listed.is_gone()) out.apps.push_back(std::move(listed));
  }
  const auto separator = platform::controller_domain_separator(
      out.controller_version, services.environment.chain_id, services.environment.app_controller);
  platform::UserApi api(services.transport, services.clock, services.environment, &signer.key,
                        separator);
  AppList times = out;
  std::vector<std::function<void()>> tasks = {[&] { States(api, out).ask(); }};
  if (options.release_times) tasks.emplace_back([&] { fill_release_times(services, times); });
  base::run_concurrently(std::move(tasks));
  for (std::size_t i = 0; i < out.apps.size(); ++i) {
    out.apps[i].released_at = times.apps[i].released_at;
  }
  fill_names(services, out);
  if (out.problem.empty()) remember_names(services, signer, out);
  return out;
}

}  // namespace ecloud::deploy
