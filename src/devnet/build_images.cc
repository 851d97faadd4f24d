// Images and provenance of the build service, in the shape of the platform's own.
#include "devnet/build_images.h"

#include "ecloud/base/text.h"

namespace ecloud::devnet {
namespace {

constexpr char kDefaultCaddyfile[] =
    "{$DOMAIN:localhost.user.invalid} {\n\treverse_proxy localhost:{$APP_PORT:3000}\n}\n";

std::string start_script(const BuilderSettings& settings) {
  return "#!/bin/sh\n"
         "set -e\n"
         "KMS_SIGNING_KEY_FILE=$(mktemp)\n"
         "cat > \"$KMS_SIGNING_KEY_FILE\" <<'PEM'\n" +
         settings.kms_signing_key +
         "PEM\n"
         "SSL_CERT_FILE=/usr/local/share/eigenx-ca-certs.crt /usr/local/bin/kms-client \\\n"
         "  --kms-server-url \"" +
         settings.kms_server_url +
         "\" \\\n"
         "  --kms-signing-key-file \"$KMS_SIGNING_KEY_FILE\" \\\n"
         "  --userapi-url \"" +
         settings.user_api_url +
         "\" \\\n"
         "  --output /tmp/.env || exit 1\n"
         "set -a\n"
         ". /tmp/.env\n"
         "set +a\n"
         "rm -f /tmp/.env\n"
         "if [ -x /usr/local/bin/tls-client ] && [ -n \"${DOMAIN:-}\" ] && "
         "[ \"$DOMAIN\" != localhost ]; then\n"
         "  SSL_CERT_FILE=/usr/local/share/eigenx-ca-certs.crt MNEMONIC=\"$MNEMONIC\" "
         "DOMAIN=\"$DOMAIN\" \\\n"
         "    API_URL=\"" +
         settings.user_api_url +
         "\" /usr/local/bin/tls-client -challenge \"${ACME_CHALLENGE:-http-01}\" || exit 1\n"
         "  /usr/local/bin/caddy start --config /etc/caddy/Caddyfile --adapter caddyfile || exit "
         "1\n"
         "fi\n"
         "export KMS_SERVER_URL=\"" +
         settings.kms_server_url +
         "\"\n"
         "KMS_PUBLIC_KEY=$(cat \"$KMS_SIGNING_KEY_FILE\")\n"
         "export KMS_PUBLIC_KEY\n"
         "rm -f \"$KMS_SIGNING_KEY_FILE\"\n"
         "if [ -n \"${__ECLOUD_ORIGINAL_USER:-}\" ] && [ \"$(id -u)\" = 0 ]; then\n"
         "  exec su -s /bin/sh \"$__ECLOUD_ORIGINAL_USER\" -c 'exec \"$@\"' -- sh \"$@\"\n"
         "fi\n"
         "exec \"$@\"\n";
}

/// The images are named in comments first, then in the commands.
std::string extract_deps(const BuildFacts& build, const BuilderSettings& settings) {
  std::string out = "set -e\n# kms-client: " + settings.kms_client_image +
                    "\n# tls-client: " + settings.tls_client_image +
                    "\nmkdir -p /workspace/.eigen-bin\n";
  const auto extract = [&](const std::string& image, const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    out += "cid=$(docker create " + image + " /bin/true)\ndocker cp \"$cid:" + path +
           "\" /workspace/.eigen-bin/" + name + "\ndocker rm \"$cid\" >/dev/null\n";
  };
  extract(settings.kms_client_image, "/eigen/bin/kms-client");
  extract(settings.tls_client_image, "/eigen/bin/tls-client");
  extract(settings.caddy_image, "/usr/bin/caddy");
  const std::string repository =
      settings.kms_client_image.substr(0, settings.kms_client_image.find('@'));
  for (const std::string& dependency : build.dependencies) {
    extract(repository + "@" + dependency, "/eigen/bin/program-" + dependency.substr(7, 12));
  }
  return out;
}

base::Json step(const char* id, const std::string& script) {
  return base::Json::object({{"id", id},
                             {"name", "gcr.io/cloud-builders/docker"},
                             {"entrypoint", "bash"},
                             {"args", base::Json::strings({"-c", script})}});
}

base::Json steps(const BuildFacts& build, const BuilderSettings& settings) {
  const std::string image = "eigencloud-containers:" + build.tag();
  return base::Json::array(
      {step("write-entrypoint", "cat > /workspace/compute-source-env.sh <<'ECLOUD_SCRIPT'\n" +
                                    start_script(settings) + "ECLOUD_SCRIPT\n"),
       step("build-user", "docker build -t user-image ."),
       step("extract-deps", extract_deps(build, settings)),
       step("build-layered", "docker build -t " + image + " -f /workspace/Dockerfile.layered ."),
       step("push-ar", "docker push " + image), step("dockerhub-auth", "docker login"),
       step("tag-dockerhub", "docker tag " + image),
       step("push-dockerhub", "docker push " + image)});
}

}  // namespace

ImageRecipe built_recipe(const BuildFacts& build, const BuilderSettings& settings) {
  ImageRecipe out = hello_recipe();
  const auto program = [&](const std::string& name, std::string text) {
    out.files.push_back({"usr/local/bin/" + name, 0755, std::move(text)});
  };
  out.files.push_back({"app/build", 0644, build.id + "\n" + build.commit + "\n"});
  program("compute-source-env.sh", start_script(settings));
  program("kms-client", kms_client_program(platform::kServedGeneration));
  program("tls-client", tls_client_program("tls-client"));
  program("caddy", caddy_program());
  for (const std::string& dependency : build.dependencies) {
    program("program-" + dependency.substr(7, 12), "#!/bin/sh\nexit 0\n");
  }
  out.files.push_back({"usr/local/share/eigenx-ca-certs.crt", 0644, ca_bundle()});
  out.files.push_back({"etc/caddy/Caddyfile", 0644, kDefaultCaddyfile});
  out.entrypoint = {"/usr/local/bin/compute-source-env.sh"};
  out.exposed_ports.insert(out.exposed_ports.end(), {"80/tcp", "443/tcp"});
  out.labels = {{"tee.launch_policy.log_redirect", "always"},
                {"tee.launch_policy.monitoring_memory_allow", "always"},
                {"eigenx_vm_image", "eigen"}};
  return out;
}

base::Json provenance_statement(const BuildFacts& build, const BuilderSettings& settings,
                                const std::string& digest) {
  using base::Json;
  return Json::object(
      {{"_type", "https://in-toto.io/Statement/v0.1"},
       {"predicateType", "https://slsa.dev/provenance/v0.1"},
       {"subject",
        Json::array({Json::object(
            {{"name", "https://us-east1-docker.pkg.dev/tee-compute-devnet/eigencloud-containers/" +
                          build.commit + ":" + build.tag()},
             {"digest", Json::object({{"sha256", digest.substr(7)}})}})})},
       {"predicate",
        Json::object(
            {{"builder",
              Json::object({{"id", "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3"}})},
             {"materials",
              Json::array({Json::object({{"uri", "git+" + build.repo},
                                         {"digest", Json::object({{"sha1", build.commit}})}})})},
             {"recipe",
              Json::object(
                  {{"type", "https://cloudbuild.googleapis.com/CloudBuildSteps@v0.1"},
                   {"arguments", Json::object({{"steps", steps(build, settings)}})}})}})}});
}

std::string dsse_encoding(const std::string& payload_type, const std::string& payload) {
  return "DSSEv1 " + std::to_string(payload_type.size()) + " " + payload_type + " " +
         std::to_string(payload.size()) + " " + payload;
}

}  // namespace ecloud::devnet
