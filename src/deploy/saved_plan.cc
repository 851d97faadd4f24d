#include "ecloud/deploy/saved_plan.h"

#include <limits>
#include <utility>

#include "deploy/journal_entry.h"
#include "deploy/release_entries.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::deploy {
namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::string_view kCodeLabel = "ecloud saved plan v1";
constexpr std::size_t kCodeBytes = 32;

SavedPlan new_plan(const Services& services, const Signer& signer, JournalEntry entry,
                   TransactionPlan transaction) {
  entry.deployer = signer.address;
  return {.environment = services.environment.name,
          .delegator = services.environment.delegator,
          .app_controller = services.environment.app_controller,
          .permission_controller = services.environment.permission_controller,
          .entry = std::move(entry),
          .transaction = std::move(transaction),
          .app_state = std::nullopt,
          .difference = std::nullopt,
          .made_at = services.clock.unix_seconds()};
}

base::Json to_json(const eth::Transaction& transaction) {
  return base::Json::object({
      {"chainId", transaction.chain_id.to_decimal()},
      {"nonce", transaction.nonce},
      {"maxPriorityFeePerGasWei", transaction.max_priority_fee_per_gas.to_decimal()},
      {"maxFeePerGasWei", transaction.max_fee_per_gas.to_decimal()},
      {"gasLimit", transaction.gas_limit},
      {"to", transaction.to.to_string()},
      {"valueWei", transaction.value.to_decimal()},
      {"data", base::to_hex_prefixed(transaction.data)},
  });
}

base::Json to_json(const std::optional<AppState>& state) {
  if (!state) return {};
  return base::Json::object({
      {"status", static_cast<std::uint64_t>(state->status)},
      {"releaseBlock", state->release_block},
      {"pendingReleaseBlock",
       state->pending_release_block ? base::Json(*state->pending_release_block) : base::Json()},
      {"logsArePublic", state->logs_are_public},
  });
}

base::Json text_or_null(const std::optional<std::string>& text) {
  return text ? base::Json(*text) : base::Json();
}

base::Json to_json(const std::optional<ReleaseDifference>& difference) {
  if (!difference) return {};
  base::Json changes = base::Json::array();
  for (const ReleaseChange& change : difference->changes) {
    changes.push(base::Json::object({{"kind", to_string(change.kind)},
                                     {"name", change.name},
                                     {"before", text_or_null(change.before)},
                                     {"after", text_or_null(change.after)}}));
  }
  return base::Json::object(
      {{"changes", std::move(changes)}, {"unknown", base::Json::strings(difference->unknown)}});
}

base::Json contracts_of(const SavedPlan& plan) {
  return base::Json::object({{"delegator", plan.delegator.to_string()},
                             {"appController", plan.app_controller.to_string()},
                             {"permissionController", plan.permission_controller.to_string()}});
}

/// All but the code over it.
base::Json to_json(const SavedPlan& plan) {
  const TransactionPlan& transaction = plan.transaction;
  return base::Json::object({
      {"plan", kFormatVersion},
      {"environment", plan.environment},
      {"contracts", contracts_of(plan)},
      {"account", plan.entry.deployer.to_string()},
      {"madeAt", plan.made_at},
      {"validUntil", std::uint64_t{transaction.deadline}},
      {"operation",
       base::Json::parse(format_journal_entry(plan.entry), "the plan", Category::kBug)},
      {"transaction", to_json(transaction.transaction)},
      {"delegates", transaction.delegate},
      {"replacesDelegation", transaction.replaces_delegation
                                 ? base::Json(transaction.replaces_delegation->to_string())
                                 : base::Json()},
      {"estimatedGas", transaction.estimated_gas},
      {"controllerVersion", transaction.controller_version},
      {"accountCode", base::to_hex_prefixed(transaction.account_code)},
      {"appState", to_json(plan.app_state)},
      {"difference", to_json(plan.difference)},
  });
}

std::string code_over(const std::string& text, const Signer& signer) {
  const base::Bytes32 digest = crypto::sha256(base::as_bytes(text));
  base::Bytes info(kCodeLabel.begin(), kCodeLabel.end());
  info.insert(info.end(), digest.begin(), digest.end());
  return base::to_hex(
      crypto::hkdf_sha256(signer.key.secret().reveal(), signer.address.bytes(), info, kCodeBytes));
}

eth::U256 number_member(const base::Json& document, std::string_view name) {
  const auto number = eth::U256::from_decimal(document[name].as_string());
  if (!number) throw document[name].error("is no decimal number");
  return *number;
}

eth::Address address_of(const base::Json& place) {
  const auto address = eth::Address::parse(place.as_string());
  if (!address) throw place.error("is not an address");
  return *address;
}

base::Bytes octets_of(const base::Json& place) {
  auto octets = base::from_hex(place.as_string());
  if (!octets) throw place.error("is not hex");
  return std::move(*octets);
}

eth::Transaction transaction_from_json(const base::Json& document) {
  eth::Transaction out;
  out.chain_id = number_member(document, "chainId");
  out.nonce = document["nonce"].as_u64();
  out.max_priority_fee_per_gas = number_member(document, "maxPriorityFeePerGasWei");
  out.max_fee_per_gas = number_member(document, "maxFeePerGasWei");
  out.gas_limit = document["gasLimit"].as_u64();
  out.to = address_of(document["to"]);
  out.value = number_member(document, "valueWei");
  out.data = octets_of(document["data"]);
  return out;
}

std::optional<AppState> state_from_json(const base::Json& document) {
  if (document.is_null()) return std::nullopt;
  AppState out;
  const std::uint64_t status = document["status"].as_u64();
  if (status > static_cast<std::uint64_t>(platform::ChainStatus::kCreated)) {
    throw document["status"].error("is no known status");
  }
  out.status = static_cast<platform::ChainStatus>(status);
  out.release_block = document["releaseBlock"].as_u64();
  out.pending_release_block = document["pendingReleaseBlock"].opt_u64();
  out.logs_are_public = document["logsArePublic"].as_bool();
  return out;
}

std::optional<std::string> text_or_nothing(const base::Json& place) {
  if (!place.exists()) throw place.error("is missing");
  return place.opt_string();
}

bool has_name(ReleaseChange::Kind kind) {
  return kind == ReleaseChange::Kind::kLabel || kind == ReleaseChange::Kind::kPublicVariable ||
         kind == ReleaseChange::Kind::kPrivateVariable;
}

ReleaseChange change_from_json(const base::Json& document) {
  const auto kind = release_change_kind_of(document["kind"].as_string());
  if (!kind) throw document["kind"].error("is no known kind of change");
  ReleaseChange out{*kind, document["name"].as_string(), text_or_nothing(document["before"]),
                    text_or_nothing(document["after"])};
  if (!has_name(*kind) && !out.name.empty())
    throw document["name"].error("is set, and only labels and variables have one");
  if (!out.before && !out.after) throw document.error("has neither a before nor an after");
  const bool shows = !out.before.value_or("").empty() || !out.after.value_or("").empty();
  if (*kind == ReleaseChange::Kind::kPrivateVariable && shows) {
    throw document.error("has the value of a private variable");
  }
  return out;
}

std::optional<ReleaseDifference> difference_from_json(const base::Json& document) {
  if (!document.exists()) throw document.error("is missing");
  if (document.is_null()) return std::nullopt;
  ReleaseDifference out;
  for (const base::Json& change : document["changes"].elements()) {
    out.changes.push_back(change_from_json(change));
  }
  for (const base::Json& what : document["unknown"].elements()) {
    out.unknown.push_back(what.as_string());
  }
  return out;
}

std::uint32_t time_from_json(const base::Json& place) {
  const std::uint64_t seconds = place.as_u64();
  if (seconds > std::numeric_limits<std::uint32_t>::max()) throw place.error("is no time");
  return static_cast<std::uint32_t>(seconds);
}

/// What the transaction calls is told by its octets and by nothing else.
std::vector<platform::Call> calls_of(const eth::Transaction& transaction,
                                     const eth::Address& account) {
  if (transaction.to == account) {
    if (auto calls = platform::decode_execute(transaction.data)) return std::move(*calls);
  }
  return {{transaction.to, transaction.value, transaction.data}};
}

SavedPlan from_json(const base::Json& document, const std::string& name) {
  SavedPlan out;
  out.environment = document["environment"].as_string();
  const base::Json contracts = document["contracts"];
  out.delegator = address_of(contracts["delegator"]);
  out.app_controller = address_of(contracts["appController"]);
  out.permission_controller = address_of(contracts["permissionController"]);
  out.entry = parse_journal_entry(document["operation"].dump(), name);
  out.made_at = document["madeAt"].as_i64();
  TransactionPlan& transaction = out.transaction;
  transaction.transaction = transaction_from_json(document["transaction"]);
  transaction.delegate = document["delegates"].as_bool();
  if (!document["replacesDelegation"].is_null()) {
    transaction.replaces_delegation = address_of(document["replacesDelegation"]);
  }
  transaction.estimated_gas = document["estimatedGas"].as_u64();
  transaction.controller_version = document["controllerVersion"].as_string();
  transaction.account_code = octets_of(document["accountCode"]);
  transaction.deadline = time_from_json(document["validUntil"]);
  transaction.maximum_cost = transaction.transaction.maximum_cost();
  transaction.calls = calls_of(transaction.transaction, out.entry.deployer);
  out.app_state = state_from_json(document["appState"]);
  out.difference = difference_from_json(document["difference"]);
  const Operation operation = out.entry.operation;
  const bool is_known = operation == Operation::kDeploy || operation == Operation::kUpgrade;
  if (!is_known) throw document["operation"].error("is neither a deployment nor an upgrade");
  const bool upgrades = operation == Operation::kUpgrade;
  if (out.app_state.has_value() != upgrades || out.difference.has_value() != upgrades) {
    throw document["appState"].error("does not fit the operation");
  }
  return out;
}

Error malformed(const std::string& name, const std::string& why) {
  return {Category::kUsage, "plan.malformed", name + " is no plan: " + why,
          "make one: ecloud compute app deploy … --plan-out FILE, or ecloud compute app upgrade"};
}

base::Json read_document(std::string_view text, const std::string& name) {
  const auto document = base::Json::try_parse(text);
  if (!document || !document->is_object()) throw malformed(name, "it is not a JSON object");
  const auto version = (*document)["plan"].is_number() ? (*document)["plan"].opt_u64()
                                                       : std::optional<std::uint64_t>();
  if (!version) throw malformed(name, "it has no version under \"plan\"");
  if (*version == kFormatVersion) return *document;
  throw malformed(name, "its version is " + std::to_string(*version) + ", and this program reads " +
                            std::to_string(kFormatVersion));
}

void check_code(const base::Json& document, const std::string& name, const Signer& signer) {
  base::Json rest = base::Json::object();
  for (auto& [member, value] : document.members()) {
    if (member != "code") rest.set(member, value);
  }
  const std::string given =
      document["code"].is_string() ? document["code"].as_string() : std::string();
  const std::string expected = code_over(rest.dump(), signer);
  if (base::equal_constant_time(base::as_bytes(given), base::as_bytes(expected))) return;
  throw Error(Category::kVerification, "plan.changed",
              name + " is not what was saved: its code is not that of account " +
                  signer.address.to_string(),
              "do not sign it; make a new plan");
}

}  // namespace

SavedPlan save_plan(const Services& services, const Signer& deployer, const DeployRequest& request,
                    DeployPlan plan) {
  refuse_unfinished_deploy(services, deployer, request);
  if (request.wallet == WalletSource::kGenerated) store_wallet(services, deployer, plan);
  return new_plan(services, deployer, deploy_entry(deployer, request, plan),
                  std::move(plan.transaction));
}

SavedPlan save_plan(const Services& services, const Signer& signer, const UpgradeRequest& request,
                    UpgradePlan plan, ReleaseDifference difference) {
  store_recovered(services, signer, request);
  SavedPlan out =
      new_plan(services, signer, upgrade_entry(signer, request, plan), std::move(plan.transaction));
  out.app_state = plan.found;
  out.difference = std::move(difference);
  return out;
}

std::string format_saved_plan(const SavedPlan& plan, const Signer& signer) {
  base::Json document = to_json(plan);
  const std::string code = code_over(document.dump(), signer);
  document.set("code", code);
  return document.pretty() + "\n";
}

SavedPlan parse_saved_plan(std::string_view text, const std::string& name, const Signer& signer) {
  const base::Json document = read_document(text, name);
  if (!document["account"].is_string()) throw malformed(name, "it names no account");
  const std::string account = document["account"].as_string();
  if (account != signer.address.to_string()) {
    throw Error(Category::kUsage, "plan.other_account",
                name + " is for account " + account + ", and your key is that of " +
                    signer.address.to_string(),
                "give the key of that account: --private-key-file FILE");
  }
  check_code(document, name, signer);
  try {
    return from_json(document, name);
  } catch (const Error& error) {
    throw malformed(name, error.message());
  }
}

}  // namespace ecloud::deploy
