#include "ecloud/deploy/purchase_journal.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 20;

base::Json to_json(const PurchaseEntry& entry) {
  return base::Json::object({
      {"version", 1},
      {"step", to_string(entry.step)},
      {"payer", entry.payer.to_string()},
      {"account", entry.account.to_string()},
      {"token", entry.token.to_string()},
      {"amount", entry.amount.to_decimal()},
      {"chainId", entry.chain_id},
      {"nonce", entry.nonce},
      {"gasLimit", entry.gas_limit},
      {"maxCostWei", entry.maximum_cost.to_decimal()},
      {"transactionHash", base::to_hex_prefixed(entry.transaction_hash)},
      {"rawTransaction", base::to_hex_prefixed(entry.raw_transaction)},
      {"createdAt", entry.created_at},
      {"creditsBefore", entry.credits_before ? base::Json(*entry.credits_before) : base::Json()},
  });
}

/// Members that are more than text and number; each names itself in its error.
class Reader {
 public:
  explicit Reader(const base::Json& document) : document_(document) {}

  eth::Address address(std::string_view name) const {
    const auto value = eth::Address::parse(document_[name].as_string());
    if (!value) throw document_[name].error("is not an address");
    return *value;
  }
  eth::U256 amount(std::string_view name) const {
    const auto value = eth::U256::from_decimal(document_[name].as_string());
    if (!value) throw document_[name].error("is no decimal number");
    return *value;
  }
  Step step() const {
    const std::string word = document_["step"].as_string();
    for (const Step step : {Step::kSigned, Step::kMined, Step::kDone, Step::kAbandoned}) {
      if (to_string(step) == word) return step;
    }
    throw document_["step"].error("is no known step");
  }
  base::Bytes32 hash() const {
    const auto value = base::fixed_from_hex<32>(document_["transactionHash"].as_string());
    if (!value) throw document_["transactionHash"].error("is not 32 octets in hex");
    return *value;
  }
  base::Bytes raw() const {
    auto value = base::from_hex(document_["rawTransaction"].as_string());
    if (!value) throw document_["rawTransaction"].error("is not hex");
    return std::move(*value);
  }

 private:
  const base::Json& document_;
};

PurchaseEntry from_json(const base::Json& document) {
  const Reader reader(document);
  PurchaseEntry entry;
  entry.step = reader.step();
  entry.payer = reader.address("payer");
  entry.account = reader.address("account");
  entry.token = reader.address("token");
  entry.amount = reader.amount("amount");
  entry.chain_id = document["chainId"].as_u64();
  entry.nonce = document["nonce"].as_u64();
  entry.gas_limit = document["gasLimit"].as_u64();
  entry.maximum_cost = reader.amount("maxCostWei");
  entry.transaction_hash = reader.hash();
  entry.raw_transaction = reader.raw();
  entry.created_at = document["createdAt"].as_i64();
  entry.credits_before = document["creditsBefore"].opt_double();
  return entry;
}

PurchaseEntry read_entry(const std::filesystem::path& file) {
  try {
    return from_json(base::Json::parse(base::read_file(file, kMaxEntryBytes, Category::kFailure),
                                       file.string(), Category::kFailure));
  } catch (const Error& error) {
    throw Error(Category::kFailure, "journal.damaged",
                "the journal of a purchase cannot be read: " + error.message(),
                "restore " + file.string() +
                    " from a backup; its name is the hash of the transaction: look what became of "
                    "it before you move the file away");
  }
}

}  // namespace

PurchaseJournal::PurchaseJournal(const std::filesystem::path& state, std::uint64_t chain_id)
    : directory_(state / "purchases" / std::to_string(chain_id)) {}

void PurchaseJournal::write(const PurchaseEntry& entry) {
  const std::string name = base::to_hex_prefixed(entry.transaction_hash) + ".json";
  base::write_file_atomic(directory_ / name, to_json(entry).pretty() + "\n", base::kPrivateFile);
}

std::vector<PurchaseEntry> PurchaseJournal::open(const eth::Address& payer) const {
  std::vector<PurchaseEntry> out;
  std::error_code missing;
  for (const auto& file : std::filesystem::directory_iterator(directory_, missing)) {
    if (file.path().extension() != ".json") continue;
    PurchaseEntry entry = read_entry(file.path());
    if (entry.is_open() && entry.payer == payer) out.push_back(std::move(entry));
  }
  std::sort(out.begin(), out.end(),
            [](const PurchaseEntry& a, const PurchaseEntry& b) { return a.nonce < b.nonce; });
  return out;
}

}  // namespace ecloud::deploy
