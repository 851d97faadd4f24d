#include <string>

#include "ecloud/base/base64.h"
#include "net_bench.h"
#include "support/catch.h"
#include "support/scripted_server.h"

using namespace ecloud;
using base::Milliseconds;
using testing::Fault;
using testing::NetBench;
using testing::origin_of;
using testing::Reply;
using testing::ScriptedServer;
using testing::ServerRequest;

namespace {

/// Made by Python's gzip module: 100,000 times "a".
constexpr char kGzipBomb[] =
    "H4sIAAAAAAACA+3BMQEAAADCoKzrX8IaHkABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAArwaH+uIboIYBAA==";

/// How a GET of a server that answers so ends.
Error failure_of(const Reply& reply, net::Request request = {}) {
  ScriptedServer server([&](const ServerRequest&) { return reply; });
  NetBench bench;
  request.url = server.url("/path?key=hunter2");
  Error error = bench.failure(request);
  CHECK(error.category() == Category::kNetwork);
  CHECK_FALSE(error.hint().empty());
  CHECK(error.message().find("hunter2") == std::string::npos);
  CHECK(bench.log_lines().size() == 1);
  const std::string origin = origin_of(server.url());
  const std::size_t place = error.message().find(origin);
  REQUIRE(place != std::string::npos);
  std::string message = error.message();
  message.replace(place, origin.size(), "ORIGIN");
  return Error(error.category(), error.code(), message, error.hint());
}

Error failure_of(Fault fault, std::string body = "0123456789") {
  return failure_of(testing::faulty_reply(fault, std::move(body)));
}

}  // namespace

TEST_CASE("nobody listens", "[net]") {
  const testing::ClosedPort port;
  NetBench bench;
  const Error error = bench.failure(port.url("/path?key=hunter2"));
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.code() == "net.refused");
  CHECK(error.message() == origin_of(port.url()) + ": connection refused");
  CHECK(error.hint() == "check the URL and your network");
}

TEST_CASE("the purpose of a request is in its error", "[net]") {
  const testing::ClosedPort port;
  NetBench bench;
  net::Request request;
  request.url = port.url();
  request.purpose = "the app's status";
  CHECK(bench.failure(request).message() ==
        "cannot get the app's status: " + origin_of(port.url()) + ": connection refused");
}

TEST_CASE("a name that does not exist", "[net]") {
  NetBench bench;
  const Error error = bench.failure("https://does-not-exist.invalid/x");
  CHECK(error.code() == "net.resolve");
  CHECK(error.message() == "https://does-not-exist.invalid: the name cannot be resolved");
}

TEST_CASE("the connection ends without an answer", "[net]") {
  const Error error = failure_of(Fault::kClose);
  CHECK(error.code() == "net.closed");
  CHECK(error.message() == "ORIGIN: the connection was closed without an answer");
}

TEST_CASE("the connection is reset", "[net]") {
  CHECK(failure_of(Fault::kReset).code() == "net.closed");
}

TEST_CASE("half an answer is none", "[net]") {
  const Error error = failure_of(Fault::kTruncate);
  CHECK(error.code() == "net.closed");
  CHECK(error.message() == "ORIGIN: the connection was closed in the middle of the answer");

  Reply chunked = testing::faulty_reply(Fault::kTruncate, std::string(100, 'x'));
  chunked.chunked = true;
  CHECK(failure_of(chunked).code() == "net.closed");
}

TEST_CASE("what is not HTTP is not understood", "[net]") {
  CHECK(failure_of(Fault::kGarbage).code() == "net.protocol");
}

TEST_CASE("a body that says it is compressed and is not", "[net]") {
  Reply reply;
  reply.headers = {{"Content-Encoding", "gzip"}};
  reply.body = "not gzip at all";
  CHECK(failure_of(reply).code() == "net.protocol");
}

TEST_CASE("a server that says nothing runs into the timeout", "[net]") {
  net::Request request;
  request.timeout = Milliseconds(50);
  const Error error = failure_of(testing::faulty_reply(Fault::kSilence), request);
  CHECK(error.code() == "net.timeout");
  CHECK(error.message() == "ORIGIN: no complete answer within 0.05 s");
}

TEST_CASE("a server that drips runs into the timeout", "[net]") {
  net::Request request;
  request.timeout = Milliseconds(60);
  CHECK(failure_of(testing::faulty_reply(Fault::kDrip, std::string(10'000, 'x')), request).code() ==
        "net.timeout");
}

TEST_CASE("a body over the limit is not taken", "[net]") {
  net::Request request;
  request.max_response_bytes = 1000;
  Reply reply;

  SECTION("one octet too long") {
    reply.body = std::string(1001, 'x');
    const Error error = failure_of(reply, request);
    CHECK(error.code() == "net.too_large");
    CHECK(error.message() == "ORIGIN: the answer is larger than 1000 bytes");
  }
  SECTION("without a length") {
    reply.body = std::string(5000, 'x');
    reply.chunked = true;
    CHECK(failure_of(reply, request).code() == "net.too_large");
  }
  SECTION("small until it is decompressed") {
    reply.body = std::string(base::as_chars(*base::from_base64(kGzipBomb)));
    REQUIRE(reply.body.size() < 1000);
    reply.headers = {{"Content-Encoding", "gzip"}};
    CHECK(failure_of(reply, request).code() == "net.too_large");
  }
  SECTION("exactly at the limit is fine") {
    reply.body = std::string(1000, 'x');
    ScriptedServer server([&](const ServerRequest&) { return reply; });
    NetBench bench;
    request.url = server.url();
    CHECK(bench.send(request).body.size() == 1000);
  }
  SECTION("a HEAD of something large is fine") {
    reply.body = std::string(5000, 'x');
    ScriptedServer server([&](const ServerRequest&) { return reply; });
    NetBench bench;
    request.url = server.url();
    request.method = "HEAD";
    const net::Response response = bench.send(request);
    CHECK(response.body.empty());
    CHECK(response.header("Content-Length") == "5000");
  }
}

TEST_CASE("headers without end are not taken", "[net]") {
  Reply reply;
  for (int i = 0; i < 60; ++i) {
    reply.headers.push_back({"X-" + std::to_string(i), std::string(8000, 'h')});
  }
  const std::string code = failure_of(reply).code();
  CHECK((code == "net.too_large" || code == "net.protocol"));
}

TEST_CASE("after a fault the next request works", "[net]") {
  int asked = 0;
  ScriptedServer server([&](const ServerRequest&) {
    return ++asked == 1 ? testing::faulty_reply(Fault::kReset) : testing::json_reply("{}");
  });
  NetBench bench;
  CHECK(bench.failure(server.url()).code() == "net.closed");
  CHECK(bench.get(server.url()).body == "{}");
}

TEST_CASE("redirects on the wire", "[net]") {
  ScriptedServer other([](const ServerRequest&) { return testing::json_reply("\"other\""); });
  ScriptedServer server([&](const ServerRequest& request) {
    Reply reply;
    reply.status = 307;
    if (request.path == "/loop") reply.headers = {{"Location", "/loop"}};
    if (request.path == "/same") reply.headers = {{"Location", "end?x=1"}};
    if (request.path == "/other") reply.headers = {{"Location", other.url("/end")}};
    if (request.path == "/away") reply.headers = {{"Location", "http://host.invalid/"}};
    return request.path == "/end?x=1" ? testing::json_reply("\"same\"") : reply;
  });
  NetBench bench;
  net::Request request;
  request.headers = {{"Authorization", "Bearer x"}, {"X-Account", "a"}, {"X-Kept", "k"}};
  request.follow_redirects = true;

  SECTION("credentials stay on the same origin") {
    request.url = server.url("/same");
    const net::Response response = bench.send(request);
    CHECK(response.body == "\"same\"");
    CHECK(response.final_url == server.url("/end?x=1"));
    CHECK(server.requests().back().header("Authorization") == "Bearer x");
    CHECK(bench.log_lines().size() == 2);
  }
  SECTION("credentials do not follow to another port") {
    request.url = server.url("/other");
    CHECK(bench.send(request).body == "\"other\"");
    CHECK(other.requests().at(0).header("Authorization") == "");
    CHECK(other.requests().at(0).header("X-Account") == "");
    CHECK(other.requests().at(0).header("X-Kept") == "k");
  }
  SECTION("a loop ends after ten") {
    request.url = server.url("/loop");
    const Error error = bench.failure(request);
    CHECK(error.code() == "net.redirect_refused");
    CHECK(error.message() == origin_of(server.url()) + ": redirected more than 10 times");
    CHECK(server.requests().size() == 11);
  }
  SECTION("plain http elsewhere is refused") {
    request.url = server.url("/away");
    CHECK(bench.failure(request).code() == "net.redirect_refused");
  }
  SECTION("nothing is followed that was not asked for") {
    request.url = server.url("/same");
    request.follow_redirects = false;
    CHECK(bench.send(request).status == 307);
    request.follow_redirects = true;
    request.method = "POST";
    CHECK(bench.send(request).status == 307);
    CHECK(server.requests().size() == 2);
  }
}
