#include "auth_file.h"

#include <algorithm>

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/secret.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

using base::Json;

// docker/cli, cli/config: the address under which `docker login` keeps Docker Hub's credentials.
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";
constexpr std::string_view kDockerHub = "docker.io";

/// Docker Desktop keeps its own tokens next to the registry's credentials.
bool is_other_token(std::string_view key) {
  return key.ends_with("/access-token") || key.ends_with("/refresh-token");
}

bool remove_scheme(std::string_view& key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!key.starts_with(scheme)) continue;
    key.remove_prefix(scheme.size());
    return true;
  }
  return false;
}

std::string normalized_host(std::string_view host) {
  std::string out = base::to_lower(host);
  const bool is_hub = out == "index.docker.io" || out == "registry-1.docker.io";
  return is_hub ? std::string(kDockerHub) : out;
}

/// Programs that wrap base64 at 76 characters leave line breaks in it.
base::Secret without_white_space(const std::string& text) {
  base::Bytes kept;
  kept.reserve(text.size());
  for (const char c : text) {
    if (!base::trim(std::string_view(&c, 1)).empty()) kept.push_back(static_cast<std::uint8_t>(c));
  }
  base::Secret out{base::ByteView(kept)};
  base::wipe(kept.data(), kept.size());
  return out;
}

/// "user:password" in base64, as `docker login` writes it.
std::optional<Credentials> decode_auth(const Json& auth) {
  const base::Secret text = without_white_space(auth.as_string());
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
  return Credentials{
      std::string(user_and_password.substr(0, colon)), base::Secret(base::as_bytes(password)), {}};
}

}  // namespace

std::vector<std::string> login_keys(std::string_view name) {
  std::vector<std::string> out;
  while (true) {
    out.emplace_back(name);
    const std::size_t slash = name.rfind('/');
    if (slash == std::string_view::npos) return out;
    name = name.substr(0, slash);
  }
}

std::string normalized_key(std::string_view key) {
  if (is_other_token(key)) return "";
  const bool names_host_only = remove_scheme(key);
  while (key.ends_with('/')) key.remove_suffix(1);
  const std::size_t slash = key.find('/');
  const std::string host = normalized_host(key.substr(0, slash));
  if (slash == std::string_view::npos || names_host_only) return host;
  const std::string_view path = key.substr(slash);
  return path == "/v1" || path == "/v2" ? host : host + std::string(path);
}

std::string server_address(std::string_view host) {
  return std::string(host == kDockerHub ? kDockerHubKey : host);
}

std::optional<Json> find_member(const Json& section, std::string_view name) {
  if (!section.exists() || section.is_null()) return std::nullopt;
  const auto members = section.members();
  for (const std::string& wanted : login_keys(name)) {
    const Json exact = section[server_address(wanted)];
    if (exact.exists()) return exact;
    const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) {
      return normalized_key(member.first) == wanted;
    });
    if (found != members.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<Credentials> read_entry(const Json& entry) {
  if (entry.is_null()) return std::nullopt;
  if (!entry.is_object()) throw entry.error("expected an object");
  base::Secret identity_token(entry["identitytoken"].opt_string().value_or(""));
  if (!identity_token.empty()) return Credentials{"", std::move(identity_token), {}};
  if (entry["auth"].exists() && !entry["auth"].is_null()) {
    if (auto found = decode_auth(entry["auth"])) return found;
  }
  std::string username = entry["username"].opt_string().value_or("");
  base::Secret password(entry["password"].opt_string().value_or(""));
  if (username.empty() || password.empty()) return std::nullopt;
  return Credentials{std::move(username), std::move(password), {}};
}

}  // namespace ecloud::oci
