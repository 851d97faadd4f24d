#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/json.h"
#include "ecloud/eth/address.h"
#include "ecloud/platform/app_id.h"
#include "ecloud/platform/runtime_generation.h"

namespace ecloud::platform {

/// How the generation of an environment's runtime is known.
enum class RuntimeOrigin {
  kPinned,      ///< together with the KMS client's image
  kConfigured,  ///< the user has set it
  kClient,      ///< not yet: the user has set the KMS client's image only, whose bytes show it
};

/// A chain on which USDCCredits sells credits.
struct CreditsChain {
  std::string name;  ///< what `billing top-up --chain` takes
  std::uint64_t chain_id = 0;
  std::vector<std::string> rpc_urls;  ///< tried in turn
  eth::Address usdc_credits;
  eth::Address usdc_token;  ///< what it must take for payment; zero: whatever it names
};

/// The name of the chain that Environment::usdc_credits is on.
constexpr std::string_view kMainCreditsChain = "ethereum";
/// The name of the test chain on which credits for apps on Sepolia can be bought as well.
constexpr std::string_view kTestCreditsChain = "base-sepolia";

/// One deployment of the platform: a chain, its contracts and its services.
struct Environment {
  std::string name;
  std::uint64_t chain_id = 0;
  std::vector<std::string> rpc_urls;  ///< tried in turn
  eth::Address app_controller;
  eth::Address permission_controller;
  eth::Address app_beacon;  ///< what apps are proxies of; zero: app ids cannot be computed here
  AppProxyCode app_proxy;
  eth::Address delegator;          ///< the code that an account runs to batch calls (EIP-7702)
  std::string user_api_url;        ///< what this client calls, without a final slash
  /// The environment's own where options or variables let this client call another; empty: the
  /// same. Without a final slash.
  std::string own_user_api_url;
  std::string billing_url;         ///< without a final slash
  std::string dashboard_url;       ///< without a final slash; empty when there is none
  std::string kms_encryption_key;  ///< SubjectPublicKeyInfo PEM, RSA
  std::string kms_signing_key;     ///< SubjectPublicKeyInfo PEM, P-256
  std::string kms_server_url;      ///< as seen from inside the TEE; never called by a client

  // What layering puts into an image (tee_layer.h): references by digest of the images that hold
  // the programs, empty when the environment has none, the generation of that KMS client, whose
  // label is added, and further labels.
  std::string kms_client_image;
  std::string tls_client_image;
  std::string caddy_image;
  RuntimeGeneration runtime = kServedGeneration;
  RuntimeOrigin runtime_origin = RuntimeOrigin::kPinned;
  std::map<std::string, std::string> image_labels;

  // Credits are sold on a chain of their own: Ethereum mainnet, for apps on test chains too.
  eth::Address usdc_credits;  ///< zero when credits cannot be bought with USDC
  eth::Address usdc_token;    ///< what it must take for payment; zero: whatever it names
  std::uint64_t credits_chain_id = 0;
  std::vector<std::string> credits_rpc_urls;       ///< tried in turn
  std::vector<CreditsChain> other_credits_chains;  ///< besides that one, for test money

  /// Whether its ETH costs money: then whatever spends asks first.
  bool is_mainnet() const { return chain_id == 1; }
  /// What the TEE is told: start scripts name it, whichever way this client reaches the platform.
  const std::string& user_api_url_in_tee() const {
    return own_user_api_url.empty() ? user_api_url : own_user_api_url;
  }
  /// The page of an app; empty when there is no dashboard.
  std::string dashboard_page(const eth::Address& app) const;
};

/// sepolia and mainnet-alpha, with their contracts, hosts and KMS keys as published.
const std::vector<Environment>& builtin_environments();

/// The names of the built-in ones, "devnet" included.
std::vector<std::string> builtin_environment_names();

/// The description that a running devnet writes (devnet.json): its URLs, contracts and KMS keys.
/// Throws Error{kUsage, "json.shape"} for anything else.
Environment environment_from_devnet_info(const base::Json& info);

/// All chains on which credits are sold, the main one first. Empty for an environment that sells
/// none.
std::vector<CreditsChain> credits_chains(const Environment& environment);

/// "Sepolia", "Ethereum mainnet", "Base Sepolia", "devnet", else "chain 17".
std::string chain_name(std::uint64_t chain_id);

}  // namespace ecloud::platform
