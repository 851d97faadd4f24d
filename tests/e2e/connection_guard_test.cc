// What protects the connections of the program, whatever is set around it.

#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/scripted_server.h"
#include "support/tls_server.h"

using namespace ecloud;
using testing::ChildProcess;
using testing::ProcessOptions;
using testing::ProcessResult;
using testing::Reply;
using testing::run_process;
using testing::ScriptedServer;
using testing::ServerRequest;
using testing::TempDir;
using testing::TlsServer;
using testing::World;

namespace {

// The first account of development chains; anybody knows it.
constexpr char kKey[] = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Lowers what OpenSSL asks of the other side as far as it goes.
constexpr char kWeakOpenssl[] = R"(openssl_conf = all
[all]
ssl_conf = modules
[modules]
system_default = weak
[weak]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
)";

/// A user who reads the chain of sepolia through one node.
struct User {
  TempDir home;

  ProcessOptions list(const std::string& node, std::map<std::string, std::string> more = {}) const {
    ProcessOptions options;
    options.argv = {ECLOUD_BINARY, "compute", "app", "list", "--rpc-url", node, "--json"};
    options.inherit_env = false;
    options.env = std::move(more);
    options.env.insert({{"HOME", home.path().string()},
                        {"PATH", "/usr/bin:/bin"},
                        {"ECLOUD_ENV", "sepolia"},
                        {"ECLOUD_PRIVATE_KEY", kKey}});
    options.directory = home.path();
    return options;
  }
};

std::string code_of(const ProcessResult& result) {
  INFO(result.describe());
  const std::string text(base::trim(result.err));
  const std::size_t line = text.rfind('\n');
  return base::Json::parse(line == std::string::npos ? text : text.substr(line + 1),
                           "stderr")["error"]["code"]
      .as_string();
}

/// The node cannot be used, for that reason.
void check_unreachable(const ProcessResult& result, const std::string& reason) {
  INFO(result.describe());
  CHECK(code_of(result) == "chain.unreachable");
  CHECK(result.err.find(reason) != std::string::npos);
}

}  // namespace

TEST_CASE("Nothing makes the program take a certificate that nobody vouches for",
          "[e2e][process][tls]") {
  const TlsServer server({});
  if (!server.runs()) return;
  const User user;
  user.home.write(".curlrc", "insecure\n");
  user.home.write("_curlrc", "insecure\n");
  user.home.write(".config/curlrc", "insecure\n");
  const std::map<std::string, std::string> careless = {
      {"CURL_HOME", user.home.path().string()},
      {"NODE_TLS_REJECT_UNAUTHORIZED", "0"},
      {"SSL_VERIFY", "0"},
      {"GIT_SSL_NO_VERIFY", "1"},
      {"PYTHONHTTPSVERIFY", "0"},
      {"CURL_INSECURE", "1"},
      {"ECLOUD_INSECURE", "1"},
      {"ECLOUD_ALLOW_HTTP", "1"},
      {"OPENSSL_CONF", user.home.write("openssl.cnf", kWeakOpenssl).string()}};
  check_unreachable(run_process(user.list(server.url("127.0.0.1"), careless)), "self-signed");
  for (const char* option : {"--insecure", "-k", "--no-verify", "--skip-tls-verify"}) {
    ProcessOptions options = user.list(server.url("127.0.0.1"));
    options.argv.emplace_back(option);
    CHECK(code_of(run_process(options)) == "cli.unknown_option");
  }
}

TEST_CASE("A trusted certificate is refused for another host and after its time",
          "[e2e][process][tls]") {
  const User user;
  const TlsServer server({});
  if (!server.runs()) return;
  check_unreachable(
      run_process(user.list(server.url("localhost"), {{"SSL_CERT_FILE", server.certificate()}})),
      "no alternative certificate subject name");
  const TlsServer expired({}, "-1");
  const ProcessResult late =
      run_process(user.list(expired.url("127.0.0.1"), {{"SSL_CERT_FILE", expired.certificate()}}));
  check_unreachable(late, "expired");
}

TEST_CASE("TLS 1.1 is refused also where the system would take it", "[e2e][process][tls]") {
  const TlsServer server({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  if (!server.runs()) return;
  const User user;
  const std::string weak = user.home.write("openssl.cnf", kWeakOpenssl).string();
  // That server and that configuration do talk TLS 1.1 with each other.
  ProcessOptions control;
  control.argv = {"openssl", "s_client", "-quiet", "-connect", "127.0.0.1:" + server.port()};
  control.env = {{"OPENSSL_CONF", weak}};
  control.input = "GET / HTTP/1.0\r\n\r\n";
  control.time_limit = std::chrono::seconds(10);
  const ProcessResult spoken = run_process(control);
  INFO(spoken.describe());
  REQUIRE(spoken.out.find("TLSv1.1") != std::string::npos);

  const ProcessResult refused = run_process(user.list(
      server.url("127.0.0.1"), {{"OPENSSL_CONF", weak}, {"SSL_CERT_FILE", server.certificate()}}));
  check_unreachable(refused, "protocol version");
}

TEST_CASE("A proxy of the environment is asked to connect and sees no more",
          "[e2e][process][proxy]") {
  ScriptedServer proxy([](const ServerRequest&) {
    Reply reply;
    reply.status = 403;
    reply.keep_alive = false;
    return reply;
  });
  const User user;
  std::string with_password = proxy.url("");
  with_password.insert(7, "somebody:pass-of-the-proxy@");
  ProcessOptions options =
      user.list("https://node.invalid/v2/key-of-the-node", {{"HTTPS_PROXY", with_password}});
  options.argv.emplace_back("--verbose");
  const ProcessResult run = run_process(options);
  INFO(run.describe());
  CHECK(run.exit_code == 7);
  CHECK(run.err.find("pass-of-the-proxy") == std::string::npos);
  CHECK(run.err.find(kKey) == std::string::npos);
  REQUIRE_FALSE(proxy.requests().empty());
  for (const ServerRequest& request : proxy.requests()) {
    CHECK(request.method == "CONNECT");
    CHECK(request.path.ends_with(":443"));
    CHECK(request.body.empty());
    std::string seen = request.path;
    for (const net::Header& header : request.headers) seen += header.name + header.value;
    CHECK(seen.find("key-of-the-node") == std::string::npos);
    CHECK(seen.find(kKey) == std::string::npos);
  }
}

TEST_CASE("A proxy that does not run and a CA of one's own are named with their variables",
          "[e2e][process][proxy]") {
  const testing::ClosedPort closed;
  const std::string address = closed.url().substr(7, closed.url().find('/', 7) - 7);
  const User user;
  ProcessOptions options = user.list("https://node.invalid/v2/key-of-the-node",
                                     {{"https_proxy", "http://me:pass-of-the-proxy@" + address}});
  options.argv.pop_back();
  const ProcessResult dead = run_process(options);
  INFO(dead.describe());
  CHECK(dead.exit_code == 7);
  CHECK(dead.err.find("https://node.invalid: the proxy http://" + address +
                      " (from https_proxy): connection refused") != std::string::npos);
  CHECK(
      dead.err.ends_with("hint: check https_proxy, or unset it; NO_PROXY lists the hosts to reach "
                         "directly\n"));
  CHECK(dead.err.find("pass-of-the-proxy") == std::string::npos);

  const TlsServer server({});
  if (!server.runs()) return;
  options = user.list(server.url("127.0.0.1"), {{"CURL_CA_BUNDLE", server.certificate()}});
  options.argv.pop_back();
  const ProcessResult unknown = run_process(options);
  INFO(unknown.describe());
  CHECK(unknown.exit_code == 7);
  CHECK(
      unknown.err.ends_with("hint: for a private CA, set SSL_CERT_FILE to a PEM file with its "
                            "certificate; CURL_CA_BUNDLE is set, but ecloud does not read it\n"));
}

TEST_CASE("NO_PROXY and loopback keep connections away from the proxy", "[e2e][process][proxy]") {
  ScriptedServer proxy([](const ServerRequest&) { return testing::faulty_reply({}); });
  const User user;
  const ProcessResult named =
      run_process(user.list("https://node.invalid", {{"HTTPS_PROXY", proxy.url("")},
                                                     {"NO_PROXY", "node.invalid,eigencloud.xyz"}}));
  INFO(named.describe());
  CHECK(named.exit_code == 7);
  CHECK(proxy.requests().empty());

  World world;
  ProcessOptions options;
  options.argv = {ECLOUD_BINARY, "compute", "app", "list", "--json"};
  options.env = world.user.env();
  options.directory = world.user.folder();
  for (const char* variable : {"HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY"}) {
    options.env[variable] = proxy.url("");
  }
  const ProcessResult local = run_process(options);
  INFO(local.describe());
  CHECK(local.exit_code == 0);
  CHECK(proxy.requests().empty());
}
