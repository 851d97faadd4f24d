#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "devnet/http_types.h"
#include "devnet/rpc_json.h"
#include "devnet/world.h"

namespace ecloud::devnet {

/// An Ethereum node: JSON-RPC 2.0 over HTTP POST, single calls and batches. Error codes and
/// messages are those of geth. A lagging one answers as of World::lag() blocks ago and has not
/// heard of later transactions, but passes on what it is sent.
class RpcService final : public Service {
 public:
  /// `kind` begins the kinds of its requests: "rpc".
  RpcService(World& world, std::string kind, bool lagging);

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

 private:
  using Method = std::function<base::Json(const base::Json& params, const FaultRule* fault)>;

  void register_methods();
  const ChainState& chain() const { return past_ ? *past_ : world_.chain(); }
  /// Under the world's lock.
  const NodeBehaviour& behaviour() const;
  NodeBehaviour current_behaviour();
  static HttpResponse refuse_batch(const base::Json& batch, const NodeBehaviour& node);
  base::Json answer(const base::Json& call, const FaultRule* fault);
  base::Json run(const base::Json& call, const FaultRule* fault);
  base::Json call(const base::Json& params, const FaultRule* fault);
  base::Json estimate(const base::Json& params, const FaultRule* fault);
  base::Json send(const base::Json& params, const FaultRule* fault);
  base::Json fee_history(const base::Json& params) const;
  base::Json find_transaction(const base::Json& params) const;
  ExecutionResult simulate(const CallRequest& request);

  World& world_;
  std::string kind_;
  bool lagging_;
  std::optional<ChainState> past_;  ///< what the lagging one knows, while a call runs
  std::map<std::string, Method> methods_;
};

}  // namespace ecloud::devnet
