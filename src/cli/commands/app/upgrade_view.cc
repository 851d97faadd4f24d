#include "cli/commands/app/upgrade_view.h"

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

std::string change_words(const std::string& before, const std::string& after) {
  if (before.empty()) return after;
  return before == after ? after + " (as before)" : before + " -> " + after;
}

std::string names_or_none(const std::vector<std::string>& names) {
  return names.empty() ? "none" : base::join(names, ", ");
}

std::string wallet_words(const deploy::WalletChoice& wallet) {
  if (!wallet.gives_up.empty()) return wallet.gives_up;
  if (!wallet.assumption.empty()) {
    return "the KMS's, because nothing on chain or on this machine names another one";
  }
  if (wallet.keeps_release) {
    return "kept: the encrypted variables are sent again as they are" +
           (wallet.evm_address.empty() ? "" : " (" + wallet.evm_address + ")");
  }
  const std::string stated = wallet.certain ? "" : ", as you say; nothing here can check it";
  switch (wallet.source) {
    case deploy::WalletSource::kGenerated:
      if (wallet.recovered) return "kept: the recovery phrase was read from chain with your key";
      return "kept: the words stored here go along" + stated;
    case deploy::WalletSource::kKms:
      return "kept: the KMS's" + stated;
    case deploy::WalletSource::kEnvironment:
      return "kept: MNEMONIC of the env file" + stated;
  }
  return {};
}

std::string public_words(const deploy::CurrentApp& current, const deploy::UpgradeRequest& request) {
  if (!request.wallet.keeps_release) return names_or_none(request.variables.public_names());
  platform::AppEnvironment kept;
  kept.public_variables = current.public_variables;
  return names_or_none(kept.public_names()) + " (as before)";
}

std::string private_words(const deploy::UpgradeRequest& request) {
  return request.wallet.keeps_release ? "as before"
                                      : names_or_none(request.variables.private_names());
}

base::Json wallet_document(const std::string& source, const std::string& evm,
                           const std::string& solana) {
  return base::Json::object({{"source", source},
                             {"evmAddress", text_or_null(evm)},
                             {"solanaAddress", text_or_null(solana)}});
}

/// Log visibility before: what the chain tells apart.
std::string visibility_before(const deploy::CurrentApp& current) {
  return current.logs_are_public ? "public" : "not public";
}

std::string visibility_words(const deploy::CurrentApp& current, deploy::LogVisibility after) {
  const std::string word(deploy::to_string(after));
  const bool is_public = after == deploy::LogVisibility::kPublic;
  return is_public == current.logs_are_public ? word + " (as before)"
                                              : visibility_before(current) + " -> " + word;
}

/// What a change is called in the plan; nothing for what the plan shows anyway.
std::optional<std::string> name_of_change(const deploy::ReleaseChange& change) {
  using Kind = deploy::ReleaseChange::Kind;
  switch (change.kind) {
    case Kind::kEntrypoint:
      return "Entrypoint";
    case Kind::kCommand:
      return "Command";
    case Kind::kLabel:
      return "Label " + change.name;
    case Kind::kPublicVariable:
      return "Variable " + change.name;
    case Kind::kPrivateVariable:
      return "Secret " + change.name;
    default:
      return std::nullopt;
  }
}

std::string words_of_change(const deploy::ReleaseChange& change) {
  if (change.kind == deploy::ReleaseChange::Kind::kPrivateVariable) {
    return !change.before ? "added" : !change.after ? "removed" : "another value";
  }
  if (!change.before) return "added: " + *change.after;
  if (!change.after) return "removed: " + *change.before;
  return *change.before + " -> " + *change.after;
}

}  // namespace

Pairs upgrade_pairs(Context& context, const deploy::Signer& signer,
                    const deploy::CurrentApp& current, const deploy::UpgradeRequest& request,
                    const deploy::UpgradePlan& plan) {
  const platform::Environment& environment = context.environment();
  const std::string before =
      current.image_name.empty() ? "" : current.image_name + "@" + current.image_digest;
  Pairs pairs = {
      {"App ID", plan.app.to_string()},
      {"Environment", environment.name + " (chain " + std::to_string(environment.chain_id) + ")"},
      {"Account", signer.address.to_string()},
      {"Image",
       change_words(before, is_to_be_built(plan.reference)
                                ? "to be built"
                                : plan.reference.name() + "@" + plan.image.digest.to_string())},
      {"Instance", change_words(current.instance_type, plan.instance_type)},
  };
  for (auto& pair : instance_pairs(plan.instance_type, plan.offer))
    pairs.push_back(std::move(pair));
  const Pairs release = {
      {"Logs", visibility_words(current, plan.log_visibility)},
      {"Public variables", public_words(current, request)},
      {"Private variables", private_words(request)},
      {"Container policy", plan.policy.is_empty() ? "" : "as before"},
      {"Wallet", wallet_words(request.wallet)},
      {"Wallet backup", backup_words(plan.wallet)},
  };
  pairs.insert(pairs.end(), release.begin(), release.end());
  add_transaction_pairs(pairs, plan.transaction, environment);
  return pairs;
}

base::Json upgrade_plan_document(Context& context, const deploy::Signer& signer,
                                 const deploy::CurrentApp& current,
                                 const deploy::UpgradeRequest& request,
                                 const deploy::UpgradePlan& plan) {
  const platform::Environment& environment = context.environment();
  const bool to_be_built = is_to_be_built(plan.reference);
  std::string evm, solana;
  if (!request.wallet.mnemonic.empty()) {
    const deploy::WalletAddresses addresses = deploy::wallet_addresses(request.wallet.mnemonic);
    evm = addresses.evm;
    solana = addresses.solana;
  }
  return base::Json::object({
      {"dryRun", true},
      {"appId", plan.app.to_string()},
      {"environment", environment.name},
      {"chainId", environment.chain_id},
      {"account", signer.address.to_string()},
      {"imageRef", to_be_built ? base::Json() : plan.reference.to_string()},
      {"imageDigest", to_be_built ? base::Json() : plan.image.digest.to_string()},
      {"registry", to_be_built ? base::Json() : plan.reference.name()},
      {"instanceType", plan.instance_type},
      {"instance", instance_document(plan.instance_type, plan.offer)},
      {"logVisibility", deploy::to_string(plan.log_visibility)},
      {"before", base::Json::object({{"imageDigest", text_or_null(current.image_digest)},
                                     {"registry", text_or_null(current.image_name)},
                                     {"instanceType", text_or_null(current.instance_type)},
                                     {"logsArePublic", current.logs_are_public}})},
      {"publicVariables", base::Json::strings(request.variables.public_names())},
      {"privateVariables", base::Json::strings(request.variables.private_names())},
      {"wallet",
       wallet_document(std::string(deploy::to_string(request.wallet.source)), evm, solana)},
      {"walletBackup", backup_document(plan.wallet)},
      {"keepsWallet", request.wallet.gives_up.empty()},
      {"keepsVariables", request.wallet.keeps_release},
      {"calls", calls_document(plan.transaction.calls, environment)},
      {"delegates", plan.transaction.delegate},
      {"gas", planned_gas_document(plan.transaction)},
      {"balanceWei", plan.transaction.balance.to_decimal()},
      {"dashboardUrl", environment.dashboard_page(plan.app)},
  });
}

Pairs difference_pairs(const deploy::ReleaseDifference& difference) {
  Pairs out;
  for (const deploy::ReleaseChange& change : difference.changes) {
    if (const auto name = name_of_change(change)) out.push_back({*name, words_of_change(change)});
  }
  for (const std::string& what : difference.unknown) out.push_back({"Not compared", what});
  return out;
}

base::Json difference_document(const deploy::ReleaseDifference& difference) {
  std::vector<base::Json> changes;
  for (const deploy::ReleaseChange& change : difference.changes) {
    const char* how = !change.before ? "added" : !change.after ? "removed" : "changed";
    changes.push_back(base::Json::object({{"what", deploy::to_string(change.kind)},
                                          {"name", text_or_null(change.name)},
                                          {"change", how},
                                          {"before", text_or_null(change.before)},
                                          {"after", text_or_null(change.after)}}));
  }
  return base::Json::array(std::move(changes));
}

base::Json upgrade_document(Context& context, const deploy::TransactionOutcome& outcome,
                            const std::optional<platform::AppInfo>& info) {
  const platform::Environment& environment = context.environment();
  const deploy::JournalEntry& entry = outcome.entry;
  return base::Json::object({
      {"appId", entry.app.to_string()},
      {"environment", environment.name},
      {"chainId", environment.chain_id},
      {"txHash", base::to_hex_prefixed(outcome.receipt.transaction_hash)},
      {"blockNumber", outcome.receipt.block_number},
      {"status", info ? base::Json(info->state_word) : base::Json()},
      {"ip", info ? text_or_null(info->ip) : base::Json()},
      {"imageRef", entry.image_reference},
      {"imageDigest", entry.image_digest},
      {"registry", entry.image_name},
      {"instanceType", entry.instance_type},
      {"logVisibility", entry.log_visibility},
      {"wallet", wallet_document(std::string(deploy::to_string(entry.wallet)), entry.evm_address,
                                 entry.solana_address)},
      {"gas", used_gas_document(outcome)},
      {"dashboardUrl", environment.dashboard_page(entry.app)},
  });
}

Pairs upgrade_outcome_pairs(Context& context, const deploy::TransactionOutcome& outcome,
                            const std::optional<platform::AppInfo>& info) {
  const deploy::JournalEntry& entry = outcome.entry;
  return {
      {"App ID", entry.app.to_string()},
      {"Status", info ? info->state_word : ""},
      {"IP", info && info->ip ? *info->ip : ""},
      {"Image", entry.image_name + "@" + entry.image_digest},
      {"Instance", entry.instance_type},
      {"Wallet", std::string(deploy::to_string(entry.wallet))},
      {"EVM Address", entry.evm_address},
      {"Transaction", transaction_words(outcome.receipt)},
      {"Cost", eth::format_ether(outcome.receipt.cost()) + " ETH"},
      {"Dashboard", context.environment().dashboard_page(entry.app)},
  };
}

std::vector<JsonField> upgrade_json_fields() {
  std::vector<JsonField> fields = {
      {"appId", "id of the app"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"txHash", "hash of the transaction"},
      {"blockNumber", "block that holds it"},
      {"status", "run state, or null with --no-wait"},
      {"ip", "address of the machine, or null"},
      {"imageRef", "image as given"},
      {"imageDigest", "sha256:… of the linux/amd64 manifest, as on chain"},
      {"registry", "image name without tag, as on chain"},
      {"listedImageDigest",
       "digest of the newest release in the platform's list after the upgrade, which may lag; null "
       "with --no-wait, --dry-run, or when nothing is listed"},
      {"instanceType", "machine"},
      {"logVisibility", "public, private or off"},
      {"wallet", "source (generated, kms, env), evmAddress, solanaAddress"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"dashboardUrl", "page of the app"},
      {"dryRun", "true with --dry-run, where txHash, blockNumber, status and ip are missing"},
      {"account", "with --dry-run: who would pay"},
      instance_json_field(),
      {"before", "with --dry-run: imageDigest, registry, instanceType, logsArePublic of now"},
      {"changes",
       "with --dry-run: what (image, entrypoint, command, label, publicVariable, privateVariable, "
       "instanceType, logVisibility), name, change (added, removed, changed), before, after; null "
       "for private variables"},
      {"notCompared", "with --dry-run: what could not be compared, and why"},
      {"publicVariables", "with --dry-run: names"},
      {"privateVariables", "with --dry-run: names"},
      {"walletBackup",
       "with --dry-run: on-chain, none, or null for a wallet that is not generated"},
      {"keepsWallet", "with --dry-run: false when the app would get another wallet"},
      {"keepsVariables",
       "with --dry-run: true when the release's variables are sent again as they are"},
      {"calls", "with --dry-run: contract, target, function, arguments, data"},
      {"delegates", "with --dry-run: whether the account is delegated by the transaction"},
      {"balanceWei", "with --dry-run: balance of the account"},
  };
  for (JsonField& field : plan_file_json_fields()) fields.push_back(std::move(field));
  return fields;
}

}  // namespace ecloud::cli
