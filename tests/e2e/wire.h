#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "e2e/session.h"
#include "ecloud/base/hex.h"

namespace ecloud::testing {

/// Keeps the calls to the node, and does something once after the registry gave a manifest.
class Wire {
 public:
  explicit Wire(Session& session) {
    session.wrap_transport([this](std::unique_ptr<net::Transport> inner) {
      return std::make_unique<Tap>(*this, std::move(inner));
    });
  }
  std::vector<base::Json> of(const std::string& method) const {
    std::vector<base::Json> out;
    for (const base::Json& call : calls) {
      if (call["method"].opt_string() == method) out.push_back(call);
    }
    return out;
  }
  /// The transactions that went out.
  std::vector<base::Bytes> sent() const {
    std::vector<base::Bytes> out;
    for (const base::Json& call : of("eth_sendRawTransaction")) {
      out.push_back(*base::from_hex(call["params"].at(0).as_string()));
    }
    return out;
  }
  bool has_authorization() const {
    for (const base::Json& call : calls) {
      if (call.dump().find("authorizationList") != std::string::npos) return true;
    }
    return false;
  }

  std::vector<base::Json> calls;
  std::function<void()> after_manifest;

 private:
  class Tap final : public net::Transport {
   public:
    Tap(Wire& wire, std::unique_ptr<net::Transport> inner)
        : wire_(wire), inner_(std::move(inner)) {}
    net::Response send(const net::Request& request) override {
      const auto body = base::Json::try_parse(request.body);
      if (body && body->is_object()) wire_.calls.push_back(*body);
      if (body && body->is_array()) {
        for (const base::Json& call : body->elements()) wire_.calls.push_back(call);
      }
      net::Response out = inner_->send(request);
      const bool is_manifest = request.url.find("/manifests/") != std::string::npos;
      if (is_manifest && wire_.after_manifest) std::exchange(wire_.after_manifest, {})();
      return out;
    }

   private:
    Wire& wire_;
    std::unique_ptr<net::Transport> inner_;
  };
};

}  // namespace ecloud::testing
