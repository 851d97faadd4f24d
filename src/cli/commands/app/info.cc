#include <functional>

#include "cli/commands/app/app_view.h"
#include "cli/commands/app/commands.h"
#include "cli/workflow.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/platform/controller.h"

namespace ecloud::cli {
namespace {

/// What chain, platform and this machine say of one app.
struct AppFacts {
  platform::ChainStatus chain_status = platform::ChainStatus::kNone;
  eth::Address creator;
  std::uint64_t latest_release_block = 0;
  platform::AppInfo info;
  std::optional<platform::ReleaseRecord> release;
  std::optional<deploy::AppRecord> record;
  std::optional<deploy::WalletAddresses> stored_wallet;
};

void ask_chain(Workflow& workflow, const eth::Address& app, AppFacts& facts) {
  const deploy::Services& services = workflow.services();
  const auto view = [&](const base::Bytes& data) {
    return chain::eth_call(services.environment.app_controller, data);
  };
  const auto results = services.rpc.batch({view(platform::encode_app_status(app)),
                                           view(platform::encode_app_creator(app)),
                                           view(platform::encode_latest_release_block(app))});
  const auto data = [&](std::size_t i) {
    return chain::read_data(chain::value_or_throw(results[i], "eth_call"));
  };
  const std::uint64_t status = platform::decode_number(data(0)).to_u64();
  facts.chain_status =
      status <= 5 ? static_cast<platform::ChainStatus>(status) : platform::ChainStatus::kNone;
  facts.creator = platform::decode_address(data(1));
  facts.latest_release_block = platform::decode_number(data(2)).to_u64();
  if (facts.creator.is_zero()) {
    throw Error(Category::kNotFound, "app.not_found",
                "there is no app " + app.to_string() + " on " +
                    platform::chain_name(services.environment.chain_id),
                "see your apps: ecloud compute app list, or check --environment");
  }
}

/// The release list is the indexer's, which may lag; its failing takes nothing else away.
void ask_release(Workflow& workflow, const eth::Address& app, AppFacts& facts) {
  try {
    const platform::AppDetails details = workflow.user_api(false).details(app);
    if (!details.releases.empty()) facts.release = details.releases.front();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    workflow.warning("the app's release is not shown: " + error.message());
  }
}

AppFacts collect(Workflow& workflow, const eth::Address& app) {
  AppFacts facts;
  const deploy::Signer& signer = workflow.signer();
  platform::UserApi api = workflow.user_api(true);
  base::run_concurrently({
      [&] { ask_chain(workflow, app, facts); },
      [&] { facts.info = api.info({app}).front(); },
      [&] { ask_release(workflow, app, facts); },
  });
  const deploy::Services& services = workflow.services();
  facts.record = deploy::AppRecords(services.paths.state, services.environment.name).find(app);
  try {
    const auto words =
        deploy::WalletStore(services.paths.state, services.environment.name).load(signer, app);
    if (words) facts.stored_wallet = deploy::wallet_addresses(*words);
  } catch (const Error& error) {
    workflow.warning(error.message());
  }
  return facts;
}

std::string name_of(const AppFacts& facts) {
  if (facts.info.profile && !facts.info.profile->name.empty()) return facts.info.profile->name;
  return facts.record ? facts.record->name : std::string();
}

base::Json wallet_document(const AppFacts& facts) {
  if (!facts.stored_wallet) return {};
  return base::Json::object(
      {{"evmAddress", facts.stored_wallet->evm}, {"solanaAddress", facts.stored_wallet->solana}});
}

base::Json document_of(const AppFacts& facts, const eth::Address& app,
                       const platform::Environment& environment, std::size_t addresses) {
  const auto& release = facts.release;
  return base::Json::object({
      {"appId", app.to_string()},
      {"name", text_or_null(name_of(facts))},
      {"environment", environment.name},
      {"status", facts.info.state_word},
      {"chainStatus", platform::to_string(facts.chain_status)},
      {"ip", text_or_null(facts.info.ip)},
      {"instanceType", text_or_null(facts.info.machine_type)},
      {"creator", facts.creator.to_string()},
      {"imageDigest", release ? base::Json(release->image_digest) : base::Json()},
      {"registry", release ? base::Json(release->registry_url) : base::Json()},
      {"latestReleaseBlock", facts.latest_release_block},
      {"storedWallet", wallet_document(facts)},
      {"kmsAddresses", addresses_document(facts.info, addresses)},
      {"profile", profile_document(facts.info.profile)},
      {"metrics", metrics_document(facts.info.metrics)},
      {"dashboardUrl", environment.dashboard_page(app)},
  });
}

void add_addresses(Pairs& pairs, const char* label,
                   const std::vector<platform::DerivedAddress>& addresses, std::size_t most) {
  for (std::size_t i = 0; i < addresses.size() && i < most; ++i) {
    pairs.emplace_back(label, addresses[i].address + " (" + addresses[i].derivation_path + ")");
  }
}

Pairs pairs_of(const AppFacts& facts, const eth::Address& app,
               const platform::Environment& environment, std::size_t addresses) {
  const platform::AppMetrics& metrics = facts.info.metrics;
  Pairs pairs = {
      {"App", app.to_string()},
      {"Name", name_of(facts)},
      {"Environment", environment.name},
      {"Status", facts.info.state_word},
      {"On chain", std::string(platform::to_string(facts.chain_status))},
      {"IP", facts.info.ip.value_or("none assigned")},
      {"Instance", facts.info.machine_type},
      {"Creator", facts.creator.to_string()},
      {"Image", facts.release ? facts.release->registry_url + "@" + facts.release->image_digest
                              : std::string()},
      {"Release block", std::to_string(facts.latest_release_block)},
      {"CPU", show_percent(metrics.cpu_percent)},
      {"Memory", show_bytes(metrics.memory_used_bytes)},
  };
  if (facts.stored_wallet) {
    pairs.emplace_back("Wallet (EVM)", facts.stored_wallet->evm);
    pairs.emplace_back("Wallet (Solana)", facts.stored_wallet->solana);
  }
  if (facts.info.addresses) {
    add_addresses(pairs, "KMS wallet (EVM)", facts.info.addresses->evm, addresses);
    add_addresses(pairs, "KMS wallet (Solana)", facts.info.addresses->solana, addresses);
  }
  pairs.emplace_back("Dashboard", environment.dashboard_page(app));
  return pairs;
}

void run_info(Context& context, const Values& values) {
  const std::uint64_t addresses = *values.number("address-count");
  if (addresses < 1 || addresses > 5) {
    throw Error(Category::kUsage, "cli.bad_value",
                "--address-count takes a number from 1 to 5, not " + std::to_string(addresses),
                "the platform derives up to five addresses of each kind");
  }
  Workflow workflow(context);
  workflow.signer();
  const eth::Address app = workflow.app(values);
  const AppFacts facts = collect(workflow, app);
  const platform::Environment& environment = context.environment();
  context.output().result(document_of(facts, app, environment, addresses), [&] {
    context.output().pairs(pairs_of(facts, app, environment, addresses));
  });
  if (facts.info.addresses_problem) {
    throw Error(Category::kVerification, "kms.signature", *facts.info.addresses_problem,
                "do not send anything to addresses that this server names");
  }
}

}  // namespace

Command make_app_info_command() {
  Command command;
  command.name = "info";
  command.summary = "Show an app: state, address, image, wallet";
  command.description =
      "Shows what the chain, the platform and this machine know of an app. Wallet addresses that "
      "come from the platform are shown only when the KMS signed them for this app; otherwise the "
      "exit code is 9. \"Wallet\" is the one that this machine made for the app, \"KMS wallet\" "
      "the "
      "one that the platform derives for apps that bring none.";
  command.positionals = {app_positional()};
  command.options = {{.name = "address-count",
                      .kind = Kind::kNumber,
                      .value_name = "N",
                      .help = "How many addresses of each kind to show, at most 5",
                      .default_text = "1"}};
  command.examples = {{"An app by name", "ecloud compute app info my-app"},
                      {"Its IP address alone", "ecloud compute app info my-app --fields ip"}};
  command.json_fields = {
      {"appId", "id of the app"},
      {"name", "profile name, else the name it was deployed with, or null"},
      {"environment", "name of the environment"},
      {"status", "run state"},
      {"chainStatus", "created, started, stopped, terminated or suspended"},
      {"ip", "address of the machine, or null"},
      {"instanceType", "machine, or null"},
      {"creator", "account that deployed it"},
      {"imageDigest", "sha256:… of the latest release, or null"},
      {"registry", "image name of the latest release, or null"},
      {"latestReleaseBlock", "block of the latest release"},
      {"storedWallet", "evmAddress, solanaAddress of the wallet made here, or null"},
      {"kmsAddresses", "verified, namesApp, evm and solana lists, or null"},
      {"profile", "name, website, description, xUrl, imageUrl, or null"},
      {"metrics", "cpuPercent, memoryPercent, memoryUsedBytes, memoryTotalBytes"},
      {"dashboardUrl", "page of the app"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork,
                        Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_info;
  return command;
}

}  // namespace ecloud::cli
