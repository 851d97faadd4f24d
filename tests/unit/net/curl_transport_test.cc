#include "ecloud/net/curl_transport.h"

#include <cstdlib>
#include <string>

#include "ecloud/base/base64.h"
#include "net/curl_library.h"
#include "net_bench.h"
#include "support/catch.h"
#include "support/scripted_server.h"

using namespace ecloud;
using testing::NetBench;
using testing::Reply;
using testing::ScriptedServer;
using testing::ServerRequest;

namespace {

Reply text_reply(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

/// "… in 12 ms, …" with N for the number.
std::string without_time(std::string line) {
  const std::size_t start = line.find(" in ") + 4;
  const std::size_t end = line.find_first_not_of("0123456789", start);
  REQUIRE(end > start);
  return line.replace(start, end - start, "N");
}

/// Made by Python's gzip module: {"answer":42}.
constexpr char kGzipAnswer[] = "H4sIAAAAAAACA6tWSswrLk8tUrIyMaoFAPVl2cwNAAAA";

}  // namespace

TEST_CASE("a request arrives as it was given", "[net]") {
  ScriptedServer server([](const ServerRequest&) {
    Reply reply = text_reply("made");
    reply.status = 201;
    reply.headers = {{"X-One", "first"}, {"x-one", "second"}, {"X-Empty", ""}};
    return reply;
  });
  NetBench bench({"ecloud/1.2.3", false, ""});
  net::Request request;
  request.method = "POST";
  request.url = server.url("/a/b?c=d&e=f");
  request.headers = {
      {"Authorization", "Bearer x"}, {"Content-Type", "application/json"}, {"X-Blank", ""}};
  request.body = std::string("{\"a\":\0}", 7);
  const net::Response response = bench.send(request);
  CHECK(response.status == 201);
  CHECK(response.ok());
  CHECK(response.body == "made");
  CHECK(response.header("X-ONE") == "first");
  CHECK(response.header("x-empty") == "");
  CHECK_FALSE(response.header("X-Two"));
  CHECK(response.final_url == request.url);

  const ServerRequest seen = server.requests().at(0);
  CHECK(seen.method == "POST");
  CHECK(seen.path == "/a/b?c=d&e=f");
  CHECK(seen.body == request.body);
  CHECK(seen.header("Authorization") == "Bearer x");
  CHECK(seen.header("Content-Type") == "application/json");
  CHECK(seen.header("User-Agent") == "ecloud/1.2.3");
  CHECK(seen.header("Expect") == "");
  CHECK(seen.header("Accept-Encoding").find("gzip") != std::string::npos);
}

TEST_CASE("every method goes out under its own name", "[net]") {
  ScriptedServer server([](const ServerRequest& request) { return text_reply(request.body); });
  NetBench bench;
  for (const std::string method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
    net::Request request;
    request.method = method;
    request.url = server.url("/m");
    if (method == "PUT" || method == "PATCH") request.body = "content";
    const net::Response response = bench.send(request);
    CHECK(response.status == 200);
    CHECK(response.body == request.body);
    const ServerRequest seen = server.requests().back();
    CHECK(seen.method == method);
    CHECK(seen.header("Content-Type") == "");
    if (method == "POST") CHECK(seen.header("Content-Length") == "0");
  }
}

TEST_CASE("every status is an answer", "[net]") {
  ScriptedServer server([](const ServerRequest& request) {
    Reply reply = text_reply("why");
    reply.status = std::stoi(request.path.substr(1));
    return reply;
  });
  NetBench bench;
  for (const int status : {400, 401, 404, 429, 500, 503}) {
    const net::Response response = bench.get(server.url("/" + std::to_string(status)));
    CHECK(response.status == status);
    CHECK_FALSE(response.ok());
    CHECK(response.body == "why");
  }
}

TEST_CASE("interim answers and trailers are not the answer", "[net]") {
  ScriptedServer server([](const ServerRequest&) {
    Reply reply;
    reply.raw =
        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Real: yes\r\n\r\n"
        "3\r\nabc\r\n0\r\nX-Trailer: late\r\n\r\n";
    return reply;
  });
  NetBench bench;
  const net::Response response = bench.get(server.url());
  CHECK(response.status == 200);
  CHECK(response.body == "abc");
  CHECK(response.header("X-Real") == "yes");
  CHECK_FALSE(response.header("Link"));
  CHECK_FALSE(response.header("X-Trailer"));
}

TEST_CASE("chunks and compression are undone", "[net]") {
  ScriptedServer server([](const ServerRequest& request) {
    if (request.path == "/chunks") {
      Reply reply = text_reply("a body in several chunks of seven");
      reply.chunked = true;
      return reply;
    }
    const base::Bytes packed = *base::from_base64(kGzipAnswer);
    Reply reply = text_reply(std::string(base::as_chars(packed)));
    reply.headers = {{"Content-Encoding", "gzip"}};
    return reply;
  });
  NetBench bench;
  CHECK(bench.get(server.url("/chunks")).body == "a body in several chunks of seven");
  CHECK(bench.get(server.url("/gzip")).body == "{\"answer\":42}");

  SECTION("but not for who asked for an encoding") {
    net::Request request;
    request.url = server.url("/gzip");
    request.headers = {{"Accept-Encoding", "identity"}};
    CHECK(base::to_base64(base::as_bytes(bench.send(request).body)) == kGzipAnswer);
    CHECK(server.requests().back().header("Accept-Encoding") == "identity");
  }
}

TEST_CASE("one connection serves one request after another", "[net]") {
  ScriptedServer server([](const ServerRequest&) { return text_reply("ok"); });
  NetBench bench;
  for (int i = 0; i < 5; ++i) bench.get(server.url());
  CHECK(server.connections() == 1);
}

TEST_CASE("a pooled connection that died is replaced in silence", "[net]") {
  ScriptedServer server([](const ServerRequest& request) {
    if (request.path == "/last") return testing::faulty_reply(testing::Fault::kClose);
    return text_reply("ok");
  });
  NetBench bench;
  bench.get(server.url("/first"));

  SECTION("for a request that may be repeated, libcurl tries once more") {
    CHECK(bench.failure(server.url("/last")).code() == "net.closed");
    CHECK(server.requests().size() == 3);
  }
  SECTION("one that may not goes out once, on a new connection") {
    net::Request request;
    request.method = "POST";
    request.url = server.url("/last");
    request.safe_to_repeat = false;
    CHECK(bench.failure(request).code() == "net.closed");
    CHECK(server.requests().size() == 2);
    CHECK(server.connections() == 2);
  }
}

TEST_CASE("a proxy of the environment is not used for this machine", "[net]") {
  const testing::ClosedPort proxy;
  ScriptedServer server([](const ServerRequest&) { return text_reply("direct"); });
  for (const char* name : {"http_proxy", "all_proxy"}) {
    NetBench bench({.env = base::Env({{name, proxy.url()}})});
    CHECK(bench.get(server.url()).body == "direct");
  }
}

TEST_CASE("a proxy of the environment is used for other hosts", "[net]") {
  ScriptedServer proxy([](const ServerRequest&) { return text_reply("from the proxy"); });
  NetBench bench({"", true, "", base::Env({{"http_proxy", proxy.url()}})});
  CHECK(bench.get("http://host.invalid/x").body == "from the proxy");
  CHECK(proxy.requests().at(0).path == "http://host.invalid/x");
}

TEST_CASE("a request is one line in the log, without values", "[net]") {
  ScriptedServer server([](const ServerRequest&) { return text_reply("four"); });
  NetBench bench;
  net::Request request;
  request.url = server.url("/apps/1?token=hunter2");
  request.headers = {{"Authorization", "Bearer hunter2"}};
  bench.send(request);
  request.secret_path = true;
  bench.send(request);
  REQUIRE(bench.log_lines().size() == 2);
  const std::string origin = testing::origin_of(server.url());
  CHECK(without_time(bench.log_lines()[0]) ==
        "http: GET " + origin + "/apps/1?token=REDACTED 200 in N ms, 4 bytes");
  CHECK(without_time(bench.log_lines()[1]) == "http: GET " + origin + " 200 in N ms, 4 bytes");
}

TEST_CASE("plain http is for this machine alone", "[net]") {
  NetBench bench;
  const Error error = bench.failure("http://host.invalid/x?key=hunter2");
  CHECK(error.category() == Category::kUsage);
  CHECK(error.code() == "net.insecure");
  CHECK(error.message() == "http://host.invalid: plain http goes to this machine alone");
  CHECK(error.hint() == "use https, or say --allow-http");
  CHECK(bench.failure("http://127.0.0.1.host.invalid/").code() == "net.insecure");
}

TEST_CASE("what is no URL is not sent", "[net]") {
  NetBench bench;
  const Error error = bench.failure("file:///etc/passwd");
  CHECK(error.category() == Category::kUsage);
  CHECK(error.code() == "net.url");
  CHECK(error.message() == "not an http or https URL: file:///etc/passwd");
  CHECK(bench.failure("http://127.0.0.1/a b").code() == "net.url");
}

TEST_CASE("a header cannot smuggle another one", "[net]") {
  ScriptedServer server([](const ServerRequest&) { return text_reply("ok"); });
  NetBench bench;
  net::Request request;
  request.url = server.url();
  request.headers = {{"X-Note", "a\r\nAuthorization: stolen"}};
  const Error error = bench.failure(request);
  CHECK(error.category() == Category::kUsage);
  CHECK(error.message() == "the header X-Note holds a line break");
  CHECK(server.requests().empty());
}

TEST_CASE("a machine without libcurl is told which package has it", "[net]") {
  try {
    net::open_curl_library({"libcurl-that-is-not-there.so.4", "libm.so.6"});
    FAIL("opened");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kFailure);
    CHECK(error.code() == "net.no_libcurl");
    CHECK(error.message() ==
          "libcurl 7.68 or later is needed for the network and is not there (tried "
          "libcurl-that-is-not-there.so.4, libm.so.6)");
    CHECK(error.hint() == "on Debian and Ubuntu: apt-get install libcurl4");
  }
}
