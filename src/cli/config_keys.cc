#include "cli/config_keys.h"

#include <algorithm>
#include <string>

#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

using T = ConfigType;

bool belongs(const ConfigKey& key, ConfigFile::Which which) {
  return which == ConfigFile::Which::kProject ? key.in_project : key.in_user;
}

/// Whether the first parts.size() parts of `pattern` match `parts`.
bool starts_with(const std::vector<std::string>& pattern, const std::vector<std::string>& parts) {
  if (pattern.size() < parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (pattern[i] != "*" && pattern[i] != parts[i]) return false;
  }
  return true;
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = {
      {"name", T::kText, true, false, "The app's name: letters, digits, - and _"},
      {"version", T::kText, true, false, "The app's own version, for people"},
      {"runtime", T::kText, true, false,
       "What it is written in, for people: typescript, python, …"},
      {"dockerfile", T::kText, true, false, "The Dockerfile to build from"},
      {"port", T::kNumber, true, false, "The port that the app listens on"},
      {"env", T::kList, true, false, "Names of variables that must be set in the env file"},
      {"environment", T::kText, true, false, "Where to deploy: sepolia, mainnet-alpha, devnet, …"},
      {"image", T::kText, true, false, "The image to deploy, built already"},
      {"targetRef", T::kText, true, false, "Where a built or layered image is pushed to"},
      {"envFile", T::kText, true, false, "The file with the app's variables"},
      {"instanceType", T::kText, true, false, "The kind of machine that the app runs on"},
      {"logVisibility", T::kText, true, false, "Who may read the logs: public, private or off"},
      {"resourceUsageMonitoring", T::kText, true, false, "enable or disable"},
      {"wallet", T::kText, true, false, "Where the app's wallet comes from: generated, kms or env"},
      {"tls.domain", T::kText, true, false, "The domain that the app serves with TLS"},
      {"profile.name", T::kText, true, false, "The name on the dashboard, when it is another one"},
      {"profile.website", T::kText, true, false, "Shown on the dashboard"},
      {"profile.description", T::kText, true, false, "Shown on the dashboard"},
      {"profile.xUrl", T::kText, true, false, "The app's page on X, shown on the dashboard"},
      {"profile.image", T::kText, true, false, "A picture file, shown on the dashboard"},
      {"build.repo", T::kText, true, false, "The public Git repository of a verifiable build"},
      {"build.commit", T::kText, true, false, "Its commit, 40 hex digits"},
      {"build.dockerfile", T::kText, true, false, "The Dockerfile in the repository"},
      {"build.context", T::kText, true, false, "The directory in the repository to build in"},
      {"build.caddyfile", T::kText, true, false, "The Caddyfile in the repository, for TLS"},
      {"build.dependencies", T::kList, true, false, "Digests of builds that this one stands on"},
      {"defaultEnvironment", T::kText, false, true, "The environment when nothing else names one"},
      {"environments.*.chainId", T::kNumber, true, true, "The chain's number"},
      {"environments.*.rpcUrl", T::kTextOrList, true, true, "Ethereum nodes, tried in turn"},
      {"environments.*.appController", T::kText, true, true, "Address of the AppController"},
      {"environments.*.permissionController", T::kText, true, true,
       "Address of the PermissionController"},
      {"environments.*.delegator", T::kText, true, true, "Address of the EIP-7702 delegator"},
      {"environments.*.userApiUrl", T::kText, true, true, "The platform's API"},
      {"environments.*.billingUrl", T::kText, true, true, "The billing API"},
      {"environments.*.dashboardUrl", T::kText, true, true, "The dashboard, for links"},
      {"environments.*.kmsEncryptionKey", T::kText, true, true,
       "RSA key of the KMS: PEM text, or the path of a PEM file"},
      {"environments.*.kmsSigningKey", T::kText, true, true,
       "P-256 key of the KMS: PEM text, or the path of a PEM file"},
      {"environments.*.kmsServerUrl", T::kText, true, true, "The KMS as seen from inside the TEE"},
      {"environments.*.usdcCredits", T::kText, true, true,
       "Address of USDCCredits, which sells credits"},
      {"environments.*.usdcToken", T::kText, true, true, "Address of the USDC that it takes"},
      {"environments.*.creditsChainId", T::kNumber, true, true, "The chain that it is on"},
      {"environments.*.creditsRpcUrl", T::kTextOrList, true, true,
       "Ethereum nodes of that chain, tried in turn"},
  };
  return keys;
}

const ConfigKey* find_config_key(std::string_view dotted, ConfigFile::Which which) {
  const std::vector<std::string> parts = base::split(dotted, '.');
  for (const ConfigKey& key : config_keys()) {
    const std::vector<std::string> pattern = base::split(key.key, '.');
    if (belongs(key, which) && pattern.size() == parts.size() && starts_with(pattern, parts)) {
      return &key;
    }
  }
  return nullptr;
}

bool is_config_section(std::string_view dotted, ConfigFile::Which which) {
  const std::vector<std::string> parts = base::split(dotted, '.');
  return std::any_of(config_keys().begin(), config_keys().end(), [&](const ConfigKey& key) {
    const std::vector<std::string> pattern = base::split(key.key, '.');
    return belongs(key, which) && pattern.size() > parts.size() && starts_with(pattern, parts);
  });
}

std::vector<std::string> config_siblings(std::string_view dotted, ConfigFile::Which which) {
  std::vector<std::string> parts = base::split(dotted, '.');
  parts.pop_back();
  std::vector<std::string> out;
  for (const ConfigKey& key : config_keys()) {
    const std::vector<std::string> pattern = base::split(key.key, '.');
    if (!belongs(key, which) || pattern.size() <= parts.size()) continue;
    if (!starts_with(pattern, parts)) continue;
    const std::string& name = pattern[parts.size()];
    if (name != "*" && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

}  // namespace ecloud::cli
