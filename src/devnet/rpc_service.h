#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "devnet/http_types.h"
#include "devnet/rpc_json.h"
#include "devnet/world.h"

namespace ecloud::devnet {

/// The Ethereum node: JSON-RPC 2.0 over HTTP POST, single calls and batches. Error codes and
/// messages are those of geth.
class RpcService final : public Service {
 public:
  explicit RpcService(World& world);

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

 private:
  using Method = std::function<base::Json(const base::Json& params, const FaultRule* fault)>;

  void register_methods();
  base::Json answer(const base::Json& call, const FaultRule* fault);
  base::Json run(const base::Json& call, const FaultRule* fault);
  base::Json call(const base::Json& params, const FaultRule* fault);
  base::Json estimate(const base::Json& params, const FaultRule* fault);
  base::Json send(const base::Json& params, const FaultRule* fault);
  base::Json fee_history(const base::Json& params) const;
  base::Json find_transaction(const base::Json& params) const;
  ExecutionResult simulate(const CallRequest& request);

  World& world_;
  std::map<std::string, Method> methods_;
};

}  // namespace ecloud::devnet
