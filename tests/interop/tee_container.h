#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ecloud/base/text.h"
#include "ecloud/platform/start_script.h"
#include "support/root_folder.h"

namespace ecloud::testing {

inline constexpr std::string_view kReadyMarker = "ECLOUD_READY runtime_bootstrapped\n";

/// What an app sees of the world when it has been started.
struct Seen {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> facts;  ///< pid, parent, uid, gid, cwd, umask, env-file
  std::set<std::string> groups;
  bool ready = false;        ///< the marker came before the app
  std::string before_ready;  ///< the standard output up to the marker
  ContainerResult result;
};

/// A container as the TEE has it: the start script of an environment and stand-ins for the programs
/// of the platform, in a root folder.
class TeeContainer {
 public:
  /// With the stand-ins put into it.
  explicit TeeContainer(RootFolder root) : root_(std::move(root)) {
    environment_ = environment_of_tests();
    root_.write("usr/local/bin/kms-signing-public-key.pem", environment_.kms_signing_key);
    root_.write("usr/local/bin/kms-client", kKmsClient, true);
    root_.write(std::string(platform::kStartScriptPath.substr(1)),
                platform::start_script(environment_, kTimes), true);
    add_app();
  }
  /// An unpacked image, which has what the layering put there.
  static TeeContainer of_image(std::filesystem::path root) {
    TeeContainer out;
    out.root_ = RootFolder::at(std::move(root));
    out.add_app();
    return out;
  }
  static platform::Environment environment_of_tests() {
    platform::Environment out;
    out.kms_server_url = "http://kms.test:8080";
    out.user_api_url = "https://api.test/a b";
    out.kms_signing_key = "PEM\n";
    return out;
  }
  /// The program that stands in for the KMS's client.
  static std::string kms_client() { return kKmsClient; }

  /// What kms-client writes to /tmp/.env.
  void variables(const std::string& text) const { root_.write("stand-in/env", text); }

  const RootFolder& root() const { return root_; }
  /// The arguments that a stand-in program was given, each with a new line after it.
  std::string calls(const std::string& program) const {
    return root_.read("stand-in/" + program + ".calls");
  }

  /// The start script with `command` as its arguments.
  ContainerResult start(const std::vector<std::string>& command, ContainerRun run) const {
    run.argv = {std::string(platform::kStartScriptPath)};
    run.argv.insert(run.argv.end(), command.begin(), command.end());
    return run_in_root(root_.path(), run);
  }
  /// The same with /opt/show as the app.
  Seen show(std::vector<std::string> arguments, const ContainerRun& run) const {
    arguments.insert(arguments.begin(), "/opt/show");
    return read_show(start(arguments, run));
  }

  /// What /opt/show has written.
  static Seen read_show(ContainerResult result) {
    Seen out;
    const auto add = [](std::map<std::string, std::string>& to, const std::string& pair) {
      const std::size_t equals = pair.find('=');
      if (equals != std::string::npos) to[pair.substr(0, equals)] = pair.substr(equals + 1);
    };
    bool at_variables = false;
    std::string_view written = result.out;
    const std::size_t marker = written.find(kReadyMarker);
    out.ready = marker != std::string_view::npos;
    if (out.ready) {
      out.before_ready = written.substr(0, marker);
      written.remove_prefix(marker + kReadyMarker.size());
    }
    for (const std::string& item : base::split(written, '\0')) {
      if (at_variables) add(out.variables, item);
      if (item.starts_with("argument:")) out.arguments.push_back(item.substr(9));
      if (item.starts_with("fact:")) add(out.facts, item.substr(5));
      at_variables = at_variables || item == "variables:";
    }
    for (const std::string& group : base::split(out.facts["groups"], ' ')) {
      out.groups.insert(group);
    }
    out.result = std::move(result);
    return out;
  }

 private:
  TeeContainer() = default;
  void add_app() const {
    root_.write("opt/show", kShow, true);
    variables("export GREETING=\"hello\"\n");
  }

  /// The app gets so long to stop that only one that ignores SIGTERM needs more.
  static constexpr platform::StartScriptTimes kTimes{
      .stop = std::chrono::milliseconds(2'500),
      .drain_poll = std::chrono::milliseconds(20),
      .certificate_retry = std::chrono::milliseconds(10),
      .after_caddy = std::chrono::milliseconds(10)};

  static constexpr const char* kKmsClient = R"sh(#!/opt/busybox sh
printf '%s\n' "$@" >>/stand-in/kms-client.calls
umask >/stand-in/kms-client.umask
echo "$SSL_CERT_FILE" >/stand-in/kms-client.bundle
while [ "$1" != --output ]; do shift; done
/opt/busybox cp /stand-in/env "$2"
[ ! -f /stand-in/kms-hangs ] || { echo asking; exec /opt/busybox sleep 60; }
[ ! -f /stand-in/kms-fails ] || { echo 'kms-client: attestation refused' >&2; exit 7; }
)sh";
  /// Its variables are those of /opt/busybox sh, which sets PWD and SHLVL itself.
  static constexpr const char* kShow = R"sh(#!/opt/busybox sh
for word in "$@"; do printf 'argument:%s\0' "$word"; done
printf 'fact:uid=%s\0' "$(/opt/busybox id -u)"
printf 'fact:gid=%s\0' "$(/opt/busybox id -g)"
printf 'fact:groups=%s\0' "$(/opt/busybox id -G)"
printf 'fact:cwd=%s\0' "$(pwd -P)"
printf 'fact:pid=%s\0' "$$"
printf 'fact:parent=%s\0' "$PPID"
printf 'fact:umask=%s\0' "$(umask)"
[ ! -e /tmp/.env ] || printf 'fact:env-file=there\0'
printf 'variables:\0'
/opt/busybox env -0
exit 23
)sh";

  RootFolder root_;
  platform::Environment environment_;
};

/// The shells that the start script is tested with.
inline const std::vector<RootKind> kAllKinds = {RootKind::kBusybox, RootKind::kDash,
                                                RootKind::kBash};

/// A container with the shell of `kind` and these users; nothing, after a visible skip, where it
/// cannot be made.
inline std::optional<TeeContainer> tee_container(
    RootKind kind,
    const std::string& passwd = "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/:/bin/sh\n",
    const std::string& group = "root:x:0:\napp:x:1001:\n") {
  auto root = RootFolder::make(kind);
  if (!root) return std::nullopt;
  TeeContainer out(std::move(*root));
  out.root().write("etc/passwd", passwd);
  out.root().write("etc/group", group);
  return out;
}

}  // namespace ecloud::testing
