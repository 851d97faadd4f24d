#include <optional>

#include "ecloud/base/error.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/app_permissions.h"

namespace ecloud::deploy {
namespace {

bool said(const chain::RpcResult& result) {
  return platform::decode_boolean(chain::read_data(chain::value_or_throw(result, "eth_call")));
}

chain::RpcCall question(const Services& services, const eth::Address& account,
                        const eth::Address& app, const NeededPermission& needed) {
  return chain::eth_call(services.environment.permission_controller,
                         needed.admin
                             ? platform::encode_is_admin(app, account)
                             : platform::encode_can_call(app, account, needed.permission.target,
                                                         needed.permission.selector));
}

/// The first one that the account lacks; nothing when none, or when the chain does not say.
std::optional<NeededPermission> missing_one(const Services& services, const eth::Address& account,
                                            const eth::Address& app,
                                            const std::vector<NeededPermission>& needed) {
  std::vector<chain::RpcCall> calls;
  for (const NeededPermission& one : needed) {
    calls.push_back(question(services, account, app, one));
  }
  try {
    const auto results = services.rpc.batch(calls);
    for (std::size_t i = 0; i < needed.size(); ++i) {
      if (!said(results[i])) return needed[i];
    }
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
  }
  return std::nullopt;
}

/// "the admins of the app are 0x… and 0x…"; empty when the chain does not say.
std::string admins_in_words(const Services& services, const eth::Address& app) {
  try {
    const auto results = services.rpc.batch({chain::eth_call(
        services.environment.permission_controller, platform::encode_admins(app))});
    std::string out;
    for (const eth::Address& admin : platform::decode_addresses(
             chain::read_data(chain::value_or_throw(results.front(), "eth_call")))) {
      out += (out.empty() ? "" : ", ") + admin.to_string();
    }
    return out;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return {};
  }
}

}  // namespace

Error not_permitted(const Services& services, const eth::Address& account, const eth::Address& app,
                    const NeededPermission& needed) {
  const std::string admins = admins_in_words(services, app);
  const std::string who =
      admins.empty() ? "an admin of the app" : "an admin of the app (" + admins + ")";
  const std::string grant = "ecloud compute app permissions grant " + app.to_string() + " " +
                            account.to_string() +
                            (needed.admin ? " --admin" : " --allow " + needed.name);
  return {Category::kCredentials, "app.not_permitted",
          "account " + account.to_string() + " may not " + needed.action +
              (needed.admin ? ": only an admin of the app may"
                            : ": it is no admin of the app, and the permission " + needed.name +
                                  " was not granted to it"),
          who + " can do it, or grant it: " + grant +
              "\nsee who may do what: ecloud compute app permissions list " + app.to_string()};
}

TransactionPlan plan_permitted(const Services& services, const eth::Address& account,
                               const eth::Address& app,
                               const std::function<std::vector<NeededPermission>()>& needed,
                               const std::function<TransactionPlan()>& plan) {
  try {
    return plan();
  } catch (const Error& error) {
    if (error.code() != "chain.would_revert") throw;
    const auto missing = missing_one(services, account, app, needed());
    if (!missing) throw;
    throw not_permitted(services, account, app, *missing);
  }
}

void require_permission(const Services& services, const eth::Address& account,
                        const eth::Address& app, const NeededPermission& needed) {
  const auto results = services.rpc.batch(
      {chain::eth_call(services.environment.app_controller, platform::encode_app_creator(app)),
       question(services, account, app, needed)});
  const eth::Address creator =
      platform::decode_address(chain::read_data(chain::value_or_throw(results[0], "eth_call")));
  if (creator != account && !said(results[1])) throw not_permitted(services, account, app, needed);
}

}  // namespace ecloud::deploy
