#pragma once

#include <optional>
#include <string>

#include "ecloud/base/clock.h"
#include "ecloud/base/env.h"
#include "ecloud/oci/credentials.h"

namespace ecloud::oci {

/// What a credential helper may take: a keyring may have to ask its user.
constexpr base::Milliseconds kHelperTimeLimit{10'000};

/// Runs `docker-credential-NAME get` (found on PATH, without a shell, with `env`), writes `server`
/// to its standard input and reads the answer, after the protocol of docker/docker-credential-
/// helpers. Nothing when the helper has none for that server. Throws Error{kCredentials,
/// "image.credential_helper"} when there is no such helper, it fails, answers garbage or more than
/// 64 KiB, or takes longer than `time_limit`, after which it is killed.
std::optional<Credentials> ask_credential_helper(const std::string& name, const std::string& server,
                                                 const base::Env& env,
                                                 base::Milliseconds time_limit = kHelperTimeLimit);

}  // namespace ecloud::oci
