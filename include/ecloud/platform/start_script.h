#pragma once

#include <string>
#include <string_view>

#include "ecloud/platform/environment.h"

namespace ecloud::platform {

/// Where the platform's images have it, as their entrypoint. Mode 0755.
constexpr std::string_view kStartScriptPath = "/usr/local/bin/compute-source-env.sh";

/// Names the image's own USER for the start script, which itself runs as root.
constexpr std::string_view kOriginalUserVariable = "__ECLOUD_ORIGINAL_USER";

/// The text of the script that starts an app in its TEE; its arguments are the app's command. Needs
/// a /bin/sh in the image (busybox ash, dash, bash), and for an image with a user other than root
/// one of setpriv, su-exec, gosu, chroot of coreutils, chpst, setuidgid or su.
///
///   1. reads the user in kOriginalUserVariable as docker reads USER: name, uid, name:group,
///   uid:gid
///   2. has kms-client write the app's variables to /tmp/.env, reads and removes that
///   3. with tls-keygen in the image: DOMAIN and MNEMONIC are there, gets the certificate, starts
///      caddy with /etc/caddy/Caddyfile
///   4. becomes the command (exec), in the same directory, as that user with the groups that docker
///      gives it, HOME being the user's when it was unset or /root
///
/// What fails is said on standard error, and its exit code is 1. The text depends on the
/// environment alone, so that the layer is the same for all its apps.
std::string start_script(const Environment& environment);

}  // namespace ecloud::platform
