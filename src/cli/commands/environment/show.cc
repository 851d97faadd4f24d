#include "cli/commands/environment/commands.h"
#include "cli/context.h"
#include "cli/environments.h"
#include "cli/json_values.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// URLs of nodes carry keys in their paths.
std::vector<std::string> origins(const std::vector<std::string>& urls) {
  std::vector<std::string> out;
  for (const std::string& url : urls) out.push_back(base::url_origin(url));
  return out;
}

std::string chain_text(std::uint64_t chain_id) {
  return platform::chain_name(chain_id) + " (" + std::to_string(chain_id) + ")";
}

std::string address_text(const eth::Address& address) {
  return address.is_zero() ? std::string() : address.to_string();
}

/// Null while only the client's bytes show it.
base::Json runtime_or_null(const platform::Environment& environment) {
  return environment.runtime_origin == platform::RuntimeOrigin::kClient
             ? base::Json()
             : base::Json(platform::to_string(environment.runtime));
}

std::string runtime_text(const platform::Environment& environment) {
  if (environment.runtime_origin == platform::RuntimeOrigin::kClient) {
    return "as the KMS client's";
  }
  return std::string(platform::to_string(environment.runtime)) +
         (environment.runtime == platform::kServedGeneration ? "" : ", no longer served");
}

base::Json labels_document(const std::map<std::string, std::string>& labels) {
  base::Json out = base::Json::object();
  for (const auto& [name, value] : labels) out.set(name, value);
  return out;
}

base::Json chains_document(const platform::Environment& environment) {
  base::Json out = base::Json::array();
  for (const platform::CreditsChain& chain : platform::credits_chains(environment)) {
    out.push(base::Json::object({{"name", chain.name},
                                 {"chainId", chain.chain_id},
                                 {"rpcUrls", base::Json::strings(origins(chain.rpc_urls))},
                                 {"usdcCredits", chain.usdc_credits.to_string()},
                                 {"usdcToken", text_or_null(address_text(chain.usdc_token))},
                                 {"realMoney", chain.chain_id == 1}}));
  }
  return out;
}

/// "ethereum, base-sepolia".
std::string chain_names(const platform::Environment& environment) {
  std::vector<std::string> names;
  for (const platform::CreditsChain& chain : platform::credits_chains(environment)) {
    names.push_back(chain.name);
  }
  return base::join(names, ", ");
}

base::Json document_of(const platform::Environment& environment) {
  const bool sells = environment.credits_chain_id != 0;
  return base::Json::object(
      {{"name", environment.name},
       {"chainId", environment.chain_id},
       {"rpcUrls", base::Json::strings(origins(environment.rpc_urls))},
       {"appController", environment.app_controller.to_string()},
       {"permissionController", environment.permission_controller.to_string()},
       {"delegator", environment.delegator.to_string()},
       {"userApiUrl", environment.user_api_url},
       {"billingUrl", text_or_null(environment.billing_url)},
       {"dashboardUrl", text_or_null(environment.dashboard_url)},
       {"kmsServerUrl", text_or_null(environment.kms_server_url)},
       {"kmsClientImage", text_or_null(environment.kms_client_image)},
       {"tlsClientImage", text_or_null(environment.tls_client_image)},
       {"caddyImage", text_or_null(environment.caddy_image)},
       {"runtime", runtime_or_null(environment)},
       {"imageLabels", labels_document(environment.image_labels)},
       {"kmsEncryptionKey", environment.kms_encryption_key},
       {"kmsSigningKey", environment.kms_signing_key},
       {"usdcCredits", text_or_null(address_text(environment.usdc_credits))},
       {"usdcToken", text_or_null(address_text(environment.usdc_token))},
       {"creditsChainId", sells ? base::Json(environment.credits_chain_id) : base::Json()},
       {"creditsRpcUrls", base::Json::strings(origins(environment.credits_rpc_urls))},
       {"creditsChains", chains_document(environment)}});
}

void run_show(Context& context, const Values& values) {
  const auto named = values.argument("NAME");
  const platform::Environment environment =
      named ? load_environment(context, *named) : context.environment();
  context.output().result(document_of(environment), [&] {
    const bool sells = environment.credits_chain_id != 0;
    context.output().pairs(
        {{named ? "Name" : "Active deployment environment", environment.name},
         {"Chain", chain_text(environment.chain_id)},
         {"RPC", base::join(origins(environment.rpc_urls), ", ")},
         {"AppController", environment.app_controller.to_string()},
         {"PermissionController", environment.permission_controller.to_string()},
         {"Delegator", environment.delegator.to_string()},
         {"UserAPI", environment.user_api_url},
         {"Billing", environment.billing_url},
         {"Dashboard", environment.dashboard_url},
         {"KMS in the TEE", environment.kms_server_url},
         {"KMS client", environment.kms_client_image},
         {"TLS client", environment.tls_client_image},
         {"Caddy", environment.caddy_image},
         {"Runtime", runtime_text(environment)},
         {"USDCCredits", address_text(environment.usdc_credits)},
         {"USDC", address_text(environment.usdc_token)},
         {"Credits chain", sells ? chain_text(environment.credits_chain_id) : ""},
         {"Credits RPC", base::join(origins(environment.credits_rpc_urls), ", ")},
         {"Credits sold on", chain_names(environment)}});
  });
}

}  // namespace

Command make_environment_show_command() {
  Command command;
  command.name = "show";
  command.summary = "Show an environment: chain, contracts, services";
  command.description =
      "Shows what an environment consists of, after everything that ecloud.yaml and config.yaml "
      "change of it: the chain, the contracts, the services. Without NAME it is the selected one, "
      "with the URLs that options and variables give. Of RPC URLs only the host is shown, because "
      "their paths often hold keys. Asks no server.";
  command.positionals = {{.name = "NAME",
                          .help = "The environment; the selected one when not given",
                          .completer = Completer::kEnvironment}};
  command.examples = {{"The selected one", "ecloud compute environment show"},
                      {"A contract's address, for a script",
                       "ecloud compute environment show sepolia --fields appController"}};
  command.json_fields = {
      {"name", "what --environment takes"},
      {"chainId", "the chain's number"},
      {"rpcUrls", "scheme, host and port of the nodes, in the order tried"},
      {"appController", "address of the AppController"},
      {"permissionController", "address of the PermissionController"},
      {"delegator", "address of the EIP-7702 delegator"},
      {"userApiUrl", "the platform's API"},
      {"billingUrl", "the billing API, or null"},
      {"dashboardUrl", "the dashboard, or null"},
      {"kmsServerUrl", "the KMS as seen from inside the TEE, or null"},
      {"kmsClientImage", "the image that holds the KMS client, or null"},
      {"tlsClientImage", "the image that holds the TLS client, or null"},
      {"caddyImage", "the image that holds Caddy, or null"},
      {"runtime",
       "intel-token or bound-evidence, the generation of KMS client and VM image; null when only "
       "the client's bytes show it"},
      {"imageLabels", "labels of layered images, by name"},
      {"kmsEncryptionKey", "the KMS's RSA key, PEM"},
      {"kmsSigningKey", "the KMS's P-256 key, PEM"},
      {"usdcCredits", "address of USDCCredits, which sells credits, or null"},
      {"usdcToken", "address of the USDC that it takes, or null"},
      {"creditsChainId", "number of the chain that it is on, or null"},
      {"creditsRpcUrls", "scheme, host and port of that chain's nodes"},
      {"creditsChains",
       "where `billing top-up --chain` pays: name, chainId, rpcUrls, usdcCredits, "
       "usdcToken, realMoney"}};
  command.uses_environment = true;
  command.run = run_show;
  return command;
}

}  // namespace ecloud::cli
