#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "ecloud/base/base64.h"
#include "ecloud/base/cancel.h"
#include "ecloud/base/json.h"
#include "ecloud/base/log.h"
#include "ecloud/base/text.h"
#include "ecloud/net/curl_transport.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/registry.h"
#include "support/child_process.h"
#include "support/oci_layout.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::oci {
namespace {

using testing::ChildProcess;
using testing::OciLayout;
using testing::ProcessOptions;
using testing::ProcessResult;
using testing::TempDir;

const std::string kLayeredConfig = R"("Labels":{"eigenx_cli_version":"1.2.3"})";

/// The programs of these tests; nothing when one is missing and the test is to be skipped.
struct Tools {
  std::string registry, skopeo, htpasswd;

  static std::optional<Tools> find() {
    Tools out;
    for (auto [name, path] :
         {std::pair("docker-registry", &out.registry), std::pair("skopeo", &out.skopeo),
          std::pair("htpasswd", &out.htpasswd)}) {
      const auto found = testing::require_tool(name);
      if (!found) return std::nullopt;
      *path = found->string();
    }
    return out;
  }
};

std::string output_of(std::vector<std::string> argv) {
  const ProcessResult result = testing::run_process(std::move(argv));
  INFO(result.describe());
  REQUIRE(result.ok());
  return std::string(base::trim(result.out));
}

/// Debian's docker-registry on a port of loopback that the system picks.
class Registry {
 public:
  /// With a user name the registry asks for it and the password.
  explicit Registry(const Tools& tools, const std::string& user = "",
                    const std::string& password = "")
      : tools_(tools) {
    std::string config =
        "version: 0.1\nlog:\n  level: info\nhttp:\n  addr: 127.0.0.1:0\n"
        "storage:\n  filesystem:\n    rootdirectory: " +
        (dir_ / "storage").string() + "\n";
    if (!user.empty()) {
      credentials_ = user + ":" + password;
      const auto users =
          dir_.write("htpasswd", output_of({tools.htpasswd, "-Bbn", user, password}) + "\n");
      config += "auth:\n  htpasswd:\n    realm: test\n    path: " + users.string() + "\n";
    }
    ProcessOptions options;
    options.argv = {tools.registry, "serve", dir_.write("config.yml", config).string()};
    options.env = {{"OTEL_TRACES_EXPORTER", "none"}};
    process_ = std::make_unique<ChildProcess>(std::move(options));
    find_port();
  }

  /// "localhost:40001/NAME".
  std::string name(const std::string& repository) const { return host() + "/" + repository; }
  std::string host() const { return "localhost:" + port_; }

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
  std::string inspect(const std::string& target, const std::vector<std::string>& options) const {
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
  void find_port() {
    const std::string listening = "listening on 127.0.0.1:";
    const bool is_ready = process_->wait_for_output(listening);
    const std::string log = process_->out() + process_->err();
    INFO(log);
    REQUIRE(is_ready);
    const std::size_t start = log.find(listening) + listening.size();
    port_ = log.substr(start, log.find_first_not_of("0123456789", start) - start);
    REQUIRE_FALSE(port_.empty());
  }

  Tools tools_;
  TempDir dir_;
  std::string credentials_;
  std::string port_;
  std::unique_ptr<ChildProcess> process_;
};

/// Our client over the real transport, with a Docker configuration of its own.
class Client {
 public:
  Client() {
    base::Env env;
    env.set("DOCKER_CONFIG", docker_config_.path().string());
    credentials_.emplace(env);
    client_.emplace(*transport_, *credentials_);
  }

  void docker_config(const std::string& text) { docker_config_.write("config.json", text); }
  ResolvedImage resolve(const std::string& reference) {
    return client_->resolve(Reference::parse(reference));
  }
  Error failure(const std::string& reference) {
    std::string found;
    try {
      found = resolve(reference).digest.to_string();
    } catch (const Error& error) {
      return error;
    }
    FAIL("resolved to " + found);
    throw std::logic_error("unreachable");
  }

 private:
  TempDir docker_config_;
  base::CancelToken cancel_;
  base::Log log_;
  std::unique_ptr<net::Transport> transport_ =
      net::make_curl_transport({.user_agent = "ecloud-test"}, cancel_, log_);
  std::optional<DockerConfigCredentials> credentials_;
  std::optional<RegistryClient> client_;
};

std::string amd64_entry_by_skopeo(const Registry& registry, const std::string& target) {
  const base::Json index = base::Json::parse(registry.inspect(target, {"--raw"}), "skopeo");
  for (const base::Json& entry : index["manifests"].elements()) {
    if (entry["platform"]["architecture"].as_string() == "amd64") {
      return entry["digest"].as_string();
    }
  }
  return "none";
}

std::string platform(const std::string& architecture) {
  return R"("platform":{"os":"linux","architecture":")" + architecture + "\"}";
}

TEST_CASE("Our digest of a single image is skopeo's", "[interop][oci]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  const OciLayout layout;
  layout.tag(layout.add_image("amd64", kLayeredConfig), "one");
  registry.push(layout, "one", registry.name("you/app:oci"));
  registry.push(layout, "one", registry.name("you/app:docker"), {"--format=v2s2"});

  Client client;
  const ResolvedImage oci = client.resolve(registry.name("you/app:oci"));
  CHECK(oci.digest.to_string() == registry.digest_by_skopeo(registry.name("you/app:oci")));
  CHECK(oci.manifest_media_type == "application/vnd.oci.image.manifest.v1+json");
  CHECK(oci.is_layered());
  CHECK_FALSE(oci.with_credentials);

  const ResolvedImage docker = client.resolve(registry.name("you/app:docker"));
  CHECK(docker.digest.to_string() == registry.digest_by_skopeo(registry.name("you/app:docker")));
  CHECK(docker.manifest_media_type == "application/vnd.docker.distribution.manifest.v2+json");
  CHECK_FALSE(docker.digest == oci.digest);

  const std::string by_digest = registry.name("you/app@") + oci.digest.to_string();
  CHECK(client.resolve(by_digest).digest == oci.digest);
}

TEST_CASE("Of an index we take the entry that skopeo shows for amd64", "[interop][oci]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  const OciLayout layout;
  const std::string entries = "{" + layout.add_image("arm64") + "," + platform("arm64") + "},{" +
                              layout.add_image("amd64") + "," + platform("amd64") + "}";
  layout.tag(layout.add_index(entries), "both");
  registry.push(layout, "both", registry.name("app:1"));

  Client client;
  const ResolvedImage image = client.resolve(registry.name("app:1"));
  CHECK(image.digest.to_string() == amd64_entry_by_skopeo(registry, registry.name("app:1")));
  REQUIRE(image.index_digest);
  CHECK(image.index_digest->to_string() == registry.digest_by_skopeo(registry.name("app:1")));
  CHECK_FALSE(image.is_layered());
}

TEST_CASE("Images for other platforms and missing ones are told", "[interop][oci]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools);
  const OciLayout layout;
  const std::string arm64 = layout.add_image("arm64");
  layout.tag(arm64, "arm");
  registry.push(layout, "arm", registry.name("app:single"));
  layout.tag(layout.add_index("{" + arm64 + "," + platform("arm64") + "}"), "arm");
  registry.push(layout, "arm", registry.name("app:index"));

  Client client;
  CHECK(client.failure(registry.name("app:single")).message() ==
        registry.name("app:single") +
            " is for linux/arm64, and the platform runs linux/amd64 alone");
  CHECK(client.failure(registry.name("app:index")).message() ==
        registry.name("app:index") + " has no image for linux/amd64; it has linux/arm64");
  const Error no_tag = client.failure(registry.name("app:2"));
  CHECK(no_tag.code() == "image.not_found");
  CHECK(no_tag.message() == registry.name("app") + " has no tag 2");
  const Error no_repository = client.failure(registry.name("none:1"));
  CHECK(exit_code(no_repository.category()) == 6);
  CHECK(no_repository.code() == "image.not_found");
}

TEST_CASE("A registry with a password is read with Docker's credentials", "[interop][oci]") {
  const auto tools = Tools::find();
  if (!tools) return;
  const Registry registry(*tools, "alice", "s3cret:x");
  const OciLayout layout;
  layout.tag(layout.add_image("amd64"), "one");
  registry.push(layout, "one", registry.name("app:1"));
  const auto config_with = [&](const std::string& pair) {
    return R"({"auths":{")" + registry.host() + R"(":{"auth":")" +
           base::to_base64(base::as_bytes(pair)) + R"("}}})";
  };
  SECTION("which are right") {
    Client client;
    client.docker_config(config_with("alice:s3cret:x"));
    const ResolvedImage image = client.resolve(registry.name("app:1"));
    CHECK(image.digest.to_string() == registry.digest_by_skopeo(registry.name("app:1")));
    CHECK(image.with_credentials);
  }
  SECTION("which are wrong") {
    Client client;
    client.docker_config(config_with("alice:wrong"));
    const Error error = client.failure(registry.name("app:1"));
    CHECK(exit_code(error.category()) == 5);
    CHECK(error.message() == "\"alice\" may not pull " + registry.name("app:1") +
                                 ", or there is no such repository: UNAUTHORIZED: authentication "
                                 "required");
  }
  SECTION("which are missing") {
    Client client;
    const Error error = client.failure(registry.name("app:1"));
    CHECK(error.code() == "image.unauthorized");
    CHECK(error.message() == registry.name("app:1") +
                                 " is private, or there is no such repository: UNAUTHORIZED: "
                                 "authentication required");
  }
}

}  // namespace
}  // namespace ecloud::oci
