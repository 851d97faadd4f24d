#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/env.h"
#include "ecloud/base/secret.h"

namespace ecloud::oci {

/// For a registry or a part of it. With an empty user name `password` is an identity token.
struct Credentials {
  std::string username;
  base::Secret password;
  std::string origin = {};  ///< the file, variable or helper that it comes from, for messages
};

/// Who knows the credentials of registries. Thread-safe.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// `name` is a repository ("docker.io/library/nginx", "localhost:5000/app") or only its host.
  /// Nothing when there are no credentials for it. An Error of category kCredentials means that a
  /// source could not be read and no other one has a login: who only reads continues without one.
  virtual std::optional<Credentials> find(const std::string& name) = 0;
};

/// Who has no login, as the platform.
class NoCredentials final : public CredentialSource {
 public:
  std::optional<Credentials> find(const std::string&) override { return std::nullopt; }
};

/// The logins of Docker and Podman, searched in this order: the JSON text in DOCKER_AUTH_CONFIG;
/// the file in REGISTRY_AUTH_FILE, and only that one when it is set; else config.json in
/// $DOCKER_CONFIG or ~/.docker, then containers/auth.json in $XDG_RUNTIME_DIR (or
/// /run/containers/UID) and in $XDG_CONFIG_HOME (or ~/.config). In each: credHelpers, credsStore,
/// auths. Helpers are run as docker-credential-NAME get, with the host on standard input, for at
/// most 10 s. Keys may carry a scheme, a path and slashes at the end, and may name a namespace
/// ("ghcr.io/you"): the longest match counts (containers-auth.json(5), docker/cli cli/config).
/// A missing or empty file and null values mean no credentials. What is malformed, unreadable or
/// fails does not hide other sources; if none has a login it is Error{kCredentials,
/// "image.docker_config" or "image.credential_helper"}.
class DockerConfigCredentials final : public CredentialSource {
 public:
  explicit DockerConfigCredentials(const base::Env& env);
  std::optional<Credentials> find(const std::string& name) override;

 private:
  std::vector<std::filesystem::path> files_;
  base::Env env_;
};

}  // namespace ecloud::oci
