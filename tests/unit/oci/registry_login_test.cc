#include "registry_fixture.h"

namespace ecloud::oci {
namespace {

using testing::make_response;

const std::string kTagUrl = kRepo + "/manifests/1";
const std::string kScope = "repository%3Ayou%2Fapp%3Apull";
const std::string kTokenUrl = "https://ghcr.io/token?service=ghcr.io&scope=" + kScope;
// printf 'alice:s3cret' | base64
const std::string kAliceBasic = "Basic YWxpY2U6czNjcmV0";

std::vector<net::Header> challenge(const std::string& value) {
  return {{"WWW-Authenticate", value}};
}

std::vector<net::Header> bearer(const std::string& realm) {
  return challenge("Bearer realm=\"" + realm +
                   "\",service=\"ghcr.io\",scope=\"repository:you/app:pull\"");
}

class LoginFixture : public RegistryFixture {
 public:
  void alice() {
    credentials.host = "ghcr.io";
    credentials.username = "alice";
    credentials.password = "s3cret";
  }
  void refuse(const std::vector<net::Header>& headers) { answer(kTagUrl, 401, "", headers); }
  void serve_image() {
    manifest(kTagUrl, kAmd64Manifest);
    manifest(kConfigUrl, kAmd64Config);
  }
  void check_failure(Category category, const std::string& code, const std::string& message,
                     const std::string& hint) {
    const Error error = failure("ghcr.io/you/app:1");
    CHECK(error.category() == category);
    CHECK(error.code() == code);
    CHECK(error.message() == message);
    CHECK(error.hint() == hint);
    CHECK(error.message().find("s3cret") == std::string::npos);
  }
};

const std::string kPublicHint =
    "check the name; is the image public? the platform can only pull public images (to read a "
    "private one: docker login ghcr.io)";

TEST_CASE("A token is fetched without credentials where there are none, and kept", "[oci]") {
  LoginFixture registry;
  registry.refuse(bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, 200, R"({"token":"t0ken"})");
  registry.serve_image();
  const ResolvedImage image = registry.resolve("ghcr.io/you/app:1");
  CHECK(image.digest.to_string() == kAmd64ManifestDigest);
  CHECK_FALSE(image.with_credentials);
  CHECK(registry.asked() == std::vector<std::string>{"GET " + kTagUrl, "GET " + kTokenUrl,
                                                     "GET " + kTagUrl, "GET " + kConfigUrl});
  CHECK(registry.sent(1, "Authorization") == "none");
  CHECK(registry.sent(2, "Authorization") == "Bearer t0ken");
  CHECK(registry.sent(3, "Authorization") == "Bearer t0ken");

  registry.serve_image();
  registry.resolve("ghcr.io/you/app:1");
  CHECK(registry.asked().size() == 6);
  CHECK(registry.sent(4, "Authorization") == "Bearer t0ken");
  CHECK(registry.credentials.asked == std::vector<std::string>{"ghcr.io/you/app"});
}

TEST_CASE("A token that has run out is replaced by a new one", "[oci]") {
  LoginFixture registry;
  registry.refuse(bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, 200, R"({"token":"old"})");
  registry.manifest(kTagUrl, kAmd64Manifest);
  registry.answer(kConfigUrl, 401, "", bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, 200, R"({"token":"new"})");
  registry.manifest(kConfigUrl, kAmd64Config);
  CHECK(registry.resolve("ghcr.io/you/app:1").digest.to_string() == kAmd64ManifestDigest);
  CHECK(registry.sent(5, "Authorization") == "Bearer new");
}

TEST_CASE("A token is for one repository", "[oci]") {
  LoginFixture registry;
  registry.refuse(bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, 200, R"({"token":"t0ken"})");
  registry.serve_image();
  registry.resolve("ghcr.io/you/app:1");
  registry.answer("https://ghcr.io/v2/other/app/manifests/1", 404, "");
  registry.failure("ghcr.io/other/app:1");
  CHECK(registry.sent(4, "Authorization") == "none");
}

TEST_CASE("Credentials go to the token service of the registry", "[oci]") {
  LoginFixture registry;
  registry.alice();
  registry.refuse(bearer("https://auth.ghcr.io/token?x=1"));
  registry.answer("https://auth.ghcr.io/token?x=1&service=ghcr.io&scope=" + kScope, 200,
                  R"({"access_token":"t0ken"})");
  registry.serve_image();
  CHECK(registry.resolve("ghcr.io/you/app:1").with_credentials);
  CHECK(registry.sent(1, "Authorization") == kAliceBasic);
  CHECK(registry.sent(2, "Authorization") == "Bearer t0ken");
}

TEST_CASE("A challenge without service and scope is answered with our own scope", "[oci]") {
  LoginFixture registry;
  registry.refuse(challenge("Bearer realm=\"https://ghcr.io/token\""));
  registry.answer("https://ghcr.io/token?scope=" + kScope, 200, R"({"token":"t0ken"})");
  registry.serve_image();
  CHECK(registry.resolve("ghcr.io/you/app:1").digest.to_string() == kAmd64ManifestDigest);
}

TEST_CASE("Credentials do not go to a token service of somebody else", "[oci]") {
  LoginFixture registry;
  registry.alice();
  registry.refuse(bearer("https://evil.example/token"));
  const std::string url = "https://evil.example/token?service=ghcr.io&scope=" + kScope;
  SECTION("and a public image needs none") {
    registry.answer(url, 200, R"({"token":"t0ken"})");
    registry.serve_image();
    CHECK_FALSE(registry.resolve("ghcr.io/you/app:1").with_credentials);
    CHECK(registry.sent(1, "Authorization") == "none");
  }
  SECTION("and a private one is refused with the reason") {
    registry.answer(url, 401, "");
    registry.check_failure(
        Category::kCredentials, "image.unauthorized",
        "ghcr.io/you/app:1 is private, or there is no such repository (its token service at "
        "evil.example does not belong to ghcr.io, so your credentials were not sent there)",
        kPublicHint);
  }
}

TEST_CASE("A token service has to be at an https URL", "[oci]") {
  for (const std::string realm : {"http://ghcr.io/token", "http://localhost:1/token", "/token",
                                  "ftp://ghcr.io/", "https://x@ghcr.io/token"}) {
    INFO(realm);
    LoginFixture registry;
    registry.alice();
    registry.refuse(bearer(realm));
    const std::string shown =
        realm == "https://x@ghcr.io/token" ? "https://REDACTED@ghcr.io/token" : realm;
    registry.check_failure(Category::kNetwork, "image.registry_failed",
                           "ghcr.io names a token service that is not at an https URL: " + shown,
                           "use a registry that logs in over https");
    CHECK(registry.asked().size() == 1);
  }
}

TEST_CASE("A public registry cannot send us to a token service in a private network", "[oci]") {
  for (const std::string host : {"169.254.169.254", "10.0.0.1", "192.168.1.1", "[::1]", "0x7f.1"}) {
    INFO(host);
    LoginFixture registry;
    registry.alice();
    registry.refuse(bearer("https://" + host + "/token"));
    const Error error = registry.failure("ghcr.io/you/app:1");
    CHECK(error.code() == "net.redirect_refused");
    CHECK(error.message() ==
          "https://ghcr.io: its redirect is refused: it leads from a public host to a private "
          "address (https://" +
              host + ")");
    CHECK(registry.asked().size() == 1);
  }
}

TEST_CASE("A registry on loopback may have its token service there without https", "[oci]") {
  RegistryFixture registry;
  registry.credentials.host = "localhost:5000";
  registry.credentials.username = "alice";
  registry.credentials.password = "s3cret";
  const std::string url = "http://localhost:5000/v2/x/manifests/latest";
  registry.answer(url, 401, "", challenge("Bearer realm=\"http://127.0.0.1:5001/token\""));
  registry.answer("http://127.0.0.1:5001/token?scope=repository%3Ax%3Apull", 200,
                  R"({"token":"t"})");
  registry.manifest(url, kAmd64Manifest);
  registry.manifest("http://localhost:5000/v2/x/blobs/" + kAmd64ConfigDigest, kAmd64Config);
  CHECK(registry.resolve("localhost:5000/x").with_credentials);
  CHECK(registry.sent(1, "Authorization") == kAliceBasic);
}

TEST_CASE("Docker Hub's token service is known before it is named", "[oci]") {
  RegistryFixture registry;
  const std::string token =
      "https://auth.docker.io/token?service=registry.docker.io&"
      "scope=repository%3Alibrary%2Fnginx%3Apull";
  const std::string repository = "https://registry-1.docker.io/v2/library/nginx";
  registry.answer(token, 200, R"({"token":"t0ken","expires_in":300})");
  SECTION("a public image") {
    registry.manifest(repository + "/manifests/latest", kAmd64Manifest);
    registry.manifest(repository + "/blobs/" + kAmd64ConfigDigest, kAmd64Config);
    CHECK(registry.resolve("nginx").reference.name() == "docker.io/library/nginx");
    CHECK(registry.asked().size() == 3);
    CHECK(registry.sent(1, "Authorization") == "Bearer t0ken");
    CHECK(registry.credentials.asked == std::vector<std::string>{"docker.io/library/nginx"});
  }
  SECTION("a refused token is not fetched again") {
    registry.answer(repository + "/manifests/latest", 401,
                    R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})",
                    challenge("Bearer realm=\"https://auth.docker.io/token\","
                              "service=\"registry.docker.io\""));
    CHECK(registry.failure("nginx").message() ==
          "docker.io/library/nginx:latest is private, or there is no such repository: "
          "UNAUTHORIZED: authentication required");
    CHECK(registry.asked().size() == 2);
  }
  SECTION("another challenge is followed") {
    registry.answer(repository + "/manifests/latest", 401, "",
                    challenge("Bearer realm=\"https://login.docker.io/token\""));
    registry.answer("https://login.docker.io/token?scope=repository%3Alibrary%2Fnginx%3Apull", 200,
                    R"({"token":"other"})");
    registry.manifest(repository + "/manifests/latest", kAmd64Manifest);
    registry.manifest(repository + "/blobs/" + kAmd64ConfigDigest, kAmd64Config);
    registry.resolve("nginx");
    CHECK(registry.sent(3, "Authorization") == "Bearer other");
  }
}

TEST_CASE("An identity token is exchanged for an access token", "[oci]") {
  LoginFixture registry;
  registry.credentials.host = "ghcr.io";
  registry.credentials.password = "id+token";
  registry.refuse(bearer("https://ghcr.io/token"));
  SECTION("and accepted") {
    registry.transport.once("POST", "https://ghcr.io/token",
                            make_response(200, R"({"access_token":"t0ken"})"));
    registry.serve_image();
    CHECK(registry.resolve("ghcr.io/you/app:1").with_credentials);
    const net::Request request = registry.transport.requests()[1];
    CHECK(request.body == "grant_type=refresh_token&client_id=ecloud&service=ghcr.io&scope=" +
                              kScope + "&refresh_token=id%2Btoken");
    CHECK(registry.sent(1, "Content-Type") == "application/x-www-form-urlencoded");
    CHECK(registry.sent(1, "Authorization") == "none");
    CHECK_FALSE(request.follow_redirects);
  }
  SECTION("or refused") {
    registry.transport.once("POST", "https://ghcr.io/token", make_response(401, ""));
    registry.refuse(bearer("https://ghcr.io/token"));
    registry.answer(kTokenUrl, 401, "");
    registry.check_failure(Category::kCredentials, "image.unauthorized",
                           "ghcr.io refuses your identity token",
                           "log in again with: docker login ghcr.io");
  }
}

TEST_CASE("Basic authentication is answered with user and password", "[oci]") {
  LoginFixture registry;
  registry.alice();
  registry.refuse(challenge("Basic realm=\"Registry\""));
  SECTION("which are right") {
    registry.serve_image();
    CHECK(registry.resolve("ghcr.io/you/app:1").with_credentials);
    CHECK(registry.sent(1, "Authorization") == kAliceBasic);
    CHECK(registry.sent(2, "Authorization") == kAliceBasic);
    CHECK(registry.asked().size() == 3);
  }
  SECTION("which are wrong") {
    registry.refuse(challenge("Basic realm=\"Registry\""));
    registry.check_failure(Category::kCredentials, "image.unauthorized",
                           "ghcr.io refuses the credentials of \"alice\"",
                           "log in again with: docker login ghcr.io");
  }
}

TEST_CASE("Basic authentication without credentials is a private image", "[oci]") {
  LoginFixture registry;
  registry.refuse(challenge("Basic realm=\"Registry\""));
  SECTION("none at all") {
    registry.check_failure(Category::kCredentials, "image.unauthorized",
                           "ghcr.io/you/app:1 is private, or there is no such repository",
                           kPublicHint);
  }
  SECTION("the helper failed") {
    registry.credentials.failure = Error(Category::kCredentials, "image.credential_helper",
                                         "docker-credential-desktop is not installed");
    registry.check_failure(Category::kCredentials, "image.unauthorized",
                           "ghcr.io/you/app:1 is private, or there is no such repository "
                           "(docker-credential-desktop is not installed)",
                           kPublicHint);
  }
  SECTION("a challenge that is not known") {
    RegistryFixture other;
    other.answer(kTagUrl, 401, "", challenge("Negotiate"));
    CHECK(other.failure("ghcr.io/you/app:1").code() == "image.unauthorized");
  }
}

TEST_CASE("Logins that cannot be read do not hide a public image", "[oci]") {
  LoginFixture registry;
  const std::string code = GENERATE("image.credential_helper", "image.docker_config");
  registry.credentials.failure =
      Error(Category::kCredentials, code, "the store is broken", "fix it");
  registry.refuse(bearer("https://ghcr.io/token"));
  SECTION("which is read with a warning") {
    registry.answer(kTokenUrl, 200, R"({"token":"t0ken"})");
    registry.serve_image();
    CHECK(registry.resolve("ghcr.io/you/app:1").digest.to_string() == kAmd64ManifestDigest);
    CHECK(registry.warnings ==
          std::vector<std::string>{"the store is broken; ghcr.io/you/app is read without a login"});
  }
  SECTION("and are the reason where a login is needed") {
    registry.answer(kTokenUrl, 403, "");
    registry.check_failure(Category::kCredentials, "image.unauthorized",
                           "ghcr.io/you/app:1 is private, or there is no such repository (the "
                           "store is broken)",
                           "fix it");
    CHECK(registry.warnings.empty());
  }
}

TEST_CASE("A login that the token service refuses does not hide a public image", "[oci]") {
  LoginFixture registry;
  registry.alice();
  registry.credentials.origin = "/home/a/auth.json";
  registry.refuse(bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, GENERATE(401, 403), "");
  registry.refuse(bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, 200, R"({"token":"t0ken"})");
  registry.serve_image();
  const ResolvedImage image = registry.resolve("ghcr.io/you/app:1");
  CHECK(image.digest.to_string() == kAmd64ManifestDigest);
  CHECK_FALSE(image.with_credentials);
  CHECK(registry.sent(1, "Authorization") == kAliceBasic);
  CHECK(registry.sent(3, "Authorization") == "none");
  CHECK(registry.sent(5, "Authorization") == "Bearer t0ken");
  CHECK(registry.warnings ==
        std::vector<std::string>{"ghcr.io refuses the login of \"alice\" (from /home/a/auth.json); "
                                 "ghcr.io/you/app is read without it"});
}

TEST_CASE("A token for a login that the registry refuses does not hide a public image", "[oci]") {
  LoginFixture registry;
  registry.alice();
  registry.refuse(bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, 200, R"({"token":"of-alice"})");
  registry.answer(kTagUrl, GENERATE(401, 403), R"({"errors":[{"code":"DENIED"}]})");
  registry.refuse(bearer("https://ghcr.io/token"));
  registry.answer(kTokenUrl, 200, R"({"token":"of-all"})");
  registry.serve_image();
  CHECK_FALSE(registry.resolve("ghcr.io/you/app:1").with_credentials);
  CHECK(registry.sent(2, "Authorization") == "Bearer of-alice");
  CHECK(registry.sent(5, "Authorization") == "Bearer of-all");
  CHECK(registry.warnings == std::vector<std::string>{"ghcr.io refuses the login of \"alice\"; "
                                                      "ghcr.io/you/app is read without it"});
}

TEST_CASE("What the token service refuses is told", "[oci]") {
  LoginFixture registry;
  registry.refuse(bearer("https://ghcr.io/token"));
  const std::string answered = "ghcr.io answered HTTP ";
  const std::string what = " when asked for a token to pull ghcr.io/you/app:1";
  SECTION("credentials") {
    registry.alice();
    registry.answer(kTokenUrl, 401, R"({"details":"incorrect username or password"})");
    registry.refuse(bearer("https://ghcr.io/token"));
    registry.answer(kTokenUrl, 403, "");
    registry.check_failure(
        Category::kCredentials, "image.unauthorized",
        "ghcr.io refuses the credentials of \"alice\": incorrect username or password",
        "log in again with: docker login ghcr.io");
  }
  SECTION("access, with credentials") {
    registry.alice();
    registry.answer(kTokenUrl, 403, R"({"errors":[{"code":"DENIED","message":"denied"}]})");
    registry.refuse(bearer("https://ghcr.io/token"));
    registry.answer(kTokenUrl, 403, "");
    registry.check_failure(Category::kCredentials, "image.unauthorized",
                           "\"alice\" may not pull ghcr.io/you/app:1, or there is no such "
                           "repository: DENIED: denied",
                           kPublicHint);
  }
  SECTION("access, without") {
    registry.answer(kTokenUrl, 403, R"({"errors":[{"code":"DENIED","message":"denied"}]})");
    registry.check_failure(
        Category::kCredentials, "image.unauthorized",
        "ghcr.io/you/app:1 is private, or there is no such repository: DENIED: denied",
        kPublicHint);
  }
  SECTION("service") {
    registry.answer(kTokenUrl, 503, "down");
    registry.check_failure(Category::kNetwork, "image.registry_failed",
                           answered + "503" + what + ": down", "try again in a few minutes");
  }
  SECTION("more requests") {
    registry.answer(kTokenUrl, 429, "");
    registry.check_failure(Category::kNetwork, "image.registry_failed",
                           "ghcr.io refuses more requests for now",
                           "try again later, or raise the limit with: docker login ghcr.io");
  }
}

TEST_CASE("An answer without a sound token is refused", "[oci]") {
  for (const std::string body :
       {"", "{}", "[]", R"({"token":7})", R"({"token":""})", R"({"token":"a\r\nX-Evil: 1"})",
        R"({"token":"two words"})", "<html>"}) {
    INFO(body);
    LoginFixture registry;
    registry.refuse(bearer("https://ghcr.io/token"));
    registry.answer(kTokenUrl, 200, body);
    registry.check_failure(Category::kNetwork, "image.registry_failed",
                           "the token service ghcr.io of ghcr.io answered without a token",
                           "try again in a few minutes");
  }
}

}  // namespace
}  // namespace ecloud::oci
