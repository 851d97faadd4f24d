#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ecloud/base/env.h"
#include "ecloud/base/secret.h"

namespace ecloud::oci {

/// For a registry host. With an empty user name `password` is an identity token.
struct Credentials {
  std::string username;
  base::Secret password;
};

/// Who knows the credentials of registries. Thread-safe.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// Nothing when there are none for `host` ("docker.io", "ghcr.io", "localhost:5000"). An Error of
  /// category kCredentials means that nobody can tell; who only reads then goes on without any.
  virtual std::optional<Credentials> find(const std::string& host) = 0;
};

/// Who has no login, as the platform.
class NoCredentials final : public CredentialSource {
 public:
  std::optional<Credentials> find(const std::string&) override { return std::nullopt; }
};

/// `config.json` of Docker in $DOCKER_CONFIG or ~/.docker: credHelpers, credsStore, auths, in this
/// order. Helpers are run as docker-credential-NAME get, the host on standard input, for at most 10
/// s; one that fails is Error{kCredentials, "image.credential_helper"}. A missing file means no
/// credentials; a malformed one is Error{kUsage, "image.docker_config"}. Keys may carry scheme and
/// path; Docker Hub's is https://index.docker.io/v1/.
class DockerConfigCredentials final : public CredentialSource {
 public:
  explicit DockerConfigCredentials(const base::Env& env);
  std::optional<Credentials> find(const std::string& host) override;

 private:
  std::filesystem::path config_file_;
  base::Env env_;
};

}  // namespace ecloud::oci
