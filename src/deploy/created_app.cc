#include "deploy/expected_effects.h"

#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/project_lock.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {
namespace {

void check_created(const Services& services, JournalEntry& entry, const chain::Receipt& receipt) {
  const auto created = platform::find_app_created(receipt, services.environment.app_controller);
  for (const platform::AppCreated& event : created) {
    if (event.app == entry.app) return;
  }
  set_step(services, entry, Step::kAbandoned);
  if (created.empty()) {
    throw Error(Category::kTransaction, "deploy.no_effect",
                "transaction " + hash_of(entry) +
                    " succeeded but created no app: the account's delegation was not in place "
                    "(another transaction of the account came between)",
                "run the command again");
  }
  throw Error(Category::kTransaction, "deploy.wrong_app",
              "transaction " + hash_of(entry) + " created app " + created[0].app.to_string() +
                  " instead of " + entry.app.to_string() +
                  "; its variables are encrypted for the wrong app",
              "do not use this app; check that --rpc-url is a node you trust");
}

/// What this machine knows of a new app.
AppRecord new_record(const JournalEntry& entry, std::uint64_t block) {
  AppRecord record;
  record.app = entry.app;
  record.name = entry.name;
  record.deployer = entry.deployer;
  record.wallet = entry.wallet;
  record.evm_address = entry.evm_address;
  record.image = entry.image_name + "@" + entry.image_digest;
  record.folder = entry.folder;
  record.transaction = hash_of(entry);
  record.block = block;
  record.releases = {block};
  record.created_at = entry.created_at;
  return record;
}

/// A deployment may be concluded again, after releases with other wallets and under another name:
/// none of that is taken back. A file of before blocks were kept may speak of any release.
std::optional<AppRecord> remembered(std::optional<AppRecord> known, const JournalEntry& entry,
                                    std::uint64_t block) {
  if (!known) return new_record(entry, block);
  if (known->transaction == hash_of(entry)) {
    if (known->block == block) return std::nullopt;
    // Another block holds it now.
    known->block = block;
    known->releases = {block};
    return known;
  }
  const bool is_later = known->block == 0 || known->block > block;
  return is_later ? std::nullopt : std::optional(new_record(entry, block));
}

void remember_app(const Services& services, const JournalEntry& entry, std::uint64_t block) {
  AppRecords(services.paths.state, services.environment.name)
      .change(entry.app, [&](std::optional<AppRecord> known) {
        return remembered(std::move(known), entry, block);
      });
}

}  // namespace

Check created_app(const Services& services) {
  return [&services](JournalEntry& entry, const chain::Receipt& receipt) {
    check_created(services, entry, receipt);
    remember_app(services, entry, receipt.block_number);
    lock_release(services, entry, receipt);
  };
}

Check expected_effect(const Services& services, Operation operation) {
  switch (operation) {
    case Operation::kDeploy:
      return created_app(services);
    case Operation::kUndelegate:
      return code_is_gone(services);
    case Operation::kPurchase:
      return paid(services);
    case Operation::kGrant:
    case Operation::kRevoke:
    case Operation::kAccept:
      return changed_permissions(services);
    case Operation::kUpgrade:
    case Operation::kStart:
    case Operation::kStop:
    case Operation::kTerminate:
    case Operation::kRollback:
      return expected_event(services);
  }
  fail_bug("an operation without an effect");
}

}  // namespace ecloud::deploy
