#include <string>

#include "docker_registry.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/json.h"

namespace ecloud::oci {
namespace {

using testing::OciLayout;
using Registry = testing::DockerRegistry;
using Tools = testing::RegistryTools;

const std::string kLayeredConfig = R"("Labels":{"eigenx_cli_version":"1.2.3"},)"
                                   R"("Entrypoint":["/usr/local/bin/compute-source-env.sh"])";

class Client : public testing::RealClient {
 public:
  Error failure(const std::string& reference) {
    return testing::error_of([&] { resolve(reference); });
  }
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
  const Registry registry(*tools, {.user = "alice", .password = "s3cret:x"});
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
  SECTION("which skopeo stored for a namespace") {
    const testing::TempDir dir;
    const std::string file = (dir / "auth.json").string();
    testing::output_of({tools->skopeo, "login", "--tls-verify=false", "--authfile=" + file,
                        "--username=alice", "--password=s3cret:x", registry.name("team")});
    DockerConfigCredentials stored(base::Env({{"REGISTRY_AUTH_FILE", file}}));
    const auto found = stored.find(registry.name("team/app"));
    REQUIRE(found);
    CHECK(found->username == "alice");
    CHECK(found->password.reveal_text() == "s3cret:x");
    CHECK(found->origin == file);
    CHECK_FALSE(stored.find(registry.name("other/app")));
  }
  SECTION("which are wrong") {
    Client client;
    client.docker_config(config_with("alice:wrong"));
    const Error error = client.failure(registry.name("app:1"));
    CHECK(exit_code(error.category()) == 5);
    CHECK(error.message() == registry.host() +
                                 " refuses the credentials of \"alice\": UNAUTHORIZED: "
                                 "authentication required");
    CHECK(error.hint() == "log in again with: docker login " + registry.host());
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
