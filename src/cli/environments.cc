#include "cli/environments.h"

#include <algorithm>

#include "cli/config_keys.h"
#include "cli/context.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/net/transport.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kMaxDevnetInfoBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxPemBytes = std::size_t{64} << 10;

std::string without_final_slash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

/// Host of an authority, without user information and port.
std::string host_of(std::string_view url) {
  std::string_view rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest = rest.substr(at + 1);
  if (!rest.empty() && rest[0] == '[') return std::string(rest.substr(0, rest.find(']') + 1));
  return std::string(rest.substr(0, rest.find(':')));
}

/// https anywhere, http to this machine; `who` named the URL.
std::string checked_url(const std::string& url, const std::string& who, bool allow_http) {
  const std::string lower = base::to_lower(url);
  const bool secure = lower.rfind("https://", 0) == 0;
  if ((!secure && lower.rfind("http://", 0) != 0) || host_of(lower).empty()) {
    throw Error(Category::kUsage, "environment.bad_value",
                who + " is no URL: " + base::url_origin(url), "write it as https://HOST/PATH");
  }
  if (!secure && !allow_http && !net::is_loopback_host(host_of(lower))) {
    throw Error(Category::kUsage, "environment.insecure_url",
                who + " is plain http to another machine: " + base::url_origin(url),
                "use https://, or give --allow-http when the network in between is yours");
  }
  return without_final_slash(url);
}

/// What one configuration file says about an environment, put over what is known already.
class Overlay {
 public:
  Overlay(Context& context, const ConfigFile& file, std::filesystem::path directory,
          std::string_view name)
      : context_(context),
        file_(file),
        directory_(std::move(directory)),
        prefix_("environments." + std::string(name) + ".") {}

  void apply(platform::Environment& out) const {
    set_chain_id(out.chain_id, "chainId");
    if (const auto urls = file_.list(prefix_ + "rpcUrl"); !urls.empty()) out.rpc_urls = urls;
    set_address(out.app_controller, "appController");
    // Another controller may have another beacon.
    if (text("appController")) out.app_beacon = {};
    set_address(out.permission_controller, "permissionController");
    set_address(out.delegator, "delegator");
    set_text(out.user_api_url, "userApiUrl");
    set_text(out.billing_url, "billingUrl");
    set_text(out.dashboard_url, "dashboardUrl");
    set_pem(out.kms_encryption_key, "kmsEncryptionKey");
    set_pem(out.kms_signing_key, "kmsSigningKey");
    set_text(out.kms_server_url, "kmsServerUrl");
    set_text(out.kms_client_image, "kmsClientImage");
    // Client and generation are one setting: another client need not be of the same one.
    if (text("kmsClientImage")) out.runtime_origin = platform::RuntimeOrigin::kClient;
    set_runtime(out);
    set_text(out.tls_client_image, "tlsClientImage");
    set_text(out.caddy_image, "caddyImage");
    set_labels(out.image_labels, "imageLabels");
    set_address(out.usdc_credits, "usdcCredits");
    set_address(out.usdc_token, "usdcToken");
    set_chain_id(out.credits_chain_id, "creditsChainId");
    if (const auto urls = file_.list(prefix_ + "creditsRpcUrl"); !urls.empty()) {
      out.credits_rpc_urls = urls;
    }
  }

 private:
  std::optional<std::string> text(std::string_view key) const {
    return file_.text(prefix_ + std::string(key));
  }
  Error bad(std::string_view key, const std::string& problem) const {
    const ConfigValue* value = file_.find(prefix_ + std::string(key));
    return Error(Category::kUsage, "environment.bad_value",
                 (value == nullptr ? file_.name() : file_.where(*value)) + ": " + std::string(key) +
                     " " + problem);
  }
  void set_chain_id(std::uint64_t& out, std::string_view key) const {
    const auto id = text(key);
    if (!id) return;
    const auto number = base::parse_decimal(*id);
    if (!number || *number == 0) throw bad(key, "is no chain number");
    out = *number;
  }
  void set_text(std::string& out, std::string_view key) const {
    if (auto value = text(key)) out = std::move(*value);
  }
  void set_runtime(platform::Environment& out) const {
    const auto word = text("runtimeGeneration");
    if (!word) return;
    const auto generation = platform::runtime_generation_of(*word);
    if (!generation) throw bad("runtimeGeneration", "must be intel-token or bound-evidence");
    out.runtime = *generation;
    out.runtime_origin = platform::RuntimeOrigin::kConfigured;
  }
  void set_address(eth::Address& out, std::string_view key) const {
    const auto value = text(key);
    if (!value) return;
    const auto address = eth::Address::parse(*value);
    if (!address) throw bad(key, eth::Address::problem(*value));
    out = *address;
  }
  void set_labels(std::map<std::string, std::string>& out, std::string_view key) const {
    const auto lines = file_.list(prefix_ + std::string(key));
    if (lines.empty()) return;
    out.clear();
    for (const std::string& line : lines) {
      const std::size_t sign = line.find('=');
      if (sign == 0 || sign == std::string::npos) {
        throw bad(key, "holds a label that is not NAME=VALUE: " + base::printable_line(line, 80));
      }
      out[line.substr(0, sign)] = line.substr(sign + 1);
    }
  }
  void set_pem(std::string& out, std::string_view key) const {
    const auto value = text(key);
    if (!value) return;
    const bool pem = value->find("-----BEGIN") != std::string::npos;
    out = pem ? *value : base::read_file(context_.absolute(directory_ / *value), kMaxPemBytes);
  }

  Context& context_;
  const ConfigFile& file_;
  std::filesystem::path directory_;
  std::string prefix_;
};

/// Whether a key below environments says what an environment is, not how apps are released there.
bool is_definition(std::string_view key) {
  const ConfigKey* known = find_config_key(key, ConfigFile::Which::kProject);
  return known != nullptr && !known->release;
}

bool defines(const ConfigFile& file, std::string_view name) {
  const std::string prefix = "environments." + std::string(name) + ".";
  return std::any_of(file.values().begin(), file.values().end(), [&](const auto& entry) {
    return entry.first.starts_with(prefix) && is_definition(entry.first);
  });
}

platform::Environment running_devnet(Context& context) {
  const std::string path = devnet_info_path(context);
  const auto text = base::read_file_if_exists(path, kMaxDevnetInfoBytes);
  if (!text) {
    throw Error(Category::kUsage, "devnet.not_running",
                "no devnet is running (there is no " + path + ")",
                "start one with `ecloud devnet up --detach`");
  }
  return platform::environment_from_devnet_info(base::Json::parse(*text, path, Category::kUsage));
}

void require_complete(const platform::Environment& environment) {
  std::vector<std::string> missing;
  const auto need = [&](bool present, const char* key) {
    if (!present) missing.emplace_back(key);
  };
  need(environment.chain_id != 0, "chainId");
  need(!environment.rpc_urls.empty(), "rpcUrl");
  need(!environment.app_controller.is_zero(), "appController");
  need(!environment.permission_controller.is_zero(), "permissionController");
  need(!environment.delegator.is_zero(), "delegator");
  need(!environment.user_api_url.empty(), "userApiUrl");
  need(!environment.kms_encryption_key.empty(), "kmsEncryptionKey");
  need(!environment.kms_signing_key.empty(), "kmsSigningKey");
  if (missing.empty()) return;
  throw Error(Category::kUsage, "environment.incomplete",
              "the environment " + environment.name + " lacks " + base::join(missing, ", "),
              "add what is missing under environments." + environment.name);
}

void check_urls(platform::Environment& environment, bool allow_http) {
  const std::string who = "of the environment " + environment.name;
  for (std::string& url : environment.rpc_urls) {
    url = checked_url(url, "rpcUrl " + who, allow_http);
  }
  for (std::string& url : environment.credits_rpc_urls) {
    url = checked_url(url, "creditsRpcUrl " + who, allow_http);
  }
  environment.user_api_url = checked_url(environment.user_api_url, "userApiUrl " + who, allow_http);
  if (!environment.billing_url.empty()) {
    environment.billing_url = checked_url(environment.billing_url, "billingUrl " + who, allow_http);
  }
  environment.dashboard_url = without_final_slash(environment.dashboard_url);
}

Error unknown(Context& context, std::string_view name) {
  std::vector<std::string> names;
  for (const KnownEnvironment& known : known_environments(context)) names.push_back(known.name);
  const auto close = base::closest(name, names);
  return Error(Category::kUsage, "environment.unknown",
               "unknown environment \"" + base::printable_line(name) + "\"",
               (close ? "did you mean " + *close + "?\n" : std::string()) +
                   "the environments are " + base::join(names, ", "));
}

void warn_of_changes(Context& context, std::string_view name, const std::string& whose) {
  const std::string prefix = "environments." + std::string(name) + ".";
  const ConfigFile& file = context.project_config();
  for (const auto& [key, value] : file.values()) {
    if (!key.starts_with(prefix) || !is_definition(key) || key == prefix + "rpcUrl") continue;
    context.terminal().warning(file.where(value) + " changes " + key.substr(prefix.size()) +
                               " of " + whose + " environment " + std::string(name));
  }
}

/// A project from another author must not send secrets or transactions elsewhere unnoticed.
void warn_of_project_environment(Context& context, std::string_view name, bool builtin) {
  const ConfigFile& file = context.project_config();
  if (!defines(file, name)) return;
  if (builtin) return warn_of_changes(context, name, "the built-in");
  if (defines(context.user_config(), name)) return warn_of_changes(context, name, "your");
  const std::string place = file.where(file.places().at("environments." + std::string(name)).line);
  context.terminal().warning(place + " alone says what the environment " + std::string(name) +
                             " is: transactions, signatures and encrypted variables go where this "
                             "file sends them");
}

}  // namespace

std::string devnet_info_path(Context& context) {
  if (const auto given = context.env().get("ECLOUD_DEVNET_INFO")) {
    return context.absolute(*given).string();
  }
  return (context.paths().state / "devnet" / "devnet.json").string();
}

std::vector<KnownEnvironment> known_environments(Context& context) {
  std::vector<KnownEnvironment> out;
  for (const std::string& name : platform::builtin_environment_names()) {
    out.push_back({name, "built in"});
  }
  for (const ConfigFile* file : {&context.project_config(), &context.user_config()}) {
    for (const std::string& name : file->names_below("environments")) {
      const bool known = std::any_of(out.begin(), out.end(), [&](const KnownEnvironment& other) {
        return other.name == name;
      });
      if (!known && defines(*file, name)) out.push_back({name, file->name()});
    }
  }
  return out;
}

void require_known_environment(Context& context, std::string_view name) {
  for (const KnownEnvironment& known : known_environments(context)) {
    if (known.name == name) return;
  }
  throw unknown(context, name);
}

void warn_of_unknown_environments(Context& context) {
  const ConfigFile& file = context.project_config();
  std::vector<std::string> known;
  for (const KnownEnvironment& environment : known_environments(context)) {
    known.push_back(environment.name);
  }
  std::vector<std::string> sections = {"environments"};
  for (const std::string& app : file.names_below("apps")) {
    sections.push_back("apps." + app + ".environments");
  }
  for (const std::string& section : sections) {
    for (const std::string& name : file.names_below(section)) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const auto close = base::closest(name, known);
      context.terminal().warning(file.where(file.places().at(section + "." + name).line) +
                                 ": there is no environment " + name +
                                 (close ? "; did you mean " + *close + "?" : ""));
    }
  }
}

platform::Environment load_environment(Context& context, std::string_view name) {
  platform::Environment environment;
  const auto& builtins = platform::builtin_environments();
  const auto builtin = std::find_if(builtins.begin(), builtins.end(),
                                    [&](const auto& known) { return known.name == name; });
  if (builtin != builtins.end()) {
    environment = *builtin;
  } else if (name == "devnet") {
    environment = running_devnet(context);
  } else if (!defines(context.project_config(), name) && !defines(context.user_config(), name)) {
    throw unknown(context, name);
  }
  environment.name = name;
  if (context.user_config().exists()) {
    const std::filesystem::path directory = context.user_config_path().parent_path();
    Overlay(context, context.user_config(), directory, name).apply(environment);
  }
  const std::filesystem::path directory = context.project_config_path().parent_path();
  Overlay(context, context.project_config(), directory, name).apply(environment);
  warn_of_project_environment(context, name, builtin != builtins.end() || name == "devnet");
  return environment;
}

std::vector<std::string> given_urls(Context& context, std::string_view option) {
  const Values& values = context.values();
  std::vector<std::string> out;
  for (const std::string& url : values.repeated(option)) {
    out.push_back(checked_url(url, values.origin(option).where, values.flag("allow-http")));
  }
  return out;
}

platform::Environment selected_environment(Context& context) {
  const Values& values = context.values();
  platform::Environment environment =
      load_environment(context, values.text("environment").value_or("sepolia"));
  const bool allow_http = values.flag("allow-http");
  if (auto urls = given_urls(context, "rpc-url"); !urls.empty()) {
    environment.rpc_urls = std::move(urls);
    // A node of the chain on which credits are sold serves for both.
    if (environment.credits_chain_id == environment.chain_id) {
      environment.credits_rpc_urls = environment.rpc_urls;
    }
  }
  if (const auto url = values.text("userapi-url")) {
    environment.own_user_api_url = without_final_slash(environment.user_api_url);
    environment.user_api_url = checked_url(*url, values.origin("userapi-url").where, allow_http);
  }
  if (const auto url = values.text("billing-url")) {
    environment.billing_url = checked_url(*url, values.origin("billing-url").where, allow_http);
  }
  require_complete(environment);
  check_urls(environment, allow_http);
  return environment;
}

}  // namespace ecloud::cli
