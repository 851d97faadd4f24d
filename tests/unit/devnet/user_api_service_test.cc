#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

constexpr char kMultipart[] = "multipart/form-data; boundary=XX";

std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    const bool file = name == "image";
    out += "--XX\r\nContent-Disposition: form-data; name=\"" + name + "\"" +
           (file ? "; filename=\"logo\"\r\nContent-Type: image/png" : "") + "\r\n\r\n" + value +
           "\r\n";
  }
  return out + "--XX--\r\n";
}

/// A net with viem's deployment on it, by account 0.
struct Deployed : DevnetFixture {
  explicit Deployed(bool public_logs = true) {
    if (public_logs) {
      result("eth_sendRawTransaction", base::Json::array({vectors()["deployFour"]}));
      app = vectors()["appId"].as_string();
    } else {
      app = create_app(0, 1).to_string();
    }
  }
  std::string info_url() const { return "/userapi/info?apps=" + app; }
  base::Json info() {
    const ProbeAnswer answer = get(info_url(), signed_by(0, "info"));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return json(answer)["apps"].at(0);
  }
  ProbeAnswer set_profile(std::size_t account,
                          const std::vector<std::pair<std::string, std::string>>& fields) {
    ProbeHeaders headers = signed_by(account, "profile");
    headers.emplace_back("Content-Type", kMultipart);
    return post("/userapi/apps/" + app + "/profile", form(fields), headers);
  }

  std::string app;
};

TEST_CASE("an app comes up with time", "[devnet]") {
  Deployed net;
  base::Json info = net.info();
  CHECK(info["app_status"].as_string() == "Deploying");
  CHECK(info["ip"].as_string() == "No IP assigned");
  CHECK(info["machine_type"].as_string() == "g1-standard-2s");
  CHECK(info["profile"].is_null());
  CHECK(info["metrics"].is_null());
  CHECK(info["addresses"]["data"]["evmAddresses"].size() == 5);
  net.pass(1.9);
  CHECK(net.info()["app_status"].as_string() == "Deploying");
  net.pass(0.1);
  info = net.info();
  CHECK(info["app_status"].as_string() == "Running");
  CHECK(info["ip"].as_string() == "203.0.113.1");
  CHECK(info["metrics"]["memory_total_bytes"].as_u64() > 0);
}

TEST_CASE("the machine follows the chain", "[devnet]") {
  Deployed net;
  net.pass(2);
  const eth::Address app = *eth::Address::parse(net.app);
  const eth::Address controller = net.environment().app_controller;
  const auto state = [&] {
    const ProbeAnswer answer = net.get("/userapi/status?apps=" + net.app);
    const base::Json answer_json = DevnetFixture::json(answer);
    const base::Json apps = answer_json[answer_json["Apps"].exists() ? "Apps" : "apps"];
    const base::Json entry = apps.at(0);
    return entry[entry["App_Status"].exists() ? "App_Status" : "app_status"].as_string();
  };
  REQUIRE(state() == "Running");
  net.run(0, controller, platform::encode_stop_app(app));
  CHECK(state() == "Stopping");
  net.pass(1);
  CHECK(state() == "Stopped");
  CHECK(net.devnet.app(app)->ip == "203.0.113.1");
  net.run(0, controller, platform::encode_start_app(app));
  CHECK(state() == "Resuming");
  net.pass(1);
  CHECK(state() == "Running");
  net.run(0, controller, platform::encode_terminate_app(app));
  CHECK(state() == "Terminating");
  net.pass(1);
  CHECK(state() == "Terminated");
  CHECK(net.devnet.app(app)->ip.empty());
}

TEST_CASE("an upgrade is confirmed by the platform when it runs", "[devnet]") {
  DevnetFixture net;
  const eth::Address app = net.create_app();
  net.pass(2);
  platform::Release next = net.release(app);
  next.artifacts[0].digest.fill(0x33);
  const auto upgrade = [&](const platform::Release& release) {
    return net.run(0, net.environment().app_controller,
                   platform::encode_upgrade_app(net.generation(), app, release));
  };
  SECTION("to a good release") {
    CHECK(upgrade(next)["status"].as_string() == "0x1");
    CHECK(net.devnet.app(app)->run_state == "Upgrading");
    CHECK(net.devnet.app(app)->latest_release_block == 1);
    CHECK(net.devnet.app(app)->pending_release_block == 3);
    net.pass(2);
    CHECK(net.devnet.app(app)->run_state == "Running");
    CHECK(net.devnet.app(app)->latest_release_block == 3);
    CHECK(net.devnet.app(app)->pending_release_block == 0);
    CHECK(net.devnet.app(app)->image.ends_with(std::string(64, '3')));
    // UpgradeConfirmed, in a block of the platform's own.
    const base::Json log =
        net.result(
               "eth_getLogs",
               base::Json::array({base::Json::object({{"fromBlock", "0x4"}, {"toBlock", "0x4"}})}))
            .at(0);
    CHECK(log["topics"].at(0).as_string() ==
          "0x49f25db622ae262096322c8be00886655e649a53333641c2c34004f9458042f7");
  }
  SECTION("while stopped it stays stopped") {
    net.run(0, net.environment().app_controller, platform::encode_stop_app(app));
    net.pass(1);
    upgrade(next);
    net.pass(2);
    CHECK(net.devnet.app(app)->run_state == "Stopped");
    CHECK(net.devnet.app(app)->pending_release_block == 0);
  }
  SECTION("to a release that cannot run it fails and is never confirmed") {
    next.encrypted_env = base::to_bytes(vectors()["jweOtherApp"].as_string());
    upgrade(next);
    net.pass(2);
    CHECK(net.devnet.app(app)->run_state == "Failed");
    CHECK(net.devnet.app(app)->latest_release_block == 1);
    CHECK(net.devnet.app(app)->pending_release_block == 3);
  }
}

TEST_CASE("an app that cannot run fails and says why", "[devnet]") {
  DevnetFixture net;
  const eth::Address app = net.app_id(0, 1);
  platform::Release release = net.release(app);
  std::string reason;
  SECTION("its environment was encrypted for another app") {
    release.encrypted_env = base::to_bytes(vectors()["jweOtherApp"].as_string());
    reason = "the private environment was encrypted for another app, 0x0";
  }
  SECTION("its environment is no JWE") {
    release.encrypted_env = base::to_bytes("nonsense");
    reason = "the private environment does not decrypt";
  }
  SECTION("its image is not in this registry") {
    release.artifacts[0].registry = net.devnet.image("sample/hello");
    reason = "image not found: " + net.devnet.image("sample/hello") + "@sha256:2222";
  }
  SECTION("its image is for another platform") {
    const ProbeAnswer manifest = net.get("/v2/sample/arm64/manifests/1.0");
    release.artifacts[0] = {
        *base::fixed_from_hex<32>(manifest.header("docker-content-digest").substr(7)),
        net.devnet.image("sample/arm64")};
    reason = "exec format error: " + net.devnet.image("sample/arm64");
  }
  net.create_app_with(0, 1, release);
  net.pass(2);
  CHECK(net.devnet.app(app)->run_state == "Failed");
  const ProbeAnswer logs =
      net.get("/userapi/logs/" + app.to_string(), DevnetFixture::signed_by(0, "logs"));
  INFO(logs.body);
  CHECK(logs.body.find("the app cannot start: " + reason) != std::string::npos);
}

TEST_CASE("info wants a good signature of somebody who may see the app", "[devnet]") {
  Deployed net;
  const auto error = [&](ProbeHeaders headers) {
    return DevnetFixture::error_text(net.get(net.info_url(), std::move(headers)));
  };
  CHECK(error({}) == "401 the Authorization header is missing");
  CHECK(error({{"Authorization", "Basic abc"}}) == "401 the Authorization is not a Bearer");
  CHECK(error({{"Authorization", "Bearer 00"}}) == "401 the expiry is missing or malformed");
  CHECK(error({{"Authorization", "Bearer 00"}, {"X-eigenx-expiry", "1800000300"}}) ==
        "401 the signature is malformed");
  CHECK(error(DevnetFixture::signed_by(0, "infoExpired", kVectorTime)) ==
        "401 the signature has expired");
  CHECK(error(DevnetFixture::signed_by(0, "infoFar", kVectorTime + 601)) ==
        "401 the signature is good for too long");
  ProbeHeaders prefixed = DevnetFixture::signed_by(0, "info");
  prefixed[0].second.insert(7, "0x");
  CHECK(error(prefixed) == "401 the signature is malformed: no 0x here");

  // A good signature of a stranger; over another permission or expiry it recovers to one.
  CHECK(error(DevnetFixture::signed_by(1, "info")) ==
        "403 " + DevnetFixture::address(1).to_string() + " may not see " + net.app);
  CHECK(error(DevnetFixture::signed_by(0, "logs")).starts_with("403 "));
  CHECK(error(DevnetFixture::signed_by(0, "info", kVectorTime + 299)).starts_with("403 "));

  net.pass(300);
  CHECK(error(DevnetFixture::signed_by(0, "info")) == "401 the signature has expired");
}

TEST_CASE("requests that make no sense are refused", "[devnet]") {
  Deployed net;
  const auto error = [&](const std::string& target) {
    return DevnetFixture::error_text(net.get(target, DevnetFixture::signed_by(0, "info")));
  };
  std::string eleven = net.app;
  for (int i = 0; i < 10; ++i) eleven += "," + net.app;
  CHECK(error("/userapi/info?apps=" + eleven) == "400 at most 10 apps in a request");
  CHECK(error("/userapi/info") == "400 apps is missing");
  CHECK(error("/userapi/info?apps=0x12") == "400 invalid address: 0x12");
  CHECK(error("/userapi/info?apps=0x00000000000000000000000000000000000000aa") ==
        "404 app not found: 0x00000000000000000000000000000000000000AA");
  CHECK(error("/userapi/nothing") == "404 not found");
  CHECK(error("/userapi/apps/" + net.app + "/profile") == "405 method not allowed");
  CHECK(DevnetFixture::error_text(net.post("/userapi/info?apps=" + net.app, "")) ==
        "405 method not allowed");
  CHECK(DevnetFixture::error_text(probe(net.devnet.port(), "GET", "/userapi/skus")) ==
        "400 x-client-id is missing");
  CHECK(DevnetFixture::error_text(
            probe(net.devnet.port(), "GET", "/userapi/skus", {{"x-client-id", "curl"}})) ==
        "400 x-client-id is malformed");
}

TEST_CASE("the instance types are listed for everybody", "[devnet]") {
  DevnetFixture net;
  const base::Json skus = DevnetFixture::json(net.get("/userapi/skus"))["skus"];
  REQUIRE(skus.size() == 8);
  CHECK(skus.at(0)["sku"].as_string() == "g1-micro-1v");
  CHECK(skus.at(0)["vcpus"].as_u64() == 2);
  CHECK(skus.at(0)["hourly_price_usd"].as_double() == 0.03);
  CHECK(skus.at(1)["vcpus"].as_string() == "2");
  CHECK(skus.at(1)["monthly_price_usd"].as_string() == "29.99");
  CHECK(skus.at(4)["sku"].as_string() == "g1-standard-2t");
  CHECK_FALSE(skus.at(4)["monthly_price_usd"].exists());
  CHECK(skus.at(6)["sku"].as_string() == "g1-standard-4t");
  CHECK(skus.at(6)["platform"].as_string() == "intel_tdx");
}

TEST_CASE("a gentle devnet answers in the old shapes", "[devnet]") {
  devnet::Options options;
  options.strictness = devnet::Strictness::kGentle;
  DevnetFixture net(std::move(options));
  const eth::Address app = net.create_app();
  const std::string id = app.to_string();
  const base::Json release = DevnetFixture::json(net.get("/userapi/apps/" + id))["releases"].at(0);
  CHECK(release["createdAtBlock"].as_u64() == 1);
  CHECK(release["createdAt"].as_string() == "2027-01-15T08:00:00Z");
  CHECK(release["upgradeByTime"].as_u64() == kVectorTime + 3600);
  for (int i = 0; i < 4; ++i) {
    CHECK(DevnetFixture::json(net.get("/userapi/status?apps=" + id))["apps"].is_array());
  }
  const base::Json sku = DevnetFixture::json(net.get("/userapi/skus"))["skus"].at(0);
  CHECK(sku.size() == 2);
}

TEST_CASE("logs are there when the app was provisioned, for who may read them", "[devnet]") {
  SECTION("public ones for everybody") {
    Deployed net;
    const std::string url = "/userapi/logs/" + net.app;
    CHECK(DevnetFixture::error_text(net.get(url)) == "425 the app is still provisioning");
    net.pass(2);
    const ProbeAnswer logs = net.get(url);
    CHECK(logs.status == 200);
    CHECK(logs.header("content-type").starts_with("text/plain"));
    CHECK(logs.body.starts_with("2027-01-15T08:00:02Z platform: started docker.io/library/nginx@"));
    CHECK(net.get(url, DevnetFixture::signed_by(1, "logs")).body == logs.body);
    net.devnet.append_log(*eth::Address::parse(net.app), "app: one more");
    CHECK(net.get(url).body == logs.body + "2027-01-15T08:00:02Z app: one more\n");
  }
  SECTION("private ones for the owner") {
    Deployed net(false);
    net.pass(2);
    const std::string url = "/userapi/logs/" + net.app;
    CHECK(DevnetFixture::error_text(net.get(url)) ==
          "401 the logs of " + net.app + " are not public");
    CHECK(DevnetFixture::error_text(net.get(url, DevnetFixture::signed_by(1, "logs"))) ==
          "403 " + DevnetFixture::address(1).to_string() + " may not read the logs of " + net.app);
    CHECK(net.get(url, DevnetFixture::signed_by(0, "logs")).status == 200);
  }
}

TEST_CASE("private values are in no log and no answer", "[devnet]") {
  Deployed net;
  net.pass(2);
  for (const std::string& target :
       {"/userapi/logs/" + net.app, "/userapi/apps/" + net.app, net.info_url()}) {
    const ProbeAnswer answer = net.get(target, DevnetFixture::signed_by(0, "info"));
    CHECK(answer.body.find("from jose") == std::string::npos);
  }
}

TEST_CASE("the releases of an app are listed newest first", "[devnet]") {
  devnet::Options options;
  options.timings.indexing_seconds = 3;
  DevnetFixture net(std::move(options));
  const eth::Address app = net.create_app();
  const auto details = [&] {
    return DevnetFixture::json(net.get("/userapi/apps/" + app.to_string()));
  };
  CHECK(details()["creator"].as_string() == DevnetFixture::address(0).to_string());
  CHECK(details()["contract_status"].as_string() == "started");
  CHECK(details()["releases"].size() == 0);
  net.pass(3);
  REQUIRE(details()["releases"].size() == 1);
  net.run(0, net.environment().app_controller,
          platform::encode_upgrade_app(net.generation(), app, net.release(app)));
  net.pass(3);
  const base::Json releases = details()["releases"];
  REQUIRE(releases.size() == 2);
  // Every second release has its members in snake_case, and numbers and times are text.
  CHECK(releases.at(0)["rms_release_id"].as_string() == "1");
  CHECK(releases.at(0)["created_at_block"].as_string() == "3");
  CHECK(releases.at(0)["created_at"].as_string() == std::to_string(kVectorTime + 3));
  CHECK(releases.at(1)["createdAtBlock"].as_string() == "1");
  CHECK(releases.at(1)["imageDigest"].as_string() == "sha256:" + [] {
    std::string out;
    for (int i = 0; i < 32; ++i) out += "22";
    return out;
  }());
  CHECK(releases.at(1)["registryUrl"].as_string() == "docker.io/library/nginx");
  CHECK(releases.at(1)["upgradeByTime"].as_string() == std::to_string(kVectorTime + 3600));
}

TEST_CASE("a profile is set by who may, and shown", "[devnet]") {
  Deployed net;
  const ProbeAnswer set = net.set_profile(0, {{"name", "my-app"},
                                              {"website", "https://example.org"},
                                              {"description", "What it does"},
                                              {"xURL", "https://x.com/a"},
                                              {"image", "\x89PNG\r\n\x1a\npixels"}});
  INFO(set.body);
  REQUIRE(set.status == 200);
  const base::Json profile = net.info()["profile"];
  CHECK(profile["name"].as_string() == "my-app");
  CHECK(profile["website"].as_string() == "https://example.org");
  CHECK(profile["description"].as_string() == "What it does");
  CHECK(profile["xURL"].as_string() == "https://x.com/a");
  CHECK(profile["imageURL"].as_string() ==
        net.devnet.url() + "/userapi/apps/" + net.app + "/image");
  const ProbeAnswer image = probe(net.devnet.port(), "GET", "/userapi/apps/" + net.app + "/image");
  CHECK(image.header("content-type") == "image/png");
  CHECK(image.body == "\x89PNG\r\n\x1a\npixels");
  CHECK(net.devnet.app(*eth::Address::parse(net.app))->profile_name == "my-app");
}

TEST_CASE("a profile that breaks the rules is refused", "[devnet]") {
  Deployed net;
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const auto error = [&](const Fields& fields) {
    return DevnetFixture::error_text(net.set_profile(0, fields));
  };
  CHECK(error({{"website", "https://example.org"}}) == "400 name is required");
  CHECK(error({{"name", "two words"}}) == "400 name must not contain spaces");
  CHECK(error({{"name", std::string(51, 'a')}}) == "400 name is longer than 50 characters");
  CHECK(error({{"name", "a"}, {"description", std::string(1001, 'a')}}) ==
        "400 the description is longer than 1000 characters");
  CHECK(error({{"name", "a"}, {"image", "GIF89a"}}) == "400 the image is neither JPG nor PNG");
  CHECK(error({{"name", "a"}, {"image", "\x89PNG\r\n\x1a\n" + std::string(4 << 20, 'x')}}) ==
        "400 the image exceeds 4 MiB");
  CHECK(error({{"name", "a"}, {"colour", "red"}}) == "400 unknown field colour");
  CHECK(DevnetFixture::error_text(net.set_profile(1, {{"name", "a"}})) ==
        "403 " + DevnetFixture::address(1).to_string() + " may not change " + net.app);
  CHECK(DevnetFixture::error_text(net.post("/userapi/apps/" + net.app + "/profile", "{}",
                                           DevnetFixture::signed_by(0, "profile"))) ==
        "400 the profile is multipart/form-data");
  CHECK(net.info()["profile"].is_null());
  CHECK(net.set_profile(0, {{"name", std::string(50, 'a')}}).status == 200);
}

}  // namespace
}  // namespace ecloud::testing
