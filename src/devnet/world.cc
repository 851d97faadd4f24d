#include "devnet/world.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

base::Clock& system_clock() {
  static base::CancelToken never;
  static base::SystemClock clock(never);
  return clock;
}

/// Millionths of a dollar, as USDCCredits has it on Base Sepolia.
constexpr std::uint64_t kTestMinimumPurchase = 1'000'000;

bool subscribed(std::string_view status) {
  return status == "active" || status == "trialing";
}

eth::Address address_in(const base::Json& operation, std::string_view member) {
  const base::Json value = operation[member];
  const auto address = eth::Address::parse(value.as_string());
  if (!address) throw value.error("is no address");
  return *address;
}

/// {"baseFeeWei","tipWei"}; nothing without.
std::optional<BlockFees> fees_in(const base::Json& operation) {
  if (!operation["baseFeeWei"].exists()) return std::nullopt;
  const auto base_fee = eth::U256::from_decimal(operation["baseFeeWei"].as_string());
  const auto tip = eth::U256::from_decimal(operation["tipWei"].as_string());
  if (!base_fee || !tip) throw operation.error("has fees that are not decimal numbers");
  return BlockFees{*base_fee, *tip};
}

void put_fees(base::Json& operation, const BlockFees& fees) {
  operation.set("baseFeeWei", fees.base_fee.to_decimal());
  operation.set("tipWei", fees.tip.to_decimal());
}

eth::U256 amount_in(const base::Json& operation) {
  return eth::U256::from_decimal(operation["amount"].as_string()).value_or(eth::U256());
}

std::uint32_t initial_quota(const Options& options) {
  return options.subscribed ? options.max_active_apps : 0;
}

}  // namespace

World::World(const Options& options, StateStore* store, std::string authority,
             Machines::Examine examine_image)
    : options_(options),
      store_(store),
      clock_(options.clock != nullptr ? *options.clock : system_clock()),
      authority_(std::move(authority)),
      examine_image_(std::move(examine_image)),
      kms_(std::make_shared<Kms>(options.key_dir ? options.key_dir : options.state_dir)),
      epoch_ms_(clock_.unix_seconds() * 1000 - clock_.monotonic().count()),
      has_disks_(options.strictness == Strictness::kStrict) {
  begin();
}

World::World(const Options& options, StateStore* store, const World& main)
    : options_(options),
      store_(store),
      clock_(options.clock != nullptr ? *options.clock : system_clock()),
      authority_(main.authority_),
      examine_image_([](const eth::Address&, const ReleaseData&) { return LaunchVerdict(); }),
      kms_(main.kms_),
      chain_id_(kTestCreditsChainId),
      epoch_ms_(main.epoch_ms_),
      has_disks_(false) {
  begin();
}

void World::begin() {
  const std::vector<base::Json> lines =
      store_ != nullptr ? store_->load() : std::vector<base::Json>();
  if (lines.empty()) {
    make_genesis(now_ms());
    if (store_ != nullptr) store_->restart(header(now_ms()));
  } else {
    replay(lines);
  }
}

std::int64_t World::now_ms() const {
  return epoch_ms_ + clock_.monotonic().count();
}

base::Json World::header(std::int64_t time_ms) const {
  return base::Json::object({{"ecloudDevnet", 1},
                             {"generation", to_string(options_.kind())},
                             {"subscribed", options_.subscribed},
                             {"maxActiveApps", std::uint64_t{options_.max_active_apps}},
                             {"time", time_ms}});
}

void World::make_genesis(std::int64_t time_ms) {
  chain_ = std::make_unique<ChainState>(options_.kind(), initial_quota(options_),
                                        static_cast<std::uint64_t>(time_ms / 1000), is_strict());
  chain_->state().chain_id = chain_id_;
  if (chain_id_ == kTestCreditsChainId) {
    chain_->state().credits.minimum_purchase = eth::U256(kTestMinimumPurchase);
  }
  for (const char* kind : {"rpc", "rpc-lagging", "rpc-nologs", "rpc-base-sepolia"})
    reset_behaviour(kind);
  chain_->state().controller.bought_quota = options_.max_active_apps;
  chain_->state().credits.crediting_seconds =
      static_cast<std::uint64_t>(options_.timings.crediting_seconds);
  machines_ = std::make_unique<Machines>(
      options_.timings, has_disks_, [this](const eth::Address& app, const ReleaseData& release) {
        LaunchVerdict verdict = examine_image_(app, release);
        if (verdict.refusal.empty()) add_environment(app, release, verdict);
        return verdict;
      });
  subscriptions_.clear();
  billing_ = {};
  builds_.clear();
  machine_history_.clear();
  lag_ = 0;
  mining_paused_ = false;
  next_block_ms_ = 0;
}

void World::add_environment(const eth::Address& app, const ReleaseData& release,
                            LaunchVerdict& verdict) {
  try {
    const TeeEnvironment environment =
        kms_->environment(app, release.encrypted_env, release.public_env);
    verdict.disk_key = disk_key(environment);
  } catch (const Error& error) {
    verdict.refusal = error.message();
  }
}

void World::replay(const std::vector<base::Json>& lines) {
  const ControllerKind wanted = options_.kind();
  options_.controller = parse_controller_kind(lines[0]["generation"].as_string());
  options_.subscribed = lines[0]["subscribed"].as_bool();
  options_.max_active_apps = static_cast<std::uint32_t>(lines[0]["maxActiveApps"].as_u64());
  make_genesis(lines[0]["time"].as_i64());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    let_time_pass(lines[i]["time"].as_i64());
    apply(lines[i]);
  }
  // What waits is not kept, nor what a reorganisation let wait.
  chain_->take_pool();
  if (chain_->contracts().controller().kind() != wanted) {
    commit(base::Json::object({{"op", "generation"}, {"version", to_string(wanted)}}));
  }
}

void World::set_host(ContainerHost* host) {
  host_ = host;
  machines_->set_host(host);
}

void World::set_disks(bool attached) {
  has_disks_ = attached;
  machines_->set_disks(attached);
}

void World::reset() {
  if (host_ != nullptr) machines_->end_all();
  make_genesis(now_ms());
  machines_->set_host(host_);
  if (store_ != nullptr) store_->restart(header(now_ms()));
}

std::unique_lock<std::mutex> World::enter() {
  std::unique_lock lock(mutex_);
  let_time_pass(now_ms());
  if (!mining_paused_ && !chain_->pool().empty() && now_ms() >= next_block_ms_) mine_pool();
  if (other_sales_ != nullptr) give_bought_quota();
  return lock;
}

void World::give_bought_quota() {
  const auto now = static_cast<std::uint64_t>(now_seconds());
  std::vector<eth::Address> accounts;
  {
    const auto lock = other_sales_->enter();
    const CreditsState& credits = other_sales_->chain().state().credits;
    for (const Purchase& purchase : credits.purchases) {
      if (purchase.time + credits.crediting_seconds <= now) accounts.push_back(purchase.account);
    }
  }
  const ControllerState& controller = chain_->state().controller;
  for (const eth::Address& account : accounts) {
    const bool has_quota = max_active_apps(chain_->state(), account, now) > 0;
    if (has_quota || controller.quotas.contains(account)) continue;
    commit(base::Json::object({{"op", "quota"},
                               {"address", account.to_string()},
                               {"count", std::uint64_t{controller.bought_quota}}}));
  }
}

void World::let_time_pass(std::int64_t until_ms) {
  for (const Machines::Completed& done : machines_->advance(until_ms)) {
    const auto found = chain_->state().controller.apps.find(done.app);
    if (found == chain_->state().controller.apps.end() || !found->second.pending) continue;
    remember_machines();
    const auto logs =
        chain_->confirm_upgrade(done.app, static_cast<std::uint64_t>(done.at_ms / 1000));
    machines_->on_logs(logs, chain_->state().controller, done.at_ms);
  }
}

void World::commit(base::Json operation) {
  operation.set("time", now_ms());
  apply(operation);
  if (store_ != nullptr) store_->append(operation);
}

base::Bytes32 World::submit(base::ByteView raw, std::optional<base::Bytes> forced_revert,
                            const NodeBehaviour& node) {
  const base::Bytes32 hash = chain_->submit(raw, std::move(forced_revert), node);
  if (mining_paused_) return hash;
  if (options_.block_time_seconds <= 0) {
    mine_pool();
  } else if (next_block_ms_ <= now_ms()) {
    // Blocks come at whole multiples of the block time.
    const auto period = static_cast<std::int64_t>(options_.block_time_seconds * 1000);
    next_block_ms_ = (now_ms() / period + 1) * period;
  }
  return hash;
}

void World::mine_pool(bool even_empty) {
  const std::vector<PoolEntry> entries = chain_->take_executable();
  if (entries.empty() && !even_empty) return;
  base::Json transactions = base::Json::array();
  for (const PoolEntry& entry : entries) {
    base::Json item = base::Json::object({{"raw", base::to_hex(entry.transaction.raw)}});
    if (entry.forced_revert) item.set("revert", base::to_hex(*entry.forced_revert));
    transactions.push(std::move(item));
  }
  base::Json operation =
      base::Json::object({{"op", "block"}, {"transactions", std::move(transactions)}});
  if (even_empty) operation.set("evenEmpty", true);
  put_fees(operation, chain_->next_fees());
  commit(std::move(operation));
}

void World::set_fees(const std::optional<BlockFees>& fees) {
  base::Json operation = base::Json::object({{"op", "fees"}});
  if (fees) put_fees(operation, *fees);
  commit(std::move(operation));
}

void World::apply_fees(const base::Json& operation, std::int64_t time_ms) {
  const auto fees = fees_in(operation);
  chain_->set_fees(fees);
  if (!fees) return;
  remember_machines();
  chain_->mine({}, static_cast<std::uint64_t>(time_ms / 1000), true);
}

void World::reset_behaviour(const std::string& kind) {
  NodeBehaviour behaviour;
  behaviour.has_logs = kind != "rpc-nologs";
  if (!is_strict()) behaviour.batch_limit = 0;
  behaviours_[kind] = behaviour;
}

void World::mine_block() {
  mine_pool(true);
}

void World::reorganise(std::uint64_t blocks, bool keep_transactions) {
  if (blocks > chain_->remembered()) {
    throw Error(Category::kUsage, "devnet.reorganise",
                "only the last " + std::to_string(chain_->remembered()) +
                    " blocks can be taken back, not " + std::to_string(blocks));
  }
  commit(base::Json::object(
      {{"op", "reorganise"}, {"blocks", blocks}, {"keepTransactions", keep_transactions}}));
}

void World::set_lag(std::uint64_t blocks) {
  if (blocks > ChainState::kRemembered) {
    throw Error(Category::kUsage, "devnet.lag",
                "a node can be behind by " + std::to_string(ChainState::kRemembered) +
                    " blocks at most, not by " + std::to_string(blocks));
  }
  lag_ = blocks;
}

void World::remember_machines() {
  machine_history_.insert_or_assign(chain_->head().number, machines_->snapshot());
  if (machine_history_.size() > ChainState::kRemembered) {
    machine_history_.erase(machine_history_.begin());
  }
}

void World::set_mining_paused(bool paused) {
  mining_paused_ = paused;
  if (!paused && !chain_->pool().empty()) mine_pool();
}

void World::drop_pending() {
  chain_->take_pool();
}

void World::apply(const base::Json& operation) {
  const std::string op = operation["op"].as_string();
  const std::int64_t time_ms = operation["time"].as_i64();
  ControllerState& controller = chain_->state().controller;
  if (op == "block") {
    apply_block(operation, time_ms);
  } else if (op == "fees") {
    apply_fees(operation, time_ms);
  } else if (op == "reorganise") {
    apply_reorganisation(operation, time_ms);
  } else if (op == "generation") {
    chain_->contracts().controller().set_kind(
        parse_controller_kind(operation["version"].as_string()));
  } else if (op == "strangers") {
    seed_strangers(operation["count"].as_u64());
  } else if (op == "globalQuota") {
    const auto count = operation["count"].opt_u64();
    controller.global_quota.reset();
    if (count) controller.global_quota = static_cast<std::uint32_t>(*count);
  } else if (op == "build") {
    builds_.push_back({operation["id"].as_string(), address_in(operation, "account"),
                       operation["request"], time_ms});
  } else if (operation["address"].exists()) {
    apply_to_account(op, operation);
  } else {
    apply_to_app(op, operation);
  }
}

void World::apply_block(const base::Json& operation, std::int64_t time_ms) {
  std::vector<PoolEntry> entries;
  for (const base::Json& item : operation["transactions"].elements()) {
    const auto raw = base::from_hex(item["raw"].as_string());
    if (!raw) throw item.error("is no transaction");
    PoolEntry entry;
    entry.transaction = eth::decode_transaction(*raw);
    entry.sender = entry.transaction.sender().value_or(eth::Address());
    if (item["revert"].exists()) entry.forced_revert = base::from_hex(item["revert"].as_string());
    entries.push_back(std::move(entry));
  }
  remember_machines();
  const auto logs =
      chain_->mine(entries, static_cast<std::uint64_t>(time_ms / 1000),
                   operation["evenEmpty"].exists(), fees_in(operation).value_or(steady_fees()));
  machines_->on_logs(logs, chain_->state().controller, time_ms);
  // What takes no time has happened when the block is there.
  let_time_pass(time_ms);
}

void World::apply_reorganisation(const base::Json& operation, std::int64_t time_ms) {
  const std::uint64_t blocks = operation["blocks"].as_u64();
  chain_->take_back(blocks, operation["keepTransactions"].as_bool());
  const auto before = machine_history_.find(chain_->head().number);
  if (blocks == 0 || before == machine_history_.end()) return;
  machines_->go_back(std::move(before->second), chain_->state().controller, time_ms);
  machine_history_.erase(before, machine_history_.end());
}

void World::apply_to_account(const std::string& op, const base::Json& operation) {
  const eth::Address account = address_in(operation, "address");
  ControllerState& controller = chain_->state().controller;
  if (op == "balance") {
    chain_->state().accounts[account].balance =
        eth::U256::from_decimal(operation["wei"].as_string()).value_or(eth::U256());
  } else if (op == "usdc") {
    chain_->state().usdc.balances[account] = amount_in(operation);
  } else if (op == "usdcAllowance") {
    chain_->state().usdc.allowances[{account, usdc_credits_address()}] = amount_in(operation);
  } else if (op == "delegate") {
    const eth::Address target = address_in(operation, "target");
    chain_->state().accounts[account].code =
        target.is_zero() ? base::Bytes() : eth::delegation_code(target);
  } else if (op == "quota") {
    controller.quotas[account] = static_cast<std::uint32_t>(operation["count"].as_u64());
  } else if (op == "subscription") {
    Subscription& subscription = subscriptions_[account];
    subscription = {operation["status"].as_string(), operation["time"].as_i64() / 1000, false, {}};
    controller.quotas[account] = subscribed(subscription.status) ? options_.max_active_apps : 0;
  } else if (op == "seed") {
    seed(account, operation);
  } else if (op == "suspend") {
    suspend(account, operation["time"].as_i64());
  } else if (op == "cancel") {
    Subscription changed = subscription(account);
    changed.cancel_at_period_end = true;
    changed.canceled_at = operation["time"].as_i64() / 1000;
    subscriptions_[account] = changed;
  } else if (!billing_.apply(op, account, operation, operation["time"].as_i64() / 1000)) {
    throw operation.error("is an unknown operation");
  }
}

void World::seed(const eth::Address& account, const base::Json& operation) {
  ControllerState& controller = chain_->state().controller;
  const std::string prefix = operation["prefix"].as_string();
  const std::uint64_t count = operation["count"].as_u64();
  ReleaseData data;
  data.registry = authority_ + "/sample/hello";
  data.public_env = base::to_bytes(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})");
  // A block of their own: block 0 means that an app has no release.
  remember_machines();
  chain_->mine({}, static_cast<std::uint64_t>(operation["time"].as_i64() / 1000), true);
  data.block_number = chain_->head().number;
  data.announced_at = chain_->head().timestamp;
  const auto release = std::make_shared<const ReleaseData>(std::move(data));
  for (std::uint64_t i = 1; i <= count; ++i) {
    // A salt that no random one equals: the number of apps before it.
    base::Bytes32 salt{};
    const std::uint64_t number = controller.apps.size();
    for (std::size_t byte = 0; byte < 8; ++byte) {
      salt[31 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
    }
    AppEntry entry;
    entry.app = calculate_app_id(account, salt);
    entry.creator = entry.billing_account = account;
    entry.operator_set_id = static_cast<std::uint32_t>(number);
    entry.status = AppStatus::kStarted;
    entry.releases = {release};
    entry.latest = release;
    chain_->state().permissions.admins[entry.app].insert(account);
    controller.order.push_back(entry.app);
    machines_->seed(entry.app, release, prefix + std::to_string(i));
    controller.apps.emplace(entry.app, std::move(entry));
  }
}

void World::suspend(const eth::Address& account, std::int64_t time_ms) {
  remember_machines();
  const auto logs = chain_->suspend(account, static_cast<std::uint64_t>(time_ms / 1000));
  machines_->on_logs(logs, chain_->state().controller, time_ms);
  let_time_pass(time_ms);
}

/// Started apps of as many other accounts, before all others in the order of the chain.
void World::seed_strangers(std::uint64_t count) {
  ControllerState& controller = chain_->state().controller;
  auto strangers = std::make_shared<Strangers>();
  if (controller.strangers) *strangers = *controller.strangers;
  strangers->release_block = 1;
  const auto address = [](std::string_view what, std::uint64_t number) {
    const base::Bytes32 hash =
        crypto::keccak256(base::as_bytes(std::string(what) + std::to_string(number)));
    base::FixedBytes<20> bytes{};
    std::copy_n(hash.begin(), bytes.size(), bytes.begin());
    return eth::Address(bytes);
  };
  const std::uint64_t before = strangers->apps.size();
  std::vector<eth::Address> order;
  for (std::uint64_t i = before; i < before + count; ++i) {
    strangers->apps.emplace_back(address("stranger's app ", i), address("stranger ", i));
    order.push_back(strangers->apps.back().first);
  }
  controller.order.insert(controller.order.begin() + static_cast<std::ptrdiff_t>(before),
                          order.begin(), order.end());
  controller.strangers = std::move(strangers);
}

void World::apply_to_app(const std::string& op, const base::Json& operation) {
  Machine* machine = machines_->find(address_in(operation, "app"));
  if (machine == nullptr) throw operation.error("names an app that does not exist");
  const std::int64_t time_ms = operation["time"].as_i64();
  if (op == "chainStatus") {
    chain_->state().controller.apps.at(machine->app).status =
        static_cast<AppStatus>(operation["status"].as_u64());
  } else if (op == "runState") {
    machines_->force(*machine, operation["state"].as_string(), time_ms);
    let_time_pass(time_ms);
  } else if (op == "log") {
    Machines::append_log(*machine, operation["line"].as_string(), time_ms);
  } else if (op == "setLog") {
    machine->log = operation["text"].as_string();
  } else if (op == "profile") {
    Profile& profile = machine->profile;
    const auto take = [&](std::string_view member, std::string& into) {
      if (auto text = operation[member].opt_string()) into = std::move(*text);
    };
    take("name", profile.name);
    take("website", profile.website);
    take("description", profile.description);
    take("xURL", profile.x_url);
    if (const auto image = operation["image"].opt_string()) {
      profile.image = base::as_chars(base::from_base64(*image).value_or(base::Bytes()));
      take("imageType", profile.image_type);
    }
  } else {
    throw operation.error("is an unknown operation");
  }
}

}  // namespace ecloud::devnet
