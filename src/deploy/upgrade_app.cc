#include "ecloud/deploy/upgrade_app.h"

#include <algorithm>
#include <utility>

#include "deploy/chain_snapshot.h"
#include "deploy/current_app.h"
#include "deploy/expected_effects.h"
#include "deploy/plan_transaction.h"
#include "deploy/release_checks.h"
#include "deploy/release_encoding.h"
#include "deploy/release_entries.h"
#include "deploy/send_transaction.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/deploy/app_permissions.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/deploy/project_lock.h"

namespace ecloud::deploy {
namespace {

/// The image that runs, by digest.
oci::Reference current_image(const CurrentApp& current) {
  if (current.image_name.empty()) {
    throw Error(Category::kUsage, "upgrade.unknown_image",
                "no image was given, and the node does not say which one the app runs",
                "give the image: --image-ref REF, or try another node: --rpc-url URL");
  }
  return oci::Reference::parse(current.image_name + "@" + current.image_digest);
}

std::string instance_type_for(const UpgradeRequest& request, const CurrentApp& current) {
  if (request.instance_type) return *request.instance_type;
  if (!current.instance_type.empty()) return current.instance_type;
  throw Error(Category::kUsage, "upgrade.unknown_instance_type",
              "no instance type was given, and the node does not say which one the app has",
              "give it: --instance-type TYPE, or try another node: --rpc-url URL");
}

/// What will hold afterwards.
LogVisibility visibility_for(const UpgradeRequest& request, const CurrentApp& current,
                             const oci::ResolvedImage& image) {
  if (request.log_visibility) return *request.log_visibility;
  return log_visibility_on(current.logs_are_public, image);
}

/// The phrase of a generated wallet as it goes on chain. An account that did not deploy the app
/// cannot encrypt for the deployer key, and copies what is there.
std::string sealed_phrase_for(const Services& services, const Signer& signer,
                              const UpgradeRequest& request, const CurrentApp& current) {
  const WalletChoice& wallet = request.wallet;
  const bool is_kept = wallet.gives_up.empty();
  const bool was_generated = current.wallet && current.wallet->source == WalletSource::kGenerated;
  const std::string present = was_generated ? current.wallet->sealed_phrase : std::string();
  const bool as_before = !(is_kept && was_generated) || !present.empty();
  if (!request.wallet_backup.value_or(as_before)) return {};
  if (signer.address != current.creator) return is_kept ? present : std::string();
  const auto opened = open_phrase(signer, request.app, present);
  const bool is_same =
      opened && base::equal_constant_time(opened->reveal(), wallet.mnemonic.reveal());
  return is_same ? present : seal_phrase(signer, request.app, wallet.mnemonic, services.random);
}

ReleaseWallet release_wallet_for(const Services& services, const Signer& signer,
                                 const UpgradeRequest& request, const CurrentApp& current) {
  if (request.wallet.keeps_release) {
    return current.wallet.value_or(ReleaseWallet{request.wallet.source, {}});
  }
  ReleaseWallet out{request.wallet.source, {}};
  if (out.source == WalletSource::kGenerated) {
    out.sealed_phrase = sealed_phrase_for(services, signer, request, current);
  }
  return out;
}

void add_variables(const Services& services, const UpgradeRequest& request, const UpgradePlan& plan,
                   platform::Release& release) {
  platform::AppEnvironment variables = request.variables.clone();
  if (!request.wallet.mnemonic.empty()) {
    variables.private_variables[std::string(platform::kMnemonicVariable)] =
        request.wallet.mnemonic.clone();
  }
  release.public_env = platform::encode_public_environment(variables, plan.instance_type);
  release.encrypted_env = platform::encrypt_private_environment(
      variables, request.app, services.environment.kms_encryption_key, services.random,
      header_members(plan.wallet));
}

/// The encrypted ones as they are, and the public ones with the instance type of the plan.
void keep_variables(const UpgradePlan& plan, const CurrentApp& current,
                    platform::Release& release) {
  if (!current.release) fail_bug("a release that was not read is kept");
  platform::AppEnvironment variables;
  const auto document = base::Json::try_parse(base::as_chars(current.release->public_env));
  if (document && document->is_object()) {
    for (const auto& [name, value] : document->members()) {
      if (name == platform::kMachineTypeVariable || !value.is_string()) continue;
      variables.public_variables[name] = value.as_string();
    }
  }
  release.public_env = platform::encode_public_environment(variables, plan.instance_type);
  release.encrypted_env = current.release->encrypted_env;
}

platform::Release release_for(const Services& services, const UpgradeRequest& request,
                              const UpgradePlan& plan, const CurrentApp& current,
                              std::uint32_t deadline) {
  platform::Release release;
  release.artifacts = {{plan.image.digest.sha256(), plan.image.reference.name()}};
  if (request.wallet.keeps_release) {
    keep_variables(plan, current, release);
  } else {
    add_variables(services, request, plan, release);
  }
  release.upgrade_by_time = deadline;
  release.policy = plan.policy;
  return release;
}

/// Says nothing where the user asked for it, and where the wallet is given up.
void warn_of_backup(const UpgradeRequest& request, bool is_deployer, UpgradePlan& plan) {
  const bool is_missing =
      plan.wallet.source == WalletSource::kGenerated && plan.wallet.sealed_phrase.empty();
  const bool is_wanted = request.wallet_backup.value_or(true) && request.wallet.gives_up.empty();
  if (!is_missing || !is_wanted || request.wallet.keeps_release) return;
  plan.warnings.push_back(
      std::string("the release does not contain the wallet's recovery phrase: the running release "
                  "does not, either, and ") +
      (is_deployer ? "--wallet-backup on-chain adds it"
                   : "only the key that deployed the app can add it"));
}

/// What is not given stays as it is: restrictions of the container too.
void keep_policy(const CurrentApp& current, platform::Generation live, UpgradePlan& plan) {
  if (!current.release || current.release->policy.is_empty()) return;
  if (live == platform::Generation::kFourFields) {
    plan.policy = current.release->policy;
    return;
  }
  plan.policy = {};
  plan.warnings.push_back(
      "the release that runs restricts what its container may do (a container policy), and the "
      "live contract knows no such thing: the restriction is lost");
}

std::vector<platform::Call> upgrade_calls(const Services& services, const UpgradeRequest& request,
                                          const UpgradePlan& plan, const AppSnapshot& chain,
                                          const platform::Release& release) {
  const platform::Environment& environment = services.environment;
  std::vector<platform::Call> calls = {
      {environment.app_controller,
       {},
       platform::encode_upgrade_app(chain.generation, request.app, release)}};
  const bool wants_public = plan.log_visibility == LogVisibility::kPublic;
  if (wants_public == chain.logs_are_public) return calls;
  const auto encode =
      wants_public ? platform::encode_set_appointee : platform::encode_remove_appointee;
  calls.push_back({environment.permission_controller,
                   {},
                   encode(request.app, platform::anyone_appointee(),
                          platform::api_permission_target(), platform::kViewLogsPermission)});
  return calls;
}

std::vector<NeededPermission> needed_permissions(const Services& services, const eth::Address& app,
                                                 platform::Generation live, bool changes_logs) {
  const auto upgrade = platform::find_permission(services.environment, "upgrade", live);
  if (!upgrade) fail_bug("upgrading has no permission");
  std::vector<NeededPermission> out = {{.permission = upgrade->permission,
                                        .name = upgrade->name,
                                        .action = "upgrade app " + app.to_string()}};
  if (changes_logs) {
    out.push_back({.action = "change who reads the log of app " + app.to_string(), .admin = true});
  }
  return out;
}

}  // namespace

UpgradePlan plan_upgrade(const Services& services, const Signer& signer,
                         const UpgradeRequest& request, const CurrentApp& current) {
  oci::Reference reference = request.image ? *request.image : current_image(current);
  const std::string instance_type = instance_type_for(request, current);
  std::vector<std::string> warnings;
  std::optional<platform::Sku> offer;
  std::optional<oci::ResolvedImage> image;
  AppSnapshot chain;
  base::run_concurrently({
      [&] {
        image =
            request.find_image ? request.find_image() : resolve_release_image(services, reference);
      },
      [&] { chain = read_app(services, signer.address, request.app); },
      [&] { offer = check_instance_type(services, instance_type, warnings); },
  });
  UpgradePlan plan{.app = request.app,
                   .reference = std::move(reference),
                   .image = std::move(*image),
                   .instance_type = instance_type};
  plan.log_visibility = visibility_for(request, current, plan.image);
  plan.offer = std::move(offer);
  plan.warnings = std::move(warnings);
  warn_of_pending(chain.pending_release_block, plan.warnings);
  if (chain.status == platform::ChainStatus::kSuspended ||
      chain.status == platform::ChainStatus::kCreated) {
    plan.warnings.push_back("the app is " + std::string(platform::to_string(chain.status)) +
                            ": it runs the release once it is started");
  }
  keep_policy(current, chain.generation, plan);
  plan.found = {.status = chain.status,
                .release_block = chain.latest_release_block,
                .pending_release_block = chain.pending_release_block,
                .logs_are_public = chain.logs_are_public};
  const std::uint32_t deadline =
      upgrade_deadline(services, chain.block_timestamp, request.lifetime_seconds);
  plan.wallet = release_wallet_for(services, signer, request, current);
  warn_of_backup(request, signer.address == current.creator, plan);
  const platform::Release release = release_for(services, request, plan, current, deadline);
  const auto calls = [&] { return upgrade_calls(services, request, plan, chain, release); };
  const platform::Generation expected = chain.generation;
  const auto needed = [&] {
    return needed_permissions(services, request.app, chain.generation, calls().size() > 1);
  };
  plan.transaction = plan_permitted(services, signer.address, request.app, needed, [&] {
    return plan_release(services, chain, [&] {
      return plan_transaction(services, signer, chain, calls(), request.may_sign_for_estimate,
                              "the upgrade");
    });
  });
  if (chain.generation != expected) keep_policy(current, chain.generation, plan);
  plan.transaction.deadline = deadline;
  return plan;
}

JournalEntry upgrade_entry(const Signer& signer, const UpgradeRequest& request,
                           const UpgradePlan& plan) {
  JournalEntry entry;
  entry.operation = Operation::kUpgrade;
  entry.app = request.app;
  entry.wallet = request.wallet.source;
  if (!request.wallet.mnemonic.empty()) {
    const WalletAddresses addresses = wallet_addresses(request.wallet.mnemonic);
    entry.evm_address = addresses.evm;
    entry.solana_address = addresses.solana;
  } else {
    entry.evm_address = request.wallet.evm_address;
  }
  entry.image_reference = plan.reference.to_string();
  entry.image_name = plan.image.reference.name();
  entry.image_digest = plan.image.digest.to_string();
  entry.instance_type = plan.instance_type;
  entry.log_visibility = to_string(plan.log_visibility);
  entry.lock_file = request.lock_file;
  entry.keeps_variables = request.wallet.keeps_release;
  if (!entry.keeps_variables) {
    entry.private_variables = variable_fingerprints(signer, request.app, request.variables);
  }
  return entry;
}

void store_recovered(const Services& services, const Signer& signer,
                     const UpgradeRequest& request) {
  if (!request.wallet.recovered) return;
  WalletStore(services.paths.state, services.environment.name)
      .save_instead(signer, request.app, request.wallet.mnemonic, services.random,
                    services.clock.unix_seconds());
}

TransactionOutcome apply_upgrade(const Services& services, const Signer& signer,
                                 const UpgradeRequest& request, UpgradePlan plan) {
  store_recovered(services, signer, request);
  JournalEntry entry = upgrade_entry(signer, request, plan);
  return apply_to_app(services, signer, std::move(plan.transaction), std::move(entry));
}

bool release_has_variables(const Services& services, const Signer& signer,
                           const TransactionOutcome& outcome,
                           const platform::AppEnvironment& variables) {
  const eth::Address& app = outcome.entry.app;
  const auto release =
      platform::find_app_upgraded(outcome.receipt.logs, services.environment.app_controller, app);
  return release && public_variables_of(*release) == variables.public_variables &&
         outcome.entry.private_variables == variable_fingerprints(signer, app, variables);
}

}  // namespace ecloud::deploy
