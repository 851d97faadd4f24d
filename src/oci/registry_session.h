#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth_challenge.h"
#include "ecloud/base/secret.h"
#include "ecloud/net/location.h"
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
    std::size_t max_response_bytes = std::size_t{1} << 20;
    std::string method = "GET";
    /// Instead of `path`: where the registry sent us. What is not at the registry's own origin sees
    /// no login.
    std::optional<net::Location> at;
    Access access = Access::kPull;
    /// With kPush: the repository beside it that has to be readable.
    std::string mount_from;
    std::string body;
    std::optional<net::UploadBody> upload;
    net::BodySink sink;
    std::function<void(const net::Response&)> on_answer;
    bool safe_to_repeat = true;
    base::Milliseconds timeout{30'000};
    base::Milliseconds stall_timeout{0};
    bool without_login = false;  ///< as a user who has no credentials
  };
  struct Reply {
    net::Response response;
    Identity identity;
  };

  /// Answers every status; a 401 only when logging in did not help. Throws image.unauthorized when
  /// the login itself fails. A pull with a refused login is tried again without one.
  Reply send(const Reference& reference, const Ask& ask);

  /// The place that the answer to a request for `asked` (absolute) names, which may be
  /// relative to it; throws net.redirect_refused.
  net::Location locate(const Reference& reference, std::string_view asked,
                       std::string_view location);
  /// The URL of a path below /v2/REPOSITORY.
  std::string url_of(const Reference& reference, std::string_view path);

  Traffic traffic() const { return {received_bytes_, sent_bytes_}; }

 private:
  struct Login {
    base::Secret authorization;  ///< value of the header
    Identity identity;
    std::string realm;    ///< where the token is from; empty for Basic
    std::string problem;  ///< why the stored credentials could not be read; empty otherwise
  };
  using LoginPtr = std::shared_ptr<const Login>;
  /// What the source said of a repository, which is asked for once.
  struct Found {
    std::optional<Credentials> credentials;
    std::optional<Error> failure;
  };

  std::string base_url(const Reference& reference);
  std::string registry_host(const Reference& reference);
  bool wants_https(const std::string& base, const Reference& reference, const Ask& ask,
                   const net::Response& response);
  net::Response send_once(const std::string& base, const Reference& reference, const Ask& ask,
                          const Login* login);
  net::Response send_as(const Reference& reference, const Ask& ask, const Login* login);
  std::optional<Challenge> known_challenge(const Reference& reference) const;
  LoginPtr new_login(const Reference& reference, const Ask& ask, const LoginPtr& refused,
                     const Challenge& challenge, const net::Response& refusal);
  LoginPtr log_in(const Reference& reference, const Ask& ask, const Challenge& challenge,
                  const net::Response& refusal);
  LoginPtr basic_login(const Reference& reference, const Ask& ask, const net::Response& refusal);
  LoginPtr token_login(const Reference& reference, const Ask& ask, const Challenge& challenge);
  /// One round of send, with or without credentials as `ask` says.
  Reply attempt(const Reference& reference, const Ask& ask);
  /// The answer to `ask` without credentials, if that opens the repository.
  std::optional<Reply> attempt_without_login(const Reference& reference, const Ask& ask);
  bool is_stale(const Reference& reference);
  void set_stale(const Reference& reference);
  void warn_once(const std::string& text);
  static Identity anonymous(const Found& found);
  std::shared_ptr<const Found> find_credentials(const Reference& reference, const Ask& ask);
  /// Null unless find_credentials has been asked and has credentials.
  std::shared_ptr<const Found> used_credentials(const Reference& reference);
  LoginPtr cached_login(const std::string& key);
  void forget_login(const std::string& key, const LoginPtr& login);

  net::Transport& transport_;
  CredentialSource& source_;
  const RegistryOptions& options_;
  std::mutex login_mutex_;  // one login at a time: several blobs need the same one
  std::mutex mutex_;        // guards what follows, and is not held while a request is on its way
  std::map<std::string, LoginPtr> logins_;                     // by host and scope
  std::map<std::string, std::shared_ptr<const Found>> found_;  // by repository
  std::set<std::string> stale_;        // repositories that are public, but refuse the stored login
  std::set<std::string> warned_;       // texts
  std::set<std::string> https_hosts_;  // registries on loopback that want https
  std::atomic<std::uint64_t> received_bytes_{0};
  std::atomic<std::uint64_t> sent_bytes_{0};
};

}  // namespace ecloud::oci
