#include <utility>

#include "deploy/expected_effects.h"
#include "deploy/release_entries.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/project_lock.h"

namespace ecloud::deploy {
namespace {

void check_delegation(const Services& services, const JournalEntry& entry) {
  const auto results = services.rpc.batch({chain::get_code(entry.deployer)});
  const auto* code = std::get_if<base::Json>(&results.front());
  const bool in_place = code != nullptr && chain::read_data(*code) ==
                                               eth::delegation_code(services.environment.delegator);
  if (!in_place) {
    services.observer.warning("the app exists, but the account " + entry.deployer.to_string() +
                              " is not delegated to " + services.environment.delegator.to_string() +
                              " as expected");
  }
}

bool is_terminated(const Services& services, const eth::Address& app) {
  const auto results = services.rpc.batch(
      {chain::eth_call(services.environment.app_controller, platform::encode_app_status(app))});
  const base::Json& status = chain::value_or_throw(results.front(), "eth_call");
  return platform::decode_number(chain::read_data(status)) ==
         eth::U256(static_cast<std::uint64_t>(platform::ChainStatus::kTerminated));
}

}  // namespace

JournalEntry deploy_entry(const Signer& deployer, const DeployRequest& request,
                          const DeployPlan& plan) {
  JournalEntry entry;
  entry.app = plan.app;
  entry.salt = plan.salt;
  entry.name = request.name;
  entry.wallet = request.wallet;
  if (plan.addresses) {
    entry.evm_address = plan.addresses->evm;
    entry.solana_address = plan.addresses->solana;
  }
  entry.image_reference = request.image.to_string();
  entry.image_name = plan.image.reference.name();
  entry.image_digest = plan.image.digest.to_string();
  entry.instance_type = request.instance_type;
  entry.log_visibility = to_string(request.log_visibility);
  entry.folder = request.folder;
  entry.profile = request.profile;
  entry.picture = request.picture;
  entry.lock_file = request.lock_file;
  entry.private_variables = variable_fingerprints(deployer, plan.app, request.variables);
  return entry;
}

void store_wallet(const Services& services, const Signer& deployer, const DeployPlan& plan) {
  // An earlier attempt with the same salt has stored them already: see plan_deploy().
  WalletStore wallets(services.paths.state, services.environment.name);
  const auto stored = wallets.load(deployer, plan.app);
  if (stored && base::equal_constant_time(stored->reveal(), plan.mnemonic.reveal())) return;
  services.observer.phase("storing the wallet");
  wallets.save(deployer, plan.app, plan.mnemonic, services.random, services.clock.unix_seconds());
}

DeployOutcome apply_deploy(const Services& services, const Signer& deployer,
                           const DeployRequest& request, DeployPlan& plan) {
  if (request.wallet == WalletSource::kGenerated) store_wallet(services, deployer, plan);
  JournalEntry entry = deploy_entry(deployer, request, plan);
  const bool delegates = plan.transaction.delegate;
  const std::string version = plan.transaction.controller_version;
  sign_and_record(services, deployer, std::move(plan.transaction), entry);

  DeployOutcome outcome = send_and_conclude(services, std::move(entry), created_app(services));
  outcome.domain_separator = domain_separator_of(services, version);
  if (delegates) check_delegation(services, outcome.entry);
  return outcome;
}

std::optional<DeployOutcome> resume_deploy(const Services& services, const Signer& deployer,
                                           const DeployRequest& request) {
  auto entry =
      journal_of(services).unfinished(deployer.address, request.name, request.image.to_string());
  if (!entry) return std::nullopt;
  services.observer.note("an earlier run began to deploy app " + entry->app.to_string() +
                         " with transaction " + hash_of(*entry) + "; looking for it");
  if (entry->image_reference != request.image.to_string()) {
    services.observer.warning("the earlier run deploys " + entry->image_reference + ", not " +
                              request.image.to_string());
  }
  services.observer.note(
      "unless it can never be mined, it goes on as it began: with the image, the wallet, the "
      "variables and the instance of then");
  auto outcome = go_on(services, std::move(*entry), created_app(services), true);
  if (outcome && is_terminated(services, outcome->entry.app)) {
    services.observer.note("it was mined, and the app has been terminated since");
    finish_operation(services, *outcome);
    return std::nullopt;
  }
  if (outcome) outcome->domain_separator = ask_domain_separator(services);
  return outcome;
}

void finish_deploy(const Services& services, const DeployOutcome& outcome) {
  finish_operation(services, outcome);
}

std::string_view to_string(LogVisibility visibility) {
  switch (visibility) {
    case LogVisibility::kPublic:
      return "public";
    case LogVisibility::kPrivate:
      return "private";
    case LogVisibility::kOff:
      return "off";
  }
  fail_bug("a log visibility without a name");
}

std::optional<LogVisibility> log_visibility_of(std::string_view word) {
  for (const LogVisibility visibility :
       {LogVisibility::kPublic, LogVisibility::kPrivate, LogVisibility::kOff}) {
    if (word == to_string(visibility)) return visibility;
  }
  return std::nullopt;
}

}  // namespace ecloud::deploy
