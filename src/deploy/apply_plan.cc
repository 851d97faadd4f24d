#include <algorithm>
#include <utility>

#include "deploy/batch_transaction.h"
#include "deploy/chain_snapshot.h"
#include "deploy/expected_effects.h"
#include "deploy/plan_transaction.h"
#include "deploy/release_checks.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/saved_plan.h"
#include "ecloud/platform/app_rules.h"

namespace ecloud::deploy {
namespace {

using platform::ChainStatus;

/// What is not as the plan found it, a line each.
class Differences {
 public:
  void add(std::string line) { lines_.push_back(std::move(line)); }
  void compare(const std::string& what, const std::string& before, const std::string& now) {
    if (before != now) add(what + " was " + before + " and is " + now);
  }
  void throw_if_any() const {
    if (lines_.empty()) return;
    throw Error(Category::kTransaction, "plan.moved",
                "the plan does not fit the chain any more: " + base::join(lines_, "; "),
                "nothing was signed or sent; make a new plan");
  }

 private:
  std::vector<std::string> lines_;
};

std::string code_words(const base::Bytes& code) {
  if (code.empty()) return "without code";
  const auto target = eth::delegation_target(code);
  return target ? "delegated to " + target->to_string() : "a contract";
}

std::string block_words(const std::optional<std::uint64_t>& block) {
  return block ? "of block " + std::to_string(*block) : "none";
}

void compare_account(const SavedPlan& plan, const AccountSnapshot& chain, Differences& out) {
  const TransactionPlan& planned = plan.transaction;
  const eth::Transaction& transaction = planned.transaction;
  out.compare("the account's next nonce", std::to_string(transaction.nonce),
              std::to_string(chain.nonce));
  out.compare("the account", code_words(planned.account_code), code_words(chain.code));
  out.compare("the controller's version", planned.controller_version, chain.controller_version);
  if (chain.block_timestamp >= planned.deadline) {
    out.add("it was valid until " + base::format_rfc3339(planned.deadline));
  }
  const eth::U256 base_fee = chain::base_fee_of(chain.fees);
  if (base_fee > transaction.max_fee_per_gas) {
    out.add("the base fee is " + eth::format_units(base_fee, 9) + " gwei, and the plan pays " +
            eth::format_units(transaction.max_fee_per_gas, 9) + " gwei at most");
  }
  if (chain.balance < planned.maximum_cost) {
    out.add("the account has " + eth::format_ether(chain.balance) + " ETH, and the plan may cost " +
            eth::format_ether(planned.maximum_cost) + " ETH");
  }
}

void compare_app(const AppState& before, const AppSnapshot& chain, Differences& out) {
  out.compare("the app", std::string(platform::to_string(before.status)),
              std::string(platform::to_string(chain.status)));
  out.compare("the app's latest release", "of block " + std::to_string(before.release_block),
              "of block " + std::to_string(chain.latest_release_block));
  out.compare("the release that waits for the platform", block_words(before.pending_release_block),
              block_words(chain.pending_release_block));
  out.compare("the app's log", before.logs_are_public ? "public" : "not public",
              chain.logs_are_public ? "public" : "not public");
}

AccountSnapshot compare(const Services& services, const SavedPlan& plan, Differences& out) {
  const JournalEntry& entry = plan.entry;
  if (plan.app_state) {
    AppSnapshot chain = read_app(services, entry.deployer, entry.app);
    chain.nonce = next_nonce(services, entry.deployer, chain.nonce);
    compare_app(*plan.app_state, chain, out);
    compare_account(plan, chain, out);
    return chain;
  }
  const auto& calls = plan.transaction.calls;
  const bool isolated = !calls.empty() && platform::creates_isolated_app(calls.front().data);
  ChainSnapshot chain = read_chain(services, entry.deployer, entry.salt, entry.app,
                                   isolated ? entry.app : entry.deployer);
  chain.nonce = next_nonce(services, entry.deployer, chain.nonce);
  out.compare("the id of the new app", entry.app.to_string(), chain.app.to_string());
  if (chain.namesake_status && *chain.namesake_status != platform::ChainStatus::kNone) {
    out.add("the app exists already");
  }
  if (chain.active_apps >= chain.max_active_apps) {
    out.add(std::string(isolated ? "the app" : "the account") + "'s quota is used up: " +
            chain.active_apps.to_decimal() + " of " + chain.max_active_apps.to_decimal() + " apps");
  }
  compare_account(plan, chain, out);
  return chain;
}

/// Nothing when the node cannot say without a signature, which nobody has agreed to.
std::optional<std::uint64_t> gas_now(const Services& services, const Signer& signer,
                                     const SavedPlan& plan, const AccountSnapshot& chain,
                                     bool may_sign) {
  const eth::Transaction& transaction = plan.transaction.transaction;
  if (!plan.transaction.delegate) {
    return gas_or_throw(
        services.rpc.batch({chain::estimate_gas(signer.address, transaction)}).front());
  }
  const Delegation delegation = delegation_of(chain.code, services.environment.delegator);
  try {
    return estimate_batch(services, signer, transaction, delegation, may_sign);
  } catch (const Error& error) {
    // With a delegation that is replaced no signature would help.
    const bool may_sign_later = !may_sign && delegation == Delegation::kMissing;
    if (error.code() != "chain.no_overrides" || !may_sign_later) throw;
    services.observer.note(
        "the node cannot run the transaction without a signature, so it was not tried");
    return std::nullopt;
  }
}

/// Lets a node run it on the chain as it is.
void rehearse(const Services& services, const Signer& signer, const SavedPlan& plan,
              const AccountSnapshot& chain, bool may_sign, Differences& out) {
  const eth::Transaction& transaction = plan.transaction.transaction;
  std::optional<std::uint64_t> gas;
  try {
    gas = gas_now(services, signer, plan, chain, may_sign);
  } catch (const Error& error) {
    if (error.code() != "chain.would_revert") throw;
    return out.add(error.message());
  }
  if (!gas || *gas <= transaction.gas_limit) return;
  out.add("it needs " + std::to_string(*gas) + " gas now, and its limit is " +
          std::to_string(transaction.gas_limit));
}

void require_wallet(const Services& services, const Signer& signer, const JournalEntry& entry) {
  if (entry.operation != Operation::kDeploy || entry.wallet != WalletSource::kGenerated) return;
  if (WalletStore(services.paths.state, services.environment.name).load(signer, entry.app)) return;
  throw Error(Category::kVerification, "plan.no_wallet",
              "the wallet that was generated for app " + entry.app.to_string() +
                  " is not on this machine, and its words are nowhere else than where the plan "
                  "was made",
              "apply the plan there, or plan with --wallet kms or --wallet env");
}

ChainStatus read_status(const Services& services, const eth::Address& app) {
  const auto results = services.rpc.batch(
      {chain::eth_call(services.environment.app_controller, platform::encode_app_status(app))});
  const eth::U256 status =
      platform::decode_number(chain::read_data(chain::value_or_throw(results.front(), "eth_call")));
  const bool is_known = status <= eth::U256(static_cast<std::uint64_t>(ChainStatus::kCreated));
  return is_known ? static_cast<ChainStatus>(status.to_u64()) : ChainStatus::kNone;
}

void require_contract(const std::string& what, const eth::Address& planned, const eth::Address& now,
                      const std::string& environment) {
  if (planned == now) return;
  throw Error(Category::kUsage, "plan.other_environment",
              "the plan was made for the " + what + " " + planned.to_string() + ", and that of " +
                  environment + " is " + now.to_string() + " here",
              "nothing was signed or sent; see what changes it: ecloud compute environment show " +
                  environment);
}

void require_environment(const Services& services, const SavedPlan& plan) {
  const platform::Environment& environment = services.environment;
  const eth::U256& chain_id = plan.transaction.transaction.chain_id;
  if (plan.environment != environment.name || chain_id != eth::U256(environment.chain_id)) {
    throw Error(Category::kUsage, "plan.other_environment",
                "the plan is for " + plan.environment + " (chain " + chain_id.to_decimal() +
                    "), and the environment is " + environment.name + " (chain " +
                    std::to_string(environment.chain_id) + ")",
                "give --environment " + plan.environment);
  }
  require_contract("delegator", plan.delegator, environment.delegator, environment.name);
  require_contract("appController", plan.app_controller, environment.app_controller,
                   environment.name);
  require_contract("permissionController", plan.permission_controller,
                   environment.permission_controller, environment.name);
}

/// Whether `open` is what the plan's own entry would replace in the journal, comes before it, or
/// may yet make an app of the name that the plan's is to have.
bool stands_in_the_way(const JournalEntry& open, const JournalEntry& planned) {
  if (open.step != Step::kSigned || open.deployer != planned.deployer) return false;
  if (planned.operation != Operation::kDeploy) return open.app == planned.app;
  if (open.operation != Operation::kDeploy) return false;
  const bool same_image = open.image_reference == planned.image_reference;
  const bool same_name = open.name == planned.name && (!planned.name.empty() || same_image);
  return same_name || open.app == planned.app;
}

/// What was mined has had its effect, so that only those count of which nobody knows.
void refuse_unfinished(const Services& services, const JournalEntry& planned) {
  for (const JournalEntry& open : journal_of(services).all_unfinished()) {
    if (!stands_in_the_way(open, planned)) continue;
    const std::string hash = hash_of(open);
    throw Error(Category::kTransaction, "plan.unfinished",
                "an earlier run began to " + std::string(infinitive(open.operation)) + " app " +
                    open.app.to_string() + (open.name.empty() ? "" : " (" + open.name + ")") +
                    " with transaction " + hash + ", and nobody has seen yet what became of it",
                "see it through first: ecloud resume " + hash +
                    "\nor take its nonce away, so that it can never be mined: ecloud resume " +
                    hash + " --cancel");
  }
}

/// A second app of the name would make it ambiguous; as plan_deploy(), for what came after it.
void require_free_name(const Services& services, const JournalEntry& planned) {
  if (planned.operation != Operation::kDeploy || planned.name.empty()) return;
  const platform::Environment& environment = services.environment;
  for (const AppRecord& record :
       AppRecords(services.paths.state, environment.name).named(planned.name, planned.deployer)) {
    if (record.app == planned.app) continue;
    const auto status = read_status(services, record.app);
    if (status == ChainStatus::kNone || status == ChainStatus::kTerminated) continue;
    throw Error(Category::kUsage, "deploy.name_taken",
                "you have an app named " + planned.name + " already: " + record.app.to_string() +
                    " (" + std::string(platform::to_string(status)) + ")",
                "nothing was signed or sent; plan again with another --name, or put a new release "
                "on that app: ecloud compute app upgrade " +
                    planned.name + " IMAGE");
  }
}

/// Without a look at what the transaction did, and without a change: whatever came after stands.
TransactionOutcome outcome_of_done(const Services& services, JournalEntry entry) {
  std::vector<chain::RpcCall> calls;
  for (const base::Bytes32& hash : entry.hashes()) {
    calls.push_back(chain::get_transaction_receipt(hash));
  }
  const auto answers = services.rpc.batch(calls);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i > 0 && entry.replacements[i - 1].cancels) continue;
    auto receipt = chain::read_receipt(chain::value_or_throw(answers[i], calls[i].method));
    const bool fits = receipt && receipt->transaction_hash == entry.hashes()[i];
    if (!fits || !receipt->success) continue;
    return {.entry = std::move(entry), .receipt = std::move(*receipt), .resumed = true};
  }
  throw Error(Category::kPending, "deploy.not_mined",
              "the plan was applied with transaction " + hash_of(entry) +
                  ", and no node has its receipt any more",
              "look at the app: ecloud compute app info " + entry.app.to_string());
}

std::optional<TransactionOutcome> see_through(const Services& services, JournalEntry entry) {
  const Operation operation = entry.operation;
  auto outcome = go_on(services, std::move(entry), expected_effect(services, operation), true);
  if (outcome && read_status(services, outcome->entry.app) == ChainStatus::kTerminated) {
    services.observer.note("it was mined, and the app has been terminated since");
    set_step(services, outcome->entry, Step::kDone);
  }
  return outcome;
}

/// The plan names the type, so that no option can choose another one.
std::optional<platform::Sku> current_offer(const Services& services, const std::string& type,
                                           std::vector<std::string>& warnings) {
  try {
    return check_instance_type(services, type, warnings);
  } catch (const Error& error) {
    if (error.code() != "deploy.unknown_instance_type") throw;
    throw Error(error.category(), error.code(), error.message(),
                "nothing was signed or sent; make a new plan");
  }
}

}  // namespace

void refuse_unfinished_deploy(const Services& services, const Signer& deployer,
                              const DeployRequest& request) {
  JournalEntry planned;
  planned.deployer = deployer.address;
  planned.name = request.name;
  planned.image_reference = request.image.to_string();
  refuse_unfinished(services, planned);
}

SavedPlanCheck check_saved_plan(const Services& services, const Signer& signer,
                                const SavedPlan& plan, bool may_sign) {
  require_environment(services, plan);
  check_size(services, plan.transaction);
  require_wallet(services, signer, plan.entry);
  refuse_unfinished(services, plan.entry);
  require_free_name(services, plan.entry);
  Differences differences;
  const AccountSnapshot chain = compare(services, plan, differences);
  differences.throw_if_any();
  rehearse(services, signer, plan, chain, may_sign, differences);
  differences.throw_if_any();
  SavedPlanCheck out{.balance = chain.balance, .offer = std::nullopt, .warnings = {}};
  base::run_concurrently({
      [&] {
        services.registry.resolve(
            oci::Reference::parse(plan.entry.image_name + "@" + plan.entry.image_digest));
      },
      [&] { out.offer = current_offer(services, plan.entry.instance_type, out.warnings); },
  });
  return out;
}

TransactionOutcome apply_saved_plan(const Services& services, const Signer& signer,
                                    const SavedPlan& plan) {
  JournalEntry entry = plan.entry;
  sign_and_record(services, signer, plan.transaction, entry);
  const Operation operation = entry.operation;
  TransactionOutcome outcome =
      send_and_conclude(services, std::move(entry), expected_effect(services, operation));
  outcome.domain_separator = domain_separator_of(services, plan.transaction.controller_version);
  return outcome;
}

std::optional<TransactionOutcome> resume_saved_plan(const Services& services, const Signer& signer,
                                                    const SavedPlan& plan) {
  require_environment(services, plan);
  const base::Bytes32 hash = planned_hash(services, signer, plan.transaction);
  for (JournalEntry& entry : journal_of(services).all()) {
    if (entry.transaction_hash != hash || entry.step == Step::kAbandoned) continue;
    services.observer.note("the plan was applied before, with transaction " + hash_of(entry) +
                           "; looking for it");
    std::optional<TransactionOutcome> outcome = entry.step == Step::kDone
                                                    ? outcome_of_done(services, std::move(entry))
                                                    : see_through(services, std::move(entry));
    if (outcome) {
      outcome->domain_separator =
          domain_separator_of(services, plan.transaction.controller_version);
    }
    return outcome;
  }
  return std::nullopt;
}

}  // namespace ecloud::deploy
