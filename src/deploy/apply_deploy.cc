#include <utility>

#include "deploy/batch_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/platform/signatures.h"

namespace ecloud::deploy {
namespace {

constexpr std::string_view kRunAgain = "run the same command again: it finds out and goes on";

std::string hash_of(const JournalEntry& entry) {
  return base::to_hex_prefixed(entry.transaction_hash);
}

Journal journal_of(const Services& services) {
  return Journal(services.paths.state, services.environment.name);
}

void set_step(const Services& services, JournalEntry& entry, Step step) {
  entry.step = step;
  journal_of(services).write(entry);
}

JournalEntry new_entry(const Services& services, const Signer& deployer,
                       const DeployRequest& request, const DeployPlan& plan) {
  JournalEntry entry;
  entry.deployer = deployer.address;
  entry.app = plan.app;
  entry.salt = plan.salt;
  entry.name = request.name;
  entry.wallet = request.wallet;
  if (plan.addresses) {
    entry.evm_address = plan.addresses->evm;
    entry.solana_address = plan.addresses->solana;
  }
  entry.image_reference = request.image.to_string();
  entry.image_name = request.image.name();
  entry.image_digest = plan.image.digest.to_string();
  entry.instance_type = request.instance_type;
  entry.log_visibility = to_string(request.log_visibility);
  entry.folder = request.folder;
  entry.chain_id = services.environment.chain_id;
  entry.nonce = plan.transaction.nonce;
  entry.gas_limit = plan.transaction.gas_limit;
  entry.max_cost_wei = plan.maximum_cost.to_decimal();
  entry.created_at = services.clock.unix_seconds();
  return entry;
}

/// Whether a node knows the transaction, mined or not.
bool is_known(const Services& services, const JournalEntry& entry) {
  const auto results = services.rpc.batch({chain::get_transaction_by_hash(entry.transaction_hash)});
  const auto* value = std::get_if<base::Json>(&results.front());
  return value != nullptr && value->is_object();
}

void send(const Services& services, JournalEntry& entry) {
  services.observer.phase("sending transaction " + hash_of(entry));
  const auto refusal = services.rpc.send_raw_transaction(entry.raw_transaction);
  if (!refusal || is_known(services, entry)) return;
  // Nobody has it, and its nonce is free again for the next attempt, so at most one can be mined.
  set_step(services, entry, Step::kAbandoned);
  const auto revert = revert_of(*refusal);
  throw Error(Category::kTransaction, "chain.refused",
              "the node refused the transaction: " +
                  (revert ? revert->message : base::printable_line(refusal->message)),
              "nothing is on chain; mend the cause and run the command again");
}

[[noreturn]] void fail_reverted(const Services& services, JournalEntry& entry,
                                const chain::Receipt& receipt) {
  const eth::SignedTransaction sent = eth::decode_transaction(entry.raw_transaction);
  const auto results =
      services.rpc.batch({chain::replay(entry.deployer, sent.transaction, receipt.block_number)});
  const auto* error = std::get_if<chain::RpcError>(&results.front());
  const auto revert = error != nullptr ? revert_of(*error) : std::nullopt;
  set_step(services, entry, Step::kAbandoned);
  throw Error(
      Category::kTransaction, "chain.reverted",
      "transaction " + hash_of(entry) +
          " was reverted: " + (revert ? revert->message : "the node gave no reason"),
      revert && !revert->hint.empty() ? revert->hint : "mend the cause and run the command again");
}

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

void check_delegation(const Services& services, const JournalEntry& entry) {
  const auto results = services.rpc.batch({chain::get_code(entry.deployer)});
  const auto* code = std::get_if<base::Json>(&results.front());
  const bool in_place = code != nullptr && chain::read_data(*code) ==
                                               eth::delegation_code(services.environment.delegator);
  if (!in_place) {
    services.observer.warning("the app exists, but the account " + entry.deployer.to_string() +
                              " is not delegated to " + services.environment.delegator.to_string() +
                              " as expected");
  }
}

void remember_app(const Services& services, const JournalEntry& entry) {
  AppRecord record;
  record.app = entry.app;
  record.name = entry.name;
  record.deployer = entry.deployer;
  record.wallet = entry.wallet;
  record.image = entry.image_name + "@" + entry.image_digest;
  record.folder = entry.folder;
  record.transaction = hash_of(entry);
  record.created_at = entry.created_at;
  AppRecords(services.paths.state, services.environment.name).save(record);
}

chain::Receipt wait_mined(const Services& services, const JournalEntry& entry) {
  services.observer.phase("waiting for transaction " + hash_of(entry));
  auto receipt = chain::wait_for_receipt(services.rpc, services.clock, entry.transaction_hash);
  if (receipt) return std::move(*receipt);
  throw Error(Category::kPending, "deploy.not_mined",
              "transaction " + hash_of(entry) + " of app " + entry.app.to_string() +
                  " was sent and is not mined yet",
              std::string(kRunAgain));
}

/// From the receipt on: what happened, and what is to be remembered of it.
DeployOutcome conclude(const Services& services, JournalEntry entry, chain::Receipt receipt) {
  if (!receipt.success) fail_reverted(services, entry, receipt);
  check_created(services, entry, receipt);
  remember_app(services, entry);
  set_step(services, entry, Step::kMined);
  return {.entry = std::move(entry), .receipt = std::move(receipt)};
}

DeployOutcome send_and_conclude(const Services& services, JournalEntry entry) {
  try {
    send(services, entry);
    chain::Receipt receipt = wait_mined(services, entry);
    return conclude(services, std::move(entry), std::move(receipt));
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) {
      throw Error(Category::kInterrupted, "interrupted",
                  "interrupted; transaction " + hash_of(entry) + " of app " +
                      entry.app.to_string() + " may be on its way",
                  std::string(kRunAgain));
    }
    if (error.category() == Category::kNetwork) {
      throw Error(Category::kNetwork, error.code(),
                  error.message() + "; transaction " + hash_of(entry) + " may be on its way",
                  std::string(kRunAgain));
    }
    throw;
  }
}

}  // namespace

DeployOutcome apply_deploy(const Services& services, const Signer& deployer,
                           const DeployRequest& request, DeployPlan plan) {
  const std::int64_t now = services.clock.unix_seconds();
  if (request.wallet == WalletSource::kGenerated) {
    services.observer.phase("storing the wallet");
    WalletStore(services.paths.state, services.environment.name)
        .save(deployer, plan.app, plan.mnemonic, services.random, now);
  }
  if (plan.delegate) authorize(plan.transaction, deployer, services.environment.delegator);
  JournalEntry entry = new_entry(services, deployer, request, plan);
  eth::SignedTransaction signed_transaction =
      eth::sign_transaction(deployer.key, std::move(plan.transaction));
  entry.raw_transaction = std::move(signed_transaction.raw);
  entry.transaction_hash = signed_transaction.hash;
  journal_of(services).write(entry);

  DeployOutcome outcome = send_and_conclude(services, std::move(entry));
  outcome.domain_separator = platform::controller_domain_separator(
      plan.controller_version, services.environment.chain_id, services.environment.app_controller);
  if (plan.delegate) check_delegation(services, outcome.entry);
  return outcome;
}

std::optional<DeployOutcome> resume_deploy(const Services& services, const Signer& deployer,
                                           const DeployRequest& request) {
  auto entry =
      journal_of(services).unfinished(deployer.address, request.name, request.image.to_string());
  if (!entry) return std::nullopt;
  services.observer.note("an earlier run began to deploy app " + entry->app.to_string() +
                         " with transaction " + hash_of(*entry) + "; looking for it");
  const auto results = services.rpc.batch(
      {chain::get_transaction_receipt(entry->transaction_hash),
       chain::get_transaction_count(deployer.address, chain::BlockTag::kLatest),
       chain::eth_call(services.environment.app_controller, platform::encode_version())});
  auto receipt =
      chain::read_receipt(chain::value_or_throw(results[0], "eth_getTransactionReceipt"));
  const std::uint64_t next_nonce =
      chain::read_u64(chain::value_or_throw(results[1], "eth_getTransactionCount"));
  const std::string version =
      platform::decode_text(chain::read_data(chain::value_or_throw(results[2], "eth_call")));
  if (!receipt && next_nonce > entry->nonce) {
    services.observer.note(
        "another transaction of the account took its place; it can never be "
        "mined, so the deployment starts anew");
    set_step(services, *entry, Step::kAbandoned);
    return std::nullopt;
  }
  if (entry->image_reference != request.image.to_string()) {
    services.observer.warning("the earlier run deploys " + entry->image_reference + ", not " +
                              request.image.to_string() + "; it goes on as it began");
  }
  DeployOutcome outcome = receipt ? conclude(services, std::move(*entry), std::move(*receipt))
                                  : send_and_conclude(services, std::move(*entry));
  outcome.resumed = true;
  outcome.domain_separator = platform::controller_domain_separator(
      version, services.environment.chain_id, services.environment.app_controller);
  return outcome;
}

void finish_deploy(const Services& services, const DeployOutcome& outcome) {
  JournalEntry entry = outcome.entry;
  set_step(services, entry, Step::kDone);
}

std::string_view to_string(LogVisibility visibility) {
  switch (visibility) {
    case LogVisibility::kPublic:
      return "public";
    case LogVisibility::kPrivate:
      return "private";
    case LogVisibility::kOff:
      return "off";
  }
  fail_bug("a log visibility without a name");
}

std::optional<LogVisibility> log_visibility_of(std::string_view word) {
  for (const LogVisibility visibility :
       {LogVisibility::kPublic, LogVisibility::kPrivate, LogVisibility::kOff}) {
    if (word == to_string(visibility)) return visibility;
  }
  return std::nullopt;
}

}  // namespace ecloud::deploy
