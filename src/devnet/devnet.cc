#include "devnet/devnet.h"

#include <unistd.h>

#include <limits>

#include "devnet/app_runner.h"
#include "devnet/billing_service.h"
#include "devnet/build_service.h"
#include "devnet/control_service.h"
#include "devnet/controller_contract.h"
#include "devnet/credits_contract.h"
#include "devnet/front_door.h"
#include "devnet/http_server.h"
#include "devnet/permission_contract.h"
#include "devnet/registry_service.h"
#include "devnet/rpc_service.h"
#include "devnet/usdc_contract.h"
#include "devnet/user_api_service.h"
#include "devnet/world.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/version.h"

namespace ecloud::devnet {
namespace {

std::unique_ptr<HttpServer> bind(std::uint16_t port, std::optional<std::uint16_t> preferred,
                                 const HttpServer::Handler& handler) {
  if (port == 0 && preferred) {
    try {
      return std::make_unique<HttpServer>(*preferred, handler);
    } catch (const Error&) {
      // Another process has it now.
    }
  }
  return std::make_unique<HttpServer>(port, handler);
}

}  // namespace

struct Devnet::Impl {
  explicit Impl(Options given)
      : options(std::move(given)),
        store(options.state_dir ? std::make_unique<StateStore>(*options.state_dir) : nullptr),
        registry(store ? std::optional(store->directory() / "registry") : std::nullopt),
        server(
            bind(options.port, store ? store->last_port() : std::nullopt,
                 [this](const HttpRequest& request) { return dated(front_door.handle(request)); })),
        authority("127.0.0.1:" + std::to_string(server->port())),
        world(options, store.get(), authority,
              [this](const eth::Address&, const ReleaseData& release) {
                return registry.examine(authority, release,
                                        options.strictness == Strictness::kStrict);
              }),
        test_chain_store(options.state_dir ? std::make_unique<StateStore>(*options.state_dir /
                                                                          "test-credits-chain")
                                           : nullptr),
        test_chain(options, test_chain_store.get(), world),
        rpc(world, "rpc", false),
        lagging_rpc(world, "rpc-lagging", true),
        logless_rpc(world, "rpc-nologs", false),
        test_rpc(test_chain, "rpc-base-sepolia", false),
        user_api(world, options.strictness == Strictness::kStrict),
        billing(world, test_chain),
        builds(world, registry),
        control(
            world, test_chain, front_door, [this] { return info(); },
            [this](const eth::Address& app) { return running_environment(app); }) {
    world.watch_purchases_on(test_chain);
    if (options.run_apps) run_apps();
    if (store) store->remember_port(server->port());
    front_door.add("/rpc", rpc);
    front_door.add("/rpc-lagging", lagging_rpc);
    front_door.add("/rpc-nologs", logless_rpc);
    front_door.add("/rpc-base-sepolia", test_rpc);
    front_door.add("/userapi", user_api);
    front_door.add("/userapi/builds", builds);
    front_door.add("/billing", billing);
    front_door.add("/hub", registry);
    front_door.add("/v2", registry);
    front_door.add_quiet("/_devnet", control);
  }

  HttpResponse dated(HttpResponse response) {
    response.headers.emplace_back("Date", http_date(world.now_seconds()));
    return response;
  }
  base::Json info();
  void run_apps();
  std::vector<std::pair<std::string, base::Secret>> running_environment(const eth::Address& app) {
    if (!runner) return {};
    return runner->environment(app);
  }
  void commit(base::Json operation, SalesChain chain = SalesChain::kMain) {
    World& changed = world_of(chain);
    const auto lock = changed.enter();
    changed.commit(std::move(operation));
  }
  World& world_of(SalesChain chain) { return chain == SalesChain::kMain ? world : test_chain; }

  Options options;
  FrontDoor front_door;
  std::unique_ptr<StateStore> store;
  RegistryService registry;
  std::unique_ptr<HttpServer> server;
  std::string authority;
  World world;
  std::unique_ptr<StateStore> test_chain_store;
  World test_chain;
  RpcService rpc;
  RpcService lagging_rpc;
  RpcService logless_rpc;
  RpcService test_rpc;
  UserApiService user_api;
  BillingService billing;
  BuildService builds;
  ControlService control;
  std::unique_ptr<AppRunner> runner;  // its apps end before the rest
};

void Devnet::Impl::run_apps() {
  AppRunner::Sources sources;
  sources.image = [this](const ReleaseData& release) {
    return registry.find_image(authority, release);
  };
  // Called by the machines, under the world's lock.
  sources.variables = [this](const eth::Address& app, const ReleaseData& release) {
    return export_lines(world.kms().environment(app, release.encrypted_env, release.public_env));
  };
  sources.has_disks = [this] { return world.machines().has_disks(); };
  runner = std::make_unique<AppRunner>(
      store ? std::optional(store->directory() / "containers") : std::nullopt, std::move(sources));
  const auto lock = world.enter();
  world.set_host(runner.get());
}

base::Json Devnet::Impl::info() {
  const std::string url = "http://" + authority;
  base::Json accounts = base::Json::array();
  for (const DevelopmentAccount& account : development_accounts()) {
    accounts.push(base::Json::object(
        {{"address", account.address}, {"privateKey", "0x" + std::string(account.private_key)}}));
  }
  base::Json images = base::Json::array();
  for (const std::string& tag : registry.tags()) images.push(authority + "/" + tag);
  const auto pinned = [&](const std::string& repository, const char* tag) {
    return authority + "/" + repository + "@" + registry.digest_of(repository, tag);
  };
  const auto tool = [&](const char* tag) {
    return pinned("eigenlayer/eigencloud-containers", tag);
  };
  const auto lock = world.enter();
  return base::Json::object(
      {{"name", "devnet"},
       {"version", kVersion},
       {"pid", static_cast<std::int64_t>(::getpid())},
       {"url", url},
       {"generation", world.chain().contracts().controller().version()},
       {"profile", world.is_strict() ? "strict" : "gentle"},
       {"chainId", kChainId},
       {"rpcUrl", url + "/rpc"},
       {"userApiUrl", url + "/userapi"},
       {"billingUrl", url + "/billing"},
       {"hubUrl", url + "/hub"},
       {"dashboardUrl", ""},
       {"registry", authority},
       {"kmsClientImage", tool("kms-client")},
       {"tlsClientImage", tool("tls-client")},
       {"caddyImage", pinned("library/caddy", "2.10.2-alpine")},
       {"runtime", platform::to_string(platform::kServedGeneration)},
       {"intelTokenTools", base::Json::object({{"kmsClientImage", tool("kms-client-intel-token")},
                                               {"tlsClientImage", tool("tls-keygen")}})},
       {"appController", app_controller_address().to_string()},
       {"appBeacon", app_beacon_address().to_string()},
       {"appProxyCode", base::to_hex_prefixed(app_proxy().rest)},
       {"permissionController", permission_controller_address().to_string()},
       {"delegator", delegator_address().to_string()},
       {"kmsEncryptionKey", world.kms().encryption_key()},
       {"kmsSigningKey", world.kms().signing_key()},
       {"kmsServerUrl", url + "/kms"},
       {"usdcCredits", usdc_credits_address().to_string()},
       {"usdcToken", usdc_address().to_string()},
       {"creditsChainId", kChainId},
       {"creditsRpcUrl", url + "/rpc"},
       {"testCredits", base::Json::object({{"chainId", kTestCreditsChainId},
                                           {"rpcUrl", url + "/rpc-base-sepolia"},
                                           {"usdcCredits", usdc_credits_address().to_string()},
                                           {"usdcToken", usdc_address().to_string()}})},
       {"images", images},
       {"accounts", accounts}});
}

Devnet::Devnet(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {
  start();
}
Devnet::~Devnet() {
  stop();
}

void Devnet::start() {
  impl_->front_door.resume();
  impl_->server->start();
}

void Devnet::stop() {
  impl_->front_door.interrupt();
  impl_->server->stop();
}

std::uint16_t Devnet::port() const {
  return impl_->server->port();
}
std::string Devnet::url() const {
  return "http://" + impl_->authority;
}
base::Json Devnet::info() const {
  return impl_->info();
}
platform::Environment Devnet::environment() const {
  return platform::environment_from_devnet_info(info());
}
std::string Devnet::image(std::string_view name) const {
  return impl_->authority + "/" + std::string(name);
}

const std::vector<FundedAccount>& Devnet::accounts() {
  static const std::vector<FundedAccount> kAccounts = [] {
    std::vector<FundedAccount> out;
    for (const DevelopmentAccount& account : development_accounts()) {
      const auto key = base::from_hex(account.private_key);
      out.push_back({address_of(account.address), base::Secret(*key)});
    }
    return out;
  }();
  return kAccounts;
}

void Devnet::add_fault(FaultRule rule) {
  impl_->front_door.faults().add(std::move(rule));
}
void Devnet::clear_faults() {
  impl_->front_door.faults().clear();
}
void Devnet::settle() {
  impl_->front_door.settle();
}
void Devnet::set_latency(std::string kind, std::chrono::milliseconds latency) {
  impl_->front_door.set_latency(std::move(kind), latency);
}
std::vector<RequestRecord> Devnet::requests() const {
  return impl_->front_door.log().all();
}
std::size_t Devnet::count(std::string_view kind) const {
  return impl_->front_door.log().count(kind);
}
void Devnet::clear_requests() {
  impl_->front_door.log().clear();
}

eth::U256 Devnet::balance(const eth::Address& account) const {
  const auto lock = impl_->world.enter();
  return impl_->world.chain().balance(account);
}

std::uint64_t Devnet::nonce(const eth::Address& account) const {
  const auto lock = impl_->world.enter();
  return impl_->world.chain().nonce(account);
}

base::Bytes Devnet::code(const eth::Address& account) const {
  const auto lock = impl_->world.enter();
  return Contracts::code_at(impl_->world.chain().state(), account);
}

void Devnet::set_balance(const eth::Address& account, const eth::U256& wei) {
  impl_->commit(base::Json::object(
      {{"op", "balance"}, {"address", account.to_string()}, {"wei", wei.to_decimal()}}));
}

eth::U256 Devnet::usdc_balance(const eth::Address& account, SalesChain chain) const {
  World& world = impl_->world_of(chain);
  const auto lock = world.enter();
  return devnet::usdc_balance(world.chain().state().usdc, account);
}

void Devnet::set_usdc_balance(const eth::Address& account, const eth::U256& amount,
                              SalesChain chain) {
  impl_->commit(
      base::Json::object(
          {{"op", "usdc"}, {"address", account.to_string()}, {"amount", amount.to_decimal()}}),
      chain);
}

eth::U256 Devnet::usdc_allowance(const eth::Address& account) const {
  const auto lock = impl_->world.enter();
  return devnet::usdc_allowance(impl_->world.chain().state().usdc, account, usdc_credits_address());
}

void Devnet::set_usdc_allowance(const eth::Address& account, const eth::U256& amount) {
  impl_->commit(base::Json::object({{"op", "usdcAllowance"},
                                    {"address", account.to_string()},
                                    {"amount", amount.to_decimal()}}));
}

eth::U256 Devnet::credits(const eth::Address& account, SalesChain chain) const {
  World& world = impl_->world_of(chain);
  const auto lock = world.enter();
  return credits_bought(world.chain().state().credits, account,
                        std::numeric_limits<std::uint64_t>::max());
}

std::string Devnet::add_card(const eth::Address& account, std::string_view brand,
                             std::string_view last4) {
  const auto lock = impl_->world.enter();
  return save_card(impl_->world, account, brand, last4);
}

void Devnet::add_coupon(std::string_view code, std::uint64_t cents) {
  const auto lock = impl_->world.enter();
  make_coupon(impl_->world, code, cents);
}

void Devnet::complete_checkout(const std::string& id) {
  const auto lock = impl_->world.enter();
  devnet::complete_checkout(impl_->world, id);
}

void Devnet::set_delegate(const eth::Address& account, const eth::Address& target) {
  impl_->commit(base::Json::object(
      {{"op", "delegate"}, {"address", account.to_string()}, {"target", target.to_string()}}));
}

void Devnet::set_max_active_apps(const eth::Address& account, std::uint32_t count) {
  impl_->commit(base::Json::object(
      {{"op", "quota"}, {"address", account.to_string()}, {"count", std::uint64_t{count}}}));
}

void Devnet::set_global_max_active_apps(std::optional<std::uint32_t> count) {
  base::Json operation = base::Json::object({{"op", "globalQuota"}});
  if (count) operation.set("count", std::uint64_t{*count});
  impl_->commit(operation);
}

void Devnet::set_subscription(const eth::Address& account, std::string_view status) {
  impl_->commit(base::Json::object(
      {{"op", "subscription"}, {"address", account.to_string()}, {"status", status}}));
}

void Devnet::set_generation(platform::Generation generation) {
  set_controller(controller_kind_of(generation));
}

void Devnet::set_controller(ControllerKind kind) {
  impl_->commit(base::Json::object({{"op", "generation"}, {"version", to_string(kind)}}));
}

void Devnet::pause_mining() {
  const auto lock = impl_->world.enter();
  impl_->world.set_mining_paused(true);
}

void Devnet::resume_mining() {
  const auto lock = impl_->world.enter();
  impl_->world.set_mining_paused(false);
}

void Devnet::drop_pending() {
  const auto lock = impl_->world.enter();
  impl_->world.drop_pending();
}

void Devnet::mine_block() {
  const auto lock = impl_->world.enter();
  impl_->world.mine_block();
}

void Devnet::reorganise(std::uint64_t blocks, bool keep_transactions) {
  const auto lock = impl_->world.enter();
  impl_->world.reorganise(blocks, keep_transactions);
}

void Devnet::set_lag(std::uint64_t blocks) {
  const auto lock = impl_->world.enter();
  impl_->world.set_lag(blocks);
}

std::uint64_t Devnet::block_number() const {
  const auto lock = impl_->world.enter();
  return impl_->world.chain().head().number;
}

eth::U256 Devnet::base_fee() const {
  const auto lock = impl_->world.enter();
  return impl_->world.chain().base_fee();
}

eth::U256 Devnet::suggested_tip() const {
  const auto lock = impl_->world.enter();
  return impl_->world.chain().suggested_tip();
}

void Devnet::set_fees(const eth::U256& base_fee, const eth::U256& tip) {
  const auto lock = impl_->world.enter();
  impl_->world.set_fees(BlockFees{base_fee, tip});
}

void Devnet::release_fees() {
  const auto lock = impl_->world.enter();
  impl_->world.set_fees(std::nullopt);
}

void Devnet::set_behaviour(const std::string& node, const NodeBehaviour& behaviour) {
  const auto lock = impl_->world.enter();
  impl_->world.behaviour(node) = behaviour;
}

bool Devnet::can_call(const eth::Address& account, const eth::Address& caller,
                      const eth::Address& target, const base::FixedBytes<4>& selector) const {
  const auto lock = impl_->world.enter();
  return devnet::can_call(impl_->world.chain().state().permissions, account, caller, target,
                          selector);
}

std::vector<AppView> Devnet::apps() const {
  const auto lock = impl_->world.enter();
  std::vector<AppView> out;
  const ControllerState& state = impl_->world.chain().state().controller;
  for (const eth::Address& app : state.order) {
    const auto found = state.apps.find(app);
    if (found != state.apps.end()) out.push_back(impl_->world.view(found->second));
  }
  return out;
}

std::optional<AppView> Devnet::app(const eth::Address& app) const {
  const auto lock = impl_->world.enter();
  const auto& apps = impl_->world.chain().state().controller.apps;
  const auto found = apps.find(app);
  if (found == apps.end()) return std::nullopt;
  return impl_->world.view(found->second);
}

std::vector<std::pair<std::string, base::Secret>> Devnet::tee_environment(
    const eth::Address& app) const {
  const auto lock = impl_->world.enter();
  std::vector<std::pair<std::string, base::Secret>> out;
  for (auto& [name, value] : tee_environment_of(impl_->world, app)) {
    out.emplace_back(name, value.clone());
  }
  return out;
}

void Devnet::set_persistent_disks(bool attached) {
  const auto lock = impl_->world.enter();
  impl_->world.set_disks(attached);
}

std::vector<std::pair<std::string, base::Secret>> Devnet::running_environment(
    const eth::Address& app) const {
  return impl_->running_environment(app);
}

void Devnet::set_run_state(const eth::Address& app, std::string_view state) {
  impl_->commit(
      base::Json::object({{"op", "runState"}, {"app", app.to_string()}, {"state", state}}));
}

void Devnet::seed_strangers(std::uint32_t count) {
  impl_->commit(base::Json::object({{"op", "strangers"}, {"count", std::uint64_t{count}}}));
}

void Devnet::set_chain_status(const eth::Address& app, platform::ChainStatus status) {
  impl_->commit(base::Json::object({{"op", "chainStatus"},
                                    {"app", app.to_string()},
                                    {"status", static_cast<std::uint64_t>(status)}}));
}

void Devnet::suspend(const eth::Address& account) {
  impl_->commit(base::Json::object({{"op", "suspend"}, {"address", account.to_string()}}));
}

void Devnet::seed_apps(const eth::Address& account, std::uint32_t count, std::string_view prefix) {
  impl_->commit(base::Json::object({{"op", "seed"},
                                    {"address", account.to_string()},
                                    {"count", std::uint64_t{count}},
                                    {"prefix", prefix}}));
}

void Devnet::set_log(const eth::Address& app, std::string_view text) {
  impl_->commit(base::Json::object({{"op", "setLog"}, {"app", app.to_string()}, {"text", text}}));
}

void Devnet::append_log(const eth::Address& app, std::string_view line) {
  impl_->commit(base::Json::object({{"op", "log"}, {"app", app.to_string()}, {"line", line}}));
}

}  // namespace ecloud::devnet
