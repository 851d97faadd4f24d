// The live app and its attestation: who signs, what, and for whom.

#include <functional>

#include "e2e/verify_support.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/log.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hd.h"
#include "ecloud/eth/signing.h"
#include "ecloud/net/curl_transport.h"
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

/// What an app answers, given the app, its own host, and the nonce that it was asked for.
using Message = std::function<std::string(const std::string& app, const std::string& host,
                                          const std::string& nonce)>;

std::string default_message(const std::string& app, const std::string& host,
                            const std::string& nonce) {
  return "ecloud proof of app " + app + " at " + host + ", nonce " + nonce;
}

std::string signature_over(const std::string& message, const crypto::PrivateKey& key) {
  const auto signature = key.sign(eth::personal_message_hash(base::as_bytes(message)));
  return base::to_hex_prefixed(signature.with_v27());
}

ScriptedServer::Handler app_that_signs(const crypto::PrivateKey& key, Message message) {
  return [&key, message = std::move(message)](const ServerRequest& request) {
    // Nobody passes questions on to it: its host is the one that it was asked for.
    const std::string text =
        message(query_value(request, "app"), request.header("Host"), query_value(request, "nonce"));
    return testing::json_reply(
        Json::object({{"address", eth::Address::of(key.public_key()).to_string()},
                      {"signature", signature_over(text, key)}})
            .dump());
  };
}

/// A server that passes each question on to another port.
class Relay {
 public:
  Relay() : server_([this](const ServerRequest& request) { return pass_on(request); }) {}
  void lead_to(std::uint16_t port) { port_ = port; }
  /// The Host that it names there, instead of the one that it was asked with.
  void tell(std::string host) { told_ = std::move(host); }
  std::string url() const { return server_.url(""); }
  std::string host() const { return "127.0.0.1:" + std::to_string(server_.port()); }

 private:
  testing::Reply pass_on(const ServerRequest& request) {
    net::Request asked;
    asked.url = "http://127.0.0.1:" + std::to_string(port_) + request.path;
    asked.headers = {{"Host", told_.empty() ? request.header("Host") : told_}};
    const net::Response answer = transport_->send(asked);
    return testing::json_reply(answer.body, answer.status);
  }

  base::Log log_;
  base::CancelToken cancel_;
  std::unique_ptr<net::Transport> transport_ = net::make_curl_transport({}, cancel_, log_);
  std::uint16_t port_ = 0;
  std::string told_;
  ScriptedServer server_;
};

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
  // An honest app cannot show who passes its answers on.
  CHECK(found.result("live", "live-channel") == "not checked");
  CHECK(found.text("live", "live-channel").starts_with("the text that is signed names 127.0.0.1:"));
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
    // Nothing that was signed says where the answer came from.
    CHECK(later.result("live", "live-answer") == "not checked");
  }
}

TEST_CASE("Path and message of the proof may be others", "[e2e][verify][live]") {
  VerifyWorld world;
  const crypto::PrivateKey key = wallet_key(world);
  ScriptedServer app(app_that_signs(key, [](const std::string&, const std::string&,
                                            const std::string& nonce) { return "I am " + nonce; }));
  const Findings found(world.verify(
      {"--url", app.url("/"), "--proof-path", "who?x=1", "--proof-message", "I am {nonce}"}));
  INFO(found.describe());
  CHECK(found.result("live", "live-address") == "verified");
  CHECK(app.requests()[0].path.starts_with("/who?x=1&app=0x"));
  CHECK(found.result("live", "live-channel") == "not checked");
  CHECK(found.text("live", "live-channel").find("does not name the host") != std::string::npos);
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
    const RunResult run = asked(app_that_signs(
        key, [](const std::string& app, const std::string& host, const std::string&) {
          return default_message(app, host, std::string(64, '0'));
        }));
    check_caught(run, {"live/live-signature"});
    CHECK(Findings(run).result("live", "live-nonce") == "not checked");
  }
  SECTION("for another app") {
    check_caught(asked(app_that_signs(
                     key,
                     [](const std::string&, const std::string& host, const std::string& nonce) {
                       return default_message("0x" + std::string(40, '0'), host, nonce);
                     })),
                 {"live/live-signature"});
  }
  SECTION("in the name of another address") {
    check_caught(asked([&](const ServerRequest& request) {
                   const std::string text =
                       default_message(query_value(request, "app"), request.header("Host"),
                                       query_value(request, "nonce"));
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

TEST_CASE("A site that passes the question on to the app is not taken for it",
          "[e2e][verify][live][forged]") {
  VerifyWorld world;
  const crypto::PrivateKey key = wallet_key(world);
  std::string own;
  ScriptedServer app(app_that_signs(
      key, [&own](const std::string& id, const std::string&, const std::string& nonce) {
        return default_message(id, own, nonce);
      }));
  own = "127.0.0.1:" + std::to_string(app.port());
  CHECK(Findings(world.verify({"--url", app.url("")})).result("live", "live-address") ==
        "verified");
  Relay site;
  site.lead_to(app.port());
  const RunResult run = world.verify({"--url", site.url()});
  check_caught(run, {"live/live-signature"});
  CHECK(Findings(run).result("live", "live-address") == "not checked");
  // Where the text does not name the host, that is said.
  ScriptedServer plain(app_that_signs(
      key, [](const std::string&, const std::string&, const std::string& nonce) { return nonce; }));
  site.lead_to(plain.port());
  const Findings found(world.verify({"--url", site.url(), "--proof-message", "{nonce}"}));
  INFO(found.describe());
  CHECK(found.result("live") == "not checked");
  CHECK(found.text("live", "live-channel").find("a site that only passes") != std::string::npos);
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
  // As behind a proxy of its own, whose host it knows before it starts.
  Relay front;
  options.env = {{"PORT", "0"},
                 {"APP_PORT", "0"},
                 {"MNEMONIC", mnemonic(world)},
                 {"PROOF_HOST", front.host()}};
  testing::ChildProcess app(options);
  REQUIRE(app.wait_for_output("\n"));
  const std::string said = app.out();
  const std::string line = "listening on 0.0.0.0:";
  REQUIRE(said.find(line) != std::string::npos);
  std::string port = said.substr(said.find(line) + line.size());
  port = port.substr(0, port.find('\n'));
  front.lead_to(static_cast<std::uint16_t>(std::stoul(port)));
  const Findings found(world.verify({"--url", front.url()}));
  INFO(found.describe());
  CHECK(found.result("live", "live-address") == "verified");
  CHECK(found.result("live", "live-nonce") == "verified");
  // Another site gets nothing signed for its own name, whatever it tells the app.
  Relay site;
  site.lead_to(static_cast<std::uint16_t>(std::stoul(port)));
  const RunResult refused = world.verify({"--url", site.url()});
  INFO(refused.describe());
  CHECK(refused.code == 0);
  CHECK(Findings(refused).text("live", "live-answer").find("answered 421") != std::string::npos);
  site.tell(front.host());
  check_caught(world.verify({"--url", site.url()}), {"live/live-signature"});
  app.stop();
}

TEST_CASE("An attestation token is bound to image and app", "[e2e][verify][attestation]") {
  VerifyWorld world;
  const std::string digest = testing::release_digest(Findings(world.verify()));
  const Json claims = testing::token_claims(world, digest);
  world.user.write("jwks.json", testing::key_set_of({testing::token_signer().public_key()}));
  const auto with_token = [&](const Json& given) {
    world.user.write("token.jwt", testing::token_signer().sign(given) + "\n");
    return world.verify(testing::token_words());
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
    check_caught(world.verify(testing::token_words()), {"attestation/token-signature"});
  }
  SECTION("and without a key set nothing of it is verified") {
    world.user.write("token.jwt", testing::token_signer().sign(claims));
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
      reply.body = testing::token_signer().sign(claims);
      return reply;
    });
    Words words = testing::token_words();
    words[0] = "--attestation-url";
    words[1] = server.url("/token?key=s3cret");
    const Findings found(world.verify(words));
    INFO(found.describe());
    CHECK(found.result("attestation") == "verified");
    CHECK(world.bundle(words).dump().find("s3cret") == std::string::npos);
  }
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

TEST_CASE("A quote that was cut off or is of a debug machine is caught and named",
          "[e2e][verify][attestation][forged]") {
  VerifyWorld world;
  testing::QuoteMaker maker;
  const std::string quote(base::as_chars(maker.build()));
  for (const std::size_t size : {std::size_t{40}, std::size_t{632}, quote.size() - 1}) {
    CAPTURE(size);
    world.user.write("quote", quote.substr(0, size));
    const RunResult run = world.verify({"--attestation", "quote"});
    check_caught(run, {"attestation/quote-format"});
    CHECK(Findings(run).result("attestation", "quote-signature") == "not checked");
  }
  maker.set(testing::kTdAttributes, {1, 0, 0, 0x10, 0, 0, 0, 0});
  world.user.write("quote", std::string(base::as_chars(maker.build())));
  const RunResult run = world.verify({"--attestation", "quote"});
  // The tests' root is not Intel's.
  check_caught(run, {"attestation/pck-chain", "attestation/td-attributes"});
  CHECK(Findings(run).text("attestation", "td-attributes").find("the debug bit is set") !=
        std::string::npos);
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
