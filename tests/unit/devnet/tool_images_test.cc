// The stand-ins for the platform's programs, run by busybox in a root folder as the launcher would.
#include "devnet/sample_image.h"
#include "support/child_process.h"
#include "support/root_folder.h"
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

using platform::RuntimeGeneration;

constexpr char kBound[] = "run/container_launcher/v1/bound_evidence";
constexpr char kIntel[] = "run/container_launcher/v1/intel/token";

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A folder with busybox and all stand-ins.
std::optional<RootFolder> tee() {
  auto root = RootFolder::make(RootKind::kBusybox);
  if (!root) return std::nullopt;
  root->write("bin/kms-new", devnet::kms_client_program(RuntimeGeneration::kBoundEvidence), true);
  root->write("bin/kms-old", devnet::kms_client_program(RuntimeGeneration::kIntelToken), true);
  root->write("bin/tls-client", devnet::tls_client_program("tls-client"), true);
  root->write("bin/caddy", devnet::caddy_program(), true);
  root->write("key.pem", "-----BEGIN PUBLIC KEY-----\nMAo=\n-----END PUBLIC KEY-----\n");
  root->write("tmp/keep", "x");
  return root;
}

ContainerResult run(const RootFolder& root, std::vector<std::string> argv,
                    std::vector<std::string> env = {}) {
  ContainerRun run;
  run.argv = std::move(argv);
  run.env = std::move(env);
  run.env.emplace_back("PATH=/usr/bin:/bin:/sbin");
  return run_in_root(root.path(), run);
}

std::vector<std::string> kms(const std::string& program) {
  return {"/bin/" + program,        "--kms-server-url", "http://kms",
          "--kms-signing-key-file", "/key.pem",         "--userapi-url",
          "https://api.test",       "--output",         "/tmp/.env"};
}

/// A file out of the image's only layer: gzip with stored blocks.
std::string file_in(const DevnetFixture& net, const std::string& reference,
                    const std::string& path) {
  const std::size_t at = reference.find('@');
  const std::size_t slash = reference.find('/');
  const std::string repo = "/v2" + reference.substr(slash, at - slash);
  const base::Json manifest =
      DevnetFixture::json(net.get(repo + "/manifests/" + reference.substr(at + 1)));
  const std::string layer =
      net.get(repo + "/blobs/" + manifest["layers"].at(0)["digest"].as_string()).body;
  const TempDir dir;
  dir.write("layer.tgz", layer);
  const ProcessResult result = run_process({"tar", "-xzOf", (dir / "layer.tgz").string(), path});
  INFO(result.describe());
  REQUIRE(result.ok());
  return result.out;
}

TEST_CASE("The registry has each program in an image of its own", "[devnet][tools]") {
  const DevnetFixture net;
  const base::Json info = net.devnet.info();
  const auto has = [&](const base::Json& image, const std::string& path,
                       const std::string& program) {
    INFO(image.as_string() << " " << path);
    CHECK(file_in(net, image.as_string(), path) == program);
    CHECK(file_in(net, image.as_string(), "etc/ssl/certs/ca-certificates.crt") ==
          devnet::ca_bundle());
  };
  has(info["kmsClientImage"], "eigen/bin/kms-client",
      devnet::kms_client_program(RuntimeGeneration::kBoundEvidence));
  has(info["tlsClientImage"], "eigen/bin/tls-client", devnet::tls_client_program("tls-client"));
  has(info["caddyImage"], "usr/bin/caddy", devnet::caddy_program());
  const base::Json older = info["intelTokenTools"];
  has(older["kmsClientImage"], "eigen/bin/kms-client",
      devnet::kms_client_program(RuntimeGeneration::kIntelToken));
  has(older["tlsClientImage"], "eigen/bin/tls-keygen", devnet::tls_client_program("tls-keygen"));
  CHECK(info["runtime"].as_string() == "bound-evidence");
  // A user is offered apps, not tools.
  for (const base::Json& image : info["images"].elements()) {
    CHECK(image.as_string().find("eigencloud-containers") == std::string::npos);
    CHECK(image.as_string().find("caddy") == std::string::npos);
  }
}

TEST_CASE("A KMS client holds the path of its own evidence and no other", "[devnet][tools]") {
  const std::string bound = devnet::kms_client_program(RuntimeGeneration::kBoundEvidence);
  const std::string intel = devnet::kms_client_program(RuntimeGeneration::kIntelToken);
  CHECK(holds(bound, "/v1/bound_evidence"));
  CHECK_FALSE(holds(bound, "/v1/intel/token"));
  CHECK(holds(intel, "/v1/intel/token"));
  CHECK_FALSE(holds(intel, "/v1/bound_evidence"));
}

TEST_CASE("A KMS client writes what the launcher has for its generation", "[devnet][tools]") {
  const auto root = tee();
  if (!root) return;
  const std::string variables = "export A=\"a\\tb $x\"\nexport B=\"\"\n";
  const auto [program, evidence] =
      GENERATE(std::pair("kms-new", kBound), std::pair("kms-old", kIntel));
  root->write(evidence, variables);
  const ContainerResult result = run(*root, kms(program));
  INFO(result.describe());
  CHECK(result.exit_code == 0);
  CHECK(root->read("tmp/.env") == variables);
  CHECK(std::filesystem::status(root->path() / "tmp/.env").permissions() ==
        std::filesystem::perms(0600));
  CHECK(holds(result.out, "attestation was not uploaded"));

  SECTION("and uploads the attestation with a CA bundle") {
    root->write("ca.pem", devnet::ca_bundle());
    const ContainerResult with = run(*root, kms(program), {"SSL_CERT_FILE=/ca.pem"});
    CHECK(with.out == "kms-client: environment written to /tmp/.env\n");
  }
}

TEST_CASE("A KMS client on the other VM image gets no variables", "[devnet][tools]") {
  const auto root = tee();
  if (!root) return;
  SECTION("intel-token client, bound-evidence image") {
    root->write(kBound, "export A=\"a\"\n");
    const ContainerResult result = run(*root, kms("kms-old"));
    CHECK(result.exit_code == 1);
    CHECK(result.out ==
          "kms-client: HTTP 500: no ITA verifier client present - ensure ITA Region and Key are "
          "defined in metadata\n");
  }
  SECTION("bound-evidence client, intel-token image") {
    root->write(kIntel, "export A=\"a\"\n");
    const ContainerResult result = run(*root, kms("kms-new"));
    CHECK(result.exit_code == 1);
    CHECK(result.out == "kms-client: HTTP 404: 404 page not found\n");
  }
  CHECK_FALSE(root->has("tmp/.env"));
}

TEST_CASE("A KMS client takes the platform's options only", "[devnet][tools]") {
  const auto root = tee();
  if (!root) return;
  root->write(kBound, "export A=\"a\"\n");
  const auto code = [&](std::vector<std::string> more, std::vector<std::string> env = {}) {
    auto argv = kms("kms-new");
    argv.insert(argv.end(), more.begin(), more.end());
    return run(*root, argv, std::move(env)).exit_code;
  };
  CHECK(code({"--log-level", "debug"}) == 0);
  CHECK(code({"--output=/tmp/other"}) == 0);
  CHECK(root->has("tmp/other"));
  CHECK(code({"--verbose", "yes"}) == 2);
  CHECK(code({"--output"}) == 2);
  CHECK(code({"more"}) == 2);
  CHECK(code({"--kms-server-url", ""}) == 2);
  CHECK(code({"--kms-signing-key-file", "/none"}) == 1);
  CHECK(code({"--kms-signing-key-file", "/tmp/keep"}) == 1);
  CHECK(run(*root, {"/bin/kms-new"}).exit_code == 2);
  CHECK(run(*root, {"/bin/kms-new", "--output", "/tmp/third"},
            {"KMS_SERVER_URL=http://kms", "KMS_SIGNING_KEY_FILE=/key.pem", "USERAPI_URL=http://a"})
            .exit_code == 0);
}

TEST_CASE("The TLS client writes a pair for the domain", "[devnet][tools]") {
  const auto root = tee();
  if (!root) return;
  const std::vector<std::string> env = {"MNEMONIC=test junk", "API_URL=https://api.test",
                                        "DOMAIN=app.example.com"};
  const auto domain = [&] {
    return holds(root->read("run/tls/fullchain.pem"), "\napp.example.com\n") &&
           holds(root->read("run/tls/privkey.pem"), "\napp.example.com\n");
  };
  SECTION("from the environment") {
    const ContainerResult result =
        run(*root, {"/bin/tls-client", "-challenge", "tls-alpn-01", "-staging"}, env);
    INFO(result.describe());
    CHECK(result.exit_code == 0);
    CHECK(domain());
  }
  SECTION("from flags of either form") {
    const ContainerResult result =
        run(*root,
            {"/bin/tls-client", "--domain=app.example.com", "--api-url", "https://api.test",
             "-force=true", "--email", "a@example.com", "-timeout=2m"},
            {"MNEMONIC=test junk"});
    INFO(result.describe());
    CHECK(result.exit_code == 0);
    CHECK(domain());
  }
}

TEST_CASE("The TLS client refuses what it cannot serve", "[devnet][tools]") {
  const auto root = tee();
  if (!root) return;
  const auto fails = [&](int code, std::vector<std::string> arguments,
                         std::vector<std::string> env) {
    arguments.insert(arguments.begin(), "/bin/tls-client");
    const ContainerResult result = run(*root, arguments, std::move(env));
    INFO(result.describe());
    CHECK(result.exit_code == code);
    CHECK_FALSE(root->has("run/tls/fullchain.pem"));
  };
  const std::string words = "MNEMONIC=test junk", api = "API_URL=https://api.test";
  fails(1, {}, {words, api});
  fails(1, {"-domain", "localhost"}, {words, api});
  fails(1, {"-domain", "app.example.invalid"}, {words, api});
  fails(1, {"-domain", "app.example.com"}, {words});
  fails(1, {"-domain", "app.example.com"}, {api});
  fails(1, {"-domain", "app.example.com", "-challenge", "dns-01"}, {words, api});
  fails(2, {"-domain"}, {words, api});
  fails(2, {"-port", "1"}, {words, api});
  fails(2, {"app.example.com"}, {words, api});
}

TEST_CASE("Caddy takes a Caddyfile that parses and whose files exist", "[devnet][tools]") {
  const auto root = tee();
  if (!root) return;
  const auto caddy = [&](const std::string& command, const std::string& text) {
    root->write("Caddyfile", text);
    return run(*root, {"/bin/caddy", command, "--config", "/Caddyfile", "--adapter", "caddyfile"});
  };
  const std::string site = "{$DOMAIN:localhost} {\n\treverse_proxy localhost:3000 # {\n";
  CHECK(caddy("validate", site + "}\n").out == "Valid configuration\n");
  CHECK(caddy("start", site + "}").exit_code == 0);
  CHECK(caddy("validate", site).err ==
        "Error: adapting config using caddyfile: /Caddyfile:2: unexpected EOF\n");
  CHECK(caddy("validate", site + "}\n}\n").exit_code == 1);
  CHECK(caddy("validate", "}{\n").exit_code == 1);
  CHECK(caddy("reload", site + "}\n").exit_code == 1);
  const std::string files = "a.test {\n\ttls /run/tls/fullchain.pem /run/tls/privkey.pem\n}\n";
  CHECK(caddy("validate", files).exit_code == 1);
  root->write("run/tls/fullchain.pem", "x");
  CHECK(caddy("validate", files).exit_code == 1);
  root->write("run/tls/privkey.pem", "x");
  CHECK(caddy("validate", files).exit_code == 0);
  CHECK(run(*root, {"/bin/caddy", "validate", "--config", "/none"}).exit_code == 1);
  CHECK(run(*root, {"/bin/caddy"}).exit_code == 1);
}

}  // namespace
}  // namespace ecloud::testing
