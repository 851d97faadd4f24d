#include "ecloud/deploy/app_permissions.h"

#include <algorithm>
#include <set>
#include <utility>

#include "deploy/chain_snapshot.h"
#include "deploy/release_encoding.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/controller_reads.h"

namespace ecloud::deploy {
namespace {

bool holds(const std::vector<eth::Address>& list, const eth::Address& account) {
  return std::find(list.begin(), list.end(), account) != list.end();
}

base::Bytes data_of(const chain::RpcResult& result) {
  base::Bytes out = chain::read_data(chain::value_or_throw(result, "eth_call"));
  if (out.empty()) {
    throw Error(Category::kNetwork, "chain.no_contract",
                "there is no PermissionController at the address of this environment",
                "check the environment and its RPC URL: ecloud compute environment show");
  }
  return out;
}

void read_appointees(const Services& services, const std::set<eth::Address>& accounts,
                     AppPermissions& out) {
  if (accounts.empty()) return;
  std::vector<chain::RpcCall> calls;
  for (const eth::Address& account : accounts) {
    calls.push_back(chain::eth_call(services.environment.permission_controller,
                                    platform::encode_appointee_permissions(out.app, account)));
  }
  const auto results = services.rpc.batch(calls);
  std::size_t i = 0;
  for (const eth::Address& account : accounts) {
    std::vector<platform::Permission> permissions =
        platform::decode_permissions(data_of(results[i++]));
    if (!permissions.empty()) out.appointees.push_back({account, std::move(permissions)});
  }
}

}  // namespace

bool AppPermissions::is_admin(const eth::Address& account) const {
  return holds(admins, account);
}

bool AppPermissions::is_pending(const eth::Address& account) const {
  return holds(pending_admins, account);
}

const Appointee* AppPermissions::find(const eth::Address& account) const {
  const auto found = std::find_if(appointees.begin(), appointees.end(),
                                  [&](const Appointee& one) { return one.account == account; });
  return found == appointees.end() ? nullptr : &*found;
}

AppPermissions read_permissions(const Services& services, const eth::Address& app,
                                const std::vector<eth::Address>& accounts) {
  const platform::Environment& environment = services.environment;
  const auto ask = [&](const base::Bytes& data) {
    return chain::eth_call(environment.permission_controller, data);
  };
  std::vector<chain::RpcCall> calls = {
      chain::eth_call(environment.app_controller, platform::encode_version()),
      chain::eth_call(environment.app_controller, platform::encode_app_creator(app)),
      ask(platform::encode_admins(app)),
      ask(platform::encode_pending_admins(app)),
      chain::eth_call(environment.app_controller, platform::encode_app_status(app)),
  };
  const std::size_t first = calls.size();
  for (const platform::NamedPermission& one : platform::named_permissions(environment)) {
    calls.push_back(ask(platform::encode_appointees(app, one.permission)));
  }
  const auto results = services.rpc.batch(calls);
  AppPermissions out;
  out.app = app;
  out.controller_version = deploy::controller_version(services, results[0]);
  out.generation = release_generation(services, out.controller_version);
  out.creator = platform::decode_address(data_of(results[1]));
  if (out.creator.is_zero()) {
    throw Error(
        Category::kNotFound, "app.not_found",
        "there is no app " + app.to_string() + " on " + platform::chain_name(environment.chain_id),
        "see your apps: ecloud compute app list, or check --environment");
  }
  out.admins = platform::decode_addresses(data_of(results[2]));
  out.pending_admins = platform::decode_addresses(data_of(results[3]));
  const eth::U256 status = platform::decode_number(data_of(results[4]));
  if (status <= eth::U256(5)) out.status = static_cast<platform::ChainStatus>(status.to_u64());
  std::set<eth::Address> known(accounts.begin(), accounts.end());
  for (std::size_t i = first; i < results.size(); ++i) {
    for (const eth::Address& one : platform::decode_addresses(data_of(results[i]))) {
      known.insert(one);
    }
  }
  read_appointees(services, known, out);
  return out;
}

}  // namespace ecloud::deploy
