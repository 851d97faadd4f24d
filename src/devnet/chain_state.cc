#include "devnet/chain_state.h"

#include <algorithm>

#include "devnet/pool_rules.h"
#include "ecloud/base/error.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::devnet {
namespace {

// Of the mnemonic "test test test test test test test test test test test junk".
const std::vector<DevelopmentAccount> kDevelopmentAccounts = {
    {"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
     "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"},
    {"0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
     "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"},
    {"0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
     "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"},
    {"0x90F79bf6EB2c4f870365E785982E1f101E93b906",
     "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"},
    {"0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
     "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"},
    {"0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
     "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba"},
    {"0x976EA74026E726554dB657fA54763abd0C3a0aa9",
     "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e"},
    {"0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
     "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356"},
    {"0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
     "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97"},
    {"0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
     "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"},
};

/// In millionths: what the first account has, and the least that is sold.
constexpr std::uint64_t kFirstUsdc = 10'000'000'000;
constexpr std::uint64_t kMinimumPurchase = 5'000'000;

eth::U256 ten_thousand_ether() {
  return eth::U256(10'000) * eth::U256(eth::kWeiPerGwei) * eth::U256(eth::kWeiPerGwei);
}

[[noreturn]] void refuse(std::string message) {
  throw RpcFailure{-32000, std::move(message), std::nullopt};
}

}  // namespace

const std::vector<DevelopmentAccount>& development_accounts() {
  return kDevelopmentAccounts;
}

ChainState::ChainState(ControllerKind kind, std::uint32_t default_quota, std::uint64_t genesis_time,
                       bool strict)
    : contracts_(kind), strict_(strict) {
  for (const DevelopmentAccount& account : kDevelopmentAccounts) {
    state_.accounts[address_of(account.address)].balance = ten_thousand_ether();
  }
  state_.usdc.balances[address_of(kDevelopmentAccounts.front().address)] = eth::U256(kFirstUsdc);
  state_.credits.minimum_purchase = eth::U256(kMinimumPurchase);
  state_.controller.default_quota = default_quota;
  Block genesis;
  genesis.timestamp = genesis_time;
  genesis.fees = steady_fees();
  genesis.hash = hash_of(genesis);
  blocks_.push_back(genesis);
}

base::Bytes32 ChainState::hash_of(const Block& block) const {
  base::Bytes text;
  base::append(text, eth::U256(block.number).to_word());
  base::append(text, block.parent_hash);
  base::append(text, eth::U256(block.timestamp).to_word());
  for (const base::Bytes32& hash : block.transactions) base::append(text, hash);
  if (reorganisations_ > 0) base::append(text, eth::U256(reorganisations_).to_word());
  return crypto::keccak256(text);
}

eth::U256 ChainState::balance(const eth::Address& account) const {
  const auto found = state_.accounts.find(account);
  return found == state_.accounts.end() ? eth::U256() : found->second.balance;
}

std::uint64_t ChainState::nonce(const eth::Address& account) const {
  const auto found = state_.accounts.find(account);
  return found == state_.accounts.end() ? 0 : found->second.nonce;
}

std::uint64_t ChainState::pending_nonce(const eth::Address& account) const {
  std::uint64_t next = nonce(account);
  const auto waits = [&](const PoolEntry& entry) {
    return entry.sender == account && entry.transaction.transaction.nonce == next;
  };
  while (std::any_of(pool_.begin(), pool_.end(), waits)) ++next;
  return next;
}

BlockFees ChainState::next_fees() const {
  if (fixed_fees_) return *fixed_fees_;
  return strict_ ? varied_fees(head().fees, head().number + 1) : steady_fees();
}

void ChainState::check_gently(const PoolEntry& entry) const {
  const eth::Transaction& tx = entry.transaction.transaction;
  const auto same_nonce = std::find_if(pool_.begin(), pool_.end(), [&](const PoolEntry& other) {
    return other.sender == entry.sender && other.transaction.transaction.nonce == tx.nonce;
  });
  const bool replaces = same_nonce != pool_.end();
  const std::uint64_t expected = replaces ? tx.nonce : pending_nonce(entry.sender);
  if (auto failure =
          refusal(state_, entry.transaction, entry.sender, expected, next_fees().base_fee)) {
    throw *failure;
  }
  if (replaces && !outbids(tx, same_nonce->transaction.transaction)) {
    refuse("replacement transaction underpriced");
  }
}

base::Bytes32 ChainState::submit(base::ByteView raw, std::optional<base::Bytes> forced_revert,
                                 const NodeBehaviour& node) {
  PoolEntry entry;
  entry.forced_revert = std::move(forced_revert);
  try {
    entry.transaction = eth::decode_transaction(raw);
  } catch (const Error& error) {
    refuse("invalid transaction: " + error.message());
  }
  const base::Bytes32 hash = entry.transaction.hash;
  if (find_pending(hash) != nullptr) throw already_known(node);
  // The chain id is looked at before the signature, which would recover to a stranger otherwise.
  const eth::Transaction& tx = entry.transaction.transaction;
  const auto sender = entry.transaction.sender();
  if (tx.chain_id == eth::U256(state_.chain_id) && !sender) refuse("invalid sender");
  entry.sender = sender.value_or(eth::Address());
  if (!strict_) {
    check_gently(entry);
  } else if (auto failure = pool_refusal(state_, pool_, entry, node)) {
    throw *failure;
  }
  const auto same_nonce = std::find_if(pool_.begin(), pool_.end(), [&](const PoolEntry& other) {
    return other.sender == entry.sender && other.transaction.transaction.nonce == tx.nonce;
  });
  if (same_nonce == pool_.end()) {
    pool_.push_back(std::move(entry));
  } else {
    *same_nonce = std::move(entry);
  }
  return hash;
}

std::vector<PoolEntry> ChainState::take_executable() {
  std::erase_if(pool_, [this](const PoolEntry& entry) {
    return entry.transaction.transaction.nonce < nonce(entry.sender);
  });
  const eth::U256 base_fee = next_fees().base_fee;
  std::map<eth::Address, std::uint64_t> expected;
  std::vector<PoolEntry> out;
  for (std::size_t at = 0; at < pool_.size();) {
    const PoolEntry& entry = pool_[at];
    const eth::Transaction& tx = entry.transaction.transaction;
    std::uint64_t& next = expected.try_emplace(entry.sender, nonce(entry.sender)).first->second;
    if (tx.nonce != next || tx.max_fee_per_gas < base_fee) {
      ++at;
      continue;
    }
    ++next;
    out.push_back(std::move(pool_[at]));
    pool_.erase(pool_.begin() + static_cast<std::ptrdiff_t>(at));
    at = 0;  // another one may have waited for this nonce
  }
  return out;
}

Block ChainState::next_block(std::uint64_t timestamp, const BlockFees& fees) const {
  Block block;
  block.number = head().number + 1;
  block.timestamp = std::max(timestamp, head().timestamp);
  block.parent_hash = head().hash;
  block.fees = fees;
  return block;
}

void ChainState::record(MinedTransaction mined, Block& block, std::uint64_t& log_index) {
  mined.block_number = block.number;
  mined.index = block.transactions.size();
  block.gas_used += mined.gas_used;
  mined.cumulative_gas = block.gas_used;
  mined.first_log_index = log_index;
  log_index += mined.logs.size();
  block.transactions.push_back(mined.hash);
  transactions_[mined.hash] = std::move(mined);
}

void ChainState::run(const PoolEntry& entry, Block& block, std::uint64_t& log_index) {
  const eth::Transaction& tx = entry.transaction.transaction;
  const eth::U256& base_fee = block.fees.base_fee;
  if (refusal(state_, entry.transaction, entry.sender, nonce(entry.sender), base_fee)) return;
  MinedTransaction mined;
  mined.transaction = entry.transaction;
  mined.sender = entry.sender;
  mined.forced_revert = entry.forced_revert;
  mined.hash = entry.transaction.hash;
  mined.effective_gas_price = std::min(tx.max_fee_per_gas, base_fee + tx.max_priority_fee_per_gas);
  CallRequest request{entry.sender, tx.to, tx.value, tx.data, tx.authorizations, tx.gas_limit};
  request.forced_revert = entry.forced_revert;
  // The gas is bought before the call runs and may not be spent by it.
  const eth::U256 bought = mined.effective_gas_price * eth::U256(tx.gas_limit);
  Account& sender = state_.accounts[entry.sender];
  sender.balance = sender.balance - bought;
  ExecutionResult result =
      execute_call(contracts_, state_, {block.number, block.timestamp}, request);
  Account& after = state_.accounts[entry.sender];
  after.balance = after.balance + (bought - mined.effective_gas_price * eth::U256(result.gas_used));
  mined.success = result.success;
  mined.gas_used = result.gas_used;
  mined.logs = std::move(result.logs);
  record(std::move(mined), block, log_index);
}

void ChainState::remember() {
  history_.insert_or_assign(head().number, state_);
  if (history_.size() > kRemembered) history_.erase(history_.begin());
}

std::vector<LogRecord> ChainState::seal(Block block, bool even_empty) {
  std::vector<LogRecord> logs;
  if (block.transactions.empty() && !even_empty) return logs;
  block.hash = hash_of(block);
  for (const base::Bytes32& hash : block.transactions) {
    const MinedTransaction& mined = transactions_.at(hash);
    logs.insert(logs.end(), mined.logs.begin(), mined.logs.end());
  }
  blocks_.push_back(std::move(block));
  return logs;
}

std::vector<LogRecord> ChainState::mine(const std::vector<PoolEntry>& entries,
                                        std::uint64_t timestamp, bool even_empty,
                                        const std::optional<BlockFees>& fees) {
  remember();
  Block block = next_block(timestamp, fees ? *fees : next_fees());
  std::uint64_t log_index = 0;
  for (const PoolEntry& entry : entries) run(entry, block, log_index);
  return seal(std::move(block), even_empty);
}

std::vector<LogRecord> ChainState::confirm_upgrade(const eth::Address& app,
                                                   std::uint64_t timestamp) {
  return act_as_platform("confirm upgrade", app, timestamp, [&](Execution& execution) {
    ControllerContract::confirm_upgrade(execution, app);
  });
}

std::vector<LogRecord> ChainState::suspend(const eth::Address& account, std::uint64_t timestamp) {
  eth::AbiValue::List apps;
  for (const auto& [app, entry] : state_.controller.apps) {
    if (entry.billing_account == account) apps.push_back(app);
  }
  const base::Bytes data = eth::abi_encode_call("suspend(address,address[])", {account, apps});
  return act_as_platform("suspend", account, timestamp, [&](Execution& execution) {
    contracts_.call(execution, {platform_account(), app_controller_address(), {}, data});
  });
}

std::vector<LogRecord> ChainState::act_as_platform(std::string_view what,
                                                   const eth::Address& subject,
                                                   std::uint64_t timestamp,
                                                   const std::function<void(Execution&)>& act) {
  remember();
  Block block = next_block(timestamp, next_fees());
  Execution execution{state_, {block.number, block.timestamp}, {}, 21'000, 0};
  try {
    act(execution);
  } catch (const Revert&) {
    return {};  // the app was terminated meanwhile
  }
  MinedTransaction mined;
  mined.sender = platform_account();
  mined.transaction.transaction.chain_id = eth::U256(state_.chain_id);
  mined.transaction.transaction.to = app_controller_address();
  mined.transaction.transaction.nonce = state_.accounts[platform_account()].nonce++;
  base::Bytes seed = base::to_bytes(what);
  base::append(seed, subject.bytes());
  base::append(seed, eth::U256(block.number).to_word());
  mined.hash = crypto::keccak256(seed);
  mined.transaction.hash = mined.hash;
  mined.effective_gas_price = block.fees.base_fee;
  mined.success = true;
  mined.gas_used = execution.gas;
  mined.logs = std::move(execution.logs);
  std::uint64_t log_index = 0;
  record(std::move(mined), block, log_index);
  return seal(std::move(block), false);
}

std::uint64_t ChainState::remembered() const {
  return history_.empty() ? 0 : head().number - history_.begin()->first;
}

void ChainState::take_back(std::uint64_t count, bool keep) {
  const std::uint64_t last = head().number - count;
  std::vector<PoolEntry> pool;
  for (std::uint64_t number = last + 1; number <= head().number; ++number) {
    for (const base::Bytes32& hash : blocks_[number].transactions) {
      const auto mined = transactions_.extract(hash);
      const bool signed_by_somebody = !mined.mapped().transaction.raw.empty();
      if (!keep || !signed_by_somebody) continue;
      pool.push_back(
          {mined.mapped().transaction, mined.mapped().sender, mined.mapped().forced_revert});
    }
  }
  for (PoolEntry& entry : pool_) pool.push_back(std::move(entry));
  pool_ = std::move(pool);
  if (count > 0) state_ = history_.at(last);
  history_.erase(history_.lower_bound(last), history_.end());
  blocks_.resize(last + 1);
  ++reorganisations_;
}

ChainState ChainState::as_of(std::uint64_t count) const {
  ChainState copy = *this;
  copy.take_back(std::min(count, remembered()), false);
  copy.pool_.clear();
  return copy;
}

ExecutionResult ChainState::simulate(const CallRequest& request, std::uint64_t timestamp) const {
  WorldState copy = state_;
  return execute_call(contracts_, copy, {head().number + 1, timestamp}, request);
}

const Block* ChainState::find_block(const base::Bytes32& hash) const {
  for (const Block& block : blocks_) {
    if (block.hash == hash) return &block;
  }
  return nullptr;
}

const MinedTransaction* ChainState::find_transaction(const base::Bytes32& hash) const {
  const auto found = transactions_.find(hash);
  return found == transactions_.end() ? nullptr : &found->second;
}

const PoolEntry* ChainState::find_pending(const base::Bytes32& hash) const {
  for (const PoolEntry& entry : pool_) {
    if (entry.transaction.hash == hash) return &entry;
  }
  return nullptr;
}

}  // namespace ecloud::devnet
