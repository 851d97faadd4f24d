#include "devnet/rpc_service.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/version.h"

namespace ecloud::devnet {
namespace {

/// What geth lends a call at most unless it is told otherwise (--rpc.gascap).
constexpr std::uint64_t kCallGasCap = 50'000'000;

base::Json failure_json(const base::Json& id, const RpcFailure& failure) {
  base::Json error = base::Json::object({{"code", failure.code}, {"message", failure.message}});
  if (failure.data) error.set("data", data_text(*failure.data));
  return base::Json::object({{"jsonrpc", "2.0"}, {"id", id}, {"error", error}});
}

base::Json result_json(const base::Json& id, base::Json result) {
  return base::Json::object({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

base::Json id_of(const base::Json& call) {
  return call["id"].exists() ? call["id"] : base::Json();
}

/// As some proxies answer: {"id":"1"} to {"id":1}.
base::Json text_of_id(const base::Json& id) {
  return id.is_number() ? base::Json(std::to_string(id.as_u64())) : id;
}

HttpResponse bare_text(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(text);
  return response;
}

base::Json other_id(const base::Json& id) {
  return id.is_number() ? base::Json(id.as_u64() + 1000) : base::Json("another");
}

base::Bytes fault_data(const FaultRule& fault) {
  return base::from_hex(fault.body).value_or(base::Bytes());
}

// Nodes put the reason of Error(string) behind "execution reverted".
RpcFailure reverted(const base::Bytes& data) {
  std::string message = "execution reverted";
  constexpr base::FixedBytes<4> kErrorString{0x08, 0xc3, 0x79, 0xa0};
  if (data.size() > 4 && std::equal(kErrorString.begin(), kErrorString.end(), data.begin())) {
    try {
      message += ": " + eth::abi_decode("(string)", base::ByteView(data).subspan(4))[0].text();
    } catch (const Error&) {
    }
  }
  return {3, message, data};
}

}  // namespace

RpcService::RpcService(World& world, std::string kind, bool lagging)
    : world_(world), kind_(std::move(kind)), lagging_(lagging) {
  register_methods();
}

std::vector<std::string> RpcService::kinds(const HttpRequest& request) const {
  const auto json = base::Json::try_parse(request.body);
  const auto kind = [this](const base::Json& call) {
    return kind_ + ":" + (call["method"].is_string() ? call["method"].as_string() : "invalid");
  };
  if (!json || !json->is_array()) return {json ? kind(*json) : kind_ + ":invalid"};
  std::vector<std::string> out{kind_ + ":batch"};
  for (const base::Json& call : json->elements()) out.push_back(kind(call));
  return out;
}

HttpResponse RpcService::handle(const HttpRequest& request,
                                const std::vector<std::optional<FaultRule>>& faults) {
  if (request.method != "POST") return error_response(405, "JSON-RPC is spoken by POST");
  const auto json = base::Json::try_parse(request.body);
  if (!json) return json_response(failure_json(nullptr, {-32700, "parse error", {}}));
  const auto fault_at = [&](std::size_t i) {
    return i < faults.size() && faults[i] ? &*faults[i] : nullptr;
  };
  if (!json->is_array()) return json_response(answer(*json, fault_at(0)));
  if (json->size() == 0) {
    return json_response(failure_json(nullptr, {-32600, "empty batch", {}}));
  }
  const NodeBehaviour node = current_behaviour();
  if (node.batch_limit > 0 && json->size() > node.batch_limit) return refuse_batch(*json, node);
  base::Json answers = base::Json::array();
  std::size_t place = 1;
  for (const base::Json& one : json->elements()) answers.push(answer(one, fault_at(place++)));
  return json_response(answers);
}

const NodeBehaviour& RpcService::behaviour() const {
  return world_.behaviour(kind_);
}

NodeBehaviour RpcService::current_behaviour() {
  const auto lock = world_.enter();
  return behaviour();
}

HttpResponse RpcService::refuse_batch(const base::Json& batch, const NodeBehaviour& node) {
  const std::string limit = std::to_string(node.batch_limit);
  const base::Json id = id_of(batch.at(0));
  HttpResponse response;
  switch (node.batch_refusal) {
    case BatchRefusal::kLoneError:
      return json_response(base::Json::array({failure_json(id, {-32600, "batch too large", {}})}));
    case BatchRefusal::kErrorObject:
      return json_response(
          failure_json(nullptr, {-32005, "batch limit of " + limit + " exceeded", {}}));
    case BatchRefusal::kServerError:
      response = json_response(failure_json(
          id, {31, "Batch of more than " + limit + " requests are not allowed on free tier", {}}));
      response.status = 500;
      return response;
    case BatchRefusal::kServerText:
      return bare_text(500, "Internal Server Error");
    case BatchRefusal::kTooLarge:
      break;
  }
  return bare_text(413, "Request Entity Too Large");
}

base::Json RpcService::answer(const base::Json& one, const FaultRule* fault) {
  const base::Json id = current_behaviour().text_ids ? text_of_id(id_of(one)) : id_of(one);
  try {
    const bool revert = fault != nullptr && fault->action == FaultAction::kRevert;
    if (fault == nullptr || revert) return result_json(id, run(one, fault));
    if (fault->after_acting && fault->action != FaultAction::kWrongId) run(one, nullptr);
    switch (fault->action) {
      case FaultAction::kNull:
        return result_json(id, nullptr);
      case FaultAction::kWrongId:
        return result_json(other_id(id), run(one, nullptr));
      case FaultAction::kWrongShape:
        return result_json(id, base::Json::object({{"unexpected", base::Json::array()}}));
      case FaultAction::kRpcError:
        throw RpcFailure{fault->code, fault->body.empty() ? "injected fault" : fault->body, {}};
      default:
        return result_json(id, run(one, nullptr));
    }
  } catch (const RpcFailure& failure) {
    return failure_json(id, failure);
  } catch (const Error& error) {
    return failure_json(id, {-32602, "invalid argument: " + error.message(), {}});
  }
}

base::Json RpcService::run(const base::Json& one, const FaultRule* fault) {
  if (!one.is_object() || !one["method"].is_string()) {
    throw RpcFailure{-32600, "invalid request", std::nullopt};
  }
  const std::string method = one["method"].as_string();
  const auto found = methods_.find(method);
  if (found == methods_.end()) {
    throw RpcFailure{-32601, "the method " + method + " does not exist/is not available", {}};
  }
  const auto lock = world_.enter();
  if (lagging_) past_ = world_.chain().as_of(world_.lag());
  return found->second(one["params"], fault);
}

ExecutionResult RpcService::simulate(const CallRequest& request) {
  if (chain().balance(request.from) < request.value) {
    throw RpcFailure{-32000, "insufficient funds for transfer", std::nullopt};
  }
  return chain().simulate(request, static_cast<std::uint64_t>(world_.now_seconds()));
}

base::Json RpcService::call(const base::Json& params, const FaultRule* fault) {
  if (fault != nullptr) throw reverted(fault_data(*fault));
  RpcCallObject object = read_call_object(params.at(0), params.at(2));
  if (read_block(chain(), params.at(1)) == nullptr) {
    throw RpcFailure{-32000, "header not found", std::nullopt};
  }
  object.request.gas_limit = std::min(object.request.gas_limit.value_or(kCallGasCap), kCallGasCap);
  const ExecutionResult result = simulate(object.request);
  // The gas ends inside a call to another contract, whose failure the caller passes on: no data.
  if (result.out_of_gas) throw reverted({});
  if (!result.success) throw reverted(result.output);
  return data_text(result.output);
}

base::Json RpcService::estimate(const base::Json& params, const FaultRule* fault) {
  if (fault != nullptr) throw reverted(fault_data(*fault));
  RpcCallObject object = read_call_object(params.at(0), params.at(2));
  std::uint64_t allowance =
      std::min(object.request.gas_limit.value_or(eth::kMaxTransactionGas), eth::kMaxTransactionGas);
  object.request.gas_limit.reset();
  const ExecutionResult result = simulate(object.request);
  if (!result.success) throw reverted(result.output);
  if (object.fee_cap && !object.fee_cap->is_zero()) {
    const eth::U256 spendable = chain().balance(object.request.from) - object.request.value;
    const eth::U256 affordable = spendable / *object.fee_cap;
    if (affordable < eth::U256(allowance)) allowance = affordable.to_u64();
  }
  if (result.gas_needed > allowance) {
    throw RpcFailure{-32000, "gas required exceeds allowance (" + std::to_string(allowance) + ")",
                     std::nullopt};
  }
  return quantity(result.gas_needed);
}

base::Json RpcService::send(const base::Json& params, const FaultRule* fault) {
  const base::Bytes raw = read_bytes(params.at(0));
  std::optional<base::Bytes> forced;
  if (fault != nullptr && fault->action == FaultAction::kRevert) forced = fault_data(*fault);
  return data_text(world_.submit(raw, forced, behaviour()));
}

base::Json RpcService::fee_history(const base::Json& params) const {
  const ChainState& chain = this->chain();
  std::uint64_t count =
      params.at(0).is_number() ? params.at(0).as_u64() : read_number(params.at(0)).to_u64();
  const Block* newest = read_block(chain, params.at(1));
  if (newest == nullptr) throw RpcFailure{-32000, "request beyond head block", std::nullopt};
  count = std::min(count, newest->number + 1);
  const std::size_t percentiles = params.at(2).size();
  base::Json base_fees = base::Json::array(), ratios = base::Json::array(),
             rewards = base::Json::array();
  const std::uint64_t oldest = newest->number + 1 - count;
  for (std::uint64_t number = oldest; number <= newest->number; ++number) {
    const BlockFees& fees = chain.blocks()[number].fees;
    base_fees.push(quantity(fees.base_fee));
    ratios.push(0.5);
    base::Json reward = base::Json::array();
    for (std::size_t p = 0; p < percentiles; ++p) reward.push(quantity(fees.tip));
    rewards.push(reward);
  }
  const bool is_head = newest->number == chain.head().number;
  base_fees.push(quantity(is_head ? chain.next_fees().base_fee
                                  : chain.blocks()[newest->number + 1].fees.base_fee));
  base::Json out = base::Json::object(
      {{"oldestBlock", quantity(oldest)}, {"baseFeePerGas", base_fees}, {"gasUsedRatio", ratios}});
  if (percentiles > 0) out.set("reward", rewards);
  return out;
}

base::Json RpcService::find_transaction(const base::Json& params) const {
  const base::Bytes32 hash = read_hash(params.at(0));
  if (const auto* mined = chain().find_transaction(hash)) {
    return transaction_json(chain(), *mined);
  }
  const auto* pending = chain().find_pending(hash);
  return pending != nullptr ? transaction_json(*pending) : base::Json();
}

void RpcService::register_methods() {
  const auto add = [this](const char* name, std::function<base::Json(const base::Json&)> body) {
    methods_[name] = [body = std::move(body)](const base::Json& params, const FaultRule*) {
      return body(params);
    };
  };
  const auto chain = [this]() -> const ChainState& { return this->chain(); };
  add("eth_chainId", [chain](const auto&) { return quantity(chain().state().chain_id); });
  add("net_version",
      [chain](const auto&) { return base::Json(std::to_string(chain().state().chain_id)); });
  add("web3_clientVersion",
      [](const auto&) { return base::Json("ecloud-devnet/" + std::string(kVersion)); });
  add("eth_syncing", [](const auto&) { return base::Json(false); });
  add("eth_accounts", [](const auto&) {
    base::Json out = base::Json::array();
    for (const auto& account : development_accounts()) out.push(account.address);
    return out;
  });
  add("eth_blockNumber", [chain](const auto&) { return quantity(chain().head().number); });
  add("eth_gasPrice",
      [chain](const auto&) { return quantity(chain().base_fee() + chain().suggested_tip()); });
  add("eth_maxPriorityFeePerGas",
      [chain](const auto&) { return quantity(chain().suggested_tip()); });
  add("eth_feeHistory", [this](const auto& params) { return fee_history(params); });
  add("eth_getBalance", [chain](const auto& params) {
    return quantity(chain().balance(read_address(params.at(0))));
  });
  add("eth_getTransactionCount", [chain](const auto& params) {
    const eth::Address account = read_address(params.at(0));
    const bool pending = params.at(1).is_string() && params.at(1).as_string() == "pending";
    return quantity(pending ? chain().pending_nonce(account) : chain().nonce(account));
  });
  add("eth_getCode", [chain](const auto& params) {
    return data_text(Contracts::code_at(chain().state(), read_address(params.at(0))));
  });
  const auto block = [chain](const Block* found, const base::Json& full) {
    if (found == nullptr) return base::Json();
    return block_json(chain(), *found, full.is_bool() && full.as_bool());
  };
  add("eth_getBlockByNumber", [chain, block](const auto& params) {
    return block(read_block(chain(), params.at(0)), params.at(1));
  });
  add("eth_getBlockByHash", [chain, block](const auto& params) {
    return block(chain().find_block(read_hash(params.at(0))), params.at(1));
  });
  add("eth_getTransactionByHash", [this](const auto& params) { return find_transaction(params); });
  add("eth_getTransactionReceipt", [chain](const auto& params) {
    const auto* mined = chain().find_transaction(read_hash(params.at(0)));
    return mined != nullptr ? receipt_json(chain(), *mined) : base::Json();
  });
  add("eth_getLogs", [this, chain](const auto& params) {
    const base::Json found = logs_json(chain(), params.at(0));
    return behaviour().has_logs ? found : base::Json::array();
  });
  methods_["eth_call"] = [this](const auto& p, const FaultRule* f) { return call(p, f); };
  methods_["eth_estimateGas"] = [this](const auto& p, const FaultRule* f) {
    return estimate(p, f);
  };
  methods_["eth_sendRawTransaction"] = [this](const auto& p, const FaultRule* f) {
    return send(p, f);
  };
}

}  // namespace ecloud::devnet
