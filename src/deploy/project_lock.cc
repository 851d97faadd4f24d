#include "ecloud/deploy/project_lock.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "deploy/chain_snapshot.h"
#include "deploy/current_app.h"
#include "deploy/send_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/lock_wait.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/deploy/app_records.h"

namespace ecloud::deploy {
namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::size_t kMaxLockBytes = std::size_t{4} << 20;
constexpr std::size_t kFingerprintBytes = 8;
constexpr std::string_view kFingerprintLabel = "ecloud variable fingerprint v1";

using Texts = std::map<std::string, std::string>;

base::Json to_json(const std::optional<Texts>& texts) {
  if (!texts) return {};
  base::Json out = base::Json::object();
  for (const auto& [name, text] : *texts) out.set(name, text);
  return out;
}

base::Json to_json(const LockedApp& app) {
  return base::Json::object({
      {"environment", app.environment},
      {"appId", app.app.to_string()},
      {"name", app.name},
      {"imageRef", app.image_reference},
      {"registry", app.image_name},
      {"imageDigest", app.image_digest},
      {"instanceType", app.instance_type},
      {"logVisibility", app.log_visibility},
      {"blockNumber", app.block},
      {"txHash", app.transaction},
      {"account", app.account.is_zero() ? base::Json() : base::Json(app.account.to_string())},
      {"publicVariables", to_json(app.public_variables)},
      {"privateVariables", to_json(app.private_variables)},
  });
}

eth::Address address_from(const base::Json& place) {
  const auto out = eth::Address::parse(place.as_string());
  if (!out) throw place.error("is not an address");
  return *out;
}

/// Nothing where it is missing, as in files of before it was kept, or null.
std::optional<Texts> texts_from(const base::Json& place) {
  if (!place.exists() || place.is_null()) return std::nullopt;
  Texts out;
  for (const auto& [name, text] : place.members()) out[name] = text.as_string();
  return out;
}

LockedApp from_json(const base::Json& document) {
  LockedApp out;
  out.environment = document["environment"].as_string();
  out.app = address_from(document["appId"]);
  out.name = document["name"].as_string();
  out.image_reference = document["imageRef"].as_string();
  out.image_name = document["registry"].as_string();
  out.image_digest = document["imageDigest"].as_string();
  out.instance_type = document["instanceType"].as_string();
  out.log_visibility = document["logVisibility"].as_string();
  out.block = document["blockNumber"].as_u64();
  out.transaction = document["txHash"].as_string();
  const base::Json account = document["account"];
  if (account.exists() && !account.is_null()) out.account = address_from(account);
  out.public_variables = texts_from(document["publicVariables"]);
  out.private_variables = texts_from(document["privateVariables"]);
  return out;
}

std::vector<LockedApp> read_apps(const std::string& text, const std::string& name) {
  const base::Json document = base::Json::parse(text, name, Category::kUsage);
  if (document["version"].as_u64() != kFormatVersion) {
    throw document["version"].error("is not 1, which this program reads");
  }
  std::vector<LockedApp> out;
  for (const base::Json& app : document["apps"].elements()) out.push_back(from_json(app));
  return out;
}

std::string format(const std::vector<LockedApp>& apps) {
  base::Json list = base::Json::array();
  for (const LockedApp& app : apps) list.push(to_json(app));
  return base::Json::object({{"version", kFormatVersion}, {"apps", std::move(list)}}).pretty() +
         "\n";
}

std::optional<Texts> public_variables(const Services& services, const eth::Address& app,
                                      const chain::Receipt& receipt) {
  const auto release =
      platform::find_app_upgraded(receipt.logs, services.environment.app_controller, app);
  return release ? std::optional(public_variables_of(*release)) : std::nullopt;
}

/// An upgrade's entry names no app; one that was made with another computer has a name in the file.
std::string name_of(const Services& services, const JournalEntry& entry,
                    const std::optional<LockedApp>& known) {
  if (!entry.name.empty()) return entry.name;
  if (known && !known->name.empty()) return known->name;
  const auto record = AppRecords(services.paths.state, services.environment.name).find(entry.app);
  return record ? record->name : std::string();
}

}  // namespace

ProjectLock::ProjectLock(std::filesystem::path file, std::filesystem::path state)
    : file_(std::move(file)), state_(std::move(state)) {}

std::vector<LockedApp> ProjectLock::all() const {
  const auto text = base::read_file_if_exists(file_, kMaxLockBytes);
  if (!text) return {};
  try {
    return read_apps(*text, file_.string());
  } catch (const Error& error) {
    throw Error(Category::kUsage, "lock.malformed", error.message(),
                "take the file from version control again, or remove it: the next upgrade writes "
                "it anew");
  }
}

std::optional<LockedApp> ProjectLock::find(const std::string& environment,
                                           const eth::Address& app) const {
  for (LockedApp& one : all()) {
    if (one.environment == environment && one.app == app) return std::move(one);
  }
  return std::nullopt;
}

void ProjectLock::put(const LockedApp& app, bool deployed_anew) {
  // Not beside the file, where it would show up in version control.
  const base::FileLock lock = base::wait_for_lock(state_ / "locks" / "project.lock");
  std::vector<LockedApp> apps = all();
  std::erase_if(apps, [&](const LockedApp& one) {
    if (one.environment != app.environment) return false;
    const bool is_former = deployed_anew && !app.name.empty() && one.name == app.name;
    return one.app == app.app || (is_former && one.block < app.block);
  });
  apps.push_back(app);
  std::sort(apps.begin(), apps.end(), [](const LockedApp& a, const LockedApp& b) {
    return std::tie(a.environment, a.app) < std::tie(b.environment, b.app);
  });
  base::write_file_atomic(file_, format(apps), base::kPublicFile);
}

std::string variable_fingerprint(const Signer& signer, const eth::Address& app,
                                 const std::string& name, const base::Secret& value) {
  // A hash of fixed length before the rest, so that no two pairs give the same octets.
  const base::Bytes32 digest = crypto::sha256(value.reveal());
  base::Bytes info(kFingerprintLabel.begin(), kFingerprintLabel.end());
  info.insert(info.end(), digest.begin(), digest.end());
  info.insert(info.end(), name.begin(), name.end());
  return base::to_hex(
      crypto::hkdf_sha256(signer.key.secret().reveal(), app.bytes(), info, kFingerprintBytes));
}

std::map<std::string, std::string> variable_fingerprints(
    const Signer& signer, const eth::Address& app, const platform::AppEnvironment& variables) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : variables.private_variables) {
    out[name] = variable_fingerprint(signer, app, name, value);
  }
  return out;
}

void lock_release(const Services& services, const JournalEntry& entry,
                  const chain::Receipt& receipt) {
  if (entry.lock_file.empty()) return;
  const std::uint64_t block = receipt.block_number;
  try {
    ProjectLock lock(entry.lock_file, services.paths.state);
    const auto known = lock.find(services.environment.name, entry.app);
    if (known && known->block > block) return;
    // What a release that is sent again has in its private variables is not known here.
    const bool was_put_back = entry.operation == Operation::kRollback || entry.keeps_variables;
    lock.put(
        {.environment = services.environment.name,
         .app = entry.app,
         .name = name_of(services, entry, known),
         .image_reference = entry.image_reference,
         .image_name = entry.image_name,
         .image_digest = entry.image_digest,
         .instance_type = entry.instance_type,
         .log_visibility = entry.log_visibility,
         .block = block,
         .transaction = hash_of(entry),
         .account = entry.deployer,
         .public_variables = public_variables(services, entry.app, receipt),
         .private_variables = was_put_back ? std::nullopt : std::optional(entry.private_variables)},
        entry.operation == Operation::kDeploy);
  } catch (const Error& error) {
    services.observer.warning("the release is on chain, but " + entry.lock_file +
                              " does not say so: " + error.message());
  }
}

}  // namespace ecloud::deploy
