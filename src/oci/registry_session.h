#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "auth_challenge.h"
#include "ecloud/base/secret.h"
#include "ecloud/oci/registry.h"
#include "registry_errors.h"

namespace ecloud::oci {

/// Requests to the registry API of a repository, with a login where the registry asks for one.
/// Thread-safe.
class RegistrySession {
 public:
  /// All outlive the session.
  RegistrySession(net::Transport& transport, CredentialSource& credentials,
                  const RegistryOptions& options)
      : transport_(transport), source_(credentials), options_(options) {}

  struct Ask {
    std::string path;  ///< below /v2/REPOSITORY: "/manifests/latest"
    std::string what;  ///< for errors: "the manifest of …"
    std::vector<net::Header> headers;
    std::size_t max_response_bytes = 0;
  };
  struct Reply {
    net::Response response;
    Identity identity;
  };

  /// Answers every status; a 401 only when logging in did not help. Throws image.unauthorized when
  /// the login itself fails.
  Reply get(const Reference& reference, const Ask& ask);

 private:
  struct Login {
    base::Secret authorization;  ///< value of the header
    Identity identity;
    std::string realm;  ///< where the token is from; empty for Basic
  };
  using LoginPtr = std::shared_ptr<const Login>;
  /// What the source said of a host, which is asked once.
  struct Found {
    std::optional<Credentials> credentials;
    std::string failure;
  };

  std::string base_url(const Reference& reference) const;
  std::string registry_host(const Reference& reference) const;
  net::Response send(const Reference& reference, const Ask& ask, const Login* login);
  std::optional<Challenge> known_challenge(const Reference& reference) const;
  LoginPtr log_in(const Reference& reference, const Challenge& challenge,
                  const net::Response& refusal);
  LoginPtr basic_login(const Reference& reference, const net::Response& refusal);
  LoginPtr token_login(const Reference& reference, const Challenge& challenge);
  std::shared_ptr<const Found> find_credentials(const std::string& host);
  LoginPtr cached_login(const std::string& key);
  void keep_login(const std::string& key, LoginPtr login);

  net::Transport& transport_;
  CredentialSource& source_;
  const RegistryOptions& options_;
  std::mutex mutex_;  // guards the two maps, and is not held while a request is on its way
  std::map<std::string, LoginPtr> logins_;  // by host and scope
  std::map<std::string, std::shared_ptr<const Found>> found_;
};

}  // namespace ecloud::oci
