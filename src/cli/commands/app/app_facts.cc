#include "cli/commands/app/app_facts.h"

#include <algorithm>

#include "ecloud/base/concurrent.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/deploy/upgrade_app.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

void ask_platform(platform::UserApi& api, AppFacts& facts) {
  try {
    facts.info = api.info({facts.app}).front();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    facts.info_problem = error;
  }
}

/// The release list is the indexer's, which may lag; its failing takes nothing else away.
platform::AppDetails ask_releases(platform::UserApi& api, AppFacts& facts) {
  try {
    return api.details(facts.app);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    facts.release_problem = "the app's release is not shown: " + error.message();
  }
  return {};
}

void choose_release(const platform::AppDetails& details, AppFacts& facts) {
  const auto& releases = details.releases;
  const std::uint64_t wanted = facts.chain.latest_release_block;
  const auto latest = std::find_if(
      releases.begin(), releases.end(),
      [&](const platform::ReleaseRecord& release) { return release.created_at_block == wanted; });
  if (latest != releases.end()) {
    facts.release = *latest;
  } else if (!releases.empty() && wanted == 0) {
    facts.release = releases.front();
    facts.release_problem = "no release of the app is in force yet; the one that waits is shown";
  } else if (!releases.empty()) {
    facts.release = releases.front();
    facts.release_problem =
        releases.front().created_at_block
            ? "the platform has not listed the release of block " + std::to_string(wanted) +
                  " yet; an older one is shown"
            : "the platform's list does not say in which block a release was made; its first one "
              "is shown";
  } else if (details.unreadable_releases > 0) {
    facts.release_problem = "the app's release is not shown: the platform's list cannot be read";
  } else if (facts.release_problem.empty() && wanted > 0) {
    facts.release_problem =
        "the platform has not listed the release of block " + std::to_string(wanted) + " yet";
  }
}

void look_here(Workflow& workflow, AppFacts& facts) {
  const deploy::Services& services = workflow.services();
  facts.record =
      deploy::AppRecords(services.paths.state, services.environment.name).find(facts.app);
  try {
    const auto words = deploy::WalletStore(services.paths.state, services.environment.name)
                           .load(workflow.signer(), facts.app);
    if (words) facts.stored_wallet = deploy::wallet_addresses(*words);
  } catch (const Error& error) {
    facts.wallet_problem = error.message();
  }
}

/// A terminated app takes no release, and has none to read.
void read_stated_wallet(Workflow& workflow, AppFacts& facts) {
  try {
    const auto current =
        deploy::read_current_app(workflow.services(), workflow.signer().address, facts.app);
    if (current.wallet) facts.stated_wallet = current.wallet->source;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
  }
}

Error not_noticed(const eth::Address& app, const Error& answer) {
  return {Category::kPending, "app.not_noticed",
          "app " + app.to_string() +
              " is on chain, and the platform does not know it yet: " + answer.message(),
          "wait for it: ecloud compute app status " + app.to_string() + " --wait"};
}

}  // namespace

ChainFacts ask_chain(const deploy::Services& services, const eth::Address& app) {
  const auto view = [&](const base::Bytes& data) {
    return chain::eth_call(services.environment.app_controller, data);
  };
  const auto results = services.rpc.batch(
      {view(platform::encode_app_status(app)), view(platform::encode_app_creator(app)),
       view(platform::encode_latest_release_block(app)),
       view(platform::encode_pending_release_block(app)), view(platform::encode_version()),
       view(platform::encode_billing_account(app))});
  deploy::controller_version(services, results[4]);
  const auto data = [&](std::size_t i) { return deploy::controller_data(services, results[i]); };
  ChainFacts facts;
  const eth::U256 status = platform::decode_number(data(0));
  if (status <= eth::U256(5)) facts.status = static_cast<platform::ChainStatus>(status.to_u64());
  facts.creator = platform::decode_address(data(1));
  facts.latest_release_block = platform::decode_number(data(2)).to_u64();
  facts.billing_account = facts.creator;
  // The older contracts have none of these functions and revert.
  if (std::holds_alternative<base::Json>(results[5])) {
    const eth::Address payer = platform::decode_address(data(5));
    if (!payer.is_zero()) facts.billing_account = payer;
  }
  if (std::holds_alternative<base::Json>(results[3])) {
    const std::uint64_t pending = platform::decode_number(data(3)).to_u64();
    if (pending > 0) facts.pending_release_block = pending;
  }
  if (facts.creator.is_zero()) {
    throw Error(Category::kNotFound, "app.not_found",
                "there is no app " + app.to_string() + " on " +
                    platform::chain_name(services.environment.chain_id),
                "see your apps: ecloud compute app list, or check --environment");
  }
  return facts;
}

void require_on_chain(const deploy::Services& services, const eth::Address& app) {
  try {
    ask_chain(services, app);
  } catch (const Error& error) {
    const bool matters =
        error.category() == Category::kNotFound || error.category() == Category::kInterrupted;
    if (matters) throw;
  }
}

bool AppFacts::changed_elsewhere() const {
  return record &&
         record->is_outdated(chain.pending_release_block.value_or(chain.latest_release_block));
}

std::string AppFacts::name() const {
  if (info && info->profile && !info->profile->name.empty()) return info->profile->name;
  return record ? record->name : std::string();
}

AppFacts collect_facts(Workflow& workflow, platform::UserApi& api, const eth::Address& app) {
  AppFacts facts;
  facts.app = app;
  platform::AppDetails releases;
  base::run_concurrently({
      [&] { facts.chain = ask_chain(workflow.services(), app); },
      [&] { ask_platform(api, facts); },
      [&] { releases = ask_releases(api, facts); },
  });
  if (facts.info_problem && facts.info_problem->category() == Category::kNotFound) {
    facts.info_problem = not_noticed(app, *facts.info_problem);
  }
  choose_release(releases, facts);
  look_here(workflow, facts);
  const bool is_known_here = facts.record && !facts.changed_elsewhere();
  if (!is_known_here && !facts.stored_wallet) read_stated_wallet(workflow, facts);
  return facts;
}

Error unknown_to_platform(const deploy::Services& services, const eth::Address& app,
                          const Error& answer) {
  try {
    ask_chain(services, app);
  } catch (const Error& error) {
    return error;
  }
  return not_noticed(app, answer);
}

}  // namespace ecloud::cli
