#include "ecloud/deploy/journal.h"

#include <algorithm>
#include <tuple>

#include "deploy/journal_entry.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxJournalBytes = std::size_t{4} << 20;

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

JournalEntry read_entry(const std::filesystem::path& file) {
  try {
    return parse_journal_entry(base::read_file(file, kMaxJournalBytes, Category::kFailure),
                               file.string());
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

Journal::Journal(const std::filesystem::path& state, const std::string& environment)
    : directory_(state / "journal" / environment) {}

void Journal::write(const JournalEntry& entry) {
  base::write_file_atomic(directory_ / file_name(entry), format_journal_entry(entry),
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

std::vector<base::Bytes32> Journal::signed_by(const eth::Address& account) const {
  std::vector<base::Bytes32> out;
  for (const JournalEntry& entry : all()) {
    if (entry.deployer != account) continue;
    for (const base::Bytes32& hash : entry.hashes()) out.push_back(hash);
  }
  std::sort(out.begin(), out.end());
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
