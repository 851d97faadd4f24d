#include "user_api_fixture.h"

namespace ecloud::platform {
namespace {

using testing::error_of;
using testing::kAppText;
using testing::sample_app;
using testing::UserApiFixture;

const std::string kServer = "the UserAPI (" + testing::kUserApi + ") answered ";
const std::string kRetryHint = " | try again in a moment";

std::string logs_error(int status, const std::string& body, bool with_key = true) {
  UserApiFixture f("/logs/" + kAppText, status, body);
  return error_of([&] { (with_key ? f.api : f.keyless).logs(sample_app()); });
}

std::string info_error(const std::string& body) {
  UserApiFixture f("/info?apps=" + kAppText, 200, body);
  return error_of([&] { f.api.info({sample_app()}); });
}

TEST_CASE("a refused signature names the account that asked", "[platform]") {
  const std::string hint =
      " | use the key of an admin of the app, or one that was granted that (ecloud compute app "
      "permissions list APP), and check this machine's clock";
  const std::string account = " (asked as " + std::string(testing::kSampleAccount) + ")";
  CHECK(logs_error(401, R"({"error":"signature expired"})") ==
        "5 userapi.forbidden: " + kServer + "401 to the request for logs: signature expired" +
            account + hint);
  CHECK(logs_error(403, "") ==
        "5 userapi.forbidden: " + kServer + "403 to the request for logs" + account + hint);
  CHECK(logs_error(403, "no", false) == "5 userapi.forbidden: " + kServer +
                                            "403 to the request for logs: no (no key was given)" +
                                            hint);
}

TEST_CASE("an app that the platform does not know is not found", "[platform]") {
  CHECK(logs_error(404, R"({"error":"app not found"})") ==
        "6 userapi.not_found: " + kServer +
            "404 to the request for logs: app not found | see your apps: ecloud compute app list");
}

TEST_CASE("an app that is being set up is pending", "[platform]") {
  CHECK(logs_error(425, "Too Early") ==
        "8 userapi.provisioning: " + kServer +
            "425 to the request for logs: Too Early | the app is still being set up; try again in "
            "a moment");
}

TEST_CASE("other failures are shown with the server's words", "[platform]") {
  const std::string start = "7 userapi.failed: " + kServer;
  CHECK(logs_error(500, R"({"error":"database is down"})") ==
        start + "500 to the request for logs: database is down" + kRetryHint);
  CHECK(logs_error(500, "\n  plain words \n") ==
        start + "500 to the request for logs: plain words" + kRetryHint);
  CHECK(logs_error(503, "") == start + "503 to the request for logs" + kRetryHint);
  CHECK(logs_error(502, "<html><body>Bad Gateway</body></html>") ==
        start + "502 to the request for logs: an HTML page" + kRetryHint);
  CHECK(logs_error(500, "\r\n<!DOCTYPE html>") ==
        start + "500 to the request for logs: an HTML page" + kRetryHint);
  CHECK(logs_error(500, R"({"error":{"code":7}})") ==
        start + R"(500 to the request for logs: {"error":{"code":7}})" + kRetryHint);
  CHECK(logs_error(302, "moved") == start + "302 to the request for logs: moved" + kRetryHint);
  CHECK(logs_error(500, std::string(5000, 'x')) ==
        start + "500 to the request for logs: " + std::string(300, 'x') + "..." + kRetryHint);
}

TEST_CASE("every question is named in its error", "[platform]") {
  const auto status = [](const std::string& path, auto ask) {
    UserApiFixture f(path, 500, "");
    return error_of([&] { ask(f.api); });
  };
  CHECK(status("/info?apps=" + kAppText, [](UserApi& api) { api.info({sample_app()}); }) ==
        "7 userapi.failed: " + kServer + "500 to the request for app info" + kRetryHint);
  CHECK(status("/status?apps=" + kAppText, [](UserApi& api) { api.status({sample_app()}); }) ==
        "7 userapi.failed: " + kServer + "500 to the request for app status" + kRetryHint);
  CHECK(status("/skus", [](UserApi& api) { api.skus(); }) ==
        "7 userapi.failed: " + kServer + "500 to the request for instance types" + kRetryHint);
  CHECK(status("/apps/" + kAppText, [](UserApi& api) { api.details(sample_app()); }) ==
        "7 userapi.failed: " + kServer + "500 to the request for the app's releases" + kRetryHint);
}

TEST_CASE("an error cannot move the cursor", "[platform]") {
  CHECK(logs_error(500, "\x1b[2J\x1b]0;title\x07 gone\nnext\xff") ==
        "7 userapi.failed: " + kServer + "500 to the request for logs: ?[2J?]0;title? gone next?" +
            kRetryHint);
  CHECK(logs_error(401, "{\"error\":\"\\u001b[31mred\\n\\u009b\"}").find("?[31mred ?") !=
        std::string::npos);
}

TEST_CASE("text in answers cannot move the cursor", "[platform]") {
  UserApiFixture f("/info?apps=" + kAppText, 200,
                   R"({"apps":[{"app_status":"Run\u001b[2Jning","ip":"1.2.3.4\u0007","machine_type":
       "a\nb","profile":{"name":"\u001b[31mname","website":"w\r\n","description":"1\n2\u001b"}}]})");
  const AppInfo info = f.api.info({sample_app()}).at(0);
  CHECK(info.state == RunState::kUnknown);
  CHECK(info.state_word == "Run?[2Jning");
  CHECK_FALSE(info.ip);
  CHECK(info.machine_type == "a b");
  CHECK(info.profile->name == "?[31mname");
  CHECK(info.profile->website == "w? ");
  CHECK(info.profile->description == "1\n2?");
  UserApiFixture g("/skus", 200, R"({"skus":[{"sku":"a\u001b","description":"b\nc"}]})");
  CHECK(g.api.skus().at(0).name == "a?");
}

TEST_CASE("an answer with the wrong number of apps is refused", "[platform]") {
  CHECK(info_error(R"({"apps":[]})") == "7 json.shape: userapi: $.apps: has 0 entries for 1 apps");
  CHECK(info_error(R"({"apps":[{},{}]})") ==
        "7 json.shape: userapi: $.apps: has 2 entries for 1 apps");
  UserApiFixture f("/status?apps=" + kAppText, 200, R"({"Apps":[]})");
  CHECK(error_of([&] { f.api.status({sample_app()}); }) ==
        "7 json.shape: userapi: $.Apps: has 0 entries for 1 apps");
}

TEST_CASE("an answer of another shape is refused with the place", "[platform]") {
  CHECK(info_error("{}") == "7 json.shape: userapi: $.apps: expected an array, found nothing");
  CHECK(info_error(R"({"apps":{}})") ==
        "7 json.shape: userapi: $.apps: expected an array, found object");
  CHECK(info_error("<html>").starts_with("7 json.syntax: userapi: "));
  CHECK(info_error("").starts_with("7 json.syntax: userapi: "));
}

TEST_CASE("a run state that is missing or malformed says why", "[platform]") {
  const auto problem = [](const std::string& body) {
    UserApiFixture f("/info?apps=" + kAppText, 200, R"({"apps":[)" + body + "]}");
    const AppInfo info = f.api.info({sample_app()}).at(0);
    CHECK(info.state == RunState::kUnknown);
    CHECK(info.state_word.empty());
    return info.state_problem;
  };
  CHECK(problem(R"({"app_status":7})") ==
        "userapi: $.apps[0].app_status: expected a string, found number");
  CHECK(problem(R"({"appStatus":[]})") ==
        "userapi: $.apps[0].appStatus: expected a string, found array");
  CHECK(problem(R"({"ip":"1.2.3.4"})") ==
        "userapi: $.apps[0].app_status: expected a string, found nothing");
  CHECK(problem("[]") == "userapi: $.apps[0].app_status: expected a string, found nothing");
}

TEST_CASE("Cloudflare's bot check is told apart from a refused key", "[platform]") {
  // Both marks of the page, as it is served.
  for (const std::string& page :
       {std::string(
            R"(<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script src=)"
            R"("/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>)"),
        std::string("<html><head><title>Attention Required! | Cloudflare</title></head></html>")}) {
    const std::string expected = "7 net.bot_check: " + kServer +
                                 "403 to the request for logs: a bot check (Cloudflare) | this "
                                 "network address has sent too many requests; wait a few minutes "
                                 "and try again";
    CHECK(logs_error(403, page) == expected);
    CHECK(logs_error(403, page, false) == expected);
  }
  CHECK(logs_error(403, "<html>nginx</html>").starts_with("5 userapi.forbidden: "));
  CHECK(logs_error(403, R"({"error":"cloudflare says no"})").starts_with("5 userapi.forbidden: "));
}

TEST_CASE("when one group of apps fails, the whole question fails", "[platform]") {
  const auto apps = testing::numbered_apps(11);
  UserApiFixture f;
  std::string ten = "{}";
  for (int i = 1; i < 10; ++i) ten += ",{}";
  f.answer("/info" + testing::apps_query(apps, 0, 10), 200, R"({"apps":[)" + ten + "]}");
  f.answer("/info" + testing::apps_query(apps, 10, 1), 500, "no");
  CHECK(error_of([&] { f.api.info(apps); }) ==
        "7 userapi.failed: " + kServer + "500 to the request for app info: no" + kRetryHint);
}

TEST_CASE("a network failure is handed on as it is", "[platform]") {
  UserApiFixture f;
  f.transport.once("GET", testing::kUserApi + "/skus",
                   Error(Category::kNetwork, "net.timeout", "too slow"));
  CHECK(error_of([&] { f.api.skus(); }) == "7 net.timeout: too slow");
}

}  // namespace
}  // namespace ecloud::platform
