#include "ecloud/deploy/find_app.h"

#include <algorithm>

#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/platform/signatures.h"

namespace ecloud::deploy {
namespace {

constexpr std::uint64_t kPageSize = 100;

chain::RpcCall page_call(const Services& services, const eth::Address& account,
                         std::uint64_t offset) {
  return chain::eth_call(services.environment.app_controller,
                         platform::encode_apps_by_developer(account, offset, kPageSize));
}

bool is_gone(const platform::AppRecord& app) {
  return app.status == platform::ChainStatus::kTerminated;
}

std::string name_of(const ListedApp& app, const AppRecords& records) {
  if (app.info && app.info->profile && !app.info->profile->name.empty()) {
    return app.info->profile->name;
  }
  const auto record = records.find(app.chain.app);
  return record ? record->name : std::string();
}

Error not_found(std::string_view name) {
  return {Category::kNotFound, "app.not_found",
          "there is no app named " + base::printable_line(name),
          "see your apps: ecloud compute app list, or give the app's id"};
}

Error ambiguous(std::string_view name, const std::vector<eth::Address>& apps) {
  std::string ids;
  for (const eth::Address& app : apps) ids += (ids.empty() ? "" : ", ") + app.to_string();
  return {Category::kUsage, "app.ambiguous",
          "several apps are named " + base::printable_line(name) + ": " + ids,
          "give the id instead of the name"};
}

}  // namespace

ChainApps chain_apps(const Services& services, const eth::Address& account) {
  ChainApps out;
  std::vector<chain::RpcCall> calls = {
      chain::eth_call(services.environment.app_controller, platform::encode_version()),
      page_call(services, account, 0)};
  auto results = services.rpc.batch(calls);
  const auto data = [](const chain::RpcResult& result) {
    return chain::read_data(chain::value_or_throw(result, "eth_call"));
  };
  out.controller_version = platform::decode_text(data(results[0]));
  const auto generation = platform::generation_of(out.controller_version);
  out.apps = platform::decode_apps(generation, data(results[1]));
  for (std::size_t page = out.apps.size(); page == kPageSize;) {
    const auto more = platform::decode_apps(
        generation,
        data(services.rpc.batch({page_call(services, account, out.apps.size())}).front()));
    page = more.size();
    out.apps.insert(out.apps.end(), more.begin(), more.end());
  }
  return out;
}

AppList list_apps(const Services& services, const Signer& signer, bool all) {
  AppList out;
  const ChainApps chain = chain_apps(services, signer.address);
  std::vector<eth::Address> ids;
  for (const platform::AppRecord& app : chain.apps) {
    if (!all && is_gone(app)) continue;
    out.apps.push_back({app, {}, std::nullopt});
    ids.push_back(app.app);
  }
  const auto separator = platform::controller_domain_separator(
      chain.controller_version, services.environment.chain_id, services.environment.app_controller);
  platform::UserApi api(services.transport, services.clock, services.environment, &signer.key,
                        separator);
  try {
    std::vector<platform::AppInfo> infos = api.info(ids);
    for (std::size_t i = 0; i < infos.size(); ++i) out.apps[i].info = std::move(infos[i]);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    out.problem = error.message();
  }
  const AppRecords records(services.paths.state, services.environment.name);
  for (ListedApp& app : out.apps) app.name = name_of(app, records);
  return out;
}

eth::Address find_app(const Services& services, const Signer* signer, std::string_view id_or_name) {
  if (id_or_name.starts_with("0x")) {
    const auto id = eth::Address::parse(id_or_name);
    if (id) return *id;
    throw Error(
        Category::kUsage, "app.bad_id",
        base::printable_line(id_or_name) + " is no app id: it " + eth::Address::problem(id_or_name),
        "see your apps: ecloud compute app list");
  }
  std::vector<eth::Address> found;
  const AppRecords records(services.paths.state, services.environment.name);
  for (const AppRecord& record : records.all()) {
    const bool own = signer == nullptr || record.deployer == signer->address;
    if (own && record.name == id_or_name) found.push_back(record.app);
  }
  if (found.size() == 1) return found.front();
  if (signer == nullptr) throw found.empty() ? not_found(id_or_name) : ambiguous(id_or_name, found);

  // Names may have been given elsewhere, and used again after an app was terminated.
  const AppList list = list_apps(services, *signer, false);
  std::vector<eth::Address> alive;
  for (const ListedApp& app : list.apps) {
    if (app.name == id_or_name) alive.push_back(app.chain.app);
  }
  if (alive.size() == 1) return alive.front();
  if (alive.size() > 1) throw ambiguous(id_or_name, alive);
  if (!list.problem.empty()) {
    throw Error(Category::kNetwork, "app.unknown_name",
                "whether an app is named " + base::printable_line(id_or_name) +
                    " is unknown, because " + list.problem,
                "give the app's id, or try again in a moment");
  }
  throw not_found(id_or_name);
}

std::optional<AppRecord> last_deployment(const Services& services, const std::string& folder) {
  std::optional<AppRecord> last;
  const AppRecords records(services.paths.state, services.environment.name);
  for (AppRecord& record : records.all()) {
    if (record.folder == folder) last = std::move(record);
  }
  return last;
}

}  // namespace ecloud::deploy
