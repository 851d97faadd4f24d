#include "cli/credits_chain.h"

#include "cli/environments.h"
#include "ecloud/deploy/top_up.h"

namespace ecloud::cli {
namespace {

/// What the platform's own client calls Base Sepolia.
constexpr char kReferenceTestChain[] = "base";

/// That chain, with the nodes that the command line gives.
platform::Environment with_nodes(Context& context, std::string_view chain,
                                 const std::string& option) {
  const std::vector<std::string> urls = given_urls(context, "credits-rpc-url");
  platform::Environment environment = context.environment();
  // An environment of the user's own may leave them to the command line.
  if (!urls.empty()) environment.credits_rpc_urls = urls;
  platform::Environment out = deploy::credits_environment(environment, chain, option);
  if (!urls.empty()) out.rpc_urls = out.credits_rpc_urls = urls;
  return out;
}

}  // namespace

CreditsChain::CreditsChain(Context& context, Workflow& workflow, std::string_view chain,
                           const std::string& option)
    : environment_(with_nodes(context, chain, option)),
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

Option credits_chain_option(const std::string& name, const std::string& help) {
  return {.name = name,
          .kind = Kind::kChoice,
          .value_name = "CHAIN",
          .help = help + ": ethereum, or base-sepolia (base) with test money for apps on Sepolia",
          .choices = {std::string(platform::kMainCreditsChain),
                      std::string(platform::kTestCreditsChain), kReferenceTestChain},
          .default_text = std::string(platform::kMainCreditsChain)};
}

std::string credits_chain_name(const Values& values, const std::string& option) {
  const std::string given = values.text(option).value_or(std::string(platform::kMainCreditsChain));
  return given == kReferenceTestChain ? std::string(platform::kTestCreditsChain) : given;
}

std::string credits_chain(Context& context, const Values& values, const std::string& option) {
  if (values.text(option) == kReferenceTestChain) {
    context.terminal().note("--" + option +
                            " base is Base Sepolia (base-sepolia), which takes test money");
  }
  return credits_chain_name(values, option);
}

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
