#include "ecloud/oci/credentials.h"

#include <chrono>
#include <filesystem>
#include <string>

#include "ecloud/base/error.h"
#include "oci/credential_helper.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::oci {
namespace {

using testing::TempDir;

// The base64 values are those of `printf … | base64` (GNU coreutils).
const std::string kAliceAuth = R"({"auth":"YWxpY2U6czNjcmV0"})";  // alice:s3cret

/// A Docker configuration directory beside a directory of helpers that is the whole PATH.
class Home {
 public:
  Home() {
    env_.set("DOCKER_CONFIG", dir_.path().string());
    env_.set("PATH", (dir_ / "bin").string());
  }

  void config(const std::string& text) { dir_.write("config.json", text); }
  void helper(const std::string& name, const std::string& script) {
    const auto path = dir_.write("bin/docker-credential-" + name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  std::string config_path() const { return (dir_ / "config.json").string(); }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string note(const std::string& name) const { return testing::slurp(dir_ / name); }
  const base::Env& env() const { return env_; }

  /// "user password", or "none".
  std::string find(const std::string& host) const {
    DockerConfigCredentials source(env_);
    const auto found = source.find(host);
    if (!found) return "none";
    return found->username + " " + std::string(found->password.reveal_text());
  }
  Error failure(const std::string& host) const {
    try {
      const std::string found = find(host);
      FAIL("found " + found);
    } catch (const Error& error) {
      return error;
    }
    throw std::logic_error("unreachable");
  }

 private:
  TempDir dir_;
  base::Env env_;
};

TEST_CASE("Without a Docker configuration there are no credentials", "[oci]") {
  Home home;
  CHECK(home.find("ghcr.io") == "none");
  home.config("{}");
  CHECK(home.find("ghcr.io") == "none");
  DockerConfigCredentials nowhere{base::Env()};
  CHECK_FALSE(nowhere.find("ghcr.io"));
}

TEST_CASE("The configuration is below the home directory unless DOCKER_CONFIG is set", "[oci]") {
  const TempDir home;
  home.write(".docker/config.json", R"({"auths":{"ghcr.io":)" + kAliceAuth + "}}");
  base::Env env;
  env.set("HOME", home.path().string());
  DockerConfigCredentials source(env);
  const auto found = source.find("ghcr.io");
  REQUIRE(found);
  CHECK(found->username == "alice");
}

TEST_CASE("User and password are decoded from auths", "[oci]") {
  Home home;
  home.config(R"({"auths":{"ghcr.io":)" + kAliceAuth + R"(,
    "aws.example":{"auth":"QVdTOmE6Yjpj"},
    "old.example":{"auth":"b2xkOnB3AAA="},
    "plain.example":{"username":"bob","password":"pw"},
    "idt.example":{"auth":"OmlkdA==","identitytoken":"the-token"},
    "empty.example":{}, "blank.example":{"auth":""}}})");
  CHECK(home.find("ghcr.io") == "alice s3cret");
  CHECK(home.find("aws.example") == "AWS a:b:c");
  CHECK(home.find("old.example") == "old pw");
  CHECK(home.find("plain.example") == "bob pw");
  CHECK(home.find("idt.example") == " the-token");
  CHECK(home.find("empty.example") == "none");
  CHECK(home.find("blank.example") == "none");
  CHECK(home.find("other.example") == "none");
}

TEST_CASE("Keys may carry scheme and path, and Docker Hub has its own", "[oci]") {
  Home home;
  const auto with_key = [&](const std::string& key) {
    home.config(R"({"auths":{")" + key + "\":" + kAliceAuth + "}}");
  };
  for (const std::string key : {"https://index.docker.io/v1/", "index.docker.io", "docker.io",
                                "https://registry-1.docker.io/v2/"}) {
    INFO(key);
    with_key(key);
    CHECK(home.find("docker.io") == "alice s3cret");
    CHECK(home.find("ghcr.io") == "none");
  }
  for (const std::string key : {"ghcr.io", "https://ghcr.io", "http://GHCR.io/v2/"}) {
    INFO(key);
    with_key(key);
    CHECK(home.find("ghcr.io") == "alice s3cret");
    CHECK(home.find("docker.io") == "none");
  }
  with_key("localhost:5000");
  CHECK(home.find("localhost:5000") == "alice s3cret");
  CHECK(home.find("localhost:5001") == "none");
  CHECK(home.find("localhost") == "none");
}

TEST_CASE("Docker Desktop's own tokens are not taken for the registry's credentials", "[oci]") {
  Home home;
  home.config(R"({"auths":{"https://index.docker.io/v1/access-token":{"auth":"eDp5"},
    "https://index.docker.io/v1/refresh-token":{"auth":"eDp5"}}})");
  CHECK(home.find("docker.io") == "none");
}

TEST_CASE("Empty files and null values mean no credentials", "[oci]") {
  Home home;
  for (
      const char* config :
      {"", " \n", "null", "{}", R"({"auths":null,"credHelpers":null,"credsStore":null})",
       R"({"auths":{"ghcr.io":null}})", R"({"auths":{"ghcr.io":{"auth":null}}})",
       R"({"auths":{"ghcr.io":{"auth":" ","identitytoken":null}},"credHelpers":{"ghcr.io":null}})"}) {
    INFO(config);
    home.config(config);
    CHECK(home.find("ghcr.io/you/app") == "none");
  }
}

TEST_CASE("Wrapped base64 is read", "[oci]") {
  Home home;
  home.config(R"({"auths":{"ghcr.io":{"auth":"YWxp\nY2U6\r\n czNj cmV0\n"}}})");
  CHECK(home.find("ghcr.io") == "alice s3cret");
}

TEST_CASE("The key with the longest matching namespace counts", "[oci]") {
  Home home;
  // printf 'ns:1', 'repo:2', 'all:3' | base64
  home.config(R"({"auths":{"quay.io/team/":{"auth":"bnM6MQ=="},
    "quay.io/team/tools/app":{"auth":"cmVwbzoy"}, "https://quay.io/v2/":{"auth":"YWxsOjM="},
    "ghcr.io/team":{"auth":"bnM6MQ=="}, "docker.io/library":{"auth":"bnM6MQ=="}}})");
  CHECK(home.find("quay.io/team/tools/app") == "repo 2");
  CHECK(home.find("quay.io/team/tools/other") == "ns 1");
  CHECK(home.find("quay.io/team") == "ns 1");
  CHECK(home.find("quay.io/teams/app") == "all 3");
  CHECK(home.find("quay.io") == "all 3");
  CHECK(home.find("ghcr.io/other/app") == "none");
  CHECK(home.find("ghcr.io/Team/app") == "none");
  CHECK(home.find("docker.io/library/nginx") == "ns 1");
  CHECK(home.find("docker.io/you/app") == "none");
}

/// A login of the user `name`, whose password is "pw".
std::string login_of(const std::string& name, const std::string& host = "ghcr.io") {
  return R"({"auths":{")" + host + R"(":{"username":")" + name + R"(","password":"pw"}}})";
}

TEST_CASE("Logins of Podman count after those of Docker", "[oci]") {
  const TempDir home;
  base::Env env;
  env.set("HOME", home.path().string());
  env.set("XDG_RUNTIME_DIR", (home / "run").string());
  const auto found = [&](const std::string& name) -> std::string {
    const auto login = DockerConfigCredentials(env).find(name);
    if (!login) return "none";
    return login->username + " of " +
           std::filesystem::path(login->origin).lexically_relative(home.path()).string();
  };
  CHECK(found("ghcr.io/a/b") == "none");
  home.write(".config/containers/auth.json", login_of("config"));
  CHECK(found("ghcr.io/a/b") == "config of .config/containers/auth.json");
  home.write("run/containers/auth.json", login_of("run"));
  CHECK(found("ghcr.io/a/b") == "run of run/containers/auth.json");
  home.write(".docker/config.json", login_of("docker"));
  CHECK(found("ghcr.io/a/b") == "docker of .docker/config.json");
  SECTION("also when Docker's file has another host, or is broken") {
    home.write(".docker/config.json",
               GENERATE(login_of("docker", "quay.io"), std::string("{"), std::string("[]")));
    CHECK(found("ghcr.io/a/b") == "run of run/containers/auth.json");
  }
  SECTION("also when Docker's file is a directory") {
    std::filesystem::remove(home / ".docker/config.json");
    std::filesystem::create_directory(home / ".docker/config.json");
    CHECK(found("ghcr.io/a/b") == "run of run/containers/auth.json");
  }
  SECTION("and XDG_CONFIG_HOME moves the second one") {
    env.set("XDG_CONFIG_HOME", (home / "etc").string());
    home.write("etc/containers/auth.json", login_of("moved", "quay.io"));
    CHECK(found("quay.io/a/b") == "moved of etc/containers/auth.json");
  }
  SECTION("and REGISTRY_AUTH_FILE replaces them all") {
    env.set("REGISTRY_AUTH_FILE", (home / "mine.json").string());
    CHECK(found("ghcr.io/a/b") == "none");
    home.write("mine.json", login_of("mine"));
    CHECK(found("ghcr.io/a/b") == "mine of mine.json");
  }
}

TEST_CASE("DOCKER_AUTH_CONFIG holds logins and comes first", "[oci]") {
  Home home;
  home.config(login_of("file"));
  base::Env env = home.env();
  env.set("DOCKER_AUTH_CONFIG", login_of("variable"));
  const auto found = DockerConfigCredentials(env).find("ghcr.io/a/b");
  REQUIRE(found);
  CHECK(found->username == "variable");
  CHECK(found->origin == "DOCKER_AUTH_CONFIG");

  env.set("DOCKER_AUTH_CONFIG", "s3cret");
  CHECK(DockerConfigCredentials(env).find("ghcr.io/a/b")->username == "file");
  try {
    DockerConfigCredentials(env).find("quay.io/a/b");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kCredentials);
    CHECK(error.message() == "DOCKER_AUTH_CONFIG: not valid JSON at line 1, column 1");
    CHECK(error.hint() == "fix the variable DOCKER_AUTH_CONFIG, or unset it");
  }
}

TEST_CASE("A malformed configuration is an error that shows no secret", "[oci]") {
  Home home;
  struct Case {
    std::string config, reason;
  };
  for (const Case& c : {
           Case{"{\"auths\": s3cret}", "not valid JSON at line 1, column 11"},
           Case{"[]", "$: expected an object"},
           Case{R"({"auths":{"ghcr.io":"s3cret"}})", "$.auths.ghcr.io: expected an object"},
           Case{R"({"auths":{"ghcr.io":{"auth":7}}})",
                "$.auths.ghcr.io.auth: expected a string, found number"},
           Case{R"({"auths":{"ghcr.io":{"auth":"s3cret!"}}})",
                "$.auths.ghcr.io.auth: not base64 of user:password"},
           Case{R"({"auths":{"ghcr.io":{"auth":"bm9jb2xvbg=="}}})",
                "$.auths.ghcr.io.auth: not base64 of user:password"},
           Case{R"({"credsStore":["s3cret"]})", "$.credsStore: expected a string, found array"},
       }) {
    INFO(c.config);
    home.config(c.config);
    const Error error = home.failure("ghcr.io");
    CHECK(error.category() == Category::kCredentials);
    CHECK(error.code() == "image.docker_config");
    CHECK(error.message() == home.config_path() + ": " + c.reason);
    CHECK(error.hint() ==
          "fix " + home.config_path() + ", or move it away and log in again with: docker login");
  }
}

TEST_CASE("A helper gets the host on its standard input and answers with credentials", "[oci]") {
  Home home;
  home.helper("store",
              "read host; echo \"$1 $host\" >\"${0%/*}/../asked\"\n"
              R"(echo '{"ServerURL":"x","Username":"carol","Secret":"pw"}')");
  home.config(R"({"credsStore":"store"})");
  CHECK(home.find("ghcr.io") == "carol pw");
  CHECK(home.note("asked") == "get ghcr.io\n");
  CHECK(home.find("docker.io") == "carol pw");
  CHECK(home.note("asked") == "get https://index.docker.io/v1/\n");
}

TEST_CASE("The helper of a host comes before the general one, and both before auths", "[oci]") {
  Home home;
  home.helper("one", R"(echo '{"Username":"from-one","Secret":"1"}')");
  home.helper("two", R"(echo '{"Username":"from-two","Secret":"2"}')");
  home.helper("none", "echo 'credentials not found in native keychain'; exit 1");
  const std::string auths = R"("auths":{"ghcr.io":)" + kAliceAuth + "}";
  home.config(R"({"credHelpers":{"https://ghcr.io":"one"},"credsStore":"two",)" + auths + "}");
  CHECK(home.find("ghcr.io") == "from-one 1");
  CHECK(home.find("quay.io") == "from-two 2");
  home.config(R"({"credHelpers":{"ghcr.io":"none"},"credsStore":"two",)" + auths + "}");
  CHECK(home.find("ghcr.io") == "from-two 2");
  home.config(R"({"credsStore":"none",)" + auths + "}");
  CHECK(home.find("ghcr.io") == "alice s3cret");
  CHECK(home.find("quay.io") == "none");
}

TEST_CASE("A helper that fails does not hide a login in auths", "[oci]") {
  Home home;
  home.helper("broken", "echo 'the keyring is locked'; exit 1");
  home.config(R"({"credHelpers":{"ghcr.io":"broken"},"credsStore":"missing","auths":{"ghcr.io":)" +
              kAliceAuth + "}}");
  CHECK(home.find("ghcr.io") == "alice s3cret");
  CHECK(home.failure("quay.io").message() == "docker-credential-missing is not installed");
}

TEST_CASE("A helper may answer with an identity token or with nothing", "[oci]") {
  Home home;
  home.config(R"({"credsStore":"store"})");
  home.helper("store", R"(echo '{"Username":"<token>","Secret":"idt"}')");
  CHECK(home.find("ghcr.io") == " idt");
  home.helper("store", R"(echo '{"ServerURL":"","Username":"","Secret":""}')");
  CHECK(home.find("ghcr.io") == "none");
}

TEST_CASE("A helper that fails is named with its reason", "[oci]") {
  Home home;
  home.config(R"({"credsStore":"store"})");
  const auto check = [&](const std::string& reason) {
    const Error error = home.failure("ghcr.io");
    CHECK(error.category() == Category::kCredentials);
    CHECK(error.code() == "image.credential_helper");
    CHECK(error.message() == "docker-credential-store " + reason);
    CHECK(error.hint() ==
          "run it by hand, or remove it from Docker's config.json: docker-credential-store list");
  };
  SECTION("not installed") {
    check("is not installed");
  }
  SECTION("an error with words") {
    home.helper("store", "echo 'the keyring is locked'; echo noise >&2; exit 3");
    check("failed with status 3: the keyring is locked");
  }
  SECTION("an error without words") {
    home.helper("store", "exit 1");
    check("failed with status 1");
  }
  SECTION("killed by a signal") {
    home.helper("store", "kill -9 $$");
    check("failed with status 137");
  }
  SECTION("garbage, which is not repeated") {
    home.helper("store", "echo s3cret");
    check("answered something other than credentials");
  }
  SECTION("credentials without a secret") {
    home.helper("store", R"(echo '{"Username":"x"}')");
    check("answered something other than credentials");
  }
  SECTION("an endless answer") {
    home.helper("store", "while :; do echo 0123456789012345678901234567890123456789; done");
    check("answered more than 64 KiB");
  }
  SECTION("not a program") {
    home.helper("store", "");
    std::filesystem::permissions(home.path("bin/docker-credential-store"),
                                 std::filesystem::perms::owner_read);
    check("is not installed");
  }
}

TEST_CASE("The name of a helper cannot be a path", "[oci]") {
  Home home;
  home.config(R"({"credsStore":"../x"})");
  CHECK(home.failure("ghcr.io").message() ==
        "docker-credential-../x is not the name of a credential helper");
}

TEST_CASE("A helper that does not end is killed when its time is up", "[oci]") {
  Home home;
  const auto started = std::chrono::steady_clock::now();
  const auto ask = [&] {
    try {
      ask_credential_helper("store", "ghcr.io", home.env(), base::Milliseconds(50));
      return std::string("answered");
    } catch (const Error& error) {
      return error.message();
    }
  };
  SECTION("silent") {
    home.helper("store", "echo $$ >\"${0%/*}/../pid\"; exec /bin/sleep 600");
  }
  SECTION("its output closed") {
    home.helper("store", "echo $$ >\"${0%/*}/../pid\"; exec >&- /bin/sleep 600");
  }
  SECTION("its output held by a child of its own") {
    home.helper("store", "/bin/sleep 2 & exit 0");
  }
  CHECK(ask() == "docker-credential-store did not answer within 0.05 s");
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(2));
}

}  // namespace
}  // namespace ecloud::oci
