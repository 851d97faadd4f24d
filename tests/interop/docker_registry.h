#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ecloud/base/cancel.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"
#include "ecloud/net/curl_transport.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/registry.h"
#include "support/child_process.h"
#include "support/manual_clock.h"
#include "support/oci_layout.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::testing {

/// The programs of tests with a real registry; nothing when one is missing and the test is to be
/// skipped.
struct RegistryTools {
  std::string registry, skopeo, htpasswd, openssl;

  static std::optional<RegistryTools> find() {
    RegistryTools out;
    for (auto [name, path] :
         {std::pair("docker-registry", &out.registry), std::pair("skopeo", &out.skopeo),
          std::pair("htpasswd", &out.htpasswd), std::pair("openssl", &out.openssl)}) {
      const auto found = require_tool(name);
      if (!found) return std::nullopt;
      *path = found->string();
    }
    return out;
  }
};

/// What a program writes; the test fails when it fails.
inline std::string output_of(std::vector<std::string> argv) {
  const ProcessResult result = run_process(std::move(argv));
  INFO(result.describe());
  REQUIRE(result.ok());
  return std::string(base::trim(result.out));
}

struct RegistrySetup {
  /// With a user name the registry asks for it and the password.
  std::string user, password;
  bool tls = false;
};

/// Debian's docker-registry on a port of loopback that the system picks, with a folder of its own.
class DockerRegistry {
 public:
  explicit DockerRegistry(const RegistryTools& tools, const RegistrySetup& setup = {})
      : tools_(tools), tls_(setup.tls) {
    std::string config =
        "version: 0.1\nlog:\n  level: info\nhttp:\n  addr: 127.0.0.1:0\n" + tls_config() +
        "storage:\n  filesystem:\n    rootdirectory: " + (dir_ / "storage").string() + "\n";
    if (!setup.user.empty()) {
      credentials_ = setup.user + ":" + setup.password;
      const auto users = dir_.write(
          "htpasswd", output_of({tools.htpasswd, "-Bbn", setup.user, setup.password}) + "\n");
      config += "auth:\n  htpasswd:\n    realm: test\n    path: " + users.string() + "\n";
    }
    ProcessOptions options;
    options.argv = {tools.registry, "serve", dir_.write("config.yml", config).string()};
    options.env = {{"OTEL_TRACES_EXPORTER", "none"}};
    process_ = std::make_unique<ChildProcess>(std::move(options));
    find_port();
  }

  std::uint16_t port() const { return static_cast<std::uint16_t>(std::stoi(port_)); }
  /// "localhost:40001".
  std::string host() const { return "localhost:" + port_; }
  /// "localhost:40001/NAME".
  std::string name(const std::string& repository) const { return host() + "/" + repository; }
  /// The certificate that a client has to trust; with TLS.
  std::string certificate() const { return (dir_ / "certificate.pem").string(); }
  /// Its log so far: a line of Apache's format for each request.
  std::string log() const { return process_->out() + process_->err(); }
  /// How many requests of the log hold `text`: "PATCH /v2/a/b/".
  std::size_t count(const std::string& text) const {
    std::size_t out = 0;
    const std::string all = log();
    const std::string quoted = "\"" + text;
    for (std::size_t at = all.find(quoted); at != std::string::npos;
         at = all.find(quoted, at + 1)) {
      // The other lines of a request quote it otherwise: http.request.uri="/v2/…".
      ++out;
    }
    return out;
  }

  /// Copies what `tag` of the layout names, with all platforms of an index.
  void push(const OciLayout& layout, const std::string& tag, const std::string& target,
            const std::vector<std::string>& options = {}) const {
    std::vector<std::string> argv = {tools_.skopeo, "copy", "--insecure-policy", "--all",
                                     "--dest-tls-verify=false"};
    if (!credentials_.empty()) argv.push_back("--dest-creds=" + credentials_);
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back("oci:" + layout.path().string() + ":" + tag);
    argv.push_back("docker://" + target);
    output_of(argv);
  }
  /// skopeo's answer to `inspect`.
  std::string inspect(const std::string& target,
                      const std::vector<std::string>& options = {}) const {
    std::vector<std::string> argv = {tools_.skopeo, "inspect", "--tls-verify=false"};
    if (!credentials_.empty()) argv.push_back("--creds=" + credentials_);
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back("docker://" + target);
    return output_of(argv);
  }
  std::string digest_by_skopeo(const std::string& target) const {
    return inspect(target, {"--override-arch=amd64", "--format={{.Digest}}"});
  }

 private:
  std::string tls_config() const {
    if (!tls_) return "";
    const std::string key = (dir_ / "key.pem").string();
    output_of({tools_.openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate()});
    return "  tls:\n    certificate: " + certificate() + "\n    key: " + key + "\n";
  }

  void find_port() {
    const std::string listening = "listening on 127.0.0.1:";
    const bool is_ready = process_->wait_for_output(listening);
    const std::string log_so_far = log();
    INFO(log_so_far);
    REQUIRE(is_ready);
    const std::size_t start = log_so_far.find(listening) + listening.size();
    port_ = log_so_far.substr(start, log_so_far.find_first_not_of("0123456789", start) - start);
    REQUIRE_FALSE(port_.empty());
  }

  RegistryTools tools_;
  bool tls_;
  TempDir dir_;
  std::string credentials_;
  std::string port_;
  std::unique_ptr<ChildProcess> process_;
};

/// Our client over the real transport, with a Docker configuration of its own.
class RealClient {
 public:
  /// `certificate` is what it trusts beside nothing else; empty for the system's.
  explicit RealClient(const std::string& certificate = "") {
    transport_ = net::make_curl_transport(
        {.user_agent = "ecloud-test", .allow_plain_http = false, .ca_file = certificate}, cancel_,
        log_);
    base::Env env;
    env.set("DOCKER_CONFIG", docker_config_.path().string());
    credentials_.emplace(env);
    oci::RegistryOptions options;
    options.clock = &clock;
    client_.emplace(*transport_, *credentials_, options);
  }

  ManualClock clock;

  void docker_config(const std::string& text) { docker_config_.write("config.json", text); }
  oci::RegistryClient& registry() { return *client_; }
  oci::ResolvedImage resolve(const std::string& reference) {
    return client_->resolve(oci::Reference::parse(reference));
  }

 private:
  TempDir docker_config_;
  base::CancelToken cancel_;
  base::Log log_;
  std::unique_ptr<net::Transport> transport_;
  std::optional<oci::DockerConfigCredentials> credentials_;
  std::optional<oci::RegistryClient> client_;
};

/// The error that `act` throws.
template <typename Act>
Error error_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error");
  throw std::logic_error("unreachable");
}

}  // namespace ecloud::testing
