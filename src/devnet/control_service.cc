#include "devnet/control_service.h"

#include "devnet/api_signatures.h"
#include "devnet/billing_service.h"
#include "devnet/user_api_service.h"
#include "ecloud/base/error.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kPrefix = "/_devnet/";

eth::Address address_member(const base::Json& body, std::string_view name) {
  const auto address = eth::Address::parse(body[name].as_string());
  if (!address) throw body[name].error("is no address");
  return *address;
}

base::Json view_json(const AppView& view) {
  const base::Json ports = view.ports ? base::Json::strings(*view.ports) : base::Json();
  const base::Json exit_status =
      view.exit_status ? base::Json(std::int64_t{*view.exit_status}) : base::Json();
  return base::Json::object({{"app", view.app.to_string()},
                             {"creator", view.creator.to_string()},
                             {"chainStatus", platform::to_string(view.chain_status)},
                             {"runState", view.run_state},
                             {"ip", view.ip},
                             {"image", view.image},
                             {"profileName", view.profile_name},
                             {"latestReleaseBlock", std::uint64_t{view.latest_release_block}},
                             {"pendingReleaseBlock", std::uint64_t{view.pending_release_block}},
                             {"appState", view.app_state},
                             {"markers", base::Json::strings(view.markers)},
                             {"exitStatus", exit_status},
                             {"ports", ports}});
}

}  // namespace

TeeEnvironment tee_environment_of(World& world, const eth::Address& app) {
  const auto& apps = world.chain().state().controller.apps;
  const auto found = apps.find(app);
  if (found == apps.end() || found->second.latest == nullptr) {
    throw Error(Category::kNotFound, "devnet.no_app", "no app " + app.to_string());
  }
  const ReleaseData& release = *found->second.latest;
  return world.kms().environment(app, release.encrypted_env, release.public_env);
}

std::vector<std::string> ControlService::kinds(const HttpRequest&) const {
  return {"control"};
}

HttpResponse ControlService::handle(const HttpRequest& request,
                                    const std::vector<std::optional<FaultRule>>&) {
  try {
    const auto parts = path_parts(request.path, kPrefix);
    const std::string what = parts.empty() ? std::string() : parts[0];
    if (request.method == "GET") return read(what, parts);
    if (request.method != "POST") throw Refusal{405, "method not allowed"};
    if (what == "requests" && parts.size() == 2 && parts[1] == "reset") {
      front_door_.log().clear();
      return json_response(base::Json::object({{"ok", true}}));
    }
    const base::Json body =
        base::Json::parse(request.body.empty() ? "{}" : request.body, "control", Category::kUsage);
    change(what, body);
    return json_response(base::Json::object({{"ok", true}}));
  } catch (const Refusal& refusal) {
    return error_response(refusal.status, refusal.message);
  }
}

HttpResponse ControlService::read(const std::string& what, const std::vector<std::string>& parts) {
  if (what == "info") return json_response(info_());
  if (what == "requests") return json_response(front_door_.log().to_json());
  const auto lock = world_.enter();
  if (what == "apps") {
    base::Json list = base::Json::array();
    const ControllerState& state = world_.chain().state().controller;
    for (const eth::Address& app : state.order) {
      const auto found = state.apps.find(app);
      if (found != state.apps.end()) list.push(view_json(world_.view(found->second)));
    }
    return json_response(base::Json::object({{"apps", list}}));
  }
  if (what == "env" && parts.size() == 2) {
    return json_response(environment(address_in_url(parts[1])));
  }
  throw Refusal{404, "not found"};
}

base::Json ControlService::environment(const eth::Address& app) {
  base::Json released = base::Json::object();
  for (const auto& [name, value] : tee_environment_of(world_, app)) {
    released.set(name, value.reveal_text());
  }
  const auto variables = running_(app);
  base::Json running;
  if (!variables.empty()) running = base::Json::object();
  for (const auto& [name, value] : variables) running.set(name, value.reveal_text());
  return base::Json::object(
      {{"app", app.to_string()}, {"environment", released}, {"running", running}});
}

void ControlService::change(const std::string& what, const base::Json& body) {
  if (what == "faults") {
    if (body["clear"].exists()) {
      front_door_.faults().clear();
    } else {
      front_door_.faults().add(fault_rule_from_json(body));
    }
    return;
  }
  if (what == "latency") {
    front_door_.set_latency(body["kind"].opt_string().value_or(""),
                            std::chrono::milliseconds(body["ms"].as_u64()));
    return;
  }
  const auto lock = world_.enter();
  if (what == "account") {
    change_account(body);
  } else if (what == "app") {
    change_app(body);
  } else if (what == "seed") {
    constexpr std::uint64_t kMostAtOnce = 10'000;
    if (body["count"].as_u64() > kMostAtOnce) throw Refusal{400, "at most 10000 apps at once"};
    world_.commit(base::Json::object({{"op", "seed"},
                                      {"address", address_member(body, "address").to_string()},
                                      {"count", body["count"].as_u64()},
                                      {"prefix", body["prefix"].opt_string().value_or("app-")}}));
  } else if (what == "fees") {
    change_fees(body);
  } else if (what == "node") {
    change_node(body);
  } else if (what == "mining") {
    change_mining(body);
  } else if (what == "generation") {
    const ControllerKind kind = parse_controller_kind(body["version"].as_string());
    world_.commit(base::Json::object({{"op", "generation"}, {"version", to_string(kind)}}));
  } else if (what == "strangers") {
    constexpr std::uint64_t kMostStrangers = 100'000;
    if (body["count"].as_u64() > kMostStrangers) throw Refusal{400, "at most 100000 apps at once"};
    world_.commit(base::Json::object({{"op", "strangers"}, {"count", body["count"].as_u64()}}));
  } else if (what == "reset") {
    world_.reset();
    const auto test_lock = test_chain_.enter();
    test_chain_.reset();
    front_door_.faults().clear();
    front_door_.clear_latency();
    front_door_.log().clear();
  } else if (!change_billing(what, body)) {
    throw Refusal{404, "not found"};
  }
}

void ControlService::change_fees(const base::Json& body) {
  if (body.size() == 0) return world_.set_fees(std::nullopt);
  const auto wei = [&](const char* member) {
    const auto number = eth::U256::from_decimal(body[member].as_string());
    if (!number) throw body[member].error("is not a decimal number");
    return *number;
  };
  world_.set_fees(BlockFees{wei("baseFeeWei"), wei("tipWei")});
}

void ControlService::change_node(const base::Json& body) {
  const std::string node = body["node"].as_string();
  if (node != "rpc" && node != "rpc-lagging" && node != "rpc-nologs") {
    throw Refusal{404, "no node " + node};
  }
  if (body.size() == 1) return world_.reset_behaviour(node);
  change_behaviour(world_.behaviour(node), body);
}

bool ControlService::change_billing(const std::string& what, const base::Json& body) {
  if (what == "card") {
    save_card(world_, address_member(body, "address"), body["brand"].as_string(),
              body["last4"].as_string());
  } else if (what == "coupon") {
    make_coupon(world_, body["code"].as_string(), body["amountCents"].as_u64());
  } else if (what == "checkout") {
    const std::string id = body["id"].as_string();
    if (world_.billing().checkout(id) == nullptr) throw Refusal{404, "no checkout " + id};
    complete_checkout(world_, id);
  } else {
    return false;
  }
  return true;
}

void ControlService::change_mining(const base::Json& body) {
  if (body["dropPending"].exists()) world_.drop_pending();
  if (body["paused"].exists()) world_.set_mining_paused(body["paused"].as_bool());
  if (body["lag"].exists()) world_.set_lag(body["lag"].as_u64());
  if (body["reorganise"].exists()) {
    const base::Json keep = body["keepTransactions"];
    world_.reorganise(body["reorganise"].as_u64(), !keep.exists() || keep.as_bool());
  }
  if (body["mine"].exists()) {
    constexpr std::uint64_t kMostAtOnce = 1'000;
    if (body["mine"].as_u64() > kMostAtOnce) throw Refusal{400, "at most 1000 blocks at once"};
    for (std::uint64_t i = 0; i < body["mine"].as_u64(); ++i) world_.mine_block();
  }
}

void ControlService::change_account(const base::Json& body) {
  const std::string account = address_member(body, "address").to_string();
  const auto commit = [&](const char* op, const char* member, const base::Json& value) {
    world_.commit(base::Json::object({{"op", op}, {"address", account}, {member, value}}));
  };
  if (body["balanceWei"].exists()) {
    if (!eth::U256::from_decimal(body["balanceWei"].as_string())) {
      throw body["balanceWei"].error("is no decimal number");
    }
    commit("balance", "wei", body["balanceWei"].as_string());
  }
  if (body["usdc"].exists()) {
    if (!eth::U256::from_decimal(body["usdc"].as_string())) {
      throw body["usdc"].error("is no decimal number");
    }
    commit("usdc", "amount", body["usdc"].as_string());
  }
  if (body["testUsdc"].exists()) {
    if (!eth::U256::from_decimal(body["testUsdc"].as_string())) {
      throw body["testUsdc"].error("is no decimal number");
    }
    const auto test_lock = test_chain_.enter();
    test_chain_.commit(base::Json::object(
        {{"op", "usdc"}, {"address", account}, {"amount", body["testUsdc"].as_string()}}));
  }
  if (body["subscription"].exists()) {
    commit("subscription", "status", body["subscription"].as_string());
  }
  if (body["maxActiveApps"].exists()) commit("quota", "count", body["maxActiveApps"].as_u64());
  if (body["delegate"].exists()) {
    commit("delegate", "target", address_member(body, "delegate").to_string());
  }
}

void ControlService::change_app(const base::Json& body) {
  const eth::Address app = address_member(body, "app");
  if (world_.machines().find(app) == nullptr) throw Refusal{404, "no app " + app.to_string()};
  if (const auto state = body["runState"].opt_string()) {
    world_.commit(
        base::Json::object({{"op", "runState"}, {"app", app.to_string()}, {"state", *state}}));
  }
  if (const auto line = body["log"].opt_string()) {
    world_.commit(base::Json::object({{"op", "log"}, {"app", app.to_string()}, {"line", *line}}));
  }
}

}  // namespace ecloud::devnet
