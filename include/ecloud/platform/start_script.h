#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "ecloud/platform/environment.h"

namespace ecloud::platform {

/// Where the platform's images have it, as their entrypoint. Mode 0755.
constexpr std::string_view kStartScriptPath = "/usr/local/bin/compute-source-env.sh";

/// Names the image's own USER for the start script, which itself runs as root.
constexpr std::string_view kOriginalUserVariable = "__ECLOUD_ORIGINAL_USER";

/// How long the start script waits. Everything but tests takes the defaults: the layer is to be the
/// same for everybody.
struct StartScriptTimes {
  /// Between SIGTERM and SIGKILL of the app.
  std::chrono::milliseconds stop{30'000};
  /// Between two looks at the metadata server for a request to stop.
  std::chrono::milliseconds drain_poll{2'000};
  /// Between two attempts to get a certificate, of three.
  std::chrono::milliseconds certificate_retry{10'000};
  /// For Caddy, before the app starts.
  std::chrono::milliseconds after_caddy{2'000};
};

/// The text of the script that starts an app in its TEE; its arguments are the app's command. Needs
/// a /bin/sh in the image (busybox ash, dash, bash), and for an image with a user other than root
/// one of setpriv, su-exec, gosu, chroot of coreutils, chpst, setuidgid or su.
///
///   1. Reads the user in kOriginalUserVariable as Docker reads USER: name, uid, name:group,
///      uid:gid.
///   2. Has kms-client write the app's variables to /tmp/.env, reads and removes that file.
///   3. TLS, when ECLOUD_PLATFORM_HOST or DOMAIN names a host and the image has tls-client (or the
///      older tls-keygen) and /etc/caddy/Caddyfile: gets a certificate for each name into
///      /run/tls/platform and /run/tls/domain, links the pair in /run/tls too, and starts Caddy.
///   4. Exports KMS_SERVER_URL and KMS_PUBLIC_KEY.
///   5. With ECLOUD_PD_EXPECTED=1 watches for the platform's request to stop.
///   6. Prints "ECLOUD_READY runtime_bootstrapped" and starts the command as its child, in the same
///      directory, as that user with the groups that Docker gives it, HOME being the user's when it
///      was unset or /root.
///   7. Passes SIGTERM on to the command's process group, once, and ends with 0; after 30 s with
///      SIGKILL. Otherwise ends with the command's status.
///
/// A failure before 6 is explained on standard error, followed by "ECLOUD_FAIL CODE" on standard
/// output and exit status 1. SIGTERM before 6 ends the script with 0. The text depends only on the
/// environment, so the layer is the same for all its apps.
std::string start_script(const Environment& environment, const StartScriptTimes& times = {});

}  // namespace ecloud::platform
