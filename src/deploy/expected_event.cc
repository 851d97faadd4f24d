#include "deploy/expected_effects.h"

#include <algorithm>
#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/project_lock.h"

namespace ecloud::deploy {
namespace {

std::vector<base::Bytes32> topics_of(Operation operation) {
  switch (operation) {
    case Operation::kUpgrade:
    case Operation::kRollback:
      return {platform::topic_app_upgraded(platform::Generation::kThreeFields),
              platform::topic_app_upgraded(platform::Generation::kFourFields)};
    case Operation::kStart:
      return {platform::topic_app_started()};
    case Operation::kStop:
      return {platform::topic_app_stopped()};
    case Operation::kTerminate:
      return {platform::topic_app_terminated()};
    default:
      fail_bug("an operation without an event of the app");
  }
}

/// Whether the record speaks of this very release, or of a later one: then an upgrade that is
/// concluded again changes nothing.
bool knows_release(const AppRecord& known, const JournalEntry& entry, std::uint64_t block) {
  return known.transaction == hash_of(entry) ? known.block == block : known.block > block;
}

/// The record of the app follows; an app of another machine gets one that says what its wallet is.
void remember_upgrade(const Services& services, const JournalEntry& entry, std::uint64_t block) {
  AppRecords(services.paths.state, services.environment.name)
      .change(entry.app, [&](std::optional<AppRecord> known) -> std::optional<AppRecord> {
        if (known && knows_release(*known, entry, block)) return std::nullopt;
        AppRecord record = known.value_or(AppRecord{});
        if (!known) {
          record.app = entry.app;
          record.deployer = entry.deployer;
          record.created_at = entry.created_at;
        }
        const bool same_wallet =
            known && record.wallet == entry.wallet && record.evm_address == entry.evm_address;
        if (!same_wallet) record.releases.clear();
        record.releases.push_back(block);
        record.wallet = entry.wallet;
        record.evm_address = entry.evm_address;
        record.image = entry.image_name + "@" + entry.image_digest;
        record.transaction = hash_of(entry);
        record.block = block;
        return record;
      });
}

/// The app has the wallet that it had with the release that came back. When this machine does not
/// know which that was, the record is left behind, so that the next upgrade asks. A later release
/// that was made here meanwhile stays the last one.
void remember_rollback(const Services& services, const JournalEntry& entry, std::uint64_t block) {
  AppRecords(services.paths.state, services.environment.name)
      .change(entry.app, [&](std::optional<AppRecord> record) -> std::optional<AppRecord> {
        if (!record || !entry.restored) return std::nullopt;
        if (!record->made_with_this_wallet(entry.restored->block)) return std::nullopt;
        if (!record->made_with_this_wallet(block)) record->releases.push_back(block);
        if (block < record->block) return record;
        record->image = entry.image_name + "@" + entry.image_digest;
        record->transaction = hash_of(entry);
        record->block = block;
        return record;
      });
}

}  // namespace

Check expected_event(const Services& services) {
  return [&services](JournalEntry& entry, const chain::Receipt& receipt) {
    const std::vector<base::Bytes32> wanted = topics_of(entry.operation);
    for (const chain::LogEntry& log : receipt.logs) {
      const bool ours =
          log.address == services.environment.app_controller && log.topics.size() >= 2;
      if (!ours || log.topics[1] != platform::topic_of_address(entry.app)) continue;
      if (std::find(wanted.begin(), wanted.end(), log.topics[0]) == wanted.end()) continue;
      if (entry.operation == Operation::kUpgrade) {
        remember_upgrade(services, entry, receipt.block_number);
        lock_release(services, entry, receipt);
      }
      if (entry.operation == Operation::kRollback) {
        remember_rollback(services, entry, receipt.block_number);
        lock_release(services, entry, receipt);
      }
      return;
    }
    set_step(services, entry, Step::kAbandoned);
    throw Error(Category::kTransaction, "deploy.no_effect",
                "transaction " + hash_of(entry) + " succeeded but did not " +
                    std::string(infinitive(entry.operation)) + " app " + entry.app.to_string(),
                "check the environment (ecloud compute environment show), then run the command "
                "again");
  };
}

TransactionOutcome apply_to_app(const Services& services, const Signer& signer,
                                TransactionPlan plan, JournalEntry entry) {
  const std::string version = plan.controller_version;
  sign_and_record(services, signer, std::move(plan), entry);
  TransactionOutcome outcome =
      send_and_conclude(services, std::move(entry), expected_event(services));
  outcome.domain_separator = domain_separator_of(services, version);
  return outcome;
}

}  // namespace ecloud::deploy
