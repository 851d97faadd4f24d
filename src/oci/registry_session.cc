#include "registry_session.h"

#include <algorithm>

#include "ecloud/base/base64.h"
#include "ecloud/base/json.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr std::size_t kMaxTokenAnswerBytes = std::size_t{1} << 20;

// Docker Hub's challenge has been the same for every repository since the token protocol began
// (distribution documentation, "Token Authentication Specification"). Knowing it saves a round
// trip.
constexpr std::string_view kDockerHubRealm = "https://auth.docker.io/token";
constexpr std::string_view kDockerHubService = "registry.docker.io";

std::string pull_scope(const Reference& reference) {
  return "repository:" + reference.repository + ":pull";
}

std::string cache_key(const Reference& reference) {
  return reference.host + " " + pull_scope(reference);
}

base::Secret basic_authorization(const Credentials& credentials) {
  base::Bytes pair = base::to_bytes(credentials.username + ":");
  base::append(pair, credentials.password.reveal());
  base::Secret out("Basic " + base::to_base64(pair));
  base::wipe(pair.data(), pair.size());
  return out;
}

/// A token goes into a header: RFC 6750 allows printable characters without blanks.
bool is_sound_token(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string read_token(const net::Response& response) {
  const auto body = base::Json::try_parse(response.body);
  if (!body) return "";
  for (const char* member : {"token", "access_token"}) {
    const base::Json value = (*body)[member];
    if (value.is_string() && is_sound_token(value.as_string())) return value.as_string();
  }
  return "";
}

std::string token_query(const Reference& reference, const Challenge& challenge) {
  const std::string service = challenge.param("service");
  std::string scope = challenge.param("scope");
  if (scope.empty()) scope = pull_scope(reference);
  return (service.empty() ? "" : "service=" + percent_encode(service) + "&") +
         "scope=" + percent_encode(scope);
}

net::Request anonymous_token_request(const std::string& realm, const std::string& query) {
  net::Request request;
  request.url = realm + (realm.find('?') == std::string::npos ? "?" : "&") + query;
  request.follow_redirects = true;
  return request;
}

/// The refresh of OAuth 2 (RFC 6749 section 6), as the distribution documentation has it under
/// "OAuth2 Token Authentication".
net::Request identity_token_request(const std::string& realm, const std::string& query,
                                    const base::Secret& identity_token) {
  net::Request request;
  request.method = "POST";
  request.url = realm;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "grant_type=refresh_token&client_id=ecloud&" + query +
                 "&refresh_token=" + percent_encode(identity_token.reveal_text());
  return request;
}

net::Request token_request(const std::string& realm, const std::string& query,
                           const Credentials* credentials) {
  if (credentials == nullptr) return anonymous_token_request(realm, query);
  if (credentials->username.empty()) {
    return identity_token_request(realm, query, credentials->password);
  }
  net::Request request = anonymous_token_request(realm, query);
  request.headers = {
      {"Authorization", std::string(basic_authorization(*credentials).reveal_text())}};
  return request;
}

/// The host of a token service that may be asked at all.
std::string checked_realm_host(const Reference& reference, const std::string& realm,
                               const std::string& registry_host) {
  const auto place = parse_url_host(realm);
  const bool is_local = place && place->scheme == "http" && net::is_loopback_host(place->host) &&
                        net::is_loopback_host(registry_host);
  if (place && (place->scheme == "https" || is_local)) return place->host;
  throw Error(Category::kNetwork, "image.registry_failed",
              reference.host + " names a token service that is not at an https URL: " +
                  base::printable_line(base::redact_url(realm)),
              "use a registry that logs in over https");
}

void check_token_answer(const Reference& reference, const Identity& identity,
                        const std::string& what, const net::Response& response) {
  if (response.ok()) return;
  // GitHub's answers 403 to a good password for a repository of somebody else.
  if (response.status == kUnauthorized && identity.with_credentials) {
    throw refused_credentials(reference, identity, response);
  }
  if (response.status == kUnauthorized || response.status == kForbidden) {
    throw refused_access(reference, identity, response);
  }
  throw failed_answer(reference, what, response);
}

}  // namespace

std::string RegistrySession::base_url(const Reference& reference) const {
  if (reference.is_docker_hub() && !options_.docker_registry_url.empty()) {
    return options_.docker_registry_url;
  }
  const std::string host = reference.api_host();
  return (net::is_loopback_host(host_without_port(host)) ? "http://" : "https://") + host;
}

/// For the question whose credentials may go where.
std::string RegistrySession::registry_host(const Reference& reference) const {
  const auto url = parse_url_host(base_url(reference));
  return url ? url->host : host_without_port(reference.host);
}

net::Response RegistrySession::send(const Reference& reference, const Ask& ask,
                                    const Login* login) {
  net::Request request;
  request.url = base_url(reference) + "/v2/" + reference.repository + ask.path;
  request.headers = ask.headers;
  request.purpose = ask.what;
  request.max_response_bytes = ask.max_response_bytes;
  request.follow_redirects = true;
  if (login != nullptr) {
    request.headers.push_back({"Authorization", std::string(login->authorization.reveal_text())});
  }
  return transport_.send(request);
}

std::optional<Challenge> RegistrySession::known_challenge(const Reference& reference) const {
  if (!reference.is_docker_hub() || !options_.docker_registry_url.empty()) return std::nullopt;
  return Challenge{"bearer",
                   {{"realm", std::string(kDockerHubRealm)},
                    {"service", std::string(kDockerHubService)},
                    {"scope", pull_scope(reference)}}};
}

RegistrySession::Reply RegistrySession::get(const Reference& reference, const Ask& ask) {
  const std::string key = cache_key(reference);
  LoginPtr login = cached_login(key);
  std::string fresh_realm;
  if (login == nullptr) {
    if (const auto known = known_challenge(reference)) {
      login = log_in(reference, *known, {});
      fresh_realm = login->realm;
    }
  }
  net::Response response = send(reference, ask, login.get());
  const auto challenge =
      response.status == kUnauthorized ? choose_challenge(response) : std::nullopt;
  // A token of a moment ago that is refused would be refused again.
  const bool is_worth_a_login =
      challenge && (fresh_realm.empty() || challenge->param("realm") != fresh_realm);
  if (is_worth_a_login) {
    login = log_in(reference, *challenge, response);
    response = send(reference, ask, login.get());
  }
  if (login == nullptr) return {std::move(response), {}};
  keep_login(key, response.status == kUnauthorized ? nullptr : login);
  return {std::move(response), login->identity};
}

RegistrySession::LoginPtr RegistrySession::log_in(const Reference& reference,
                                                  const Challenge& challenge,
                                                  const net::Response& refusal) {
  return challenge.scheme == "basic" ? basic_login(reference, refusal)
                                     : token_login(reference, challenge);
}

RegistrySession::LoginPtr RegistrySession::basic_login(const Reference& reference,
                                                       const net::Response& refusal) {
  const auto found = find_credentials(reference.host);
  if (!found->credentials || found->credentials->username.empty()) {
    throw refused_access(reference, {false, "", found->failure}, refusal);
  }
  auto login = std::make_shared<Login>();
  login->authorization = basic_authorization(*found->credentials);
  login->identity = {true, found->credentials->username, ""};
  return login;
}

RegistrySession::LoginPtr RegistrySession::token_login(const Reference& reference,
                                                       const Challenge& challenge) {
  const std::string realm = challenge.param("realm");
  const std::string host = registry_host(reference);
  const std::string realm_host = checked_realm_host(reference, realm, host);
  const auto found = find_credentials(reference.host);
  auto login = std::make_shared<Login>();
  login->realm = realm;
  login->identity.note = found->failure;
  const Credentials* credentials = found->credentials ? &*found->credentials : nullptr;
  if (credentials != nullptr && !may_see_credentials(host, realm_host)) {
    credentials = nullptr;
    login->identity.note = "its token service at " + realm_host + " does not belong to " + host +
                           ", so your credentials were not sent there";
  }
  if (credentials != nullptr) login->identity = {true, credentials->username, ""};

  net::Request request = token_request(realm, token_query(reference, challenge), credentials);
  request.purpose = "a token to pull " + reference.to_string();
  request.max_response_bytes = kMaxTokenAnswerBytes;
  const net::Response response = transport_.send(request);
  check_token_answer(reference, login->identity, request.purpose, response);
  std::string token = read_token(response);
  if (token.empty()) {
    throw Error(
        Category::kNetwork, "image.registry_failed",
        "the token service " + realm_host + " of " + reference.host + " answered without a token",
        "try again in a few minutes");
  }
  login->authorization = base::Secret("Bearer " + token);
  base::wipe(token.data(), token.size());
  return login;
}

std::shared_ptr<const RegistrySession::Found> RegistrySession::find_credentials(
    const std::string& host) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = found_.find(host);
    if (known != found_.end()) return known->second;
  }
  auto found = std::make_shared<Found>();
  try {
    found->credentials = source_.find(host);
  } catch (const Error& error) {
    // A broken helper does not stand between the user and a public image.
    if (error.category() != Category::kCredentials) throw;
    found->failure = error.message();
  }
  const std::lock_guard lock(mutex_);
  return found_.emplace(host, std::move(found)).first->second;
}

RegistrySession::LoginPtr RegistrySession::cached_login(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = logins_.find(key);
  return found == logins_.end() ? nullptr : found->second;
}

/// nullptr forgets.
void RegistrySession::keep_login(const std::string& key, LoginPtr login) {
  const std::lock_guard lock(mutex_);
  if (login == nullptr) {
    logins_.erase(key);
  } else {
    logins_[key] = std::move(login);
  }
}

}  // namespace ecloud::oci
