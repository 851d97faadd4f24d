#include "ecloud/platform/environment.h"

#include "ecloud/base/hex.h"
#include "platform/kms_keys.h"

namespace ecloud::platform {
namespace {

// Release v0.2.2 of the clients, as the platform publishes them.
constexpr char kToolsRepository[] = "docker.io/eigenlayer/eigencloud-containers@sha256:";
// The official image of Caddy 2.10.2.
constexpr char kCaddyImage[] =
    "docker.io/library/caddy@sha256:"
    "4c6e91c6ed0e2fa03efd5b44747b625fec79bc9cd06ac5235a779726618e530d";

eth::Address constant(std::string_view text) {
  const auto address = eth::Address::parse(text);
  if (!address) fail_bug("a contract address of ours is malformed: " + std::string(text));
  return *address;
}

/// Both environments are billed in one place.
void add_credits(Environment& e) {
  e.usdc_credits = constant("0xed9c88640ca9149Bd9f7ee6620074af10F2E145d");
  // USD Coin of Circle, as https://developers.circle.com/stablecoins/usdc-contract-addresses has
  // it.
  e.usdc_token = constant("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48");
  e.credits_chain_id = 1;
  e.credits_rpc_urls = {"https://ethereum-rpc.publicnode.com"};
}

/// USDCCredits for test money, as Layr-Labs/eigenx-contracts, script/deploys/base-sepolia-dev, has
/// it, with Circle's USDC of that chain.
CreditsChain base_sepolia() {
  return {.name = std::string(kTestCreditsChain),
          .chain_id = 84532,
          .rpc_urls = {"https://base-sepolia-rpc.publicnode.com"},
          .usdc_credits = constant("0x7673a47463F80c6a3553Db9E54c8cDcd5313d0ac"),
          .usdc_token = constant("0x036CbD53842c5426634e7929541eC2318f3dCF7e")};
}

/// Release v0.2.2 of the clients is of the generation that is not served any more; which images
/// hold the newer ones is not published.
void add_layering(Environment& e, const std::string& kms_client, const std::string& tls_client) {
  e.kms_client_image = kToolsRepository + kms_client;
  e.tls_client_image = kToolsRepository + tls_client;
  e.caddy_image = kCaddyImage;
  e.runtime = RuntimeGeneration::kIntelToken;
  e.image_labels = {{"eigenx_container_contract", "v1"}};
}

Environment sepolia() {
  Environment e;
  e.name = "sepolia";
  e.chain_id = 11155111;
  e.rpc_urls = {"https://ethereum-sepolia-rpc.publicnode.com"};
  e.app_controller = constant("0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2");
  e.app_beacon = constant("0x1351c0AE90ff4A6881E2B32bdA9666868Abd486c");
  e.app_proxy = platform_app_proxy();
  e.permission_controller = constant("0x44632dfBdCb6D3E21EF613B0ca8A6A0c618F5a37");
  e.delegator = constant("0x63c0c19a282a1b52b07dd5a65b58948a07dae32b");
  e.user_api_url = "https://userapi-compute-sepolia-prod.eigencloud.xyz";
  e.billing_url = "https://billingapi.eigencloud.xyz";
  e.dashboard_url = "https://verify-sepolia.eigencloud.xyz";
  e.kms_encryption_key = kSepoliaKmsEncryptionKey;
  e.kms_signing_key = kSepoliaKmsSigningKey;
  e.kms_server_url = "http://10.128.15.203:8080";
  add_layering(e, "4e986c0b074f6113e712ee9fbed80096af4f56b97469a7f16067d6bb91a264b9",
               "736063771a43e909f8cdd165a156df7f47176e2004f4629cc972c3adda473e8e");
  add_credits(e);
  e.other_credits_chains = {base_sepolia()};
  return e;
}

Environment mainnet_alpha() {
  Environment e;
  e.name = "mainnet-alpha";
  e.chain_id = 1;
  e.rpc_urls = {"https://ethereum-rpc.publicnode.com"};
  e.app_controller = constant("0xc38d35Fc995e75342A21CBd6D770305b142Fbe67");
  e.app_beacon = constant("0xC1E14F82c7F554b8582BB786728f669875b3fC53");
  e.app_proxy = platform_app_proxy();
  e.permission_controller = constant("0x25E5F8B1E7aDf44518d35D5B2271f114e081f0E5");
  e.delegator = constant("0x63c0c19a282a1b52b07dd5a65b58948a07dae32b");
  e.user_api_url = "https://userapi-compute.eigencloud.xyz";
  e.billing_url = "https://billingapi.eigencloud.xyz";
  e.dashboard_url = "https://verify.eigencloud.xyz";
  e.kms_encryption_key = kMainnetKmsEncryptionKey;
  e.kms_signing_key = kMainnetKmsSigningKey;
  e.kms_server_url = "http://10.128.0.2:8080";
  add_layering(e, "d02017034331378097c61259d6dc385041d1ce12d6d677e0f836ee35ed65de8c",
               "54fc848e03fbf3fd549694d5ad6c2652e62cc8d1fb90f1399dd0f589491d181d");
  add_credits(e);
  return e;
}

eth::Address address_member(const base::Json& object, std::string_view name) {
  const base::Json member = object[name];
  const auto address = eth::Address::parse(member.as_string());
  if (!address) throw member.error("is not an Ethereum address");
  return *address;
}

}  // namespace

std::string Environment::dashboard_page(const eth::Address& app) const {
  return dashboard_url.empty() ? std::string() : dashboard_url + "/app/" + app.to_string();
}

const std::vector<Environment>& builtin_environments() {
  static const std::vector<Environment> all = {sepolia(), mainnet_alpha()};
  return all;
}

std::vector<std::string> builtin_environment_names() {
  return {"sepolia", "mainnet-alpha", "devnet"};
}

Environment environment_from_devnet_info(const base::Json& info) {
  Environment e;
  e.name = "devnet";
  e.chain_id = info["chainId"].as_u64();
  e.rpc_urls = {info["rpcUrl"].as_string()};
  e.app_controller = address_member(info, "appController");
  if (info["appBeacon"].exists()) {
    e.app_beacon = address_member(info, "appBeacon");
    const auto code = base::from_hex(info["appProxyCode"].as_string());
    if (!code) throw info["appProxyCode"].error("is no hex string");
    e.app_proxy.rest = *code;
  }
  e.permission_controller = address_member(info, "permissionController");
  e.delegator = address_member(info, "delegator");
  e.user_api_url = info["userApiUrl"].as_string();
  e.billing_url = info["billingUrl"].as_string();
  e.dashboard_url = info["dashboardUrl"].opt_string().value_or("");
  e.kms_encryption_key = info["kmsEncryptionKey"].as_string();
  e.kms_signing_key = info["kmsSigningKey"].as_string();
  e.kms_server_url = info["kmsServerUrl"].opt_string().value_or("");
  e.kms_client_image = info["kmsClientImage"].opt_string().value_or("");
  e.tls_client_image = info["tlsClientImage"].opt_string().value_or("");
  e.caddy_image = info["caddyImage"].opt_string().value_or("");
  if (const auto word = info["runtime"].opt_string()) {
    const auto generation = runtime_generation_of(*word);
    if (!generation) throw info["runtime"].error("is not a runtime generation");
    e.runtime = *generation;
  }
  e.image_labels = {{"eigenx_container_contract", "v1"}};
  if (info["usdcCredits"].exists()) {
    e.usdc_credits = address_member(info, "usdcCredits");
    e.usdc_token = address_member(info, "usdcToken");
    e.credits_chain_id = info["creditsChainId"].as_u64();
    e.credits_rpc_urls = {info["creditsRpcUrl"].as_string()};
  }
  if (const base::Json test = info["testCredits"]; test.exists()) {
    e.other_credits_chains = {{.name = std::string(kTestCreditsChain),
                               .chain_id = test["chainId"].as_u64(),
                               .rpc_urls = {test["rpcUrl"].as_string()},
                               .usdc_credits = address_member(test, "usdcCredits"),
                               .usdc_token = address_member(test, "usdcToken")}};
  }
  return e;
}

std::vector<CreditsChain> credits_chains(const Environment& environment) {
  std::vector<CreditsChain> out;
  const bool sells = !environment.usdc_credits.is_zero() && environment.credits_chain_id != 0 &&
                     !environment.credits_rpc_urls.empty();
  if (sells) {
    out.push_back({.name = std::string(kMainCreditsChain),
                   .chain_id = environment.credits_chain_id,
                   .rpc_urls = environment.credits_rpc_urls,
                   .usdc_credits = environment.usdc_credits,
                   .usdc_token = environment.usdc_token});
  }
  out.insert(out.end(), environment.other_credits_chains.begin(),
             environment.other_credits_chains.end());
  return out;
}

std::string chain_name(std::uint64_t chain_id) {
  switch (chain_id) {
    case 1:
      return "Ethereum mainnet";
    case 11155111:
      return "Sepolia";
    case 84532:
      return "Base Sepolia";
    case 31337:
      return "devnet";
    default:
      return "chain " + std::to_string(chain_id);
  }
}

}  // namespace ecloud::platform
