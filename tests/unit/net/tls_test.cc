#include <optional>
#include <string>
#include <vector>

#include "net_bench.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/scripted_server.h"
#include "support/temp_dir.h"
#include "support/tools.h"

using namespace ecloud;
using testing::NetBench;

namespace {

/// `openssl s_server` with a certificate of its own for 127.0.0.1. Without the program it is not
/// started, and the test is to return.
class TlsServer {
 public:
  explicit TlsServer(const std::vector<std::string>& options) {
    if (!testing::require_tool("openssl")) return;
    const std::string key = dir_ / "key.pem";
    const auto made = testing::run_process(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", certificate()});
    INFO(made.describe());
    REQUIRE(made.ok());
    testing::ProcessOptions serve;
    serve.argv = {"openssl", "s_server", "-www",  "-accept",    "127.0.0.1:0",
                  "-key",    key,        "-cert", certificate()};
    serve.argv.insert(serve.argv.end(), options.begin(), options.end());
    server_.emplace(serve);
    REQUIRE(server_->wait_for_output("ACCEPT 127.0.0.1:"));
    const std::string out = server_->out();
    const std::size_t place = out.find("127.0.0.1:") + 10;
    port_ = out.substr(place, out.find('\n', place) - place);
  }

  bool runs() const { return server_.has_value(); }
  std::string url(const std::string& host) const { return "https://" + host + ":" + port_ + "/"; }
  std::string certificate() const { return dir_ / "certificate.pem"; }

 private:
  testing::TempDir dir_;
  std::optional<testing::ChildProcess> server_;
  std::string port_;
};

}  // namespace

TEST_CASE("a certificate that nobody vouches for is refused", "[net]") {
  const TlsServer server({});
  if (!server.runs()) return;
  NetBench bench;
  const Error error = bench.failure(server.url("127.0.0.1"));
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.code() == "net.tls");
  CHECK(error.message().find(testing::origin_of(server.url("127.0.0.1")) + ": TLS failed: ") == 0);
}

TEST_CASE("a certificate that the user trusts is accepted for its own host alone", "[net]") {
  const TlsServer server({});
  if (!server.runs()) return;
  NetBench bench({"", false, server.certificate()});
  const net::Response response = bench.get(server.url("127.0.0.1"));
  CHECK(response.status == 200);
  CHECK(response.body.find("TLSv1.3") != std::string::npos);
  CHECK(bench.failure(server.url("localhost")).code() == "net.tls");
}

TEST_CASE("TLS before 1.2 is refused", "[net]") {
  const TlsServer server({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  if (!server.runs()) return;
  NetBench bench({"", false, server.certificate()});
  CHECK(bench.failure(server.url("127.0.0.1")).code() == "net.tls");
}

TEST_CASE("a server that does not speak TLS runs into the connection timeout", "[net]") {
  testing::ScriptedServer server([](const testing::ServerRequest&) { return testing::Reply(); });
  NetBench bench;
  net::Request request;
  request.url = server.url();
  request.url.replace(0, 4, "https");
  request.connect_timeout = base::Milliseconds(50);
  const Error error = bench.failure(request);
  CHECK(error.code() == "net.timeout");
  CHECK(error.message() == testing::origin_of(request.url) + ": no connection within 0.05 s");
}
