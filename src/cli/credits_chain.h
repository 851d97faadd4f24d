#pragma once

#include <string_view>

#include "cli/context.h"
#include "cli/workflow.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/deploy/services.h"

namespace ecloud::cli {

/// The services of a workflow on the chain that sells credits, which may be another one than the
/// environment's; `chain` is its name. Throws as deploy::credits_environment.
class CreditsChain {
 public:
  /// Both outlive the object.
  CreditsChain(Context& context, Workflow& workflow,
               std::string_view chain = platform::kMainCreditsChain);
  CreditsChain(const CreditsChain&) = delete;
  CreditsChain& operator=(const CreditsChain&) = delete;

  const deploy::Services& services() const { return services_; }
  const platform::Environment& environment() const { return environment_; }

 private:
  platform::Environment environment_;
  chain::RpcClient rpc_;
  deploy::Services services_;
};

/// --credits-rpc-url, for the commands that work there.
Option credits_node_option();

}  // namespace ecloud::cli
