// What `ecloud doctor` asks of the services: every one once, all at the same time.

#include <cstdlib>

#include "cli/doctor.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/chain/chain.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/net/retry.h"
#include "ecloud/platform/billing_api.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {
namespace {

/// Signatures for the platform's services are good for one to five minutes.
constexpr std::int64_t kMaxSkewSeconds = 60;
constexpr std::int64_t kNotedSkewSeconds = 10;
/// Public chains make a block every 12 s; missing slots and nodes that lag are allowed for.
constexpr std::int64_t kMaxBlockAgeSeconds = 300;
/// Gas of a first deployment, delegation included, rounded up.
constexpr std::uint64_t kDeploymentGas = 900'000;

std::string milliseconds(base::Milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

std::string in_words(std::int64_t seconds) {
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7'200) return std::to_string(seconds / 60) + " min";
  if (seconds < 172'800) return std::to_string(seconds / 3'600) + " h";
  return std::to_string(seconds / 86'400) + " days";
}

/// What the chain said, as far as it did.
struct ChainFacts {
  std::vector<Finding> network;  ///< rpc, controller
  std::vector<Finding> account;  ///< balance, delegation, quota
  std::optional<std::uint64_t> block_timestamp;
};

/// What the UserAPI said.
struct ApiFacts {
  std::vector<Finding> network;
  std::optional<std::int64_t> date;  ///< unix seconds, by the server's clock
};

struct BillingFacts {
  std::vector<Finding> network;
  std::vector<Finding> account;
};

class ChainCheck {
 public:
  explicit ChainCheck(const DoctorServices& services) : services_(services) {}

  ChainFacts run() {
    try {
      ask();
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
      facts_.network = {fail("rpc", error)};
      skip_rest("the chain does not answer");
    }
    return std::move(facts_);
  }

 private:
  void skip_rest(const std::string& reason) {
    facts_.network.push_back(skip("controller", reason));
    facts_.account.clear();
    for (const char* check : {"balance", "delegation", "quota"}) {
      facts_.account.push_back(skip(check, !services_.deployer.account ? "no key" : reason));
    }
  }

  std::vector<chain::RpcCall> calls() const {
    const eth::Address& controller = services_.environment.app_controller;
    const auto view = [&](const base::Bytes& data) { return chain::eth_call(controller, data); };
    std::vector<chain::RpcCall> out = {chain::latest_block(), view(platform::encode_version())};
    if (!services_.deployer.account) return out;
    const eth::Address& account = *services_.deployer.account;
    out.push_back(chain::get_balance(account));
    out.push_back(chain::get_code(account));
    out.push_back(view(platform::encode_max_active_apps(account)));
    out.push_back(view(platform::encode_active_app_count(account)));
    return out;
  }

  void ask() {
    chain::RpcOptions options;
    options.urls = services_.environment.rpc_urls;
    options.chain_id = services_.environment.chain_id;
    options.max_attempts = 1;
    chain::RpcClient rpc(services_.transport, services_.clock, services_.log, options);
    const base::Milliseconds start = services_.clock.monotonic();
    results_ = rpc.batch(calls());
    const base::Milliseconds taken = services_.clock.monotonic() - start;
    const chain::BlockHeader block =
        chain::read_block_header(chain::value_or_throw(results_[0], "eth_getBlockByNumber"));
    facts_.block_timestamp = block.timestamp;
    facts_.network.push_back(ok("rpc", platform::chain_name(services_.environment.chain_id) +
                                           " answers in " + milliseconds(taken) + ", block " +
                                           std::to_string(block.number)));
    if (!check_controller()) return;
    if (!services_.deployer.account) {
      for (const char* check : {"balance", "delegation", "quota"}) {
        facts_.account.push_back(skip(check, "no key"));
      }
      return;
    }
    check_balance(block);
    check_delegation();
    check_quota();
  }

  base::Bytes data(std::size_t call) {
    return chain::read_data(chain::value_or_throw(results_[call], "eth_call"));
  }

  bool check_controller() {
    const base::Bytes answer = data(1);
    if (answer.empty()) {
      facts_.network.push_back(
          fail("controller", Category::kNetwork,
               "there is no AppController at " + services_.environment.app_controller.to_string(),
               "check the environment: ecloud compute environment show"));
      for (const char* check : {"balance", "delegation", "quota"}) {
        facts_.account.push_back(skip(check, "the contracts are not there"));
      }
      return false;
    }
    const std::string version = platform::decode_text(answer);
    platform::generation_of(version);
    facts_.network.push_back(
        ok("controller",
           "AppController " + version + " at " + services_.environment.app_controller.to_string()));
    return true;
  }

  void check_balance(const chain::BlockHeader& block) {
    const eth::U256 balance = chain::read_quantity(chain::value_or_throw(results_[2], "balance"));
    const std::string held = eth::format_ether(balance) + " ETH";
    const std::string address = services_.deployer.account->to_string();
    const std::string where = platform::chain_name(services_.environment.chain_id);
    const std::string hint = "send ETH on " + where + " to " + address;
    const auto fees = chain::suggest_fees(block.base_fee_per_gas, eth::U256(1'000'000'000));
    const eth::U256 needed = fees.max_fee_per_gas * eth::U256(kDeploymentGas);
    if (balance.is_zero()) {
      facts_.account.push_back(
          fail("balance", Category::kTransaction, address + " has no ETH on " + where, hint));
    } else if (balance < needed) {
      facts_.account.push_back(warn(
          "balance",
          held + "; a deployment may cost up to " + eth::format_ether(needed) + " ETH now", hint));
    } else {
      facts_.account.push_back(ok("balance", held));
    }
  }

  void check_delegation() {
    const base::Bytes code = chain::read_data(chain::value_or_throw(results_[3], "eth_getCode"));
    if (code.empty()) {
      facts_.account.push_back(ok("delegation", "none yet; the first transaction sets it"));
      return;
    }
    const auto target = eth::delegation_target(code);
    if (!target) {
      facts_.account.push_back(fail("delegation", Category::kFailure,
                                    "the address holds a contract, so it cannot deploy",
                                    "use the key of an ordinary account"));
    } else if (*target == services_.environment.delegator) {
      facts_.account.push_back(ok("delegation", "to the platform's delegator"));
    } else {
      facts_.account.push_back(warn(
          "delegation", "to " + target->to_string() + ", which is not the platform's delegator",
          "if another wallet of yours needs it, use another account here: the next "
          "transaction replaces it"));
    }
  }

  void check_quota() {
    const eth::U256 most = platform::decode_number(data(4));
    const eth::U256 active = platform::decode_number(data(5));
    if (most.is_zero()) {
      facts_.account.push_back(fail("quota", Category::kTransaction, "the account may run no apps",
                                    "subscribe: ecloud billing subscribe"));
      return;
    }
    const std::string used = active.to_decimal() + " of " + most.to_decimal() + " apps in use";
    facts_.account.push_back(
        active < most ? ok("quota", used)
                      : fail("quota", Category::kTransaction,
                             used + "; no other can be deployed, and stopped apps count too",
                             "terminate one (stopping frees no quota): ecloud compute app list"));
  }

  const DoctorServices& services_;
  ChainFacts facts_;
  std::vector<chain::RpcResult> results_;
};

/// Keeps what the last answer's Date header said: the clock of its server.
class DateKeeper final : public net::Transport {
 public:
  explicit DateKeeper(net::Transport& inner) : inner_(inner) {}
  net::Response send(const net::Request& request) override {
    net::Response response = inner_.send(request);
    if (const auto date = response.header("Date")) date_ = net::parse_http_date(*date);
    return response;
  }
  std::optional<std::int64_t> date() const { return date_; }

 private:
  net::Transport& inner_;
  std::optional<std::int64_t> date_;
};

ApiFacts check_user_api(const DoctorServices& services) {
  ApiFacts facts;
  DateKeeper transport(services.transport);
  facts.network = guarded("user-api", [&]() -> std::vector<Finding> {
    platform::UserApi api(transport, services.clock, services.environment, nullptr, {});
    const base::Milliseconds start = services.clock.monotonic();
    api.skus();
    const base::Milliseconds taken = services.clock.monotonic() - start;
    return {ok("user-api", "the platform's API answers in " + milliseconds(taken))};
  });
  facts.date = transport.date();
  return facts;
}

Finding subscription_finding(const platform::Subscription& subscription) {
  if (subscription.is_active()) {
    return ok("subscription", subscription.status + (subscription.period_end.empty()
                                                         ? std::string()
                                                         : " until " + subscription.period_end));
  }
  if (subscription.is_overdue()) {
    return fail("subscription", Category::kFailure,
                "the subscription is " + subscription.status + ": a payment is due",
                "settle it: ecloud billing status shows the portal");
  }
  return fail("subscription", Category::kTransaction,
              "the account has no subscription (" + subscription.status + ")",
              "subscribe: ecloud billing subscribe");
}

BillingFacts check_billing(const DoctorServices& services) {
  BillingFacts facts;
  base::Milliseconds taken{0};
  const auto network = [&](const std::function<void()>& ask) {
    facts.network = guarded("billing", [&]() -> std::vector<Finding> {
      ask();
      return {ok("billing", "the billing service answers in " + milliseconds(taken))};
    });
  };
  if (services.environment.billing_url.empty()) {
    facts.network = {skip("billing", "the environment names no billing service")};
    facts.account = {skip("subscription", "the environment names no billing service")};
    return facts;
  }
  if (services.deployer.key == nullptr) {
    // Any answer will do: without a key there is nothing that it would let us ask.
    network([&] {
      net::Request request;
      request.url = services.environment.billing_url;
      request.purpose = "an answer of the billing service";
      const base::Milliseconds start = services.clock.monotonic();
      services.transport.send(request);
      taken = services.clock.monotonic() - start;
    });
    facts.account = {skip("subscription", services.deployer.account
                                              ? "the key is not open: it needs its password"
                                              : "no key")};
    return facts;
  }
  facts.account = {skip("subscription", "the billing service does not answer")};
  network([&] {
    platform::BillingApi api(services.transport, services.clock, services.environment,
                             *services.deployer.key);
    const base::Milliseconds start = services.clock.monotonic();
    const platform::Subscription subscription = api.subscription();
    taken = services.clock.monotonic() - start;
    facts.account = {subscription_finding(subscription)};
  });
  return facts;
}

/// The clock of this machine against those of others: signatures carry times.
Finding check_clock(const DoctorServices& services, const ApiFacts& api, const ChainFacts& chain) {
  const std::int64_t now = services.clock.unix_seconds();
  const char* const hint = "set the clock: timedatectl set-ntp true";
  if (api.date) {
    const std::int64_t skew = now - *api.date;
    const std::string words = "the clock of this machine is " + in_words(std::abs(skew)) +
                              (skew < 0 ? " behind" : " ahead");
    if (std::abs(skew) >= kMaxSkewSeconds) {
      return fail("clock", Category::kFailure, words + "; signed requests may be refused", hint);
    }
    if (std::abs(skew) >= kNotedSkewSeconds) return warn("clock", words, hint);
    return ok("clock", "right, by that of the platform's API");
  }
  if (!chain.block_timestamp) return skip("clock", "nobody answered whose clock could be compared");
  const std::int64_t ahead = static_cast<std::int64_t>(*chain.block_timestamp) - now;
  if (ahead >= kMaxSkewSeconds) {
    return fail("clock", Category::kFailure,
                "the clock of this machine is at least " + in_words(ahead) +
                    " behind: the newest block is of the future",
                hint);
  }
  return ok("clock", "not behind the newest block");
}

/// How old the newest block is, by the better of the clocks. The devnet mines when it has to.
Finding check_block(const DoctorServices& services, const ApiFacts& api, const ChainFacts& chain) {
  if (!chain.block_timestamp) return skip("block", "the chain does not answer");
  const std::int64_t now = api.date.value_or(services.clock.unix_seconds());
  const std::int64_t age = now - static_cast<std::int64_t>(*chain.block_timestamp);
  const bool devnet = services.environment.name == "devnet";
  const std::string words =
      "the newest block is " + in_words(std::max<std::int64_t>(age, 0)) + " old";
  if (!devnet && age > kMaxBlockAgeSeconds) {
    return warn("block", words + ": the node lags", "try another node: --rpc-url URL");
  }
  return ok("block", devnet ? words + "; the devnet makes one for every transaction" : words);
}

void append(std::vector<Finding>& to, std::vector<Finding> from) {
  for (Finding& finding : from) to.push_back(std::move(finding));
}

}  // namespace

std::vector<FindingGroup> check_services(const DoctorServices& services) {
  ChainFacts chain;
  ApiFacts api;
  BillingFacts billing;
  std::vector<Finding> image;
  std::vector<std::function<void()>> tasks = {
      [&] { api = check_user_api(services); },
      [&] { billing = check_billing(services); },
      [&] { chain = ChainCheck(services).run(); },
  };
  if (!services.image.empty()) {
    tasks.emplace_back([&] { image = guarded("image", [&] { return check_image(services); }); });
  } else {
    image = {skip("image", "no image is named; --image-ref REF checks one")};
  }
  base::run_concurrently(std::move(tasks));

  FindingGroup network{"NETWORK", std::move(chain.network)};
  network.findings.push_back(check_block(services, api, chain));
  append(network.findings, std::move(api.network));
  append(network.findings, std::move(billing.network));
  network.findings.push_back(check_clock(services, api, chain));
  FindingGroup account{"ACCOUNT", std::move(billing.account)};
  append(account.findings, std::move(chain.account));
  return {std::move(network), std::move(account), {"IMAGE", std::move(image)}};
}

}  // namespace ecloud::cli
