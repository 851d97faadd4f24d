#include "cli/commands/app/rollback_view.h"

#include "cli/json_values.h"
#include "cli/transaction_view.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

using deploy::PastRelease;

std::string change_words(const std::string& before, const std::string& after) {
  if (before == after) return after.empty() ? "" : after + " (as before)";
  return (before.empty() ? "none" : before) + " -> " + (after.empty() ? "none" : after);
}

std::string image_of(const PastRelease& release) {
  return release.image_name + "@" + release.image_digest;
}

/// "name": {"from","to"} of every public variable that differs.
base::Json variables_document(const PastRelease& before, const PastRelease& after) {
  base::Json out = base::Json::array();
  const auto add = [&](const std::string& name, const std::optional<std::string>& from,
                       const std::optional<std::string>& to) {
    out.push(base::Json::object({{"name", name},
                                 {"from", from ? base::Json(*from) : base::Json()},
                                 {"to", to ? base::Json(*to) : base::Json()}}));
  };
  for (const auto& [name, value] : before.public_variables) {
    const auto found = after.public_variables.find(name);
    if (found == after.public_variables.end()) {
      add(name, value, std::nullopt);
    } else if (found->second != value) {
      add(name, value, found->second);
    }
  }
  for (const auto& [name, value] : after.public_variables) {
    if (!before.public_variables.contains(name)) add(name, std::nullopt, value);
  }
  return out;
}

/// "GREETING_PUBLIC bye -> hello, …".
std::string variables_words(const PastRelease& before, const PastRelease& after) {
  std::vector<std::string> out;
  const base::Json changes = variables_document(before, after);
  for (const base::Json& one : changes.elements()) {
    out.push_back(one["name"].as_string() + " " + one["from"].opt_string().value_or("(none)") +
                  " -> " + one["to"].opt_string().value_or("(none)"));
  }
  return out.empty() ? "as before" : base::join(out, ", ");
}

std::string wallet_words(const deploy::RollbackPlan& plan) {
  if (!plan.keeps_wallet) return plan.gives_up;
  if (plan.wallet_seen_on_chain) return "kept: both releases have the same one, by the chain";
  return plan.current.release.encrypted_env == plan.target.release.encrypted_env
             ? "kept: both releases hold the same private variables"
             : "kept: this machine made that release with the same one";
}

std::string state_of(const deploy::PastReleases& releases, const PastRelease& one) {
  if (one.block == releases.pending_block) return "pending";
  return one.block == releases.current_block ? "current" : "";
}

}  // namespace

Pairs rollback_pairs(Context& context, const eth::Address& account,
                     const deploy::RollbackPlan& plan) {
  const platform::Environment& environment = context.environment();
  const PastRelease& before = plan.current;
  const PastRelease& after = plan.target;
  Pairs pairs = {
      {"App ID", plan.releases.app.to_string()},
      {"Environment", environment.name + " (chain " + std::to_string(environment.chain_id) + ")"},
      {"Account", account.to_string()},
      {"Release", std::to_string(before.number()) + " -> what release " +
                      std::to_string(after.number()) + " of block " + std::to_string(after.block) +
                      " was"},
      {"Image", change_words(image_of(before), image_of(after))},
      {"Instance", change_words(before.instance_type, after.instance_type)},
      {"Public variables", variables_words(before, after)},
      {"Private variables", before.release.encrypted_env == after.release.encrypted_env
                                ? "as before"
                                : "as they were then, with the values of then"},
      {"Wallet", wallet_words(plan)},
  };
  add_transaction_pairs(pairs, plan.transaction, environment);
  return pairs;
}

base::Json rollback_document(Context& context, const deploy::RollbackPlan& plan) {
  const PastRelease& after = plan.target;
  return base::Json::object(
      {{"appId", plan.releases.app.to_string()},
       {"environment", context.environment().name},
       {"chainId", context.environment().chain_id},
       {"release", after.number()},
       {"releaseId", after.id},
       {"releaseBlock", after.block},
       {"imageDigest", after.image_digest},
       {"registry", after.image_name},
       {"instanceType", text_or_null(after.instance_type)},
       {"before", base::Json::object({{"release", plan.current.number()},
                                      {"imageDigest", plan.current.image_digest},
                                      {"registry", plan.current.image_name},
                                      {"instanceType", text_or_null(plan.current.instance_type)}})},
       {"publicVariables", variables_document(plan.current, after)},
       {"privateVariablesChange",
        plan.current.release.encrypted_env != after.release.encrypted_env}});
}

base::Json rollback_outcome_document(Context& context, const deploy::TransactionOutcome& outcome,
                                     const std::optional<platform::AppInfo>& info) {
  const platform::Environment& environment = context.environment();
  const deploy::JournalEntry& entry = outcome.entry;
  const auto restored = entry.restored.value_or(deploy::RestoredRelease{});
  return base::Json::object({
      {"appId", entry.app.to_string()},
      {"environment", environment.name},
      {"chainId", environment.chain_id},
      {"changed", true},
      {"release", restored.id + 1},
      {"releaseId", restored.id},
      {"releaseBlock", restored.block},
      {"imageDigest", entry.image_digest},
      {"registry", entry.image_name},
      {"instanceType", text_or_null(entry.instance_type)},
      {"txHash", base::to_hex_prefixed(outcome.receipt.transaction_hash)},
      {"blockNumber", outcome.receipt.block_number},
      {"status", info ? base::Json(info->state_word) : base::Json()},
      {"ip", info ? text_or_null(info->ip) : base::Json()},
      {"gas", used_gas_document(outcome)},
      {"dashboardUrl", environment.dashboard_page(entry.app)},
  });
}

Pairs rollback_outcome_pairs(Context& context, const deploy::TransactionOutcome& outcome,
                             const std::optional<platform::AppInfo>& info) {
  const deploy::JournalEntry& entry = outcome.entry;
  const auto restored = entry.restored.value_or(deploy::RestoredRelease{});
  return {
      {"App ID", entry.app.to_string()},
      {"Release", "what release " + std::to_string(restored.id + 1) + " of block " +
                      std::to_string(restored.block) + " was"},
      {"Status", info ? info->state_word : ""},
      {"IP", info && info->ip ? *info->ip : ""},
      {"Image", entry.image_name + "@" + entry.image_digest},
      {"Instance", entry.instance_type},
      {"Transaction", transaction_words(outcome.receipt)},
      {"Cost", eth::format_ether(outcome.receipt.cost()) + " ETH"},
      {"Dashboard", context.environment().dashboard_page(entry.app)},
  };
}

base::Json past_releases_document(Context& context, const deploy::PastReleases& releases,
                                  const std::vector<std::optional<std::int64_t>>& times) {
  base::Json list = base::Json::array();
  for (std::size_t i = releases.list.size(); i-- > 0;) {
    const PastRelease& one = releases.list[i];
    base::Json variables = base::Json::object();
    for (const auto& [name, value] : one.public_variables) variables.set(name, value);
    list.push(base::Json::object(
        {{"release", one.number()},
         {"releaseId", one.id},
         {"block", one.block},
         {"createdAt", times[i] ? base::Json(base::format_rfc3339(*times[i])) : base::Json()},
         {"state", text_or_null(state_of(releases, one))},
         {"imageDigest", one.image_digest},
         {"registry", one.image_name},
         {"instanceType", text_or_null(one.instance_type)},
         {"publicVariables", std::move(variables)}}));
  }
  return base::Json::object({{"appId", releases.app.to_string()},
                             {"environment", context.environment().name},
                             {"chainId", context.environment().chain_id},
                             {"complete", releases.is_complete()},
                             {"releases", std::move(list)}});
}

Table past_releases_table(Context& context, const deploy::PastReleases& releases,
                          const std::vector<std::optional<std::int64_t>>& times) {
  Table table{.headers = {"RELEASE", "BLOCK", "CREATED", "STATE", "IMAGE", "INSTANCE"}, .rows = {}};
  const std::int64_t now = context.clock().unix_seconds();
  for (std::size_t i = releases.list.size(); i-- > 0;) {
    const PastRelease& one = releases.list[i];
    table.rows.push_back({std::to_string(one.number()), std::to_string(one.block),
                          times[i] ? show_time(context.terminal(), *times[i], now) : "-",
                          or_dash(state_of(releases, one)), image_of(one),
                          or_dash(one.instance_type)});
  }
  return table;
}

std::vector<JsonField> rollback_json_fields() {
  return {
      {"appId", "id of the app"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"changed", "false when the app runs that already, and with --dry-run"},
      {"release", "number of the release that comes back; 1 is the app's first"},
      {"releaseId", "the chain's count of it, from 0"},
      {"releaseBlock", "block of that release"},
      {"imageDigest", "sha256:… of its image, as on chain"},
      {"registry", "image name without tag, as on chain"},
      {"listedImageDigest",
       "digest of the newest release in the platform's list afterwards, which may lag; null when "
       "it "
       "was not read"},
      {"instanceType", "machine, or null"},
      {"before", "of a plan: release, imageDigest, registry, instanceType of now"},
      {"publicVariables", "of a plan: name, from and to of those that change"},
      {"privateVariablesChange", "of a plan: whether the private ones differ"},
      {"txHash", "hash of the transaction"},
      {"blockNumber", "block that holds it"},
      {"status", "run state, or null with --no-wait"},
      {"ip", "address of the machine, or null"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"dashboardUrl", "page of the app"},
      {"dryRun", "true with --dry-run"},
      {"account", "with --dry-run: who would pay"},
      {"keepsWallet", "with --dry-run: whether it is known that the wallet stays"},
      {"calls", "with --dry-run: contract, target, function, arguments, data"},
      {"balanceWei", "with --dry-run: balance of the account"},
      {"complete", "with --list: whether every release was found"},
      {"releases",
       "with --list: newest first: release, releaseId, block, createdAt, state, imageDigest, "
       "registry, instanceType, publicVariables"},
  };
}

}  // namespace ecloud::cli
