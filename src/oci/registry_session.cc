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

std::string pull_scope(const std::string& repository) {
  return "repository:" + repository + ":pull";
}

std::vector<std::string> own_scopes(const Reference& reference, const RegistrySession::Ask& ask) {
  std::vector<std::string> out = {pull_scope(reference.repository)};
  if (ask.access == Access::kPush) out[0] += ",push";
  if (!ask.mount_from.empty()) out.push_back(pull_scope(ask.mount_from));
  return out;
}

/// Registries name what one request needs. For a pull that is right; a push goes on to other
/// requests, and a HEAD before it is answered with a challenge to pull.
std::vector<std::string> scopes(const Reference& reference, const RegistrySession::Ask& ask,
                                const Challenge& challenge) {
  const std::string told = challenge.param("scope");
  if (ask.access == Access::kPull && !told.empty()) return {told};
  std::vector<std::string> out = own_scopes(reference, ask);
  if (!told.empty() && !told.starts_with("repository:")) out.push_back(told);
  return out;
}

std::string cache_key(const Reference& reference, const RegistrySession::Ask& ask) {
  return (ask.without_login ? "anonymous " : "") + reference.host + " " +
         base::join(own_scopes(reference, ask), " ");
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

std::string service_query(const Challenge& challenge) {
  const std::string service = challenge.param("service");
  return service.empty() ? "" : "service=" + percent_encode(service) + "&";
}

net::Request anonymous_token_request(const Challenge& challenge,
                                     const std::vector<std::string>& wanted) {
  const std::string realm = challenge.param("realm");
  std::vector<std::string> query;
  for (const std::string& scope : wanted) query.push_back("scope=" + percent_encode(scope));
  net::Request request;
  request.url = realm + (realm.find('?') == std::string::npos ? "?" : "&") +
                service_query(challenge) + base::join(query, "&");
  request.follow_redirects = true;
  return request;
}

/// The refresh of OAuth 2 (RFC 6749 section 6), as the distribution documentation has it under
/// "OAuth2 Token Authentication".
net::Request identity_token_request(const Challenge& challenge,
                                    const std::vector<std::string>& wanted,
                                    const base::Secret& identity_token) {
  net::Request request;
  request.method = "POST";
  request.url = challenge.param("realm");
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "grant_type=refresh_token&client_id=ecloud&" + service_query(challenge) +
                 "scope=" + percent_encode(base::join(wanted, " ")) +
                 "&refresh_token=" + percent_encode(identity_token.reveal_text());
  return request;
}

net::Request token_request(const Challenge& challenge, const std::vector<std::string>& wanted,
                           const Credentials* credentials) {
  if (credentials == nullptr) return anonymous_token_request(challenge, wanted);
  if (credentials->username.empty()) {
    return identity_token_request(challenge, wanted, credentials->password);
  }
  net::Request request = anonymous_token_request(challenge, wanted);
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

void check_token_answer(const Reference& reference, const RegistrySession::Ask& ask,
                        const Identity& identity, const std::string& what,
                        const net::Response& response) {
  if (response.ok()) return;
  // GitHub's answers 403 to a good password for another user's repository.
  if (response.status == kUnauthorized && identity.with_credentials) {
    throw refused_credentials(reference, identity, response);
  }
  if (response.status == kUnauthorized || response.status == kForbidden) {
    throw refused_access(reference, identity, response, ask.access);
  }
  throw failed_answer(reference, what, response);
}

/// A registry that asks for a password refused the first request, which had none, already.
bool refuses_login(const RegistrySession::Reply& reply) {
  const int status = reply.response.status;
  if (!reply.identity.with_credentials || (status != kUnauthorized && status != kForbidden)) {
    return false;
  }
  const auto challenge = choose_challenge(reply.response);
  return !challenge || challenge->scheme != "basic";
}

/// Without the password.
std::string login_words(const Credentials& credentials) {
  std::string out = "your login";
  if (!credentials.username.empty()) {
    out = "the login of \"" + base::printable_line(credentials.username, 100) + '"';
  }
  if (!credentials.origin.empty()) out += " (from " + credentials.origin + ")";
  return out;
}

}  // namespace

std::string RegistrySession::base_url(const Reference& reference) {
  if (reference.is_docker_hub() && !options_.docker_registry_url.empty()) {
    return options_.docker_registry_url;
  }
  const std::string host = reference.api_host();
  if (!net::is_loopback_host(host_without_port(host))) return "https://" + host;
  const std::lock_guard lock(mutex_);
  return (https_hosts_.contains(host) ? "https://" : "http://") + host;
}

/// For the question whose credentials may go where.
std::string RegistrySession::registry_host(const Reference& reference) {
  const auto url = parse_url_host(base_url(reference));
  return url ? url->host : host_without_port(reference.host);
}

net::Location RegistrySession::locate(const Reference& reference, std::string_view asked,
                                      std::string_view location) {
  const std::string absolute = net::checked_location(asked, location).url;
  // Whether the login may go there depends on the registry, not on the host that answered last.
  return net::checked_location(base_url(reference) + "/v2/", absolute);
}

std::string RegistrySession::url_of(const Reference& reference, std::string_view path) {
  return base_url(reference) + "/v2/" + reference.repository + std::string(path);
}

net::Response RegistrySession::send_once(const std::string& base, const Reference& reference,
                                         const Ask& ask, const Login* login) {
  net::Request request;
  request.method = ask.method;
  request.url = ask.at ? ask.at->url : base + "/v2/" + reference.repository + ask.path;
  request.headers = ask.headers;
  if (ask.access == Access::kPull) request.purpose = ask.what;
  request.max_response_bytes = ask.max_response_bytes;
  request.body = ask.body;
  request.safe_to_repeat = ask.safe_to_repeat;
  request.timeout = ask.timeout;
  request.stall_timeout = ask.stall_timeout;
  request.on_answer = ask.on_answer;
  request.follow_redirects = true;
  if (login != nullptr) {
    request.headers.push_back({"Authorization", std::string(login->authorization.reveal_text())});
  }
  if (ask.sink) {
    request.sink = [&](std::string_view octets) {
      received_bytes_ += octets.size();
      return ask.sink(octets);
    };
  }
  if (ask.upload) {
    request.upload = ask.upload;
    request.upload->read = [&](std::uint64_t offset, char* out, std::size_t size) {
      const std::size_t given = ask.upload->read(offset, out, size);
      sent_bytes_ += given;
      return given;
    };
  }
  net::Response response = transport_.send(request);
  sent_bytes_ += ask.body.size();
  received_bytes_ += response.body.size();
  return response;
}

/// Go's and nginx's servers answer plain http on a port for https with status 400 and such words.
bool RegistrySession::wants_https(const std::string& base, const Reference& reference,
                                  const Ask& ask, const net::Response& response) {
  if (response.status != 400 || ask.at || reference.is_docker_hub() || !base.starts_with("http:")) {
    return false;
  }
  std::string words = response.body;
  if (ask.method == "HEAD") {
    net::Request request;
    request.url = base + "/v2/";
    words = transport_.send(request).body;
  }
  return words.find("HTTPS") != std::string::npos;
}

net::Response RegistrySession::send_as(const Reference& reference, const Ask& ask,
                                       const Login* login) {
  // Another thread may learn meanwhile that the host wants https; this answer is to this URL.
  const std::string base = base_url(reference);
  net::Response response = send_once(base, reference, ask, login);
  if (!wants_https(base, reference, ask, response)) return response;
  {
    const std::lock_guard lock(mutex_);
    https_hosts_.insert(reference.api_host());
  }
  return send_once(base_url(reference), reference, ask, login);
}

std::optional<Challenge> RegistrySession::known_challenge(const Reference& reference) const {
  if (!reference.is_docker_hub() || !options_.docker_registry_url.empty()) return std::nullopt;
  return Challenge{
      "bearer",
      {{"realm", std::string(kDockerHubRealm)}, {"service", std::string(kDockerHubService)}}};
}

/// A stored login that is refused must not hide a public image, so a pull is tried again without
/// it.
RegistrySession::Reply RegistrySession::send(const Reference& reference, const Ask& ask) {
  if (ask.at && !ask.at->same_origin) return {send_as(reference, ask, nullptr), {}};
  if (ask.access == Access::kPush || ask.without_login) return attempt(reference, ask);
  if (is_stale(reference)) {
    Ask anonymous = ask;
    anonymous.without_login = true;
    return attempt(reference, anonymous);
  }
  std::optional<Error> refusal;
  Reply reply;
  try {
    reply = attempt(reference, ask);
    if (!refuses_login(reply)) return reply;
  } catch (const Error& error) {
    if (error.code() != "image.unauthorized" || !used_credentials(reference)) throw;
    refusal = error;
  }
  if (auto open = attempt_without_login(reference, ask)) return std::move(*open);
  if (refusal) throw *refusal;
  return reply;
}

std::optional<RegistrySession::Reply> RegistrySession::attempt_without_login(
    const Reference& reference, const Ask& ask) {
  Ask anonymous = ask;
  anonymous.without_login = true;
  try {
    Reply reply = attempt(reference, anonymous);
    if (!reply.response.ok()) return std::nullopt;
    if (const auto found = used_credentials(reference)) {
      warn_once(reference.host + " refuses " + login_words(*found->credentials) + "; " +
                reference.name() + " is read without it");
    }
    set_stale(reference);
    return reply;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return std::nullopt;  // the first refusal says more
  }
}

RegistrySession::Reply RegistrySession::attempt(const Reference& reference, const Ask& ask) {
  const std::string key = cache_key(reference, ask);
  LoginPtr login = cached_login(key);
  std::string fresh_realm;
  if (login == nullptr) {
    if (const auto known = known_challenge(reference)) {
      login = new_login(reference, ask, nullptr, *known, {});
      fresh_realm = login->realm;
    }
  }
  net::Response response = send_as(reference, ask, login.get());
  const auto challenge =
      response.status == kUnauthorized ? choose_challenge(response) : std::nullopt;
  // A token of a moment ago that is refused would be refused again.
  const bool is_worth_a_login =
      challenge && (fresh_realm.empty() || challenge->param("realm") != fresh_realm);
  if (is_worth_a_login) {
    login = new_login(reference, ask, login, *challenge, response);
    response = send_as(reference, ask, login.get());
  }
  if (login == nullptr) return {std::move(response), {}};
  if (response.status == kUnauthorized) forget_login(key, login);
  if (response.ok() && !login->problem.empty()) {
    warn_once(login->problem + "; " + reference.name() + " is read without a login");
  }
  return {std::move(response), login->identity};
}

/// Another one than `refused`: one that another request has got meanwhile, or a new one.
RegistrySession::LoginPtr RegistrySession::new_login(const Reference& reference, const Ask& ask,
                                                     const LoginPtr& refused,
                                                     const Challenge& challenge,
                                                     const net::Response& refusal) {
  const std::lock_guard one_at_a_time(login_mutex_);
  const std::string key = cache_key(reference, ask);
  if (LoginPtr found = cached_login(key); found != nullptr && found != refused) return found;
  LoginPtr login = log_in(reference, ask, challenge, refusal);
  const std::lock_guard lock(mutex_);
  logins_[key] = login;
  return login;
}

RegistrySession::LoginPtr RegistrySession::log_in(const Reference& reference, const Ask& ask,
                                                  const Challenge& challenge,
                                                  const net::Response& refusal) {
  return challenge.scheme == "basic" ? basic_login(reference, ask, refusal)
                                     : token_login(reference, ask, challenge);
}

RegistrySession::LoginPtr RegistrySession::basic_login(const Reference& reference, const Ask& ask,
                                                       const net::Response& refusal) {
  const auto found = find_credentials(reference, ask);
  if (!found->credentials || found->credentials->username.empty()) {
    throw refused_access(reference, anonymous(*found), refusal, ask.access);
  }
  auto login = std::make_shared<Login>();
  login->authorization = basic_authorization(*found->credentials);
  login->identity = {true, found->credentials->username, ""};
  return login;
}

RegistrySession::LoginPtr RegistrySession::token_login(const Reference& reference, const Ask& ask,
                                                       const Challenge& challenge) {
  const std::string realm = challenge.param("realm");
  const std::string host = registry_host(reference);
  const std::string realm_host = checked_realm_host(reference, realm, host);
  // What redirects may not do this may not either: lead from a public host into a private network.
  net::checked_location(base_url(reference) + "/v2/", realm);
  const auto found = find_credentials(reference, ask);
  auto login = std::make_shared<Login>();
  login->realm = realm;
  login->identity = anonymous(*found);
  if (found->failure) login->problem = found->failure->message();
  const Credentials* credentials = found->credentials ? &*found->credentials : nullptr;
  if (credentials != nullptr && !may_see_credentials(host, realm_host)) {
    credentials = nullptr;
    login->identity.note = "its token service at " + realm_host + " does not belong to " + host +
                           ", so your credentials were not sent there";
  }
  if (credentials != nullptr) login->identity = {true, credentials->username, ""};

  net::Request request = token_request(challenge, scopes(reference, ask, challenge), credentials);
  request.purpose = (ask.access == Access::kPull ? "a token to pull " : "a token to push ") +
                    reference.to_string();
  request.max_response_bytes = kMaxTokenAnswerBytes;
  const net::Response response = transport_.send(request);
  check_token_answer(reference, ask, login->identity, request.purpose, response);
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

Identity RegistrySession::anonymous(const Found& found) {
  if (!found.failure) return {};
  return {false, "", found.failure->message(), found.failure->hint()};
}

std::shared_ptr<const RegistrySession::Found> RegistrySession::find_credentials(
    const Reference& reference, const Ask& ask) {
  auto found = std::make_shared<Found>();
  if (ask.without_login) return found;
  const std::string name = reference.name();
  {
    const std::lock_guard lock(mutex_);
    const auto known = found_.find(name);
    if (known != found_.end()) return known->second;
  }
  try {
    found->credentials = source_.find(name);
  } catch (const Error& error) {
    // Broken files and helpers do not stand between the user and a public image.
    if (error.category() != Category::kCredentials) throw;
    found->failure = error;
  }
  const std::lock_guard lock(mutex_);
  return found_.emplace(name, std::move(found)).first->second;
}

std::shared_ptr<const RegistrySession::Found> RegistrySession::used_credentials(
    const Reference& reference) {
  const std::lock_guard lock(mutex_);
  const auto known = found_.find(reference.name());
  return known != found_.end() && known->second->credentials ? known->second : nullptr;
}

bool RegistrySession::is_stale(const Reference& reference) {
  const std::lock_guard lock(mutex_);
  return stale_.contains(reference.name());
}

void RegistrySession::set_stale(const Reference& reference) {
  const std::lock_guard lock(mutex_);
  stale_.insert(reference.name());
}

void RegistrySession::warn_once(const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    if (!warned_.insert(text).second) return;
  }
  if (options_.warn) options_.warn(text);
}

RegistrySession::LoginPtr RegistrySession::cached_login(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = logins_.find(key);
  return found == logins_.end() ? nullptr : found->second;
}

/// Unless there is another one by now.
void RegistrySession::forget_login(const std::string& key, const LoginPtr& login) {
  const std::lock_guard lock(mutex_);
  const auto found = logins_.find(key);
  if (found != logins_.end() && found->second == login) logins_.erase(found);
}

}  // namespace ecloud::oci
