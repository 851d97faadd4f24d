#include <string>
#include <vector>

#include "interop/tee_container.h"
#include "support/catch.h"
#include "support/tools.h"

namespace ecloud::platform {
namespace {

using testing::ContainerResult;
using testing::ContainerRun;
using testing::RootKind;
using testing::Seen;
using testing::TeeContainer;

constexpr const char* kBundle = "/usr/local/share/eigenx-ca-certs.crt";

/// As the platform's: asks for a certificate with a memory of who was asked, and writes a pair that
/// names the host. stand-in/failures: how many requests fail first.
constexpr const char* kTlsClient = R"sh(#!/opt/busybox sh
echo "${0##*/} $* $DOMAIN|$MNEMONIC|$API_URL|$SSL_CERT_FILE" >>/stand-in/tls.calls
[ ! -e /tmp/.env ] || echo variables lie about >>/stand-in/tls.calls
[ ! -e /run/tls/fullchain.pem ] || echo old certificate >>/stand-in/tls.calls
left=$(/opt/busybox cat /stand-in/failures 2>/dev/null || echo 0)
if [ "$left" != 0 ]; then
  echo $((left - 1)) >/stand-in/failures
  echo acme: refused >&2
  exit 3
fi
[ ! -f /stand-in/no-pair ] || exit 0
/opt/busybox mkdir -p /run/tls
echo "chain of $DOMAIN" >/run/tls/fullchain.pem
echo "key of $DOMAIN" >/run/tls/privkey.pem
)sh";

constexpr const char* kCaddy = R"sh(#!/opt/busybox sh
echo "caddy $* ${ECLOUD_PLATFORM_HOST-unset}|${DOMAIN-unset}|$SSL_CERT_FILE" >>/stand-in/tls.calls
echo "caddy says $1"
[ ! -f "/stand-in/caddy-fails-$1" ] || exit 1
)sh";

void add_tls(const TeeContainer& tee, const std::string& program = "tls-client") {
  tee.root().write("usr/local/bin/" + program, kTlsClient, true);
  tee.root().write("usr/local/bin/caddy", kCaddy, true);
  tee.root().write("etc/caddy/Caddyfile", "{$DOMAIN}\n");
  tee.variables("export MNEMONIC=\"twelve words\"\n");
}

ContainerRun run_with(std::vector<std::string> variables) {
  ContainerRun run;
  run.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             "__ECLOUD_ORIGINAL_USER=app"};
  run.env.insert(run.env.end(), variables.begin(), variables.end());
  return run;
}

/// Both pairs, and the place of former versions, after all links inside of the root.
std::string pairs_of(const TeeContainer& tee) {
  std::string out;
  for (const char* folder : {"platform", "domain", "."}) {
    for (const char* file : {"fullchain.pem", "privkey.pem"}) {
      const ContainerResult read = testing::run_in_root(
          tee.root().path(),
          {{"/opt/busybox", "cat", "/run/tls/" + std::string(folder) + "/" + file}});
      out += std::string(folder) + ": " + (read.ok() ? read.out : "none\n");
    }
  }
  return out;
}

std::string pairs(const std::string& platform, const std::string& domain) {
  const auto pair = [](const std::string& folder, const std::string& host) {
    return folder + ": chain of " + host + "\n" + folder + ": key of " + host + "\n";
  };
  return pair("platform", platform) + pair("domain", domain) + pair(".", domain);
}

std::string asked(const std::string& host, const std::string& flags = "-challenge http-01",
                  const std::string& bundle = "") {
  return "tls-client " + flags + " " + host + "|twelve words|https://api.test/a b|" + bundle + "\n";
}

std::string served(const std::string& platform, const std::string& domain) {
  const std::string rest =
      " --config /etc/caddy/Caddyfile --adapter caddyfile " + platform + "|" + domain + "|\n";
  return "caddy validate" + rest + "caddy start" + rest;
}

struct NamesCase {
  std::vector<std::string> variables;
  std::string calls, pairs;
};

const std::string kPlatform = "ECLOUD_PLATFORM_HOST=0xab.sepolia.eigencloud.xyz";
const std::string kPlatformHost = "0xab.sepolia.eigencloud.xyz";

const std::vector<NamesCase> kNames = {
    {{"DOMAIN=app.test"},
     asked("app.test") + served("unset", "app.test"),
     pairs("app.test", "app.test")},
    {{kPlatform},
     asked(kPlatformHost) + served(kPlatformHost, "unset"),
     pairs(kPlatformHost, kPlatformHost)},
    {{kPlatform, "DOMAIN=app.test"},
     asked(kPlatformHost) + asked("app.test") + served(kPlatformHost, "app.test"),
     pairs(kPlatformHost, "app.test")},
    {{kPlatform, "DOMAIN=" + kPlatformHost},
     asked(kPlatformHost) + served(kPlatformHost, "unset"),
     pairs(kPlatformHost, kPlatformHost)},
    {{kPlatform, "DOMAIN=localhost"},
     asked(kPlatformHost) + served(kPlatformHost, "unset"),
     pairs(kPlatformHost, kPlatformHost)},
    {{"ECLOUD_PLATFORM_HOST=localhost", "DOMAIN=app.test"},
     asked("app.test") + served("unset", "app.test"),
     pairs("app.test", "app.test")},
    {{"ECLOUD_PLATFORM_HOST=", "DOMAIN=Localhost"},
     asked("Localhost") + served("unset", "Localhost"),
     pairs("Localhost", "Localhost")},
};

TEST_CASE("TLS is set up for the platform's name and the user's", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    add_tls(*tee);
    for (const NamesCase& names : kNames) {
      // One shell goes through all of them.
      if (kind != RootKind::kBusybox && names.variables.size() < 2) continue;
      tee->root().remove("stand-in/tls.calls");
      tee->root().write("run/tls/fullchain.pem", "old\n");
      const Seen seen = tee->show({"x"}, run_with(names.variables));
      INFO(to_string(kind) << " " << names.variables.back() << ": " << seen.result.describe());
      REQUIRE(seen.result.exit_code == 23);
      CHECK(seen.before_ready == "");
      CHECK(seen.result.err == "");
      CHECK(tee->calls("tls") == names.calls);
      CHECK(pairs_of(*tee) == names.pairs);
      CHECK(seen.variables.at("MNEMONIC") == "twelve words");
      CHECK(seen.variables.count("API_URL") == 0);
      CHECK(seen.variables.count("SSL_CERT_FILE") == 0);
      // The app sees its variables as they were given.
      for (const std::string& variable : names.variables) {
        const std::size_t equals = variable.find('=');
        CHECK(seen.variables.at(variable.substr(0, equals)) == variable.substr(equals + 1));
      }
    }
  }
}

TEST_CASE("The ACME variables and Caddy's log reach the programs", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    add_tls(*tee);
    const Seen loud = tee->show({}, run_with({"DOMAIN=app.test", "ENABLE_CADDY_LOGS=true",
                                              "ACME_STAGING=true", "ACME_CHALLENGE=tls-alpn-01"}));
    CHECK(loud.before_ready == "caddy says start\n");
    CHECK(tee->calls("tls") ==
          asked("app.test", "-challenge tls-alpn-01 -staging") + served("unset", "app.test"));
  }
}

TEST_CASE("Only the platform's two programs get the CA bundle", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    add_tls(*tee);
    tee->root().write(kBundle + 1, "PEM\n");
    const Seen seen = tee->show({}, run_with({"DOMAIN=app.test", "SSL_CERT_FILE=/own.pem"}));
    CHECK(seen.result.exit_code == 23);
    CHECK(seen.variables.at("SSL_CERT_FILE") == "/own.pem");
    CHECK(tee->root().read("stand-in/kms-client.bundle") == std::string(kBundle) + "\n");
    const std::string calls = tee->calls("tls");
    CHECK(calls.starts_with(asked("app.test", "-challenge http-01", kBundle)));
    CHECK(calls.find("|/own.pem\ncaddy start") != std::string::npos);
  }
}

TEST_CASE("tls-keygen of older images is accepted", "[interop][start-script]") {
  const auto tee = testing::tee_container(RootKind::kBusybox);
  if (!tee) return;
  add_tls(*tee, "tls-keygen");
  CHECK(tee->show({}, run_with({"DOMAIN=app.test"})).result.exit_code == 23);
  CHECK(tee->calls("tls").starts_with("tls-keygen -challenge http-01 app.test|"));
  tee->root().remove("stand-in/tls.calls");
  add_tls(*tee);
  CHECK(tee->show({}, run_with({"DOMAIN=app.test"})).result.exit_code == 23);
  CHECK(tee->calls("tls").starts_with("tls-client -challenge http-01 app.test|"));
}

TEST_CASE("Without a name or the files TLS is skipped and the app starts",
          "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    const auto skipped = [&](std::vector<std::string> variables) {
      const Seen seen = tee->show({}, run_with(std::move(variables)));
      INFO(seen.result.describe());
      CHECK(seen.result.exit_code == 23);
      CHECK(seen.ready);
      CHECK(tee->calls("tls") == "");
      return seen.result.err;
    };
    CHECK(skipped({}) == "");
    CHECK(skipped({kPlatform}) == "");
    const std::string without = ": starting without TLS\n";
    CHECK(skipped({"DOMAIN=app.test"}) ==
          "ecloud: warning: DOMAIN is set, but the image has no TLS programs" + without);
    add_tls(*tee);
    tee->variables("");
    const std::string no_name =
        "ecloud: warning: neither ECLOUD_PLATFORM_HOST nor DOMAIN names a host" + without;
    tee->root().write("stand-in/env", "export A=\"b\"\n");
    CHECK(skipped({}) == no_name);
    CHECK(skipped({"DOMAIN=localhost"}) == no_name);
    CHECK(skipped({"DOMAIN=localhost", "ECLOUD_PLATFORM_HOST=localhost"}) == no_name);
    tee->root().remove("etc/caddy/Caddyfile");
    CHECK(skipped({"DOMAIN=app.test"}) ==
          "ecloud: warning: the image has no /etc/caddy/Caddyfile" + without);
  }
}

TEST_CASE("A certificate is asked for three times", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    add_tls(*tee);
    const std::string again = "acme: refused\necloud: warning: tls-client got no certificate for ";
    tee->root().write("stand-in/failures", "2");
    const Seen seen = tee->show({}, run_with({"DOMAIN=app.test"}));
    CHECK(seen.result.exit_code == 23);
    CHECK(seen.result.err ==
          again + "app.test; trying again\n" + again + "app.test; trying again\n");
    CHECK(tee->calls("tls") ==
          asked("app.test") + asked("app.test") + asked("app.test") + served("unset", "app.test"));

    // The platform's name is asked for first, and the failure of either ends the start.
    tee->root().remove("stand-in/tls.calls");
    tee->root().write("stand-in/failures", "3");
    const ContainerResult failed =
        tee->start({"/opt/show"}, run_with({kPlatform, "DOMAIN=app.test"}));
    CHECK(failed.exit_code == 1);
    CHECK(failed.out == "ECLOUD_FAIL tls_setup\n");
    CHECK(failed.err == again + kPlatformHost + "; trying again\n" + again + kPlatformHost +
                            "; trying again\nacme: refused\necloud: tls-client could not get a "
                            "certificate for " +
                            kPlatformHost + "\n");
    CHECK(tee->calls("tls") == asked(kPlatformHost) + asked(kPlatformHost) + asked(kPlatformHost));
  }
}

TEST_CASE("A failure of TLS has its own code", "[interop][start-script]") {
  for (const RootKind kind : testing::kAllKinds) {
    const auto tee = testing::tee_container(kind);
    if (!tee) return;
    INFO(to_string(kind));
    add_tls(*tee);
    const auto failure = [&](const std::string& code) {
      const ContainerResult result = tee->start({"/opt/show"}, run_with({"DOMAIN=app.test"}));
      CHECK(result.exit_code == 1);
      CHECK(result.out == "ECLOUD_FAIL " + code + "\n");
      CHECK_FALSE(tee->root().has("tmp/.env"));
      return result.err;
    };
    tee->root().write("stand-in/no-pair", "yes");
    CHECK(failure("tls_setup") == "ecloud: tls-client did not write /run/tls/fullchain.pem\n");
    tee->root().remove("stand-in/no-pair");
    tee->root().write("stand-in/caddy-fails-validate", "yes");
    CHECK(failure("tls_invalid_caddyfile") ==
          "caddy says validate\necloud: caddy does not accept /etc/caddy/Caddyfile\n");
    tee->root().remove("stand-in/caddy-fails-validate");
    tee->root().write("stand-in/caddy-fails-start", "yes");
    CHECK(failure("tls_caddy_start") ==
          "ecloud: caddy did not start; ENABLE_CADDY_LOGS=true shows why\n");
    tee->root().remove("stand-in/tls.calls");
    tee->root().remove("usr/local/bin/caddy");
    CHECK(failure("tls_caddy_missing") ==
          "ecloud: TLS needs /usr/local/bin/caddy, and the image does not have it\n");
    tee->variables("export A=\"b\"\n");
    CHECK(failure("tls_mnemonic_missing") ==
          "ecloud: TLS needs MNEMONIC for its keys, and it is not set\n");
    CHECK(tee->calls("tls") == "");
  }
}

}  // namespace
}  // namespace ecloud::platform
