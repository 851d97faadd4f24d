#include "deploy/release_encoding.h"

#include <optional>

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/lock_wait.h"

namespace ecloud::deploy {
namespace {

using platform::Generation;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
/// No command waits long for what it can find out again.
constexpr base::Milliseconds kPatience{2'000};
constexpr std::string_view kThree = "three fields", kFour = "four fields";

std::filesystem::path memory_file(const Services& services) {
  return services.paths.state / "controllers" / (services.environment.name + ".json");
}

/// The members of "controllers"; empty when the file is missing or damaged.
base::Json read_memory(const std::filesystem::path& file) {
  try {
    const auto text = base::read_file_if_exists(file, kMaxFileBytes);
    if (!text) return base::Json::object({});
    const base::Json document = base::Json::parse(*text, file.string());
    if (document["controllers"].is_object()) return document["controllers"];
  } catch (const Error&) {
  }
  return base::Json::object({});
}

std::optional<Generation> remembered(const Services& services, const std::string& version) {
  const base::Json all = read_memory(memory_file(services));
  const base::Json entry = all[services.environment.app_controller.to_string()];
  if (!entry.is_object() || entry["version"].opt_string() != version) return std::nullopt;
  const auto word = entry["release"].opt_string();
  if (word == kThree) return Generation::kThreeFields;
  if (word == kFour) return Generation::kFourFields;
  return std::nullopt;
}

void remember(const Services& services, const std::string& version, Generation generation) {
  const std::filesystem::path file = memory_file(services);
  const std::string address = services.environment.app_controller.to_string();
  try {
    const base::FileLock lock = base::wait_for_lock(file.string() + ".lock", kPatience);
    base::Json controllers = base::Json::object({});
    for (const auto& [known, entry] : read_memory(file).members()) {
      if (known != address) controllers.set(known, entry);
    }
    if (generation != platform::generation_of(version)) {
      const bool four = generation == Generation::kFourFields;
      controllers.set(
          address, base::Json::object({{"version", version}, {"release", four ? kFour : kThree}}));
    }
    const base::Json document =
        base::Json::object({{"version", 1}, {"controllers", std::move(controllers)}});
    base::write_file_atomic(file, document.dump() + "\n", base::kPrivateFile);
  } catch (const Error&) {
    // It is found out again the next time.
  }
}

Generation other(Generation generation) {
  return generation == Generation::kFourFields ? Generation::kThreeFields : Generation::kFourFields;
}

}  // namespace

Generation release_generation(const Services& services, const std::string& version) {
  const Generation stated = platform::generation_of(version);
  return remembered(services, version).value_or(stated);
}

TransactionPlan plan_release(const Services& services, AccountSnapshot& chain,
                             const std::function<TransactionPlan()>& plan) {
  std::optional<UnknownCall> first;
  try {
    return plan();
  } catch (const UnknownCall& error) {
    first = error;
  }
  const Generation before = chain.generation;
  chain.generation = other(before);
  const auto is_understood = [&] {
    remember(services, chain.controller_version, chain.generation);
    services.observer.note("the AppController calls itself " + chain.controller_version +
                           " and takes the releases of " +
                           (chain.generation == Generation::kFourFields ? "1.5.0" : "1.4.0"));
  };
  try {
    TransactionPlan out = plan();
    is_understood();
    return out;
  } catch (const UnknownCall&) {
    chain.generation = before;
    throw UnknownCall(*first);
  } catch (const Error& error) {
    // Another reason is an answer, too.
    if (error.code() == "chain.would_revert" || error.code() == "deploy.insufficient_funds") {
      is_understood();
    }
    throw;
  }
}

}  // namespace ecloud::deploy
