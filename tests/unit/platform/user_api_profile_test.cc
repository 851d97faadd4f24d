#include "user_api_fixture.h"

namespace ecloud::platform {
namespace {

using testing::header_of;
using testing::kAppText;
using testing::sample_app;
using testing::UserApiFixture;

const std::string kPath = "/apps/" + kAppText + "/profile";

std::string field(const std::string& name, const std::string& value) {
  return "--ecloud-form-0\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
         value + "\r\n";
}

TEST_CASE("a profile is sent as a signed form", "[platform]") {
  UserApiFixture f(kPath, 201, "{}", "POST");
  const std::string png("\x89PNG\r\n\x1a\n\0", 9);
  f.api.set_profile(sample_app(), {"demo", "https://x", "what it is", "https://x.com/d", ""},
                    ProfileImage{"logo.png", "image/png", png});
  const net::Request asked = f.only_request();
  CHECK(testing::signer_of(asked, f, kUpdateProfilePermission) == testing::kSampleAccount);
  CHECK(header_of(asked, "Content-Type") == "multipart/form-data; boundary=ecloud-form-0");
  CHECK(header_of(asked, "x-client-id") != "none");
  CHECK(asked.body == field("name", "demo") + field("website", "https://x") +
                          field("description", "what it is") + field("xURL", "https://x.com/d") +
                          "--ecloud-form-0\r\nContent-Disposition: form-data; name=\"image\"; "
                          "filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n" +
                          png + "\r\n--ecloud-form-0--\r\n");
}

TEST_CASE("what is not given is not sent", "[platform]") {
  UserApiFixture f(kPath, 200, R"({"name":"demo"})", "POST");
  f.api.set_profile(sample_app(), {"demo", "", "", "", "not ours to set"});
  CHECK(f.only_request().body == field("name", "demo") + "--ecloud-form-0--\r\n");
}

TEST_CASE("a field that holds the boundary gets another one", "[platform]") {
  UserApiFixture f(kPath, 200, R"({"name":"demo"})", "POST");
  f.api.set_profile(sample_app(), {"demo", "", "--ecloud-form-0--", "", ""});
  CHECK(header_of(f.only_request(), "Content-Type") ==
        "multipart/form-data; boundary=ecloud-form-1");
  CHECK(f.only_request().body.ends_with("--ecloud-form-0--\r\n--ecloud-form-1--\r\n"));
}

TEST_CASE("a refused profile is an error with the server's words", "[platform]") {
  UserApiFixture f(kPath, 400, R"({"error":"name is taken"})", "POST");
  CHECK(testing::error_of([&] {
          f.api.set_profile(sample_app(), {"demo", "", "", "", ""});
        }) == "7 userapi.failed: the UserAPI (" + testing::kUserApi +
                  ") answered 400 to the request for a confirmation of the profile: name is taken "
                  "| try again in a moment");
}

TEST_CASE("a success that confirms no profile is none", "[platform]") {
  const char* body = GENERATE("", "<html>welcome</html>", R"({"unexpected":[]})", R"({"name":3})");
  UserApiFixture f(kPath, 200, body, "POST");
  CHECK(testing::error_of([&] {
          f.api.set_profile(sample_app(), {"demo", "", "", "", ""});
        }) == "7 userapi.failed: the UserAPI (" + testing::kUserApi +
                  ") did not confirm the profile: its answer holds none | try again in a moment");
}

TEST_CASE("pictures are known by their first octets", "[platform]") {
  CHECK(image_content_type("\x89PNG\r\n\x1a\n...") == "image/png");
  CHECK(image_content_type("\xff\xd8\xff\xe0...") == "image/jpeg");
  CHECK_FALSE(image_content_type(""));
  CHECK_FALSE(image_content_type("\x89PNG"));
  CHECK_FALSE(image_content_type("GIF89a"));
  CHECK_FALSE(image_content_type("<svg>"));
}

TEST_CASE("profile names are checked before they are sent", "[platform]") {
  CHECK(profile_name_problem("demo").empty());
  CHECK(profile_name_problem("my-app_2.0").empty());
  CHECK(profile_name_problem(std::string(50, 'a')).empty());
  CHECK(profile_name_problem(std::string(51, 'a')) == "is longer than 50 characters");
  // 50 letters of two octets each.
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "\xc3\xa4";
  CHECK(profile_name_problem(umlauts).empty());
  CHECK(profile_name_problem(umlauts + "a") == "is longer than 50 characters");
  CHECK(profile_name_problem("") == "is empty");
  CHECK(profile_name_problem("my app") == "holds a blank");
  CHECK(profile_name_problem(" app") == "holds a blank");
  CHECK(profile_name_problem("my\tapp") == "holds a control character");
  CHECK(profile_name_problem("my\x7f") == "holds a control character");
  CHECK(profile_name_problem("my\napp") == "holds a control character");
}

}  // namespace
}  // namespace ecloud::platform
