#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "devnet/front_door.h"
#include "devnet/http_types.h"
#include "devnet/world.h"
#include "ecloud/base/secret.h"

namespace ecloud::devnet {

/// The control API under /_devnet, as devnet.h lists it.
class ControlService final : public Service {
 public:
  /// As Devnet::running_environment.
  using RunningEnvironment =
      std::function<std::vector<std::pair<std::string, base::Secret>>(const eth::Address& app)>;

  ControlService(World& world, World& test_chain, FrontDoor& front_door,
                 std::function<base::Json()> info, RunningEnvironment running)
      : world_(world),
        test_chain_(test_chain),
        front_door_(front_door),
        info_(std::move(info)),
        running_(std::move(running)) {}

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

 private:
  HttpResponse read(const std::string& what, const std::vector<std::string>& parts);
  base::Json environment(const eth::Address& app);
  void change(const std::string& what, const base::Json& body);
  void change_fees(const base::Json& body);
  void change_node(const base::Json& body);
  void change_mining(const base::Json& body);
  void change_account(const base::Json& body);
  void change_app(const base::Json& body);
  bool change_billing(const std::string& what, const base::Json& body);

  World& world_;
  World& test_chain_;
  FrontDoor& front_door_;
  std::function<base::Json()> info_;
  RunningEnvironment running_;
};

/// As Devnet::tee_environment. The caller has entered the world.
TeeEnvironment tee_environment_of(World& world, const eth::Address& app);

}  // namespace ecloud::devnet
