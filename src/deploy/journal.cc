#include "ecloud/deploy/journal.h"

#include <algorithm>
#include <tuple>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxJournalBytes = std::size_t{4} << 20;
constexpr std::string_view kSteps[] = {"signed", "mined", "done", "abandoned"};
constexpr std::string_view kOperations[] = {"deploy",    "upgrade",    "start",   "stop",
                                            "terminate", "undelegate", "purchase"};

std::string file_name(const JournalEntry& entry) {
  const std::string operation(to_string(entry.operation));
  switch (entry.operation) {
    case Operation::kDeploy:
      return entry.app.to_string() + ".json";
    case Operation::kUndelegate:
      return operation + "-" + entry.deployer.to_string() + ".json";
    case Operation::kPurchase:
      return operation + "-" + base::to_hex_prefixed(entry.transaction_hash) + ".json";
    default:
      return operation + "-" + entry.app.to_string() + "-" + entry.deployer.to_string() + ".json";
  }
}

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
      {"purchase", to_json(entry.purchase)},
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
  auto raw = base::from_hex(document["rawTransaction"].as_string());
  if (!raw) throw document["rawTransaction"].error("is not hex");
  entry.raw_transaction = std::move(*raw);
  entry.created_at = document["createdAt"].as_i64();
  if (entry.operation == Operation::kPurchase) {
    entry.purchase = purchase_from_json(document["purchase"]);
  }
  return entry;
}

JournalEntry read_entry(const std::filesystem::path& file) {
  try {
    return from_json(base::Json::parse(base::read_file(file, kMaxJournalBytes, Category::kFailure),
                                       file.string(), Category::kFailure));
  } catch (const Error& error) {
    const bool is_purchase = file.filename().string().starts_with("purchase-");
    throw Error(Category::kFailure, "journal.damaged",
                "the journal of an operation cannot be read: " + error.message(),
                "restore " + file.string() + " from a backup; its name holds " +
                    (is_purchase ? "the hash of the transaction: look what became of it before "
                                   "you move the file away"
                                 : "the app id: look at the app with ecloud compute app info "
                                   "before you move the file away"));
  }
}

}  // namespace

std::string_view to_string(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

std::optional<Operation> operation_of(std::string_view word) {
  const auto found = std::find(std::begin(kOperations), std::end(kOperations), word);
  if (found == std::end(kOperations)) return std::nullopt;
  return static_cast<Operation>(found - std::begin(kOperations));
}

std::string_view to_string(Step step) {
  return kSteps[static_cast<std::size_t>(step)];
}

Journal::Journal(const std::filesystem::path& state, const std::string& environment)
    : directory_(state / "journal" / environment) {}

void Journal::write(const JournalEntry& entry) {
  base::write_file_atomic(directory_ / file_name(entry), to_json(entry).pretty() + "\n",
                          base::kPrivateFile);
}

std::vector<JournalEntry> Journal::all() const {
  std::vector<JournalEntry> out;
  std::error_code missing;
  for (const auto& file : std::filesystem::directory_iterator(directory_, missing)) {
    if (file.path().extension() == ".json") out.push_back(read_entry(file.path()));
  }
  std::sort(out.begin(), out.end(), [](const JournalEntry& a, const JournalEntry& b) {
    return std::tie(a.created_at, a.nonce, a.app) < std::tie(b.created_at, b.nonce, b.app);
  });
  return out;
}

std::vector<JournalEntry> Journal::all_unfinished() const {
  std::vector<JournalEntry> entries = all();
  std::erase_if(entries, [](const JournalEntry& entry) { return !entry.is_open(); });
  return entries;
}

std::optional<JournalEntry> Journal::unfinished(const eth::Address& deployer,
                                                const std::string& name,
                                                const std::string& image_reference) const {
  std::optional<JournalEntry> newest;
  for (JournalEntry& entry : all()) {
    const bool same =
        entry.name == name && (!name.empty() || entry.image_reference == image_reference);
    const bool fits = entry.operation == Operation::kDeploy && entry.is_open() && same;
    if (fits && entry.deployer == deployer) newest = std::move(entry);
  }
  return newest;
}

std::vector<JournalEntry> Journal::open_changes(const eth::Address& deployer,
                                                const eth::Address& app) const {
  std::vector<JournalEntry> out;
  for (JournalEntry& entry : all()) {
    const bool own = entry.deployer == deployer && entry.app == app;
    const bool change =
        entry.operation != Operation::kDeploy && entry.operation != Operation::kPurchase;
    if (own && change && entry.is_open()) out.push_back(std::move(entry));
  }
  return out;
}

std::vector<JournalEntry> Journal::open_purchases(const eth::Address& payer) const {
  std::vector<JournalEntry> out = all_unfinished();
  std::erase_if(out, [&](const JournalEntry& entry) {
    return entry.operation != Operation::kPurchase || entry.deployer != payer;
  });
  return out;
}

}  // namespace ecloud::deploy
