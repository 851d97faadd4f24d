#include "cli/commands/app/deploy_view.h"

#include <algorithm>

#include "cli/commands/app/release_image.h"
#include "cli/commands/app/verifiable.h"
#include "cli/commands/app/wallet_view.h"
#include "cli/instance_view.h"
#include "cli/json_values.h"
#include "cli/plan_file.h"
#include "cli/transaction_view.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string names_or_none(const std::vector<std::string>& names) {
  return names.empty() ? "none" : base::join(names, ", ");
}

std::string wallet_words(const deploy::DeployRequest& request) {
  switch (request.wallet) {
    case deploy::WalletSource::kGenerated:
      return "generated here; its words are stored under your key before anything is sent";
    case deploy::WalletSource::kKms:
      return "the KMS's; nobody outside the TEE knows its words";
    case deploy::WalletSource::kEnvironment:
      return "MNEMONIC of the env file";
  }
  return {};
}

/// As in the release, where only whether it has the phrase matters here.
deploy::ReleaseWallet backup_of(const deploy::DeployRequest& request) {
  return {request.wallet, request.wallet_backup ? "on-chain" : ""};
}

base::Json wallet_document(deploy::WalletSource source, const std::string& evm,
                           const std::string& solana) {
  return base::Json::object({{"source", deploy::to_string(source)},
                             {"evmAddress", text_or_null(evm)},
                             {"solanaAddress", text_or_null(solana)}});
}

}  // namespace

std::string format_plan(const Terminal& terminal, Stream stream, const deploy::Signer& signer,
                        const platform::Environment& environment,
                        const deploy::DeployRequest& request, const deploy::DeployPlan& plan,
                        Pairs first) {
  Pairs pairs = std::move(first);
  const Pairs described = {
      {"App ID", plan.app.to_string()},
      {"Name", request.name},
      {"Environment", environment.name + " (chain " + std::to_string(environment.chain_id) + ")"},
      {"Deployer", signer.address.to_string()},
      {"Image", is_to_be_built(request.image)
                    ? "to be built"
                    : plan.image.reference.name() + "@" + plan.image.digest.to_string()},
      {"Instance", request.instance_type},
  };
  pairs.insert(pairs.end(), described.begin(), described.end());
  for (auto& pair : instance_pairs(request.instance_type, plan.offer)) {
    pairs.push_back(std::move(pair));
  }
  const Pairs release = {
      {"Logs", std::string(deploy::to_string(request.log_visibility))},
      {"Public variables", names_or_none(request.variables.public_names())},
      {"Private variables", names_or_none(request.variables.private_names())},
      {"Wallet", wallet_words(request)},
  };
  pairs.insert(pairs.end(), release.begin(), release.end());
  if (plan.addresses) {
    pairs.emplace_back("EVM Address", plan.addresses->evm);
    pairs.emplace_back("Solana Address", plan.addresses->solana);
  }
  pairs.emplace_back("Wallet backup", backup_words(backup_of(request)));
  pairs.emplace_back("Billed to", request.pays_for_itself ? "the app itself, with its own credits"
                                                          : "your account");
  if (plan.needs_credits) {
    pairs.emplace_back("Credits",
                       "none yet: they are bought first, for the app's ID. The "
                       "transaction is planned and confirmed after that");
    return format_pairs(pairs, terminal, stream);
  }
  pairs.emplace_back(
      request.pays_for_itself ? "Apps of its quota" : "Apps",
      std::to_string(plan.active_apps) + " of " + std::to_string(plan.max_active_apps) + " in use");
  add_transaction_pairs(pairs, plan.transaction, environment);
  return format_pairs(pairs, terminal, stream);
}

base::Json plan_document(const deploy::Signer& signer, const platform::Environment& environment,
                         const deploy::DeployRequest& request, const deploy::DeployPlan& plan) {
  return base::Json::object({
      {"dryRun", true},
      {"appId", plan.app.to_string()},
      {"name", text_or_null(request.name)},
      {"environment", environment.name},
      {"chainId", environment.chain_id},
      {"deployer", signer.address.to_string()},
      {"imageRef", is_to_be_built(request.image) ? base::Json() : request.image.to_string()},
      {"imageDigest", is_to_be_built(request.image) ? base::Json() : plan.image.digest.to_string()},
      {"registry", is_to_be_built(request.image) ? base::Json() : plan.image.reference.name()},
      {"instanceType", request.instance_type},
      {"instance", instance_document(request.instance_type, plan.offer)},
      {"logVisibility", deploy::to_string(request.log_visibility)},
      {"publicVariables", base::Json::strings(request.variables.public_names())},
      {"privateVariables", base::Json::strings(request.variables.private_names())},
      {"wallet", wallet_document(request.wallet, plan.addresses ? plan.addresses->evm : "",
                                 plan.addresses ? plan.addresses->solana : "")},
      {"walletBackup", backup_document(backup_of(request))},
      {"billTo", request.pays_for_itself ? "app" : "account"},
      {"billingAccount", plan.payer.to_string()},
      {"needsCredits", plan.needs_credits},
      {"calls", calls_document(plan.transaction.calls, environment)},
      {"delegates", plan.transaction.delegate},
      {"gas", plan.needs_credits ? base::Json() : planned_gas_document(plan.transaction)},
      {"balanceWei",
       plan.needs_credits ? base::Json() : base::Json(plan.transaction.balance.to_decimal())},
      {"dashboardUrl", environment.dashboard_page(plan.app)},
  });
}

base::Json outcome_document(const platform::Environment& environment,
                            const deploy::DeployOutcome& outcome,
                            const std::optional<platform::AppInfo>& info) {
  const deploy::JournalEntry& entry = outcome.entry;
  const chain::Receipt& receipt = outcome.receipt;
  return base::Json::object({
      {"appId", entry.app.to_string()},
      {"name", text_or_null(entry.name)},
      {"environment", environment.name},
      {"chainId", environment.chain_id},
      {"txHash", base::to_hex_prefixed(receipt.transaction_hash)},
      {"blockNumber", receipt.block_number},
      {"status", info ? base::Json(info->state_word) : base::Json()},
      {"ip", info && info->ip ? base::Json(*info->ip) : base::Json()},
      {"imageRef", entry.image_reference},
      {"imageDigest", entry.image_digest},
      {"registry", entry.image_name},
      {"instanceType", entry.instance_type},
      {"logVisibility", entry.log_visibility},
      {"wallet", wallet_document(entry.wallet, entry.evm_address, entry.solana_address)},
      {"gas", used_gas_document(outcome)},
      {"dashboardUrl", environment.dashboard_page(entry.app)},
  });
}

Pairs outcome_pairs(const platform::Environment& environment, const deploy::DeployOutcome& outcome,
                    const std::optional<platform::AppInfo>& info) {
  const deploy::JournalEntry& entry = outcome.entry;
  return {
      {"App ID", entry.app.to_string()},
      {"Name", entry.name},
      {"Environment", environment.name},
      {"Status", info ? info->state_word : ""},
      {"Image", entry.image_name + "@" + entry.image_digest},
      {"Transaction", transaction_words(outcome.receipt)},
      {"Cost", eth::format_ether(outcome.receipt.cost()) + " ETH"},
      {"Dashboard", environment.dashboard_page(entry.app)},
      {"Wallet", std::string(deploy::to_string(entry.wallet))},
      {"EVM Address", entry.evm_address},
      {"Solana Address", entry.solana_address},
      {"IP", info && info->ip ? *info->ip : ""},
  };
}

std::string format_outcome(const Terminal& terminal, Pairs pairs) {
  if (terminal.is_terminal(Stream::kOutput)) {
    return format_pairs(pairs, terminal, Stream::kOutput);
  }
  const std::string app = pairs.front().second;
  std::rotate(pairs.begin(), pairs.begin() + 1, pairs.end());
  return "App:\t" + app + "\n" + format_pairs(pairs, terminal, Stream::kOutput);
}

std::vector<JsonField> deploy_json_fields() {
  std::vector<JsonField> fields = {
      {"appId", "id of the app, an address"},
      {"name", "its name, or null"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"txHash", "hash of the transaction"},
      {"blockNumber", "block that holds it"},
      {"status", "run state, or null with --no-wait"},
      {"ip", "address of the machine, or null with --no-wait"},
      {"imageRef",
       "image as given (of one made here, where it is pushed to); with --verifiable, name and "
       "digest"},
      {"imageDigest", "sha256:… of the linux/amd64 manifest, as on chain"},
      {"registry", "image name without tag, as on chain"},
      {"instanceType", "machine"},
      {"logVisibility", "public, private or off"},
      {"wallet", "source (generated, kms, env), evmAddress, solanaAddress"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"dashboardUrl", "page of the app"},
      layered_json_field(),
      verifiable_json_field(),
      {"dryRun", "true with --dry-run, where txHash, blockNumber, status and ip are missing"},
      {"deployer", "with --dry-run: the account"},
      instance_json_field(),
      {"publicVariables", "with --dry-run: names"},
      {"privateVariables", "with --dry-run: names"},
      {"walletBackup",
       "with --dry-run: on-chain, none, or null for a wallet that is not generated"},
      {"billTo", "with --dry-run: account or app"},
      {"billingAccount", "with --dry-run: the account or app that pays, and provides the quota"},
      {"needsCredits",
       "with --dry-run: whether credits for the app are bought first; then calls is "
       "empty, and gas and balanceWei are null"},
      {"purchase", "with --dry-run: the plan of that purchase, as of billing top-up, or null"},
      {"calls", "with --dry-run: contract, target, function, arguments, data"},
      {"delegates", "with --dry-run: whether the account is delegated by the transaction"},
      {"balanceWei", "with --dry-run: balance of the account"},
  };
  for (JsonField& field : plan_file_json_fields()) fields.push_back(std::move(field));
  return fields;
}

}  // namespace ecloud::cli
