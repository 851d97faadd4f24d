#include "deploy/journal_entry.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"

namespace ecloud::deploy {
namespace {

constexpr std::string_view kSteps[] = {"signed", "mined", "done", "abandoned"};
constexpr std::string_view kOperations[] = {"deploy",    "upgrade",    "start",    "stop",
                                            "terminate", "undelegate", "purchase", "grant",
                                            "revoke",    "accept",     "rollback"};

base::Json to_json(const std::optional<Purchase>& purchase) {
  if (!purchase) return {};
  const auto& credits = purchase->credits_before;
  return base::Json::object({
      {"account", purchase->account.to_string()},
      {"token", purchase->token.to_string()},
      {"amount", purchase->amount.to_decimal()},
      {"creditsBefore", credits ? base::Json(*credits) : base::Json()},
  });
}

base::Json to_json(const std::optional<RestoredRelease>& restored) {
  if (!restored) return {};
  return base::Json::object({{"id", restored->id}, {"block", restored->block}});
}

base::Json to_json(const std::vector<Replacement>& replacements) {
  base::Json out = base::Json::array();
  for (const Replacement& one : replacements) {
    out.push(base::Json::object({
        {"cancels", one.cancels},
        {"maxCostWei", one.max_cost_wei},
        {"transactionHash", base::to_hex_prefixed(one.transaction_hash)},
        {"rawTransaction", base::to_hex_prefixed(one.raw_transaction)},
        {"createdAt", one.created_at},
    }));
  }
  return out;
}

base::Json to_json(const std::optional<platform::AppProfile>& profile) {
  if (!profile) return {};
  return base::Json::object({
      {"name", profile->name},
      {"website", profile->website},
      {"description", profile->description},
      {"xUrl", profile->x_url},
  });
}

base::Json to_json(const std::map<std::string, std::string>& texts) {
  base::Json out = base::Json::object();
  for (const auto& [name, text] : texts) out.set(name, text);
  return out;
}

base::Json to_json(const JournalEntry& entry) {
  return base::Json::object({
      {"version", 1},
      {"operation", to_string(entry.operation)},
      {"step", to_string(entry.step)},
      {"deployer", entry.deployer.to_string()},
      {"appId", entry.app.to_string()},
      {"salt", base::to_hex_prefixed(entry.salt)},
      {"name", entry.name},
      {"wallet", to_string(entry.wallet)},
      {"evmAddress", entry.evm_address},
      {"solanaAddress", entry.solana_address},
      {"imageReference", entry.image_reference},
      {"imageName", entry.image_name},
      {"imageDigest", entry.image_digest},
      {"instanceType", entry.instance_type},
      {"logVisibility", entry.log_visibility},
      {"folder", entry.folder},
      {"chainId", entry.chain_id},
      {"nonce", entry.nonce},
      {"gasLimit", entry.gas_limit},
      {"maxCostWei", entry.max_cost_wei},
      {"transactionHash", base::to_hex_prefixed(entry.transaction_hash)},
      {"rawTransaction", base::to_hex_prefixed(entry.raw_transaction)},
      {"createdAt", entry.created_at},
      {"replacements", to_json(entry.replacements)},
      {"minedHash",
       entry.mined_hash ? base::Json(base::to_hex_prefixed(*entry.mined_hash)) : base::Json()},
      {"blockNumber", entry.block_number},
      {"profile", to_json(entry.profile)},
      {"picture", entry.picture},
      {"lockFile", entry.lock_file},
      {"privateVariables", to_json(entry.private_variables)},
      {"keepsVariables", entry.keeps_variables},
      {"purchase", to_json(entry.purchase)},
      {"restored", to_json(entry.restored)},
  });
}

eth::Address address_member(const base::Json& document, std::string_view name) {
  const auto address = eth::Address::parse(document[name].as_string());
  if (!address) throw document[name].error("is not an address");
  return *address;
}

base::Bytes32 word_member(const base::Json& document, std::string_view name) {
  const auto word = base::fixed_from_hex<32>(document[name].as_string());
  if (!word) throw document[name].error("is not 32 octets in hex");
  return *word;
}

base::Bytes octets_member(const base::Json& document, std::string_view name) {
  auto octets = base::from_hex(document[name].as_string());
  if (!octets) throw document[name].error("is not hex");
  return std::move(*octets);
}

/// Entries of earlier versions have no such member.
std::vector<Replacement> replacements_from_json(const base::Json& list) {
  std::vector<Replacement> out;
  if (list.is_null()) return out;
  for (const base::Json& one : list.elements()) {
    out.push_back({.cancels = one["cancels"].as_bool(),
                   .raw_transaction = octets_member(one, "rawTransaction"),
                   .transaction_hash = word_member(one, "transactionHash"),
                   .max_cost_wei = one["maxCostWei"].as_string(),
                   .created_at = one["createdAt"].as_i64()});
  }
  return out;
}

std::optional<platform::AppProfile> profile_from_json(const base::Json& document) {
  if (document.is_null()) return std::nullopt;
  platform::AppProfile out;
  out.name = document["name"].as_string();
  out.website = document["website"].as_string();
  out.description = document["description"].as_string();
  out.x_url = document["xUrl"].as_string();
  return out;
}

Purchase purchase_from_json(const base::Json& document) {
  Purchase out;
  out.account = address_member(document, "account");
  out.token = address_member(document, "token");
  const auto amount = eth::U256::from_decimal(document["amount"].as_string());
  if (!amount) throw document["amount"].error("is no decimal number");
  out.amount = *amount;
  out.credits_before = document["creditsBefore"].opt_double();
  return out;
}

JournalEntry from_json(const base::Json& document) {
  JournalEntry entry;
  const auto operation = operation_of(document["operation"].as_string());
  if (!operation) throw document["operation"].error("is no known operation");
  entry.operation = *operation;
  const std::string step = document["step"].as_string();
  const auto known = std::find(std::begin(kSteps), std::end(kSteps), step);
  if (known == std::end(kSteps)) throw document["step"].error("is no known step");
  entry.step = static_cast<Step>(known - std::begin(kSteps));
  entry.deployer = address_member(document, "deployer");
  entry.app = address_member(document, "appId");
  entry.salt = word_member(document, "salt");
  entry.name = document["name"].as_string();
  const auto wallet = wallet_source_of(document["wallet"].as_string());
  if (!wallet) throw document["wallet"].error("is no known source");
  entry.wallet = *wallet;
  entry.evm_address = document["evmAddress"].as_string();
  entry.solana_address = document["solanaAddress"].as_string();
  entry.image_reference = document["imageReference"].as_string();
  entry.image_name = document["imageName"].as_string();
  entry.image_digest = document["imageDigest"].as_string();
  entry.instance_type = document["instanceType"].as_string();
  entry.log_visibility = document["logVisibility"].as_string();
  entry.folder = document["folder"].as_string();
  entry.chain_id = document["chainId"].as_u64();
  entry.nonce = document["nonce"].as_u64();
  entry.gas_limit = document["gasLimit"].as_u64();
  entry.max_cost_wei = document["maxCostWei"].as_string();
  entry.transaction_hash = word_member(document, "transactionHash");
  entry.raw_transaction = octets_member(document, "rawTransaction");
  entry.replacements = replacements_from_json(document["replacements"]);
  if (!document["minedHash"].is_null()) entry.mined_hash = word_member(document, "minedHash");
  entry.block_number = document["blockNumber"].opt_u64().value_or(0);
  entry.profile = profile_from_json(document["profile"]);
  entry.picture = document["picture"].opt_string().value_or("");
  entry.lock_file = document["lockFile"].opt_string().value_or("");
  if (document["keepsVariables"].exists()) {
    entry.keeps_variables = document["keepsVariables"].as_bool();
  }
  if (document["privateVariables"].exists()) {
    for (const auto& [name, print] : document["privateVariables"].members()) {
      entry.private_variables[name] = print.as_string();
    }
  }
  entry.created_at = document["createdAt"].as_i64();
  if (entry.operation == Operation::kPurchase) {
    entry.purchase = purchase_from_json(document["purchase"]);
  }
  if (entry.operation == Operation::kRollback) {
    const base::Json restored = document["restored"];
    entry.restored = RestoredRelease{restored["id"].as_u64(), restored["block"].as_u64()};
  }
  return entry;
}

}  // namespace

std::string_view to_string(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

bool needs_consent(Operation operation) {
  switch (operation) {
    case Operation::kTerminate:
    case Operation::kPurchase:
    case Operation::kGrant:
    case Operation::kAccept:
    case Operation::kRollback:
      return true;
    default:
      return false;
  }
}

std::string_view infinitive(Operation operation) {
  switch (operation) {
    case Operation::kGrant:
      return "grant rights on";
    case Operation::kRevoke:
      return "revoke rights on";
    case Operation::kAccept:
      return "become an admin of";
    case Operation::kRollback:
      return "roll back";
    default:
      return to_string(operation);
  }
}

bool concerns_platform(Operation operation) {
  switch (operation) {
    case Operation::kUndelegate:
    case Operation::kPurchase:
    case Operation::kGrant:
    case Operation::kRevoke:
    case Operation::kAccept:
      return false;
    default:
      return true;
  }
}

std::optional<Operation> operation_of(std::string_view word) {
  const auto found = std::find(std::begin(kOperations), std::end(kOperations), word);
  if (found == std::end(kOperations)) return std::nullopt;
  return static_cast<Operation>(found - std::begin(kOperations));
}

std::string_view to_string(Step step) {
  return kSteps[static_cast<std::size_t>(step)];
}

const base::Bytes& JournalEntry::latest_raw_transaction() const {
  return replacements.empty() ? raw_transaction : replacements.back().raw_transaction;
}

const base::Bytes32& JournalEntry::latest_hash() const {
  return replacements.empty() ? transaction_hash : replacements.back().transaction_hash;
}

std::vector<base::Bytes32> JournalEntry::hashes() const {
  std::vector<base::Bytes32> out = {transaction_hash};
  for (const Replacement& one : replacements) out.push_back(one.transaction_hash);
  return out;
}

JournalEntry parse_journal_entry(std::string_view text, const std::string& name) {
  return from_json(base::Json::parse(text, name, Category::kFailure));
}

std::string format_journal_entry(const JournalEntry& entry) {
  return to_json(entry).pretty() + "\n";
}

}  // namespace ecloud::deploy
