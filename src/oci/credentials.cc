#include "ecloud/oci/credentials.h"

#include <algorithm>

#include "credential_helper.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

using base::Json;

constexpr std::size_t kMaxConfigBytes = std::size_t{4} << 20;
// docker/cli, cli/config: the address under which `docker login` keeps Docker Hub's credentials.
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";

std::string server_address(const std::string& host) {
  return host == "docker.io" ? std::string(kDockerHubKey) : host;
}

/// The host of a key, which may carry a scheme and a path: "https://ghcr.io/v2/".
std::string host_of_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  }
  const std::string host = base::to_lower(key.substr(0, key.find('/')));
  return host == "index.docker.io" || host == "registry-1.docker.io" ? "docker.io" : host;
}

/// Docker Desktop keeps its own tokens beside the registry's credentials.
bool is_other_token(std::string_view key) {
  return key.ends_with("/access-token") || key.ends_with("/refresh-token");
}

/// The member for `host`: by the key that Docker itself writes, else by the host of a key.
std::optional<Json> find_for_host(const Json& section, const std::string& host) {
  if (!section.exists() || section.is_null()) return std::nullopt;
  const Json exact = section[server_address(host)];
  if (exact.exists()) return exact;
  for (const auto& member : section.members()) {
    if (host_of_key(member.first) == host && !is_other_token(member.first)) return member.second;
  }
  return std::nullopt;
}

/// "user:password" in base64, as `docker login` writes it.
std::optional<Credentials> decode_auth(const Json& auth) {
  base::Secret text(auth.as_string());
  if (text.empty()) return std::nullopt;
  auto pair = base::from_base64(text.reveal_text());
  if (!pair) throw auth.error("not base64 of user:password");
  const base::Secret plain{base::ByteView(*pair)};
  base::wipe(pair->data(), pair->size());
  const std::string_view user_and_password = plain.reveal_text();
  const std::size_t colon = user_and_password.find(':');
  if (colon == std::string_view::npos) throw auth.error("not base64 of user:password");
  std::string_view password = user_and_password.substr(colon + 1);
  // Old versions of Docker padded it with zeros.
  while (password.ends_with('\0')) password.remove_suffix(1);
  return Credentials{std::string(user_and_password.substr(0, colon)),
                     base::Secret(base::as_bytes(password))};
}

std::optional<Credentials> read_entry(const Json& entry) {
  if (!entry.is_object()) throw entry.error("expected an object");
  base::Secret identity_token(entry["identitytoken"].opt_string().value_or(""));
  if (!identity_token.empty()) return Credentials{"", std::move(identity_token)};
  if (entry["auth"].exists()) {
    if (auto found = decode_auth(entry["auth"])) return found;
  }
  std::string username = entry["username"].opt_string().value_or("");
  base::Secret password(entry["password"].opt_string().value_or(""));
  if (username.empty() || password.empty()) return std::nullopt;
  return Credentials{std::move(username), std::move(password)};
}

std::optional<Credentials> look_up(const Json& config, const std::string& host,
                                   const base::Env& env) {
  if (const auto helper = find_for_host(config["credHelpers"], host)) {
    if (auto found = ask_credential_helper(helper->as_string(), server_address(host), env)) {
      return found;
    }
  }
  const std::string store = config["credsStore"].opt_string().value_or("");
  if (!store.empty()) {
    if (auto found = ask_credential_helper(store, server_address(host), env)) return found;
  }
  if (const auto entry = find_for_host(config["auths"], host)) return read_entry(*entry);
  return std::nullopt;
}

std::filesystem::path config_file(const base::Env& env) {
  if (const auto directory = env.get("DOCKER_CONFIG")) {
    return std::filesystem::path(*directory) / "config.json";
  }
  if (const auto home = env.get("HOME")) {
    return std::filesystem::path(*home) / ".docker" / "config.json";
  }
  return {};
}

}  // namespace

DockerConfigCredentials::DockerConfigCredentials(const base::Env& env)
    : config_file_(config_file(env)), env_(env) {}

std::optional<Credentials> DockerConfigCredentials::find(const std::string& host) {
  if (config_file_.empty()) return std::nullopt;
  auto text = base::read_file_if_exists(config_file_, kMaxConfigBytes);
  if (!text) return std::nullopt;
  const base::Secret content(std::move(*text));
  try {
    const Json config = Json::parse(content.reveal_text(), config_file_.string(), Category::kUsage);
    if (!config.is_object()) throw config.error("expected an object");
    return look_up(config, host, env_);
  } catch (const Error& error) {
    if (!error.code().starts_with("json.")) throw;
    throw Error(Category::kUsage, "image.docker_config", error.message(),
                "repair it, or write it anew with: docker login");
  }
}

}  // namespace ecloud::oci
