#include <stdexcept>
#include <string>

#include "ecloud/net/retry.h"
#include "net_bench.h"
#include "support/catch.h"
#include "support/fake_transport.h"
#include "support/manual_clock.h"
#include "support/scripted_server.h"

using namespace ecloud;
using testing::Fault;
using testing::NetBench;
using testing::Reply;
using testing::ScriptedServer;
using testing::ServerRequest;

namespace {

/// Larger than every buffer on the way, and no two pieces alike.
std::string long_text() {
  std::string out;
  for (int i = 0; out.size() < 3'000'000; ++i) out += std::to_string(i) + ",";
  return out;
}

net::UploadBody upload_of(const std::string& text) {
  return {text.size(), [&text](std::uint64_t offset, char* out, std::size_t size) {
            return text.copy(out, size, offset);
          }};
}

ServerRequest sent_by(const net::Request& request) {
  ScriptedServer server([](const ServerRequest&) { return Reply{.status = 202}; });
  NetBench bench({"", false, ""});
  net::Request copy = request;
  copy.url = server.url("/upload");
  CHECK(bench.send(copy).status == 202);
  REQUIRE(server.requests().size() == 1);
  return server.requests().front();
}

}  // namespace

TEST_CASE("a body is read while it is sent", "[net]") {
  const std::string text = long_text();
  for (const char* method : {"PUT", "PATCH", "POST"}) {
    net::Request request;
    request.method = method;
    request.headers = {{"Content-Type", "application/octet-stream"}};
    request.upload = upload_of(text);
    request.safe_to_repeat = false;
    const ServerRequest seen = sent_by(request);
    CHECK(seen.method == method);
    CHECK(seen.header("Content-Length") == std::to_string(text.size()));
    CHECK(seen.header("Transfer-Encoding").empty());
    CHECK(seen.body == text);
  }
}

TEST_CASE("an empty body is sent as one of no octets", "[net]") {
  net::Request request;
  request.method = "PUT";
  request.upload = upload_of("");
  const ServerRequest seen = sent_by(request);
  CHECK(seen.header("Content-Length") == "0");
  CHECK(seen.body.empty());
}

TEST_CASE("what reading a body throws ends the request and is thrown", "[net]") {
  ScriptedServer server([](const ServerRequest&) { return Reply{.status = 202}; });
  NetBench bench({"", false, ""});
  net::Request request;
  request.method = "PUT";
  request.url = server.url("/upload");
  request.upload = net::UploadBody{1'000, [](std::uint64_t, char*, std::size_t) -> std::size_t {
                                     throw Error(Category::kFailure, "file.unreadable", "gone");
                                   }};
  try {
    bench.send(request);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == "file.unreadable");
    CHECK(error.message() == "gone");
  }
}

TEST_CASE("an answer's body goes to the sink piece by piece", "[net]") {
  const std::string text = long_text();
  ScriptedServer server([&](const ServerRequest& seen) {
    Reply reply;
    reply.body = text;
    reply.status = seen.path == "/missing" ? 404 : 200;
    return reply;
  });
  NetBench bench({"", false, ""});
  std::string received;
  int pieces = 0;
  net::Request request;
  request.url = server.url("/blob");
  int answers = 0;
  request.on_answer = [&](const net::Response& head) {
    if (++answers == 1) CHECK(received.empty());
    CHECK(head.status == 200);
    CHECK(head.header("Content-Length") == std::to_string(text.size()));
  };
  request.sink = [&](std::string_view octets) {
    received += octets;
    ++pieces;
    return true;
  };
  const net::Response response = bench.send(request);
  CHECK(answers == 1);
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(received == text);
  CHECK(pieces > 1);

  SECTION("the words of an error stay in the answer") {
    received.clear();
    request.url = server.url("/missing");
    const net::Response missing = bench.send(request);
    CHECK(missing.status == 404);
    CHECK(missing.body == text);
    CHECK(received.empty());
  }
  SECTION("a sink that has enough ends the request without an error") {
    received.clear();
    request.sink = [&](std::string_view octets) {
      received += octets;
      return false;
    };
    CHECK(bench.send(request).status == 200);
    CHECK(!received.empty());
    CHECK(received.size() < text.size());
  }
  SECTION("what a sink throws is thrown") {
    request.sink = [](std::string_view) -> bool { throw std::runtime_error("disk full"); };
    CHECK_THROWS_AS(bench.send(request), std::runtime_error);
  }
  SECTION("the limit counts for it too") {
    request.max_response_bytes = text.size() - 1;
    try {
      bench.send(request);
      FAIL("nothing was thrown");
    } catch (const Error& error) {
      CHECK(error.code() == "net.too_large");
    }
  }
}

TEST_CASE("a server that falls silent is given up after the stall time", "[net]") {
  ScriptedServer server(
      [](const ServerRequest&) { return testing::faulty_reply(Fault::kSilence); });
  NetBench bench({"", false, ""});
  net::Request request;
  request.url = server.url("/blob");
  request.purpose = "a layer";
  request.stall_timeout = std::chrono::seconds(1);
  try {
    bench.send(request);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == "net.timeout");
    CHECK(error.message() ==
          "cannot get a layer: " + server.url("") + ": no octet came within 1 s");
  }
}

TEST_CASE("a request with a sink is sent again only while nothing has arrived", "[net]") {
  testing::FakeTransport inner;
  testing::ManualClock clock;
  const base::Log log;
  net::RetryingTransport transport(inner, clock, log);
  std::string received;
  net::Request request;
  request.url = "https://registry.example/blob";
  request.sink = [&](std::string_view octets) {
    received += octets;
    return true;
  };
  const Error closed(Category::kNetwork, "net.closed", "closed");

  inner.once("GET", request.url, closed);
  inner.once("GET", request.url, [](const net::Request& sent) {
    sent.sink("half");
    return testing::make_response(200, "");
  });
  CHECK(transport.send(request).status == 200);
  CHECK(received == "half");

  inner.once("GET", request.url, [&](const net::Request& sent) -> net::Response {
    sent.sink(" of it");
    throw closed;
  });
  CHECK_THROWS_AS(transport.send(request), Error);
  CHECK(received == "half of it");
  CHECK(inner.complaints() == "");
}
