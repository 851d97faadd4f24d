#include "ecloud/deploy/app_records.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/lock_wait.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxRecordBytes = 64 * 1024;
/// How many releases are remembered, the last ones.
constexpr std::size_t kMostReleases = 200;

base::Json to_json(const std::vector<std::uint64_t>& blocks) {
  base::Json out = base::Json::array();
  const std::size_t first = blocks.size() > kMostReleases ? blocks.size() - kMostReleases : 0;
  for (std::size_t i = first; i < blocks.size(); ++i) out.push(blocks[i]);
  return out;
}

base::Json to_json(const AppRecord& record) {
  return base::Json::object({
      {"version", 1},
      {"appId", record.app.to_string()},
      {"name", record.name},
      {"deployer", record.deployer.to_string()},
      {"wallet", to_string(record.wallet)},
      {"evmAddress", record.evm_address},
      {"image", record.image},
      {"folder", record.folder},
      {"transaction", record.transaction},
      {"block", record.block},
      {"createdAt", record.created_at},
      {"releases", to_json(record.releases)},
  });
}

std::optional<AppRecord> read_record(const std::filesystem::path& file) {
  try {
    const base::Json document =
        base::Json::parse(base::read_file(file, kMaxRecordBytes), file.string());
    AppRecord record;
    const auto app = eth::Address::parse(document["appId"].as_string());
    const auto deployer = eth::Address::parse(document["deployer"].as_string());
    const auto wallet = wallet_source_of(document["wallet"].as_string());
    if (!app || !deployer || !wallet) return std::nullopt;
    record.app = *app;
    record.deployer = *deployer;
    record.wallet = *wallet;
    record.evm_address = document["evmAddress"].opt_string().value_or("");
    record.name = document["name"].as_string();
    record.image = document["image"].as_string();
    record.folder = document["folder"].as_string();
    record.transaction = document["transaction"].as_string();
    if (document["block"].exists()) record.block = document["block"].as_u64();
    record.created_at = document["createdAt"].as_i64();
    if (document["releases"].exists()) {
      for (const base::Json& block : document["releases"].elements()) {
        record.releases.push_back(block.as_u64());
      }
    }
    return record;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

bool AppRecord::made_with_this_wallet(std::uint64_t release_block) const {
  return std::find(releases.begin(), releases.end(), release_block) != releases.end();
}

AppRecords::AppRecords(const std::filesystem::path& state, const std::string& environment)
    : directory_(state / "apps" / environment) {}

void AppRecords::save(const AppRecord& record) {
  base::write_file_atomic(directory_ / (record.app.to_string() + ".json"),
                          to_json(record).pretty() + "\n", base::kPrivateFile);
}

void AppRecords::change(
    const eth::Address& app,
    const std::function<std::optional<AppRecord>(std::optional<AppRecord>)>& change) {
  const base::FileLock lock = base::wait_for_lock(directory_ / "records.lock");
  if (const auto changed = change(find(app))) save(*changed);
}

std::vector<AppRecord> AppRecords::all() const {
  std::vector<AppRecord> out;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, missing)) {
    if (entry.path().extension() != ".json") continue;
    if (auto record = read_record(entry.path())) out.push_back(std::move(*record));
  }
  std::sort(out.begin(), out.end(), [](const AppRecord& a, const AppRecord& b) {
    return std::tie(a.created_at, a.app) < std::tie(b.created_at, b.app);
  });
  return out;
}

std::optional<AppRecord> AppRecords::find(const eth::Address& app) const {
  return read_record(directory_ / (app.to_string() + ".json"));
}

std::vector<AppRecord> AppRecords::named(const std::string& name,
                                         const eth::Address& deployer) const {
  std::vector<AppRecord> out;
  for (AppRecord& record : all()) {
    if (record.name == name && record.deployer == deployer) out.push_back(std::move(record));
  }
  return out;
}

}  // namespace ecloud::deploy
