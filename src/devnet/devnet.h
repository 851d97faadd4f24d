#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devnet/controller_kind.h"
#include "devnet/fault_rules.h"
#include "devnet/node_behaviour.h"
#include "devnet/request_log.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/json.h"
#include "ecloud/base/secret.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"

namespace ecloud::devnet {

/// How long the platform takes for things, in seconds of the devnet's clock.
struct Timings {
  double deploying_seconds = 2;
  double upgrading_seconds = 2;  ///< after it the platform confirms the upgrade (four fields)
  double resuming_seconds = 1;
  double stopping_seconds = 1;
  double terminating_seconds = 1;
  double building_seconds = 3;
  double indexing_seconds = 0;   ///< how far the UserAPI's list of releases lags the chain
  double crediting_seconds = 0;  ///< until the billing service knows of a purchase of credits
};

/// How the devnet answers where the protocol leaves room.
enum class Strictness {
  kStrict,  ///< with the rules and oddities of real nodes and of the platform
  kGentle,  ///< the easiest answer that keeps the protocol
};

/// The chains on which credits are sold.
enum class SalesChain {
  kMain,  ///< the devnet's own
  kTest,  ///< the one that stands for Base Sepolia
};

struct Options {
  /// On 127.0.0.1. 0: the port of the last run in state_dir when it is free, else any.
  std::uint16_t port = 0;
  /// Four fields: the controller says "1.5.0". Three fields: "1.1.1".
  platform::Generation generation = platform::Generation::kFourFields;
  /// A particular release of the controller; nothing: the generation's latest.
  std::optional<ControllerKind> controller;
  ControllerKind kind() const { return controller.value_or(controller_kind_of(generation)); }
  /// Where chain, apps and keys outlive the process; nothing: in memory. One devnet a directory. A
  /// directory of the other generation is taken as an upgrade of the contract in place.
  std::optional<std::filesystem::path> state_dir;
  /// Where the KMS's keys are read from, or made when they are missing (an RSA key of 4096 bits
  /// takes seconds); nothing: in state_dir, or in memory. Files: kms-encryption.pem and
  /// kms-signing.pem (SubjectPublicKeyInfo), kms-encryption-private.pem, kms-signing-private.pem.
  std::optional<std::filesystem::path> key_dir;
  /// Not owned, outlives the devnet; null: the system's clock.
  base::Clock* clock = nullptr;
  Timings timings;
  /// Seconds between blocks. 0: every transaction is mined at once, in a block of its own.
  double block_time_seconds = 0;
  /// Whether accounts have an active subscription from the start.
  bool subscribed = true;
  /// getMaxActiveAppsPerUser of accounts with a subscription.
  std::uint32_t max_active_apps = 10;
  Strictness strictness = Strictness::kStrict;
  /// Apps whose images are in the devnet's registry really run, each in a container of its own:
  /// root on Linux only. In state_dir, or in a temporary directory.
  bool run_apps = false;
};

/// A well-known account of development chains with 10,000 ETH: the ten of the mnemonic "test test
/// test test test test test test test test test junk", m/44'/60'/0'/0/i. The first one has 10,000
/// USDC, too.
struct FundedAccount {
  eth::Address address;
  base::Secret private_key;  ///< 32 octets
};

/// The state of an app as the devnet sees it.
struct AppView {
  eth::Address app;
  eth::Address creator;
  platform::ChainStatus chain_status = platform::ChainStatus::kNone;
  std::string run_state;  ///< "Deploying", "Running", …
  std::string ip;         ///< empty when none is assigned
  std::string image;      ///< "docker.io/a/b@sha256:…" of the release that runs
  std::string profile_name;
  std::uint32_t latest_release_block = 0;
  std::uint32_t pending_release_block = 0;
  /// What the app does, whatever the run state says, which is the machine's: "running", "starting"
  /// (no ready marker yet), "never started", "ended with status 3"; empty without a container.
  std::string app_state;
  std::vector<std::string> markers;  ///< "ECLOUD_READY runtime_bootstrapped", …: of the last start
  std::optional<int> exit_status;    ///< of the last container, when it has ended
  /// "8080/tcp": what the firewall opens; nothing when the image is not in the devnet's registry.
  std::optional<std::vector<std::string>> ports;
};

/// The whole platform in one process on one loopback port: chain with contracts (/rpc), a second
/// node of it that can be behind (/rpc-lagging), a third one that has no logs (/rpc-nologs), a
/// second chain that sells credits as Base Sepolia does (/rpc-base-sepolia), UserAPI and Build API
/// (/userapi), billing (/billing), Docker Hub's tag API (/hub), an OCI registry (/v2) and the
/// control API (/_devnet). Everything here may be called from any thread.
///
/// Control over HTTP, all bodies JSON:
///   GET  /_devnet/info            the document of info()
///   GET  /_devnet/apps            {"apps":[{"app","creator","chainStatus","runState","ip","image",
///                                 "profileName","latestReleaseBlock","pendingReleaseBlock",
///                                 "appState","markers":[…],"exitStatus","ports":[…]}]}
///   GET  /_devnet/env/APP         {"app","environment":{NAME:VALUE},"running"}: what the
///                                KMS hands out, and what the app's process has; null without one
///   GET  /_devnet/requests {"counts":{KIND:n},"requests":[{"number","kinds","method","path",
///                                 "status","startedMs","finishedMs","clientId"}]}
///   POST /_devnet/requests/reset  forgets them
///   POST /_devnet/faults          {"kind","action",…}, see fault_rules.h; or {"clear":true}
///   POST /_devnet/latency         {"kind":"","ms":50}
///   POST /_devnet/account         {"address", "balanceWei"?, "usdc"? (millionths, a decimal text),
///                                 "testUsdc"? (the same on the chain of test money),
///                                 "maxActiveApps"?, "subscription"?, "delegate"?}
///   POST /_devnet/card            {"address","brand","last4"}: saved for purchases of credits
///   POST /_devnet/coupon          {"code","amountCents"}
///   POST /_devnet/checkout        {"id"}: pays at the page of that checkout
///   POST /_devnet/mining          {"paused":true|false}, {"dropPending":true}, {"mine":COUNT},
///                                 {"reorganise":BLOCKS,"keepTransactions"?:true} or {"lag":BLOCKS}
///   POST /_devnet/fees            {"baseFeeWei","tipWei"}, decimal texts: an empty block with
///   these
///                                 fees, and all later ones have them; {} ends that
///   POST /_devnet/node            {"node":"rpc", …}, see node_behaviour.h; {"node":"rpc"} puts it
///                                 back to its start
///   POST /_devnet/app             {"app","runState"?,"log"?}
///   POST /_devnet/seed            {"address","count","prefix"?}: apps of that account that run, as
///                                 if deployed long ago, named PREFIX1, PREFIX2, …; beside the
///                                 quota
///   POST /_devnet/strangers       {"count"}: started apps of other accounts, on chain only
///   POST /_devnet/generation      {"version":"1.5.0"}: 1.1.1, 1.4.0, 1.5.0 or 1.5.0-teams
///   POST /_devnet/reset           genesis again, no faults, no latency, empty log; keys and
///                                 images stay
class Devnet {
 public:
  /// Reads the state and starts to listen. Throws Error{kUsage, "devnet.state"} for a state
  /// directory that is not one of ours, {kFailure, "file.locked"} when another devnet has it, and
  /// {kFailure, "devnet.port"} when the port is taken; with run_apps {kUsage, "devnet.run_apps"}
  /// where apps cannot be run.
  explicit Devnet(Options options = {});
  /// stop().
  ~Devnet();
  Devnet(const Devnet&) = delete;
  Devnet& operator=(const Devnet&) = delete;

  /// Listens again after stop(), on the same port: a service that went away and came back.
  void start();
  /// Refuses connections until start(). Nothing is lost.
  void stop();

  std::uint16_t port() const;
  /// "http://127.0.0.1:PORT"; the services are below it.
  std::string url() const;
  /// The document of devnet.json: what platform::environment_from_devnet_info reads, and version,
  /// pid, url, generation, hubUrl, registry ("127.0.0.1:PORT"), kmsClientImage, tlsClientImage and
  /// caddyImage (references by digest in that registry) with their generation, runtime;
  /// intelTokenTools, the kmsClientImage and tlsClientImage of the older one; images and accounts
  /// with their keys.
  base::Json info() const;
  platform::Environment environment() const;
  /// "127.0.0.1:PORT/sample/hello:1.0" for "sample/hello:1.0".
  std::string image(std::string_view name) const;
  static const std::vector<FundedAccount>& accounts();

  // Faults and measuring.
  void add_fault(FaultRule rule);
  void clear_faults();
  /// Ends the delays of requests under way, and returns when all that was asked has been done.
  void settle();
  /// Real milliseconds before every answer to requests of `kind` (as in FaultRule; "" is all).
  void set_latency(std::string kind, std::chrono::milliseconds latency);
  std::vector<RequestRecord> requests() const;
  /// How many single requests of this kind there were; calls in a batch count one by one.
  std::size_t count(std::string_view kind) const;
  void clear_requests();

  // The chain.
  eth::U256 balance(const eth::Address& account) const;
  std::uint64_t nonce(const eth::Address& account) const;
  base::Bytes code(const eth::Address& account) const;
  void set_balance(const eth::Address& account, const eth::U256& wei);
  /// Millionths of a dollar of the devnet's USDC.
  eth::U256 usdc_balance(const eth::Address& account, SalesChain chain = SalesChain::kMain) const;
  void set_usdc_balance(const eth::Address& account, const eth::U256& amount,
                        SalesChain chain = SalesChain::kMain);
  /// What the account allows USDCCredits to take.
  eth::U256 usdc_allowance(const eth::Address& account) const;
  void set_usdc_allowance(const eth::Address& account, const eth::U256& amount);
  /// What has been bought for the account at USDCCredits, in millionths of a dollar.
  eth::U256 credits(const eth::Address& account, SalesChain chain = SalesChain::kMain) const;
  /// A card that the account has saved at the billing service; one that ends in 0002 is declined.
  /// Returns its id.
  std::string add_card(const eth::Address& account, std::string_view brand, std::string_view last4);
  void add_coupon(std::string_view code, std::uint64_t cents);
  /// Pays at the page of an open checkout ("cs_test_1"). Throws Error{kNotFound,
  /// "devnet.no_checkout"}.
  void complete_checkout(const std::string& id);
  /// Delegates the account without a transaction; the zero address takes the delegation away.
  void set_delegate(const eth::Address& account, const eth::Address& target);
  void set_max_active_apps(const eth::Address& account, std::uint32_t count);
  /// The quota of the whole platform; nothing: none.
  void set_global_max_active_apps(std::optional<std::uint32_t> count);
  /// "active", "past_due", "inactive", …; active and trialing give the default quota, others none.
  void set_subscription(const eth::Address& account, std::string_view status);
  /// The controller is upgraded in place; its apps stay.
  void set_generation(platform::Generation generation);
  void set_controller(ControllerKind kind);
  /// Transactions are taken but not mined until resume_mining(): no receipt, no effect.
  void pause_mining();
  void resume_mining();
  /// Forgets the transactions that are not mined yet.
  void drop_pending();
  /// A block of the transactions that wait, or an empty one; also while mining is paused.
  void mine_block();
  /// Takes the last blocks back: their receipts are gone, and state and machines are as they were
  /// before them, also what was set from outside since. The transactions wait again, and are mined
  /// into other blocks with the next request or when mining is resumed, or vanish with
  /// !keep_transactions. Blocks made later have other hashes than those taken back. The platform
  /// confirms upgrades again. Throws Error{kUsage, "devnet.reorganise"} for more blocks than there
  /// are, or than the 16 that are remembered.
  void reorganise(std::uint64_t blocks, bool keep_transactions);
  /// How far the node at /rpc-lagging is behind, 0 at first: it answers as of so many blocks ago
  /// and knows no later transaction, but passes on what it is sent. Throws Error{kUsage,
  /// "devnet.lag"} for more than 16.
  void set_lag(std::uint64_t blocks);
  std::uint64_t block_number() const;
  /// Of the latest block and what is suggested after it, in wei.
  eth::U256 base_fee() const;
  eth::U256 suggested_tip() const;
  /// Makes an empty block with these fees (wei), and all later ones have them.
  void set_fees(const eth::U256& base_fee, const eth::U256& tip);
  /// From the next block on the fees are what the profile makes of them.
  void release_fees();
  /// Of the node "rpc", "rpc-lagging" or "rpc-nologs" from its next request on.
  void set_behaviour(const std::string& node, const NodeBehaviour& behaviour);
  bool can_call(const eth::Address& account, const eth::Address& caller, const eth::Address& target,
                const base::FixedBytes<4>& selector) const;

  // The apps.
  std::vector<AppView> apps() const;
  std::optional<AppView> app(const eth::Address& app) const;
  /// What the TEE would see: the KMS's mnemonic, then the private variables, then the public ones,
  /// each over the former; sorted. Throws Error{kNotFound, "devnet.no_app"} and {kVerification,
  /// "devnet.environment"} when the KMS refuses the release's environment.
  std::vector<std::pair<std::string, base::Secret>> tee_environment(const eth::Address& app) const;
  /// Running apps of `account`, named PREFIX1, PREFIX2, …, without transactions and beside the
  /// quota; their variables cannot be decrypted.
  void seed_apps(const eth::Address& account, std::uint32_t count, std::string_view prefix);
  /// As many started apps of other accounts, which the controller's lists come to before all
  /// others. The UserAPI does not know them.
  void seed_strangers(std::uint32_t count);
  /// The platform suspends all apps that the account pays for, and takes its quota away.
  void suspend(const eth::Address& account);
  /// What the controller says of the app from now on: kNone is how one that was upgraded in place
  /// misreads older records.
  void set_chain_status(const eth::Address& app, platform::ChainStatus status);
  /// Replaces the app's log: what rotation and restarts do.
  void set_log(const eth::Address& app, std::string_view text);
  /// Puts the app's machine into a state at once and for good: "Failed", "Suspended", ….
  void set_run_state(const eth::Address& app, std::string_view state);
  void append_log(const eth::Address& app, std::string_view line);
  /// Whether the platform attaches a persistent disk to machines that start from now on. At first
  /// it does, but not in the gentle profile.
  void set_persistent_disks(bool attached);
  /// With Options::run_apps: the environment of the app's command as the kernel shows it. Empty
  /// when it does not run.
  std::vector<std::pair<std::string, base::Secret>> running_environment(
      const eth::Address& app) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ecloud::devnet
