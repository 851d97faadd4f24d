#pragma once

#include <string>

#include "ecloud/base/base64.h"
#include "ecloud/base/json.h"
#include "ecloud/platform/environment.h"

namespace ecloud::testing {

constexpr char kDevKmsClient[] =
    "sha256:c192a771ee8c72d95168ca4b524956a4b730c3f7b6a73b5533e4b8a43ad72fe4";
constexpr char kDevTlsClient[] =
    "sha256:e3e82a690f61c621fb511e9b3e33fdb6e290d8f1efde6938b0eae5628a6c338c";
constexpr char kToolsRepo[] = "docker.io/eigenlayer/eigencloud-containers";

/// The platform's own testing ground, of which a signed provenance is public.
inline platform::Environment sepolia_dev() {
  platform::Environment out;
  out.name = "sepolia-dev";
  out.kms_server_url = "http://10.128.0.57:8080";
  out.user_api_url = "https://userapi-compute-sepolia-dev.eigencloud.xyz";
  out.kms_signing_key =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEb2Q88/cxdic2xi4jS2V0dtYHjLwq\n"
      "4wVFBFmaY8TTXoMXNggKEdU6PuE8EovocVKMpw3SIlaM27z9uxksNVL2xw==\n"
      "-----END PUBLIC KEY-----\n";
  return out;
}

/// The text of the step extract-deps: the images are named in a comment, then in the commands.
inline std::string extract_deps(const std::string& kms = kDevKmsClient,
                                const std::string& tls = kDevTlsClient) {
  const std::string repo = std::string(kToolsRepo) + "@";
  return "set -e\n# kms-client: " + repo + kms + "\n# tls-client: " + repo + tls +
         "\nmkdir -p /workspace/.eigen-bin\ncid=$(docker create " + repo + kms +
         " /bin/true)\n"
         "docker cp \"$cid:/eigen/bin/kms-client\" /workspace/.eigen-bin/kms-client\n"
         "docker rm \"$cid\" >/dev/null\ncid=$(docker create " +
         repo + tls +
         " /bin/true)\n"
         "docker cp \"$cid:/eigen/bin/tls-client\" /workspace/.eigen-bin/tls-client\n"
         "docker rm \"$cid\" >/dev/null 2>&1\n"
         "cid=$(docker create caddy:2.10.2-alpine)\n"
         "docker cp \"$cid:/usr/bin/caddy\" /workspace/.eigen-bin/caddy\n";
}

inline std::string write_entrypoint(const platform::Environment& environment = sepolia_dev()) {
  return "cat > /workspace/compute-source-env.sh <<'SCRIPT'\n#!/bin/sh\nKEY=$(mktemp)\ncat > "
         "\"$KEY\" <<'PEM'\n" +
         environment.kms_signing_key + "PEM\n/usr/local/bin/kms-client --kms-server-url \"" +
         environment.kms_server_url + "\" --kms-signing-key-file \"$KEY\" --userapi-url \"" +
         environment.user_api_url +
         "\" --output /tmp/.env || exit 1\nexport KMS_SERVER_URL=" + environment.kms_server_url +
         "\nexec \"$@\"\nSCRIPT\n";
}

/// An in-toto statement in the shape that Cloud Build signs.
inline base::Json statement(const std::string& extract, const std::string& entrypoint,
                            const std::string& image_hex = std::string(64, 'a')) {
  using base::Json;
  const auto step = [](const char* id, const std::string& text) {
    return Json::object({{"id", id},
                         {"name", "gcr.io/cloud-builders/docker"},
                         {"entrypoint", "bash"},
                         {"args", Json::strings({"-c", text})}});
  };
  const std::string commit(40, 'b');
  return Json::object(
      {{"_type", "https://in-toto.io/Statement/v0.1"},
       {"predicateType", "https://slsa.dev/provenance/v0.1"},
       {"subject",
        Json::array({Json::object({{"name",
                                    "https://us-east1-docker.pkg.dev/tee-compute-sepolia-dev/"
                                    "eigencloud-containers/" +
                                        commit + ":" + commit + "-1783500000"},
                                   {"digest", Json::object({{"sha256", image_hex}})}})})},
       {"predicate",
        Json::object(
            {{"builder",
              Json::object({{"id", "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3"}})},
             {"materials",
              Json::array({Json::object({{"uri", "git+https://github.com/me/app"},
                                         {"digest", Json::object({{"sha1", commit}})}})})},
             {"recipe",
              Json::object(
                  {{"type", "https://cloudbuild.googleapis.com/CloudBuildSteps@v0.1"},
                   {"arguments",
                    Json::object(
                        {{"steps", Json::array({step("write-entrypoint", entrypoint),
                                                step("build-user", "docker build -t user ."),
                                                step("extract-deps", extract),
                                                step("build-layered",
                                                     "docker build -t layered .")})}})}})}})}});
}

inline std::string payload_of(const base::Json& statement) {
  return base::to_base64(base::as_bytes(statement.dump()));
}

}  // namespace ecloud::testing
