#include "ecloud/platform/user_api.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/text.h"
#include "ecloud/base/version.h"
#include "ecloud/crypto/pem_keys.h"
#include "user_api_fixture.h"

namespace ecloud::platform {
namespace {

using testing::header_of;
using testing::kAppText;
using testing::kOtherText;
using testing::kSampleAccount;
using testing::sample_app;
using testing::signer_of;
using testing::UserApiFixture;

TEST_CASE("app info is asked for with a signature and read whole", "[platform]") {
  UserApiFixture f("/info?apps=" + kAppText, 200, R"({"apps":[{"app_status":"Running",
    "ip":"34.1.2.3","machine_type":"g1-standard-4t","profile":{"name":"demo","website":"https://x",
    "description":"two\nlines","xURL":"https://x.com/d","imageURL":"https://i"},"metrics":{
    "cpu_utilization_percent":12.5,"memory_utilization_percent":50,"memory_used_bytes":1024,
    "memory_total_bytes":2048}}]})");
  const auto infos = f.api.info({sample_app()});
  REQUIRE(infos.size() == 1);
  const AppInfo& info = infos[0];
  CHECK(info.app == sample_app());
  CHECK(info.state == RunState::kRunning);
  CHECK(info.state_word == "Running");
  CHECK(info.ip == "34.1.2.3");
  CHECK(info.machine_type == "g1-standard-4t");
  REQUIRE(info.profile);
  CHECK(info.profile->name == "demo");
  CHECK(info.profile->website == "https://x");
  CHECK(info.profile->description == "two\nlines");
  CHECK(info.profile->x_url == "https://x.com/d");
  CHECK(info.profile->image_url == "https://i");
  CHECK(info.metrics.cpu_percent == 12.5);
  CHECK(info.metrics.memory_percent == 50);
  CHECK(info.metrics.memory_used_bytes == 1024u);
  CHECK(info.metrics.memory_total_bytes == 2048u);
  CHECK_FALSE(info.addresses);
  CHECK_FALSE(info.addresses_problem);

  const net::Request asked = f.only_request();
  CHECK(signer_of(asked, f, kViewInfoPermission) == kSampleAccount);
  CHECK(header_of(asked, "X-eigenx-expiry") == "1800000300");
  CHECK(header_of(asked, "x-client-id") == "ecloud-cli/v" + std::string(kVersion));
}

TEST_CASE("an app that has just been created has little to tell", "[platform]") {
  UserApiFixture f("/info?apps=" + kAppText, 200,
                   R"({"apps":[{"app_status":"Created","ip":"No IP assigned","profile":null}]})");
  const AppInfo info = f.api.info({sample_app()}).at(0);
  CHECK(info.state == RunState::kCreated);
  CHECK_FALSE(info.ip);
  CHECK(info.machine_type.empty());
  CHECK_FALSE(info.profile);
  CHECK_FALSE(info.metrics.cpu_percent);
  CHECK_FALSE(info.metrics.memory_total_bytes);
}

TEST_CASE("an empty address is none", "[platform]") {
  for (const std::string ip : {R"("")", "null", R"("No IP")"}) {
    UserApiFixture f("/info?apps=" + kAppText, 200, R"({"apps":[{"ip":)" + ip + "}]}");
    const AppInfo info = f.api.info({sample_app()}).at(0);
    CHECK_FALSE(info.ip);
    CHECK(info.state == RunState::kUnknown);
    CHECK(info.state_word.empty());
  }
}

/// An answer of /info whose addresses are signed by the test key for `app`.
std::string signed_info(const std::string& app, const std::string& signature = "") {
  const std::string data = R"({"appId":")" + app +
                           R"(","evmAddresses":[{"address":"0xf39F",)"
                           R"("derivationPath":"m/44'/60'/0'/0/0"}],"solanaAddresses":[]})";
  const base::Secret key(testing::test_data("crypto/test_key_p256.pem"));
  const std::string message = "COMPUTE_APP_KMS_SIGNATURE_V1" + std::string(1, '\0') + data;
  const std::string made = base::to_base64(crypto::p256_sign(key, base::as_bytes(message)));
  return R"({"apps":[{"app_status":"Running","addresses":{"data":)" + data + R"(,"signature":")" +
         (signature.empty() ? made : signature) + R"("}}]})";
}

TEST_CASE("wallet addresses are shown when the KMS signed them for this app", "[platform]") {
  UserApiFixture f("/info?apps=" + kAppText, 200, signed_info(kAppText));
  f.environment.kms_signing_key = testing::test_data("crypto/test_key_p256.pub.pem");
  const AppInfo info = f.api.info({sample_app()}).at(0);
  REQUIRE(info.addresses);
  CHECK(info.addresses->names_app);
  CHECK(info.addresses->evm.at(0).address == "0xf39F");
  CHECK_FALSE(info.addresses_problem);
}

TEST_CASE("wallet addresses that do not verify are withheld, with the reason", "[platform]") {
  const auto problem = [](const std::string& body, bool test_key = true) {
    UserApiFixture f("/info?apps=" + kAppText, 200, body);
    if (test_key) {
      f.environment.kms_signing_key = testing::test_data("crypto/test_key_p256.pub.pem");
    }
    const AppInfo info = f.api.info({sample_app()}).at(0);
    CHECK_FALSE(info.addresses);
    CHECK(info.state == RunState::kRunning);
    return info.addresses_problem.value_or("no problem");
  };
  const std::string unsigned_words =
      "the addresses of app " + kAppText + " are not signed by the KMS";
  CHECK(problem(signed_info(kAppText, "AAAA")) == unsigned_words);
  // Signed by the KMS of another environment.
  CHECK(problem(signed_info(kAppText), false) == unsigned_words);
  CHECK(problem(signed_info(kOtherText)) ==
        "the server gave the addresses of app " + kOtherText + " instead of " + kAppText);
  UserApiFixture f("/info?apps=" + kAppText, 200,
                   R"({"apps":[{"app_status":"Running","addresses":{}}]})");
  const AppInfo unread = f.api.info({sample_app()}).at(0);
  CHECK_FALSE(unread.addresses);
  CHECK_FALSE(unread.addresses_problem);
  CHECK(unread.addresses_unread ==
        "userapi: $.apps[0].addresses.signature: expected a string, found nothing");
}

TEST_CASE("many apps are asked for in groups of ten, in the order asked", "[platform]") {
  const auto apps = testing::numbered_apps(23);
  UserApiFixture f;
  const std::size_t groups[][2] = {{0, 10}, {10, 10}, {20, 3}};
  for (const auto& [first, count] : groups) {
    std::string body;
    for (std::size_t i = first; i < first + count; ++i) {
      body += (i > first ? "," : "") + std::string(R"({"machine_type":"m)") + std::to_string(i) +
              R"(","app_status":"s)" + std::to_string(i) + R"("})";
    }
    f.answer("/info" + testing::apps_query(apps, first, count), 200, R"({"apps":[)" + body + "]}");
    f.answer("/status" + testing::apps_query(apps, first, count), 200,
             R"({"apps":[)" + body + "]}");
  }
  const auto infos = f.api.info(apps);
  REQUIRE(infos.size() == 23);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    CHECK(infos[i].app == apps[i]);
    CHECK(infos[i].machine_type == "m" + std::to_string(i));
  }
  const auto statuses = f.api.status(apps);
  REQUIRE(statuses.size() == 23);
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    CHECK(statuses[i].state_word == "s" + std::to_string(i));
  }
  CHECK(f.transport.complaints() == "");
  CHECK(f.transport.requests().size() == 6);
}

TEST_CASE("of no apps nothing is asked", "[platform]") {
  UserApiFixture f;
  CHECK(f.api.info({}).empty());
  CHECK(f.api.status({}).empty());
  CHECK(f.transport.requests().empty());
}

TEST_CASE("the status is public and its members may be capitalised", "[platform]") {
  for (const std::string& body :
       {R"({"apps":[{"address":")" + kAppText + R"(","app_status":"Deploying"}]})",
        R"({"Apps":[{"Address":")" + kAppText + R"(","App_Status":"Deploying"}]})",
        std::string(R"({"apps":[{"appStatus":"deploying"}]})")}) {
    INFO(body);
    UserApiFixture f("/status?apps=" + kAppText, 200, body);
    const AppStatus status = f.api.status({sample_app()}).at(0);
    CHECK(status.state == RunState::kDeploying);
    CHECK(base::to_lower(status.state_word) == "deploying");
    CHECK(header_of(f.only_request(), "Authorization") == "none");
    CHECK(header_of(f.only_request(), "x-client-id") != "none");
  }
}

TEST_CASE("the status of another app is refused", "[platform]") {
  UserApiFixture f("/status?apps=" + kAppText, 200,
                   R"({"apps":[{"address":")" + kOtherText + R"(","app_status":"Running"}]})");
  CHECK(testing::error_of([&] { f.api.status({sample_app()}); }) ==
        "7 json.shape: userapi: $.apps[0].address: is not the app that was asked for");
  UserApiFixture g("/status?apps=" + kOtherText, 200,
                   R"({"apps":[{"address":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",)"
                   R"("app_status":"Running"}]})");
  CHECK(g.api.status({testing::other_app()}).at(0).state == RunState::kRunning);
}

TEST_CASE("every run state is known by its word, and new ones are kept", "[platform]") {
  // The words of the UserAPI.
  for (const std::string_view word :
       {"Created", "Deploying", "Running", "Upgrading", "Resuming", "Stopping", "Stopped",
        "Suspended", "Terminating", "Terminated", "Failed", "Unknown"}) {
    CHECK(to_string(run_state_of(word)) == word);
    CHECK(to_string(run_state_of(base::to_lower(word))) == word);
  }
  CHECK(run_state_of("Hibernating") == RunState::kUnknown);
  CHECK(run_state_of("") == RunState::kUnknown);
  UserApiFixture f("/status?apps=" + kAppText, 200, R"({"apps":[{"app_status":"Hibernating"}]})");
  CHECK(f.api.status({sample_app()}).at(0).state_word == "Hibernating");
}

TEST_CASE("the instance types are read under both spellings", "[platform]") {
  for (
      const std::string body :
      {R"({"skus":[{"sku":"g1-standard-4t","description":"4 vCPUs, TDX"},{"sku":"g1-micro-1v"}]})",
       R"({"SKUs":[{"SKU":"g1-standard-4t","Description":"4 vCPUs, TDX"},{"SKU":"g1-micro-1v"}]})"}) {
    UserApiFixture f("/skus", 200, body);
    const auto skus = f.keyless.skus();
    REQUIRE(skus.size() == 2);
    CHECK(skus[0].name == "g1-standard-4t");
    CHECK(skus[0].description == "4 vCPUs, TDX");
    CHECK(skus[1].name == "g1-micro-1v");
    CHECK(skus[1].description.empty());
    f.only_request();
  }
}

TEST_CASE("prices and sizes of instance types are read where the server tells them", "[platform]") {
  // The members that newer servers add (Layr-Labs/ecloud packages/cli/src/utils/prompts.ts).
  UserApiFixture f("/skus", 200, R"({"skus":[
      {"sku":"g1-micro-1v","friendly_name":"Starter 1","vcpus":"2","memory_mb":1024,
       "hourly_price_usd":"0.03","monthly_price_usd":19.99,"platform":"gcp_shielded_vm"},
      {"sku":"g1-standard-4t","vcpus":4.5,"memory_mb":-1,"hourly_price_usd":-1,
       "monthly_price_usd":"much","platform":7},
      {"description":"no name"},null,"g1-standard-8t"]})");
  const auto skus = f.keyless.skus();
  REQUIRE(skus.size() == 2);
  CHECK(skus[0].friendly_name == "Starter 1");
  CHECK(skus[0].vcpus == 2u);
  CHECK(skus[0].memory_mb == 1024u);
  CHECK(skus[0].hourly_usd == 0.03);
  CHECK(skus[0].monthly_usd == 19.99);
  CHECK(skus[0].platform == "gcp_shielded_vm");
  CHECK(skus[1].name == "g1-standard-4t");
  CHECK_FALSE(skus[1].vcpus);
  CHECK_FALSE(skus[1].memory_mb);
  CHECK_FALSE(skus[1].hourly_usd);
  CHECK_FALSE(skus[1].monthly_usd);
  CHECK(skus[1].platform.empty());
  for (const std::string body : {"{}", R"({"skus":null})", R"({"skus":{}})"}) {
    UserApiFixture g("/skus", 200, body);
    CHECK(testing::error_of([&] {
            g.keyless.skus();
          }).starts_with("7 json.shape: userapi: $.skus: expected an array, found "));
  }
}

TEST_CASE("logs are handed on as they are, asked for with their permission", "[platform]") {
  const std::string text("line 1\n\x1b[31mred\xff\0\n", 18);
  UserApiFixture f("/logs/" + kAppText, 200, text);
  CHECK(f.api.logs(sample_app()) == text);
  CHECK(signer_of(f.only_request(), f, kViewLogsPermission) == kSampleAccount);
  CHECK(signer_of(f.only_request(), f, kViewInfoPermission) != kSampleAccount);
}

TEST_CASE("without a key logs are asked for without a signature", "[platform]") {
  UserApiFixture f("/logs/" + kAppText, 200, "public");
  CHECK(f.keyless.logs(sample_app()) == "public");
  CHECK(header_of(f.only_request(), "Authorization") == "none");
  CHECK(header_of(f.only_request(), "X-eigenx-expiry") == "none");
}

TEST_CASE("a signature is good for five minutes from the clock's time", "[platform]") {
  UserApiFixture f("/logs/" + kAppText, 200, "");
  f.clock.sleep(base::Milliseconds(60'000));
  f.api.logs(sample_app());
  CHECK(header_of(f.only_request(), "X-eigenx-expiry") == "1800000360");
  CHECK(signer_of(f.only_request(), f, kViewLogsPermission) == kSampleAccount);
}

TEST_CASE("the releases of an app are read in camel case and snake case", "[platform]") {
  for (const std::string body :
       {R"({"id":"x","creator":"0xf39F","contractStatus":"STARTED","releases":[{"imageDigest":
          "sha256:ab","registryUrl":"docker.io/a","createdAt":"2026-01-01T00:00:00Z",
          "createdAtBlock":7},{"imageDigest":"sha256:cd"}]})",
        R"({"id":"x","creator":"0xf39F","contract_status":"STARTED","releases":[{"image_digest":
          "sha256:ab","registry_url":"docker.io/a","created_at":"2026-01-01T00:00:00Z",
          "created_at_block":7},{"image_digest":"sha256:cd"}]})"}) {
    UserApiFixture f("/apps/" + kAppText, 200, body);
    const AppDetails details = f.keyless.details(sample_app());
    CHECK(details.creator == "0xf39F");
    CHECK(details.contract_status == "STARTED");
    REQUIRE(details.releases.size() == 2);
    CHECK(details.releases[0].image_digest == "sha256:ab");
    CHECK(details.releases[0].registry_url == "docker.io/a");
    CHECK(details.releases[0].created_at == "2026-01-01T00:00:00Z");
    CHECK(details.releases[0].created_at_block == 7u);
    CHECK(details.releases[1].image_digest == "sha256:cd");
    CHECK(details.releases[1].registry_url.empty());
    CHECK_FALSE(details.releases[1].created_at_block);
    f.only_request();
  }
}

TEST_CASE("numbers and times of a release may be text, and a malformed member costs itself",
          "[platform]") {
  struct Case {
    const char* members;
    const char* created_at;
    std::optional<std::uint64_t> block;
    const char* id;
  };
  const Case kCases[] = {
      {R"("createdAt":"1796039875","createdAtBlock":"7","rmsReleaseId":"3")",
       "2026-11-30T11:57:55Z", 7, "3"},
      {R"("created_at":1796039875,"created_at_block":7,"rms_release_id":3)", "2026-11-30T11:57:55Z",
       7, "3"},
      {R"("CreatedAt":"2026-11-30T11:57:55Z","CreatedAtBlock":7,"RmsReleaseId":"3")",
       "2026-11-30T11:57:55Z", 7, "3"},
      {R"("createdAt":[],"createdAtBlock":"7","rmsReleaseId":{})", "", 7, ""},
      {R"("createdAt":"yesterday","createdAtBlock":"seven","rmsReleaseId":null)", "", {}, ""},
      {R"("createdAt":{},"createdAtBlock":-7)", "", {}, ""},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.members);
    UserApiFixture f("/apps/" + kAppText, 200,
                     R"({"releases":[{"imageDigest":"sha256:ab",)" + std::string(one.members) +
                         R"(},"no release",null]})");
    const AppDetails details = f.keyless.details(sample_app());
    REQUIRE(details.releases.size() == 1);
    CHECK(details.unreadable_releases == 2);
    CHECK(details.releases[0].image_digest == "sha256:ab");
    CHECK(details.releases[0].created_at == one.created_at);
    CHECK(details.releases[0].created_at_block == one.block);
    CHECK(details.releases[0].id == one.id);
  }
  UserApiFixture f("/apps/" + kAppText, 200, R"({"releases":{}})");
  CHECK(testing::error_of([&] { f.keyless.details(sample_app()); }) ==
        "7 json.shape: userapi: $.releases: expected an array, found object");
}

TEST_CASE("an app that the indexer has not seen has no releases yet", "[platform]") {
  for (const std::string body : {"{}", R"({"releases":null})", R"({"releases":[]})"}) {
    UserApiFixture f("/apps/" + kAppText, 200, body);
    CHECK(f.keyless.details(sample_app()).releases.empty());
  }
}

}  // namespace
}  // namespace ecloud::platform
