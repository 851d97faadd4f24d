#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "devnet/billing_state.h"
#include "devnet/chain_state.h"
#include "devnet/devnet.h"
#include "devnet/kms.h"
#include "devnet/machines.h"
#include "devnet/state_store.h"

namespace ecloud::devnet {

struct Subscription {
  std::string status;
  std::int64_t period_start = 0;  ///< unix seconds
  bool cancel_at_period_end = false;
  std::optional<std::int64_t> canceled_at;  ///< unix seconds
};

/// A verifiable build; its state follows from its age.
struct Build {
  std::string id;
  eth::Address account;
  base::Json request;
  std::int64_t created_ms = 0;
};

/// Everything that the services share, under one lock. What changes it from outside is an
/// operation, a JSON object with "op" and "time" (ms): it is applied, written to the journal, and
/// applied again when the journal is replayed. What follows from time alone (machines,
/// confirmations) is computed and never written.
class World {
 public:
  /// `authority` is "127.0.0.1:PORT". `examine_image` says why an image of this devnet's registry
  /// cannot run. Replays the journal when the options name a directory.
  World(const Options& options, StateStore* store, std::string authority,
        Machines::Examine examine_image);
  /// The chain besides `main` on which credits are sold for test money: kTestCreditsChainId, with
  /// the same accounts, and contracts of which only USDC and USDCCredits matter. Uses the KMS of
  /// `main`.
  World(const Options& options, StateStore* store, const World& main);

  /// From here on the platform also gives the quota that credits bought on `other` bring; its lock
  /// is taken inside of this one's. It outlives the object.
  void watch_purchases_on(World& other) { other_sales_ = &other; }

  /// Taken by whoever calls anything below; lets time pass before it returns.
  std::unique_lock<std::mutex> enter();

  ChainState& chain() { return *chain_; }
  Kms& kms() { return *kms_; }
  Machines& machines() { return *machines_; }
  /// As Machines::set_host, and it stays through reset().
  void set_host(ContainerHost* host);
  /// As Devnet::set_persistent_disks.
  void set_disks(bool attached);
  const std::string& authority() const { return authority_; }
  const Timings& timings() const { return options_.timings; }
  Strictness strictness() const { return options_.strictness; }

  std::int64_t now_ms() const;
  std::int64_t now_seconds() const { return now_ms() / 1000; }

  /// Stamps, applies and writes an operation.
  void commit(base::Json operation);

  /// Takes a raw transaction, and mines it when there is nothing to wait for. Throws RpcFailure in
  /// the words of `node`.
  base::Bytes32 submit(base::ByteView raw, std::optional<base::Bytes> forced_revert,
                       const NodeBehaviour& node = {});
  /// Makes an empty block with these fees, and all later ones have them; nothing: the fees are
  /// again what the profile makes of them.
  void set_fees(const std::optional<BlockFees>& fees);
  bool is_strict() const { return options_.strictness == Strictness::kStrict; }
  /// Of the node whose requests are of that kind: "rpc".
  NodeBehaviour& behaviour(const std::string& kind) { return behaviours_[kind]; }
  /// As it was at the start.
  void reset_behaviour(const std::string& kind);
  void set_mining_paused(bool paused);
  void drop_pending();
  /// A block of all that waits, or an empty one, also while mining is paused.
  void mine_block();
  /// As Devnet::reorganise.
  void reorganise(std::uint64_t blocks, bool keep_transactions);
  /// How many blocks the lagging node is behind. Throws as Devnet::set_lag.
  void set_lag(std::uint64_t blocks);
  std::uint64_t lag() const { return lag_; }
  /// Genesis again.
  void reset();

  Subscription subscription(const eth::Address& account) const;
  const BillingState& billing() const { return billing_; }
  const std::vector<Build>& builds() const { return builds_; }
  /// Whether the account may use a permission of the UserAPI for the app.
  bool may_use_api(const eth::Address& app, const eth::Address& account,
                   const Selector& permission) const;
  AppView view(const AppEntry& entry) const;

 private:
  void begin();
  void make_genesis(std::int64_t time_ms);
  void add_environment(const eth::Address& app, const ReleaseData& release, LaunchVerdict& verdict);
  void replay(const std::vector<base::Json>& lines);
  base::Json header(std::int64_t time_ms) const;
  void apply(const base::Json& operation);
  void apply_to_account(const std::string& op, const base::Json& operation);
  void apply_to_app(const std::string& op, const base::Json& operation);
  void seed(const eth::Address& account, const base::Json& operation);
  void suspend(const eth::Address& account, std::int64_t time_ms);
  void seed_strangers(std::uint64_t count);
  void apply_block(const base::Json& operation, std::int64_t time_ms);
  void apply_fees(const base::Json& operation, std::int64_t time_ms);
  void apply_reorganisation(const base::Json& operation, std::int64_t time_ms);
  void let_time_pass(std::int64_t until_ms);
  void give_bought_quota();
  void remember_machines();
  void mine_pool(bool even_empty = false);

  Options options_;
  StateStore* store_;
  base::Clock& clock_;
  std::string authority_;
  Machines::Examine examine_image_;
  std::shared_ptr<Kms> kms_;
  std::uint64_t chain_id_ = kChainId;
  std::int64_t epoch_ms_;  ///< unix time at monotonic zero
  std::mutex mutex_;
  std::unique_ptr<ChainState> chain_;
  std::unique_ptr<Machines> machines_;
  std::map<eth::Address, Subscription> subscriptions_;
  BillingState billing_;
  std::vector<Build> builds_;
  std::map<std::uint64_t, std::map<eth::Address, Machine>> machine_history_;  ///< by block
  std::map<std::string, NodeBehaviour> behaviours_;  ///< by the kind of the node's requests
  bool has_disks_;
  ContainerHost* host_ = nullptr;
  World* other_sales_ = nullptr;
  std::uint64_t lag_ = 0;
  bool mining_paused_ = false;
  std::int64_t next_block_ms_ = 0;
};

}  // namespace ecloud::devnet
