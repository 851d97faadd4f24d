#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devnet/devnet.h"
#include "ecloud/base/json.h"
#include "support/scripted_server.h"

namespace ecloud::testing {

/// Stands before the devnet on a port of its own, passes every request on, and changes the answers
/// where a test says so.
class Liar {
 public:
  /// Called with what the devnet answered.
  using Lie = std::function<void(const ServerRequest&, Reply&)>;

  Liar(const devnet::Devnet& devnet, Lie lie);

  /// "http://127.0.0.1:PORT" and `path`.
  std::string url(std::string_view path) const { return server_.url(path); }
  std::string authority() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::vector<ServerRequest> requests() { return server_.requests(); }
  /// All that it was ever told: paths, headers and bodies.
  std::string everything();

 private:
  Reply pass_on(const ServerRequest& request) const;

  std::uint16_t devnet_port_;
  Lie lie_;
  ScriptedServer server_;
};

/// Another result for one JSON-RPC call, or nothing for the true one. `result` is missing when the
/// answer was an error.
using RpcLie = std::function<std::optional<base::Json>(
    const std::string& method, const base::Json& params, const base::Json& result)>;
/// The lies of a node, in single answers and in batches.
Liar::Lie lies_of_node(RpcLie lie);

/// A part of an answer as a value of its own, that can be changed.
inline base::Json copy_of(const base::Json& part) {
  return base::Json::parse(part.dump(), "copy");
}

/// The data of an eth_call, without 0x; empty for other methods.
std::string call_data(const std::string& method, const base::Json& params);

}  // namespace ecloud::testing
