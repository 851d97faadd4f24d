#include "cli/commands/app/app_facts.h"
#include "cli/commands/app/app_view.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

base::Json wallet_document(const AppFacts& facts) {
  if (!facts.stored_wallet) return {};
  return base::Json::object(
      {{"evmAddress", facts.stored_wallet->evm}, {"solanaAddress", facts.stored_wallet->solana}});
}

void add_addresses(Pairs& pairs, const char* label,
                   const std::vector<platform::DerivedAddress>& addresses, std::size_t most) {
  for (std::size_t i = 0; i < addresses.size() && i < most; ++i) {
    pairs.emplace_back(label, addresses[i].address + " (" + addresses[i].derivation_path + ")");
  }
}

void add_release(Pairs& pairs, const AppFacts& facts, const Terminal& terminal, std::int64_t now) {
  const auto& release = facts.release;
  if (release) {
    pairs.emplace_back("Image", show_image(release->registry_url, release->image_digest));
    pairs.emplace_back("Released", show_server_time(terminal, release->created_at, now));
  }
  const std::uint64_t block = facts.chain.latest_release_block;
  pairs.emplace_back("Release block", block > 0 ? std::to_string(block) : "none yet");
  if (facts.chain.pending_release_block) {
    pairs.emplace_back("Upgrade pending",
                       "block " + std::to_string(*facts.chain.pending_release_block));
  }
  if (!release) return;
  pairs.emplace_back("Public variables", base::join(variable_names(*release), ", "));
  pairs.emplace_back("Build", show_build(release->build));
}

/// The wallet in force; both when `shown` says so.
void add_wallets(Pairs& pairs, const AppFacts& facts, const ShownWallets& shown) {
  if (facts.changed_elsewhere()) {
    pairs.emplace_back("Wallet", "unknown: upgraded from another machine since");
  } else if (facts.record) {
    pairs.emplace_back("Wallet", std::string(deploy::to_string(facts.record->wallet)));
  } else if (!facts.stored_wallet && facts.stated_wallet) {
    pairs.emplace_back("Wallet", std::string(deploy::to_string(*facts.stated_wallet)) +
                                     ", says its release; see ecloud compute app wallet show " +
                                     facts.app.to_string());
  } else if (!facts.stored_wallet) {
    pairs.emplace_back("Wallet",
                       "not known on this machine, the addresses are the KMS's; see "
                       "ecloud compute app wallet show " +
                           facts.app.to_string());
  }
  if (facts.stored_wallet) {
    pairs.emplace_back("EVM Address", facts.stored_wallet->evm);
    pairs.emplace_back("Solana Address", facts.stored_wallet->solana);
  }
  if (!facts.info || !facts.info->addresses) return;
  const bool is_kms =
      facts.stated_wallet.value_or(deploy::WalletSource::kKms) == deploy::WalletSource::kKms;
  const bool in_force = !facts.stored_wallet && !facts.changed_elsewhere() && is_kms;
  if (!in_force && !facts.changed_elsewhere() && !shown.all) return;
  add_addresses(pairs, in_force ? "EVM Address" : "KMS EVM address", facts.info->addresses->evm,
                shown.addresses);
  add_addresses(pairs, in_force ? "Solana Address" : "KMS Solana address",
                facts.info->addresses->solana, shown.addresses);
}

bool pays_for_itself(const AppFacts& facts) {
  return facts.chain.billing_account == facts.app;
}

}  // namespace

base::Json facts_document(const AppFacts& facts, const platform::Environment& environment,
                          std::size_t addresses) {
  const auto& release = facts.release;
  const auto& info = facts.info;
  return base::Json::object({
      {"appId", facts.app.to_string()},
      {"name", text_or_null(facts.name())},
      {"deployedAs", facts.record ? text_or_null(facts.record->name) : base::Json()},
      {"environment", environment.name},
      {"status", info ? text_or_null(info->state_word) : base::Json()},
      {"chainStatus", platform::to_string(facts.chain.status)},
      {"ip", info ? text_or_null(info->ip) : base::Json()},
      {"instanceType", info ? text_or_null(info->machine_type) : base::Json()},
      {"creator", facts.chain.creator.to_string()},
      {"billingAccount", facts.chain.billing_account.to_string()},
      {"billTo", pays_for_itself(facts) ? "app" : "account"},
      {"imageDigest", release ? text_or_null(release->image_digest) : base::Json()},
      {"registry", release ? text_or_null(release->registry_url) : base::Json()},
      {"releasedAt", release ? text_or_null(release->created_at) : base::Json()},
      {"publicVariables", release ? base::Json::strings(variable_names(*release)) : base::Json()},
      {"build", release ? build_document(release->build) : base::Json()},
      {"latestReleaseBlock", facts.chain.latest_release_block},
      {"pendingReleaseBlock", number_or_null(facts.chain.pending_release_block)},
      {"wallet", facts.record && !facts.changed_elsewhere()
                     ? base::Json(deploy::to_string(facts.record->wallet))
                     : base::Json()},
      {"storedWallet", wallet_document(facts)},
      {"kmsAddresses", info ? addresses_document(*info, addresses) : base::Json()},
      {"profile", info ? profile_document(info->profile) : base::Json()},
      {"metrics", info ? metrics_document(info->metrics) : base::Json()},
      {"dashboardUrl", environment.dashboard_page(facts.app)},
  });
}

Pairs facts_pairs(const AppFacts& facts, const platform::Environment& environment,
                  const Terminal& terminal, const ShownWallets& wallets, std::int64_t now) {
  const platform::AppInfo none;
  const platform::AppInfo& info = facts.info ? *facts.info : none;
  const std::string name = facts.name();
  Pairs pairs = {{"App ID", facts.app.to_string()}, {"Name", name}};
  if (facts.record && facts.record->name != name) {
    pairs.emplace_back("Deployed as", facts.record->name);
  }
  pairs.emplace_back("Environment", environment.name);
  pairs.emplace_back("Status", info.state_word.empty() ? "unknown" : info.state_word);
  pairs.emplace_back("On chain", facts.chain.status == platform::ChainStatus::kNone
                                     ? "none (the contract does not know the app's status)"
                                     : std::string(platform::to_string(facts.chain.status)));
  pairs.emplace_back("IP", facts.info ? info.ip.value_or("none assigned") : "");
  pairs.emplace_back("Instance", info.machine_type);
  pairs.emplace_back("Creator", facts.chain.creator.to_string());
  pairs.emplace_back("Billed to", pays_for_itself(facts) ? "the app itself" : "its creator");
  add_release(pairs, facts, terminal, now);
  if (info.profile) {
    pairs.emplace_back("Website", info.profile->website);
    pairs.emplace_back("Description", info.profile->description);
    pairs.emplace_back("X", info.profile->x_url);
  }
  pairs.emplace_back("CPU", show_percent(info.metrics.cpu_percent));
  pairs.emplace_back("Memory", show_memory(info.metrics));
  add_wallets(pairs, facts, wallets);
  pairs.emplace_back("Dashboard", environment.dashboard_page(facts.app));
  return pairs;
}

std::vector<JsonField> facts_fields() {
  return {
      {"appId", "id of the app"},
      {"name", "profile name, else the name it was deployed with, or null"},
      {"deployedAs", "the name it was deployed with from this machine, or null"},
      {"environment", "name of the environment"},
      {"status", "run state; null when the platform did not say"},
      {"chainStatus",
       "created, started, stopped, terminated or suspended; none when the contract does not know"},
      {"ip", "address of the machine, or null"},
      {"instanceType", "machine, or null"},
      {"creator", "account that deployed it"},
      {"billingAccount", "who pays for it: the creator, or the app itself"},
      {"billTo", "account or app"},
      {"imageDigest", "sha256:… of the latest release, or null"},
      {"registry", "image name of the latest release, or null"},
      {"releasedAt", "time of the latest release as the platform says, or null"},
      {"publicVariables", "names of the latest release's public variables, or null"},
      {"build",
       "id, status, repository, commit, imageDigest, provenance of the latest "
       "release's verifiable build, or null"},
      {"latestReleaseBlock", "block of the latest release"},
      {"pendingReleaseBlock", "block of an upgrade that the platform has not taken yet, or null"},
      {"wallet", "generated, kms or env when its last release is from this machine, or null"},
      {"storedWallet", "evmAddress, solanaAddress of the wallet made here, or null"},
      {"kmsAddresses", "verified, namesApp, evm and solana lists, or null"},
      {"profile", "name, website, description, xUrl, imageUrl, or null"},
      {"metrics", "cpuPercent, memoryPercent, memoryUsedBytes, memoryTotalBytes, or null"},
      {"dashboardUrl", "page of the app"}};
}

}  // namespace ecloud::cli
