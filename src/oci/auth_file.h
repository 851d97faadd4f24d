#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/json.h"
#include "ecloud/oci/credentials.h"

namespace ecloud::oci {

/// The keys under which a login for `name` ("docker.io/you/app" or "ghcr.io") may be stored, best
/// first: the repository, its namespaces from the longest, the host, as in
/// containers-auth.json(5).
std::vector<std::string> login_keys(std::string_view name);

/// A key of Docker's or Podman's file in the form of login_keys: the host in lower case, without
/// scheme and slashes at the end. Docker's own keys name a host only ("https://ghcr.io/v2/",
/// "https://index.docker.io/v1/"), so the path of a key with a scheme, and "/v1" and "/v2", do not
/// count. Empty for the tokens that Docker Desktop keeps next to its logins.
std::string normalized_key(std::string_view key);

/// The address that credential helpers know a host under.
std::string server_address(std::string_view host);

/// The member of `section` that fits `name` best; a key as Docker writes it wins over another
/// spelling of it. Nothing when there is none, or the section is missing or null. Throws json.shape
/// for a section of another type.
std::optional<base::Json> find_member(const base::Json& section, std::string_view name);

/// The login of an entry of "auths"; nothing when it has none or is null. Base64 may be wrapped.
/// Throws json.shape for what cannot be read; no message repeats a value.
std::optional<Credentials> read_entry(const base::Json& entry);

}  // namespace ecloud::oci
