#include "cli/commands/resume/operations.h"

#include <algorithm>

#include "cli/json_values.h"
#include "cli/output.h"
#include "cli/transaction_view.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/top_up.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/credits.h"

namespace ecloud::cli {
namespace {

/// "0x" and so many digits of a hash are no accident.
constexpr std::size_t kShortestHash = 2 + 6;

std::string hash_text(const deploy::JournalEntry& entry) {
  return base::to_hex_prefixed(entry.mined_hash.value_or(entry.latest_hash()));
}

bool has_hash(const deploy::JournalEntry& entry, const std::string& word) {
  if (word.size() < kShortestHash || !word.starts_with("0x")) return false;
  const auto hashes = entry.hashes();
  return std::any_of(hashes.begin(), hashes.end(), [&](const base::Bytes32& hash) {
    return base::to_hex_prefixed(hash).starts_with(base::to_lower(word));
  });
}

bool is_named(const OpenOperation& operation, const std::string& word) {
  const auto address = eth::Address::parse(word);
  if (address) return !operation.entry.app.is_zero() && operation.entry.app == *address;
  return (!word.empty() && operation.app_name == word) || has_hash(operation.entry, word);
}

base::Json document_of(const std::optional<deploy::ReplacementPlan>& plan) {
  if (!plan) return {};
  base::Json out = gas_document(plan->transaction);
  out.set("cancels", plan->cancels);
  return out;
}

base::Json document_of(const OpenOperation& operation) {
  const deploy::JournalEntry& entry = operation.entry;
  return base::Json::object(
      {{"operation", deploy::to_string(entry.operation)},
       {"appId", entry.app.is_zero() ? base::Json() : base::Json(entry.app.to_string())},
       {"name", text_or_null(operation.app_name)},
       {"account", entry.deployer.to_string()},
       {"chainId", entry.chain_id},
       {"nonce", entry.nonce},
       {"txHash", hash_text(entry)},
       {"attempts", static_cast<std::uint64_t>(entry.replacements.size() + 1)},
       {"state", operation.fate ? base::Json(deploy::to_string(*operation.fate)) : base::Json()},
       {"createdAt", base::format_rfc3339(entry.created_at)},
       {"replacement", document_of(operation.replacement)},
       {"result", text_or_null(operation.result)},
       {"error", operation.error ? base::Json(operation.error->message()) : base::Json()}});
}

Table table_of(Context& context, const std::deque<OpenOperation>& operations) {
  Table table{.headers = {"OPERATION", "APP", "TRANSACTION", "NONCE", "STATE", "BEGUN", "RESULT"},
              .rows = {}};
  const std::int64_t now = context.clock().unix_seconds();
  for (const OpenOperation& one : operations) {
    const deploy::JournalEntry& entry = one.entry;
    const std::string app = !one.app_name.empty() ? one.app_name
                            : entry.app.is_zero() ? "-"
                                                  : entry.app.to_string();
    table.rows.push_back(
        {std::string(deploy::to_string(entry.operation)), app, hash_text(entry),
         std::to_string(entry.nonce), one.fate ? std::string(deploy::to_string(*one.fate)) : "?",
         show_time(context.terminal(), entry.created_at, now), or_dash(one.result)});
  }
  return table;
}

}  // namespace

OpenOperations::OpenOperations(Context& context, Workflow& workflow) {
  take(workflow.services());
  const platform::Environment& environment = workflow.services().environment;
  std::vector<std::pair<std::string, std::uint64_t>> chains = {
      {std::string(platform::kMainCreditsChain), environment.credits_chain_id}};
  for (const platform::CreditsChain& other : environment.other_credits_chains) {
    chains.emplace_back(other.name, other.chain_id);
  }
  for (const auto& [name, chain_id] : chains) {
    const deploy::Journal purchases(workflow.services().paths.state,
                                    deploy::credits_journal(chain_id));
    if (purchases.all_unfinished().empty()) continue;
    credits_.push_back(std::make_unique<CreditsChain>(context, workflow, name));
    take(credits_.back()->services());
  }
}

void OpenOperations::take(const deploy::Services& services) {
  const deploy::AppRecords records(services.paths.state, services.environment.name);
  for (deploy::JournalEntry& entry : deploy::unfinished_operations(services)) {
    OpenOperation one{.services = &services, .entry = std::move(entry)};
    one.app_name = one.entry.name;
    const auto record = records.find(one.entry.app);
    if (record && !record->name.empty()) one.app_name = record->name;
    operations_.push_back(std::move(one));
  }
}

std::vector<OpenOperation*> OpenOperations::named(const std::string& word) {
  std::vector<OpenOperation*> out;
  for (OpenOperation& one : operations_) {
    if (is_named(one, word)) out.push_back(&one);
  }
  if (!out.empty()) return out;
  throw Error(Category::kNotFound, "resume.not_found",
              "nothing that is called " + word + " is unfinished on this machine",
              "see what is: ecloud resume --list");
}

OpenOperation& OpenOperations::only(const std::string& word) {
  std::vector<OpenOperation*> found;
  if (!word.empty()) {
    found = named(word);
  } else {
    for (OpenOperation& one : operations_) found.push_back(&one);
  }
  if (found.empty()) {
    throw Error(Category::kNotFound, "resume.not_found", "nothing is unfinished on this machine");
  }
  if (found.size() == 1) return *found.front();
  std::vector<std::string> hashes;
  for (const OpenOperation* one : found) {
    hashes.push_back(hash_text(one->entry) + " (" + describe(*one) + ")");
  }
  throw Error(Category::kUsage, "resume.which",
              std::to_string(found.size()) + " operations are meant: " + base::join(hashes, ", "),
              "name one by its transaction");
}

std::string describe(const OpenOperation& operation) {
  const deploy::JournalEntry& entry = operation.entry;
  if (entry.purchase) {
    return "purchase of " + platform::format_usdc(entry.purchase->amount) + " for " +
           entry.purchase->account.to_string();
  }
  const std::string what(deploy::to_string(entry.operation));
  if (entry.app.is_zero()) return what + " of account " + entry.deployer.to_string();
  const std::string out = what + " of app " + entry.app.to_string() +
                          (operation.app_name.empty() ? "" : " (" + operation.app_name + ")");
  if (!entry.restored) return out;
  return out + " to what release " + std::to_string(entry.restored->id + 1) + " was";
}

std::vector<platform::Call> calls_of(const deploy::JournalEntry& entry) {
  const eth::Transaction sent = eth::decode_transaction(entry.raw_transaction).transaction;
  if (sent.to == entry.deployer) {
    if (auto batch = platform::decode_execute(sent.data)) return std::move(*batch);
  }
  return {{sent.to, sent.value, sent.data}};
}

std::string calls_in_words(const deploy::JournalEntry& entry,
                           const platform::Environment& environment) {
  std::vector<std::string> words;
  for (const platform::Call& call : calls_of(entry)) {
    words.push_back(describe_in_words(call, environment));
  }
  return base::join(words, ", ");
}

void show_operations(Context& context, const std::deque<OpenOperation>& operations) {
  base::Json list = base::Json::array();
  for (const OpenOperation& one : operations) list.push(document_of(one));
  context.output().result(base::Json::object({{"operations", list}}), [&] {
    if (operations.empty()) context.terminal().note("nothing is unfinished on this machine");
    context.output().table(table_of(context, operations));
  });
}

std::vector<JsonField> operation_json_fields() {
  return {
      {"operation",
       "deploy, upgrade, start, stop, terminate, rollback, grant, revoke, accept, undelegate or "
       "purchase"},
      {"appId", "id of the app, or null"},
      {"name", "its name, or null"},
      {"account", "who signed it"},
      {"chainId", "where"},
      {"nonce", "of the account"},
      {"txHash", "the transaction that was mined, else the last one that was signed"},
      {"attempts", "how many were signed with that nonce: 1 and the replacements"},
      {"state",
       "mined, waiting (a node has it), unknown (no node has it), impossible (another transaction "
       "took its nonce); null when the chain was not asked"},
      {"createdAt", "when it was begun"},
      {"replacement",
       "of --speed-up and --cancel: cancels, limit, maxFeePerGasWei, maxPriorityFeePerGasWei, "
       "maxCostWei; else null"},
      {"result",
       "what this run made of it: finished, impossible, cancelled, abandoned, failed; null when "
       "nothing"},
      {"error", "why it failed, or null"},
  };
}

}  // namespace ecloud::cli
