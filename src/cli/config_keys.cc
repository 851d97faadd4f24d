#include "cli/config_keys.h"

#include <algorithm>
#include <string>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

using T = ConfigType;
using Parts = std::vector<std::string>;

bool belongs(const ConfigKey& key, ConfigFile::Which which) {
  return which == ConfigFile::Which::kProject ? key.in_project : key.in_user;
}

/// Whether the first parts.size() parts of `pattern` match `parts`.
bool starts_with(const Parts& pattern, const Parts& parts) {
  if (pattern.size() < parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (pattern[i] != "*" && pattern[i] != parts[i]) return false;
  }
  return true;
}

struct Pattern {
  const ConfigKey* key;
  Parts parts;
};

/// Split once: a file of thousands of keys is compared with each of them.
const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> all = [] {
    std::vector<Pattern> out;
    for (const ConfigKey& key : expanded_config_keys()) {
      out.push_back({&key, base::split(key.key, '.')});
    }
    return out;
  }();
  return all;
}

std::vector<ConfigKey> expand() {
  std::vector<ConfigKey> out = config_keys();
  for (const std::string& scope : release_scopes()) {
    for (const ConfigKey& key : config_keys()) {
      if (!key.release) continue;
      ConfigKey scoped = key;
      scoped.key = scope + "." + key.key;
      scoped.in_user = false;
      out.push_back(std::move(scoped));
    }
  }
  return out;
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = {
      {"name", T::kText, true, false, "The app's name: letters, digits, - and _"},
      {"version", T::kText, true, false, "The app's own version, for people", kRelease},
      {"runtime", T::kText, true, false, "What it is written in, for people: typescript, python, …",
       kRelease},
      {"dockerfile", T::kText, true, false,
       "The Dockerfile to build the image from, on this machine", kRelease},
      {"port", T::kNumber, true, false, "The port that the app listens on", kRelease},
      {"env", T::kList, true, false, "Names of variables that must be set in the env file",
       kRelease},
      {"environment", T::kText, true, false, "Where to deploy: sepolia, mainnet-alpha, devnet, …"},
      {"image", T::kText, true, false, "The image to deploy, built already", kRelease},
      {"targetRef", T::kText, true, false, "Where the layered image is pushed to", kRelease},
      {"envFile", T::kText, true, false, "The file with the app's variables", kRelease},
      {"instanceType", T::kText, true, true, "The kind of machine that the app runs on", kRelease},
      {"logVisibility",
       T::kText,
       true,
       true,
       "Who may read the logs",
       kRelease,
       {"public", "private", "off"}},
      {"resourceUsageMonitoring",
       T::kText,
       true,
       true,
       "Whether the platform may measure memory and CPU",
       kRelease,
       {"enable", "disable"}},
      {"wallet",
       T::kText,
       true,
       true,
       "Where the app's wallet comes from",
       kRelease,
       {"generated", "kms", "env"}},
      {"walletBackup",
       T::kText,
       true,
       false,
       "Where a generated wallet's recovery phrase is kept besides the machine that deployed",
       kRelease,
       {"on-chain", "none"}},
      {"billTo",
       T::kText,
       true,
       false,
       "Who pays for the app: your account, or the app itself",
       kRelease,
       {"account", "app"}},
      {"tls.domain", T::kText, true, false,
       "The domain that the app serves with TLS: the variable DOMAIN", kRelease},
      {"tls.withoutDomain", T::kBoolean, true, false,
       "Whether the app serves TLS also without DOMAIN, under the platform's name for it",
       kRelease},
      {"profile.name", T::kText, true, false, "The name on the dashboard, when it is another one",
       kRelease},
      {"profile.website", T::kText, true, false, "Shown on the dashboard", kRelease},
      {"profile.description", T::kText, true, false, "Shown on the dashboard", kRelease},
      {"profile.xUrl", T::kText, true, false, "The app's page on X, shown on the dashboard",
       kRelease},
      {"profile.image", T::kText, true, false, "A picture file, shown on the dashboard", kRelease},
      {"build.repo", T::kText, true, false, "The public Git repository of a verifiable build",
       kRelease},
      {"build.commit", T::kText, true, false, "Its commit, 40 hex digits", kRelease},
      {"build.dockerfile", T::kText, true, false, "The Dockerfile in the repository", kRelease},
      {"build.context", T::kText, true, false, "The directory in the repository to build in",
       kRelease},
      {"build.caddyfile", T::kText, true, false, "The Caddyfile in the repository, for TLS",
       kRelease},
      {"build.dependencies", T::kList, true, false, "Digests of builds that this one stands on",
       kRelease},
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
      {"environments.*.kmsClientImage", T::kText, true, true,
       "The image that holds the KMS client, by digest, for layering"},
      {"environments.*.tlsClientImage", T::kText, true, true,
       "The image that holds the TLS client, by digest, for layering with TLS"},
      {"environments.*.caddyImage", T::kText, true, true,
       "The image that holds Caddy, by digest, for layering with TLS"},
      {"environments.*.runtimeGeneration",
       T::kText,
       true,
       true,
       "The generation of the KMS client and the VM image; without it, what the client's bytes "
       "show",
       !kRelease,
       {"intel-token", "bound-evidence"}},
      {"environments.*.imageLabels", T::kList, true, true,
       "Further labels of layered images, NAME=VALUE"},
      {"environments.*.usdcCredits", T::kText, true, true,
       "Address of USDCCredits, which sells credits"},
      {"environments.*.usdcToken", T::kText, true, true, "Address of the USDC that it takes"},
      {"environments.*.creditsChainId", T::kNumber, true, true, "The chain that it is on"},
      {"environments.*.creditsRpcUrl", T::kTextOrList, true, true,
       "Ethereum nodes of that chain, tried in turn"},
  };
  return keys;
}

const std::vector<std::string>& release_scopes() {
  static const std::vector<std::string> scopes = {"environments.*", "apps.*",
                                                  "apps.*.environments.*"};
  return scopes;
}

const std::vector<ConfigKey>& expanded_config_keys() {
  static const std::vector<ConfigKey> keys = expand();
  return keys;
}

const ConfigKey* find_config_key(std::string_view dotted, ConfigFile::Which which) {
  const Parts parts = base::split(dotted, '.');
  for (const auto& [key, pattern] : patterns()) {
    if (belongs(*key, which) && pattern.size() == parts.size() && starts_with(pattern, parts)) {
      return key;
    }
  }
  return nullptr;
}

bool is_config_section(std::string_view dotted, ConfigFile::Which which) {
  const Parts parts = base::split(dotted, '.');
  return std::any_of(patterns().begin(), patterns().end(), [&](const Pattern& pattern) {
    return belongs(*pattern.key, which) && pattern.parts.size() > parts.size() &&
           starts_with(pattern.parts, parts);
  });
}

std::vector<std::string> config_siblings(std::string_view dotted, ConfigFile::Which which) {
  Parts parts = base::split(dotted, '.');
  parts.pop_back();
  std::vector<std::string> out;
  for (const auto& [key, pattern] : patterns()) {
    if (!belongs(*key, which) || pattern.size() <= parts.size()) continue;
    if (!starts_with(pattern, parts)) continue;
    const std::string& name = pattern[parts.size()];
    if (name != "*" && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

Error unknown_config_key(std::string_view dotted, ConfigFile::Which which) {
  // The first part that leads nowhere is the wrong one.
  std::size_t end = dotted.find('.');
  while (end != std::string_view::npos && is_config_section(dotted.substr(0, end), which)) {
    end = dotted.find('.', end + 1);
  }
  const std::string_view wrong = dotted.substr(0, end);
  const std::vector<std::string> siblings = config_siblings(wrong, which);
  const auto close = base::closest(wrong.substr(wrong.rfind('.') + 1), siblings);
  return Error(Category::kUsage, "config.unknown_key",
               "unknown key " + base::printable_line(wrong, 80),
               close              ? "did you mean " + *close + "?"
               : siblings.empty() ? ""
                                  : "the keys here are " + base::join(siblings, ", "));
}

std::string shown_config_key(const ConfigKey& key) {
  std::string shown = key.key;
  for (auto star = shown.find('*'); star != std::string::npos; star = shown.find('*')) {
    shown.replace(star, 1, "NAME");
  }
  return shown;
}

std::string config_key_help(const ConfigKey& key) {
  return key.choices.empty() ? key.help : key.help + ": " + base::join(key.choices, ", ");
}

}  // namespace ecloud::cli
