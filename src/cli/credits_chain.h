#pragma once

#include <string>
#include <string_view>

#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/deploy/services.h"

namespace ecloud::cli {

/// The services of a workflow on the chain that sells credits, which may be another one than the
/// environment's; `chain` is its name, and `option` the one that chose it ("--chain"). Throws as
/// deploy::credits_environment.
class CreditsChain {
 public:
  /// Both outlive the object.
  CreditsChain(Context& context, Workflow& workflow,
               std::string_view chain = platform::kMainCreditsChain,
               const std::string& option = "--chain");
  CreditsChain(const CreditsChain&) = delete;
  CreditsChain& operator=(const CreditsChain&) = delete;

  const deploy::Services& services() const { return services_; }
  const platform::Environment& environment() const { return environment_; }

 private:
  platform::Environment environment_;
  chain::RpcClient rpc_;
  deploy::Services services_;
};

/// The option of that name that chooses among the chains.
Option credits_chain_option(const std::string& name, const std::string& help);
/// Its value as platform::CreditsChain::name; the second says so when another spelling was given.
std::string credits_chain_name(const Values& values, const std::string& option);
std::string credits_chain(Context& context, const Values& values, const std::string& option);

/// --credits-rpc-url, for the commands that work there.
Option credits_node_option();

}  // namespace ecloud::cli
