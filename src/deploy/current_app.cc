#include "deploy/current_app.h"

#include <utility>

#include "deploy/app_status.h"
#include "deploy/chain_snapshot.h"
#include "deploy/release_facts.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::deploy {
namespace {

void read_release(const Services& services, const eth::Address& app, std::uint64_t block,
                  CurrentApp& out) {
  const platform::Environment& environment = services.environment;
  try {
    const auto results = services.rpc.batch({chain::get_logs(
        environment.app_controller, block, {std::nullopt, platform::topic_of_address(app)})});
    out.release = platform::find_app_upgraded(
        chain::read_logs(chain::value_or_throw(results.front(), "eth_getLogs")),
        environment.app_controller, app);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    services.observer.warning("the release that runs could not be read: " + error.message());
  }
  if (!out.release) return;
  if (!out.release->artifacts.empty()) {
    out.image_name = base::printable_line(out.release->artifacts.front().registry);
    out.image_digest = "sha256:" + base::to_hex(out.release->artifacts.front().digest);
  }
  PublicEnvironment public_environment = read_public_environment(out.release->public_env);
  out.instance_type = std::move(public_environment.instance_type);
  out.public_variables = std::move(public_environment.variables);
  out.may_hold_mnemonic = may_hold_mnemonic(out.release->encrypted_env);
  try {
    out.wallet = read_release_wallet(out.release->encrypted_env, app);
  } catch (const Error& error) {
    out.wallet_problem = error;
  }
}

}  // namespace

CurrentApp read_current_app(const Services& services, const eth::Address& account,
                            const eth::Address& app) {
  const AppSnapshot chain = read_app(services, account, app);
  require_exists(services, app, chain);
  require_allowed(app, chain.status, platform::AppChange::kUpgrade, chain.controller_version);
  return current_app_of(services, app, chain);
}

std::map<std::string, std::string> public_variables_of(const platform::Release& release) {
  return read_public_environment(release.public_env).variables;
}

CurrentApp current_app_of(const Services& services, const eth::Address& app,
                          const AppSnapshot& chain) {
  CurrentApp out;
  out.status = chain.status;
  out.creator = chain.creator;
  out.pending_release_block = chain.pending_release_block;
  out.logs_are_public = chain.logs_are_public;
  out.billing_account = chain.billing_account;
  // What was upgraded last, also where the platform has not confirmed it yet.
  out.release_block = chain.pending_release_block.value_or(chain.latest_release_block);
  if (out.release_block > 0) read_release(services, app, out.release_block, out);
  return out;
}

}  // namespace ecloud::deploy
