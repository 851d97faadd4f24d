#include "ecloud/platform/start_script.h"

#include "support/catch.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "support/tools.h"

namespace ecloud::platform {
namespace {

Environment with_urls(const std::string& kms, const std::string& user_api) {
  Environment out;
  out.kms_server_url = kms;
  out.user_api_url = user_api;
  return out;
}

}  // namespace

TEST_CASE("The start script names the services of its environment and nothing of an app",
          "[platform]") {
  const Environment& sepolia = builtin_environments().at(0);
  const std::string script = start_script(sepolia);
  CHECK(script.starts_with("#!/bin/sh\n"));
  CHECK(script.find("\n__ecloud_kms_url='http://10.128.15.203:8080'\n") != std::string::npos);
  CHECK(script.find("\n__ecloud_user_api_url="
                    "'https://userapi-compute-sepolia-prod.eigencloud.xyz'\n") !=
        std::string::npos);
  CHECK(script.find("export KMS_PUBLIC_KEY='-----BEGIN PUBLIC KEY-----\n") != std::string::npos);
  CHECK(script.find("-----END PUBLIC KEY-----'\n") != std::string::npos);
  for (const char* line : {"\n    __ecloud_nap 30\n", "\n    __ecloud_nap 2\n",
                           "\n    __ecloud_pause 10\n", "\n  __ecloud_pause 2\n"}) {
    CHECK(script.find(line) != std::string::npos);
  }
  CHECK(script.find("_URL@") == std::string::npos);
  CHECK(script.find("_SECONDS@") == std::string::npos);
  CHECK(script == start_script(sepolia));
  // Another way to the UserAPI is this client's own.
  Environment proxied = sepolia;
  proxied.own_user_api_url = sepolia.user_api_url;
  proxied.user_api_url = "http://127.0.0.1:9000";
  CHECK(script == start_script(proxied));
  CHECK(script != start_script(builtin_environments().at(1)));
}

TEST_CASE("A URL cannot break out of the start script", "[platform]") {
  const std::string script = start_script(with_urls("a'; rm -rf /; '@USER_API_URL@", "$(id) `id`"));
  CHECK(script.find("__ecloud_kms_url='a'\\''; rm -rf /; '\\''@USER_API_URL@'\n") !=
        std::string::npos);
  CHECK(script.find("__ecloud_user_api_url='$(id) `id`'\n") != std::string::npos);
}

TEST_CASE("Every shell takes the start script", "[platform]") {
  const testing::TempDir dir;
  const std::string script =
      dir.write("start.sh", start_script(builtin_environments().at(0))).string();
  const std::vector<std::vector<std::string>> shells = {{"dash", "-n"},
                                                        {"bash", "--posix", "-n"},
                                                        {"busybox", "sh", "-n"},
                                                        {"shellcheck", "-s", "sh"}};
  for (std::vector<std::string> argv : shells) {
    // Not on every machine; busybox and dash are, where all tools are required.
    if (!testing::find_tool(argv[0])) continue;
    argv.push_back(script);
    const testing::ProcessResult result = testing::run_process(argv);
    INFO(argv[0] << ": " << result.describe());
    CHECK(result.ok());
    CHECK(result.out + result.err == "");
  }
}

}  // namespace ecloud::platform
