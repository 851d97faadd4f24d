// The live app and its attestation: who signs, what, and for whom.

#include <functional>

#include "e2e/verify_support.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hd.h"
#include "ecloud/eth/signing.h"
#include "support/child_process.h"
#include "support/jwt_maker.h"
#include "support/scripted_server.h"
#include "support/tdx_pki.h"
#include "support/tdx_world.h"
#include "support/tools.h"

using namespace ecloud;
using base::Json;
using testing::changed;
using testing::check_caught;
using testing::Findings;
using testing::RunResult;
using testing::ScriptedServer;
using testing::ServerRequest;
using testing::VerifyWorld;
using testing::Words;

namespace {

std::string mnemonic(const VerifyWorld& world) {
  for (const auto& [name, value] : world.devnet.tee_environment(*eth::Address::parse(world.app))) {
    if (name == "MNEMONIC") return std::string(value.reveal_text());
  }
  return {};
}

/// The first account of the wallet that the TEE of the app has.
crypto::PrivateKey wallet_key(const VerifyWorld& world) {
  const base::Secret seed = crypto::mnemonic_seed(mnemonic(world));
  return crypto::HdKey::from_seed(seed.reveal())
      .derive(*crypto::parse_derivation_path("m/44'/60'/0'/0/0"))
      .key()
      .clone();
}

std::string query_value(const ServerRequest& request, const std::string& name) {
  const std::size_t at = request.path.find(name + "=");
  if (at == std::string::npos) return {};
  const std::string rest = request.path.substr(at + name.size() + 1);
  return rest.substr(0, rest.find('&'));
}

/// What an app answers, given the app and the nonce that it was asked for.
using Message = std::function<std::string(const std::string& app, const std::string& nonce)>;

std::string default_message(const std::string& app, const std::string& nonce) {
  return "ecloud proof of app " + app + ", nonce " + nonce;
}

std::string signature_over(const std::string& message, const crypto::PrivateKey& key) {
  const auto signature = key.sign(eth::personal_message_hash(base::as_bytes(message)));
  return base::to_hex_prefixed(signature.with_v27());
}

ScriptedServer::Handler app_that_signs(const crypto::PrivateKey& key, Message message) {
  return [&key, message = std::move(message)](const ServerRequest& request) {
    const std::string text = message(query_value(request, "app"), query_value(request, "nonce"));
    return testing::json_reply(
        Json::object({{"address", eth::Address::of(key.public_key()).to_string()},
                      {"signature", signature_over(text, key)}})
            .dump());
  };
}

}  // namespace

TEST_CASE("A live app that signs our nonce with the wallet of its TEE is verified",
          "[e2e][verify][live]") {
  VerifyWorld world;
  const crypto::PrivateKey key = wallet_key(world);
  ScriptedServer app(app_that_signs(key, default_message));
  const RunResult run = world.verify({"--url", app.url("")});
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  for (const char* name : {"live-answer", "live-signature", "live-address", "live-nonce"}) {
    INFO(name);
    CHECK(found.result("live", name) == "verified");
  }
  CHECK(found.text("live", "tls-certificate") == "plain http: there is no certificate");
  CHECK(found.result("live") == "not checked");
  REQUIRE(app.requests().size() == 1);
  CHECK(app.requests()[0].path.starts_with("/.well-known/ecloud-proof?app=0x"));
  CHECK(query_value(app.requests()[0], "nonce").size() == 64);

  SECTION("and asked again it gets another nonce") {
    world.verify({"--url", app.url("")});
    CHECK(query_value(app.requests()[0], "nonce") != query_value(app.requests()[1], "nonce"));
  }
  SECTION("and in a bundle that it was live is the word of who made it") {
    const Findings later(world.offline(world.bundle({"--url", app.url("")})));
    INFO(later.describe());
    CHECK(later.result("live", "live-signature") == "verified");
    CHECK(later.result("live", "live-address") == "verified");
    CHECK(later.result("live", "live-nonce") == "not checked");
  }
}

TEST_CASE("Path and message of the proof may be others", "[e2e][verify][live]") {
  VerifyWorld world;
  const crypto::PrivateKey key = wallet_key(world);
  ScriptedServer app(app_that_signs(
      key, [](const std::string&, const std::string& nonce) { return "I am " + nonce; }));
  const Findings found(world.verify(
      {"--url", app.url("/"), "--proof-path", "who?x=1", "--proof-message", "I am {nonce}"}));
  INFO(found.describe());
  CHECK(found.result("live", "live-address") == "verified");
  CHECK(app.requests()[0].path.starts_with("/who?x=1&app=0x"));
}

TEST_CASE("Proofs that are none are caught", "[e2e][verify][live][forged]") {
  VerifyWorld world;
  const crypto::PrivateKey key = wallet_key(world);
  const auto other = crypto::PrivateKey::from_hex(world.user.env().at("ECLOUD_PRIVATE_KEY"));
  const crypto::PrivateKey& stranger = *other;
  const auto asked = [&](ScriptedServer::Handler handler) {
    ScriptedServer app(std::move(handler));
    return world.verify({"--url", app.url("")});
  };
  SECTION("by a key that is not the app's") {
    const RunResult run = asked(app_that_signs(stranger, default_message));
    check_caught(run, {"live/live-address"});
    CHECK(Findings(run).text("live", "live-address").find("the KMS derives for the app 0x") !=
          std::string::npos);
  }
  SECTION("over another nonce") {
    const RunResult run = asked(app_that_signs(key, [](const std::string& app, const std::string&) {
      return default_message(app, std::string(64, '0'));
    }));
    check_caught(run, {"live/live-signature"});
    CHECK(Findings(run).result("live", "live-nonce") == "not checked");
  }
  SECTION("for another app") {
    check_caught(asked(app_that_signs(key,
                                      [](const std::string&, const std::string& nonce) {
                                        return default_message("0x" + std::string(40, '0'), nonce);
                                      })),
                 {"live/live-signature"});
  }
  SECTION("in the name of another address") {
    check_caught(asked([&](const ServerRequest& request) {
                   const std::string text =
                       default_message(query_value(request, "app"), query_value(request, "nonce"));
                   return testing::json_reply(
                       Json::object({{"address", eth::Address::of(key.public_key()).to_string()},
                                     {"signature", signature_over(text, stranger)}})
                           .dump());
                 }),
                 {"live/live-signature"});
  }
  SECTION("with what is no answer") {
    for (const char* body : {"hello", "{}", R"({"address":"0x1","signature":"0x"})",
                             R"({"address":"0x00000000000000000000000000000000000a9900"})"}) {
      check_caught(asked([&](const ServerRequest&) { return testing::json_reply(body); }),
                   {"live/live-answer"});
    }
  }
}

TEST_CASE("An app that does not answer at all is not called false", "[e2e][verify][live]") {
  VerifyWorld world;
  testing::ClosedPort closed;
  const RunResult run = world.verify({"--url", closed.url("")});
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("live") == "not checked");
  CHECK(found.text("live", "live-answer").find("the app's proof") != std::string::npos);
}

TEST_CASE("The certificate of a live app is recorded and its dates are looked at",
          "[e2e][verify][live]") {
  VerifyWorld world;
  const crypto::PrivateKey key = wallet_key(world);
  ScriptedServer app(app_that_signs(key, default_message));
  // As if it had come over TLS: a certificate of the tests, valid for years.
  const std::string pem = testing::tdx_pki().root.pem;
  const Json bundle =
      changed(world.bundle({"--url", app.url("")}), {"live", "certificates"}, Json::strings({pem}));
  const Findings found(world.offline(bundle));
  INFO(found.describe());
  CHECK(found.result("live", "tls-certificate") == "not checked");
  CHECK(found.text("live", "tls-certificate").starts_with("SHA-256 "));
  check_caught(world.offline(changed(bundle, {"takenAt"}, "1999-01-01T00:00:00Z")),
               {"live/tls-certificate"});
  check_caught(world.offline(changed(bundle, {"live", "certificates"}, Json::strings({"none"}))),
               {"live/tls-certificate"});
}

TEST_CASE("A wallet that was brought for the app proves no TEE", "[e2e][verify][live]") {
  VerifyWorld world(Words{});
  const crypto::PrivateKey key = wallet_key(world);
  ScriptedServer app(app_that_signs(key, default_message));
  const Findings found(world.verify({"--url", app.url("")}));
  INFO(found.describe());
  CHECK(found.result("live", "live-signature") == "verified");
  CHECK(found.result("live", "live-address") == "not checked");
  CHECK(found.text("live", "live-address").find("known outside of the TEE") != std::string::npos);
}

TEST_CASE("The example app answers with the wallet of its TEE", "[e2e][verify][live][examples]") {
  const auto node = testing::require_tool("node");
  const std::filesystem::path source(ECLOUD_SOURCE_DIR);
  if (!node || !std::filesystem::exists(source / "tests/interop/node_modules/viem")) {
    if (testing::tools_are_required()) FAIL("node or viem is missing");
    WARN("SKIPPED: node with viem is not installed");
    return;
  }
  VerifyWorld world;
  const testing::TempDir folder;
  for (const char* file : {"main.js", "package.json"}) {
    std::filesystem::copy_file(source / "examples/proof" / file, folder / file);
  }
  std::filesystem::create_directory_symlink(source / "tests/interop/node_modules",
                                            folder / "node_modules");
  testing::ProcessOptions options;
  options.argv = {node->string(), "main.js"};
  options.directory = folder.path();
  options.env = {{"PORT", "0"}, {"APP_PORT", "0"}, {"MNEMONIC", mnemonic(world)}};
  testing::ChildProcess app(options);
  REQUIRE(app.wait_for_output("\n"));
  const std::string said = app.out();
  const std::string line = "listening on 0.0.0.0:";
  REQUIRE(said.find(line) != std::string::npos);
  std::string port = said.substr(said.find(line) + line.size());
  port = port.substr(0, port.find('\n'));
  const Findings found(world.verify({"--url", "http://127.0.0.1:" + port}));
  INFO(found.describe());
  CHECK(found.result("live", "live-address") == "verified");
  CHECK(found.result("live", "live-nonce") == "verified");
  app.stop();
}

namespace {

/// What Google Confidential Space says of the app's machine, now.
Json claims_for(VerifyWorld& world, const std::string& digest) {
  const std::int64_t now = world.clock.unix_seconds();
  const Json submodules = Json::object(
      {{"confidential_space", Json::object({{"support_attributes", Json::strings({"STABLE"})}})},
       {"container", Json::object({{"image_digest", digest}})},
       {"gce", Json::object({{"project_id", "tee-compute-prod"},
                             {"instance_name", "tee-" + base::to_lower(world.app)}})}});
  return Json::object({{"aud", "https://verifier.example"},
                       {"iss", "https://confidentialcomputing.googleapis.com"},
                       {"iat", now - 60},
                       {"nbf", now - 60},
                       {"exp", now + 3540},
                       {"eat_nonce", "00112233445566778899"},
                       {"hwmodel", "GCP_INTEL_TDX"},
                       {"swname", "CONFIDENTIAL_SPACE"},
                       {"swversion", Json::strings({"250800"})},
                       {"attester_tcb", Json::strings({"INTEL"})},
                       {"dbgstat", "disabled-since-boot"},
                       {"tdx", Json::object({{"gcp_attester_tcb_status", "UpToDate"}})},
                       {"submods", submodules}});
}

const testing::JwtSigner& google() {
  static const testing::JwtSigner signer("RS256", "google-1");
  return signer;
}

std::string release_digest(const Findings& found) {
  const std::string image = found.document()["image"].as_string();
  return image.substr(image.find('@') + 1);
}

const Words kTokenWords = {"--attestation", "token.jwt",
                           "--jwks",        "jwks.json",
                           "--nonce",       "00112233445566778899",
                           "--audience",    "https://verifier.example",
                           "--project",     "tee-compute-prod"};

}  // namespace

TEST_CASE("An attestation token is bound to image and app", "[e2e][verify][attestation]") {
  VerifyWorld world;
  const std::string digest = release_digest(Findings(world.verify()));
  const Json claims = claims_for(world, digest);
  world.user.write("jwks.json", testing::key_set_of({google().public_key()}));
  const auto with_token = [&](const Json& given) {
    world.user.write("token.jwt", google().sign(given) + "\n");
    return world.verify(kTokenWords);
  };
  SECTION("and verified when all fits") {
    const RunResult run = with_token(claims);
    const Findings found(run);
    INFO(found.describe());
    CHECK(run.code == 0);
    CHECK(found.result("attestation") == "verified");
    CHECK(found.text("attestation", "image-digest") == digest);
  }
  SECTION("and caught when it is of another image") {
    check_caught(with_token(changed(claims, {"submods", "container", "image_digest"},
                                    "sha256:" + std::string(64, 'a'))),
                 {"attestation/image-digest"});
  }
  SECTION("and caught when it is of another app") {
    check_caught(with_token(changed(claims, {"submods", "gce", "instance_name"},
                                    "tee-0x" + std::string(40, 'a'))),
                 {"attestation/app-id"});
  }
  SECTION("and caught when it has expired") {
    check_caught(with_token(changed(claims, {"exp"}, world.clock.unix_seconds() - 3600)),
                 {"attestation/token-time"});
  }
  SECTION("and caught when it has another nonce") {
    check_caught(with_token(changed(claims, {"eat_nonce"}, "ffffffffffffffffffff")),
                 {"attestation/token-nonce"});
  }
  SECTION("and caught when somebody else has signed it") {
    const testing::JwtSigner other("RS256", "google-1");
    world.user.write("token.jwt", other.sign(claims));
    check_caught(world.verify(kTokenWords), {"attestation/token-signature"});
  }
  SECTION("and without a key set nothing of it is verified") {
    world.user.write("token.jwt", google().sign(claims));
    const RunResult run = world.verify({"--attestation", "token.jwt"});
    const Findings found(run);
    INFO(found.describe());
    CHECK(run.code == 0);
    CHECK(found.result("attestation", "token-signature") == "not checked");
    CHECK(found.result("attestation", "image-digest") == "not checked");
  }
  SECTION("and fetched when a URL is given") {
    ScriptedServer server([&](const ServerRequest&) {
      testing::Reply reply;
      reply.body = google().sign(claims);
      return reply;
    });
    Words words = kTokenWords;
    words[0] = "--attestation-url";
    words[1] = server.url("/token?key=s3cret");
    const Findings found(world.verify(words));
    INFO(found.describe());
    CHECK(found.result("attestation") == "verified");
    CHECK(world.bundle(words).dump().find("s3cret") == std::string::npos);
  }
}

TEST_CASE("A key set out of a bundle does not vouch for its own token",
          "[e2e][verify][attestation][bundle]") {
  VerifyWorld world;
  const std::string digest = release_digest(Findings(world.verify()));
  world.user.write("jwks.json", testing::key_set_of({google().public_key()}));
  world.user.write("token.jwt", google().sign(claims_for(world, digest)));
  const Json bundle = world.bundle(kTokenWords);
  // Long after the token has expired.
  world.clock.sleep(std::chrono::hours(24));
  const RunResult run = world.offline(bundle);
  const Findings found(run);
  INFO(found.describe());
  CHECK(run.code == 0);
  CHECK(found.result("attestation", "token-signature") == "not checked");
  CHECK(found.result("attestation", "image-digest") == "not checked");
  // With the reader's own it is what it was, and its time is that of the bundle.
  const Findings own(world.offline(bundle, {"--jwks", "jwks.json"}));
  INFO(own.describe());
  CHECK(own.result("attestation", "token-signature") == "verified");
  CHECK(own.result("attestation", "image-digest") == "verified");
  CHECK(own.result("attestation", "token-time") == "not checked");
  const testing::JwtSigner other("RS256", "google-1");
  world.user.write("other.json", testing::key_set_of({other.public_key()}));
  CHECK(world.offline(bundle, {"--jwks", "other.json"}).code == 9);
}

TEST_CASE("A quote is known in binary and in text and has to lead to the root of Intel",
          "[e2e][verify][attestation]") {
  VerifyWorld world;
  // The tests' own root; the rest of a quote's checks is in tests/unit/attest.
  const base::Bytes quote = testing::QuoteMaker().build();
  const std::string binary(base::as_chars(quote));
  for (const std::string& octets :
       {binary, base::to_hex(quote), base::to_hex_prefixed(quote) + "\n",
        base::to_base64(quote) + "\n"}) {
    world.user.write("quote", octets);
    const RunResult run = world.verify({"--attestation", "quote"});
    const Findings found(run);
    INFO(found.describe());
    CHECK(run.code == 9);
    CHECK(found.result("attestation", "quote-format") == "verified");
    CHECK(found.result("attestation", "pck-chain") == "failed");
    CHECK(found.result("attestation", "quote-app") == "not checked");
  }
  world.user.write("quote", "something else");
  check_caught(world.verify({"--attestation", "quote"}), {"attestation/quote-format"});
}

TEST_CASE("The report data of a quote are compared with the nonce", "[e2e][verify][attestation]") {
  VerifyWorld world;
  testing::QuoteMaker maker;
  maker.set(testing::kReportData, base::Bytes(64, 0xab));
  world.user.write("quote", std::string(base::as_chars(maker.build())));
  const auto result = [&](const std::string& nonce) {
    return Findings(world.verify({"--attestation", "quote", "--nonce", nonce}))
        .result("attestation", "report-data");
  };
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "ab";
  // Equal, and resting on a chain that leads to another root.
  CHECK(result(hex) == "not checked");
  CHECK(result(hex.substr(2) + "00") == "failed");
  CHECK(result("no hex at all") == "failed");
}
