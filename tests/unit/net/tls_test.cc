#include "ecloud/base/text.h"
#include "net_bench.h"
#include "support/catch.h"
#include "support/scripted_server.h"
#include "support/tls_server.h"

using namespace ecloud;
using testing::NetBench;
using testing::TlsServer;

TEST_CASE("a certificate that nobody vouches for is refused", "[net]") {
  const TlsServer server({});
  if (!server.runs()) return;
  NetBench bench;
  const Error error = bench.failure(server.url("127.0.0.1") + "/");
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.code() == "net.tls");
  CHECK(error.message().find(testing::origin_of(server.url("127.0.0.1") + "/") +
                             ": TLS failed: ") == 0);
}

TEST_CASE("a certificate that the user trusts is accepted for its own host alone", "[net]") {
  const TlsServer server({});
  if (!server.runs()) return;
  NetBench bench({"", false, server.certificate()});
  const net::Response response = bench.get(server.url("127.0.0.1") + "/");
  CHECK(response.status == 200);
  CHECK(response.body.find("TLSv1.3") != std::string::npos);
  CHECK(bench.failure(server.url("localhost") + "/").code() == "net.tls");
}

TEST_CASE("the certificate of a server is there for whoever asks for it", "[net]") {
  const TlsServer server({});
  if (!server.runs()) return;
  NetBench bench({"", false, server.certificate()});
  net::Request request;
  request.url = server.url("127.0.0.1") + "/";
  CHECK(bench.send(request).certificates.empty());
  request.wants_certificates = true;
  // Also on the second time, when there is a connection already.
  for (int i = 0; i < 2; ++i) {
    const net::Response response = bench.send(request);
    REQUIRE(response.certificates.size() == 1);
    CHECK(base::trim(response.certificates.front()) ==
          base::trim(testing::slurp(server.certificate())));
  }
}

TEST_CASE("TLS before 1.2 is refused", "[net]") {
  const TlsServer server({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  if (!server.runs()) return;
  NetBench bench({"", false, server.certificate()});
  CHECK(bench.failure(server.url("127.0.0.1") + "/").code() == "net.tls");
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
