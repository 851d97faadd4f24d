#include "cli/credits_chain.h"

#include "cli/environments.h"
#include "ecloud/deploy/top_up.h"

namespace ecloud::cli {
namespace {

/// The environment with the nodes of that chain that the command line gives.
platform::Environment with_nodes(Context& context) {
  platform::Environment out = context.environment();
  if (auto urls = given_urls(context, "credits-rpc-url"); !urls.empty()) {
    out.credits_rpc_urls = std::move(urls);
  }
  return out;
}

}  // namespace

CreditsChain::CreditsChain(Context& context, Workflow& workflow)
    : environment_(deploy::credits_environment(with_nodes(context))),
      rpc_(context.direct_transport(), context.clock(), context.log(),
           {.urls = environment_.rpc_urls, .chain_id = environment_.chain_id}),
      services_{environment_,
                workflow.services().paths,
                workflow.services().transport,
                rpc_,
                workflow.services().registry,
                workflow.services().clock,
                workflow.services().random,
                workflow.services().observer,
                workflow.services().confirmations} {}

Option credits_node_option() {
  return {.name = "credits-rpc-url",
          .kind = Kind::kRepeated,
          .value_name = "URL",
          .help = "The Ethereum node of the chain that sells credits; give it again for others",
          .default_note = "those of the environment",
          .variables = {"ECLOUD_CREDITS_RPC_URL"},
          .heading = "ENVIRONMENT OPTIONS"};
}

}  // namespace ecloud::cli
