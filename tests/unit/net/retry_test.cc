#include "ecloud/net/retry.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "support/fake_transport.h"
#include "support/manual_clock.h"

using namespace ecloud;
using base::Milliseconds;
using testing::FakeTransport;
using testing::make_response;
using testing::ManualClock;

namespace {

constexpr char kUrl[] = "https://a.example/x?secret=1";

struct Bench {
  FakeTransport fake;
  ManualClock clock;
  std::vector<std::string> lines;
  base::Log log{[this](std::string_view topic, std::string_view line) {
    lines.push_back(std::string(topic) + ": " + std::string(line));
  }};

  net::Response get(bool safe = true, net::RetryPolicy policy = {}) {
    net::RetryingTransport transport(fake, clock, log, policy);
    net::Request request;
    request.url = kUrl;
    request.safe_to_repeat = safe;
    return transport.send(request);
  }
  std::string failing_code() {
    try {
      get();
    } catch (const Error& error) {
      return error.code();
    }
    return "none";
  }
};

Error network(const std::string& code) {
  return Error(Category::kNetwork, code, "https://a.example: it broke");
}

std::optional<Milliseconds> parse_retry_after(const std::string& value, std::int64_t now) {
  return net::retry_after(make_response(503, "", {{"retry-after", value}}), now);
}

}  // namespace

TEST_CASE("an answer that is fine is not asked for again", "[net]") {
  Bench bench;
  bench.fake.once("GET", kUrl, make_response(404, "no"));
  CHECK(bench.get().status == 404);
  CHECK(bench.clock.sleeps().empty());
  CHECK(bench.fake.complaints() == "");
}

TEST_CASE("a busy service is asked again after one second, then two", "[net]") {
  for (const int status : {429, 502, 503, 504}) {
    Bench bench;
    bench.fake.once("GET", kUrl, make_response(status, ""))
        .once("GET", kUrl, make_response(status, ""))
        .once("GET", kUrl, make_response(200, "done"));
    CHECK(bench.get().body == "done");
    CHECK(bench.clock.sleeps() ==
          std::vector<Milliseconds>{Milliseconds(1000), Milliseconds(2000)});
    CHECK(bench.fake.complaints() == "");
  }
}

TEST_CASE("the last answer is the one that the caller sees", "[net]") {
  Bench bench;
  int asked = 0;
  bench.fake.always("GET", kUrl, [&](const net::Request&) {
    return make_response(503, "attempt " + std::to_string(++asked));
  });
  net::RetryPolicy policy;
  policy.max_delay = Milliseconds(3000);
  CHECK(bench.get(true, policy).body == "attempt 5");
  CHECK(bench.clock.sleeps() == std::vector<Milliseconds>{Milliseconds(1000), Milliseconds(2000),
                                                          Milliseconds(3000), Milliseconds(3000)});
}

TEST_CASE("Retry-After is obeyed up to the longest delay", "[net]") {
  Bench bench;
  bench.fake.once("GET", kUrl, make_response(429, "", {{"Retry-After", "7"}}))
      .once("GET", kUrl, make_response(429, "", {{"Retry-After", "86400"}}))
      .once("GET", kUrl, make_response(200, ""));
  CHECK(bench.get().status == 200);
  CHECK(bench.clock.sleeps() ==
        std::vector<Milliseconds>{Milliseconds(7000), Milliseconds(30'000)});
}

TEST_CASE("Retry-After is seconds or an HTTP date", "[net]") {
  // The example date of RFC 9110 section 5.6.7; date -u -d says 784111777.
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  CHECK(parse_retry_after("120", 0) == Milliseconds(120'000));
  CHECK(parse_retry_after("0", 0) == Milliseconds(0));
  CHECK(parse_retry_after(date, 784111770) == Milliseconds(7'000));
  CHECK(parse_retry_after(date, 784111777) == Milliseconds(0));
  CHECK(parse_retry_after(date, 1'800'000'000) == Milliseconds(0));
  CHECK(parse_retry_after("18446744073709551615", 0) == Milliseconds(604'800'000));
  for (const char* value : {"", "soon", "-1", "1.5", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Foo 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 28:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT+1"}) {
    INFO(value);
    CHECK_FALSE(parse_retry_after(value, 0));
  }
  CHECK_FALSE(net::retry_after(make_response(503, ""), 0));
}

TEST_CASE("a request without an answer is sent again", "[net]") {
  for (const char* code :
       {"net.resolve", "net.refused", "net.timeout", "net.closed", "net.protocol"}) {
    Bench bench;
    bench.fake.once("GET", kUrl, network(code)).once("GET", kUrl, make_response(200, ""));
    CHECK(bench.get().status == 200);
  }
}

TEST_CASE("the last error is the one that the caller sees", "[net]") {
  Bench bench;
  for (int i = 0; i < 4; ++i) bench.fake.once("GET", kUrl, network("net.refused"));
  bench.fake.once("GET", kUrl, network("net.timeout"));
  CHECK(bench.failing_code() == "net.timeout");
  CHECK(bench.fake.complaints() == "");
}

TEST_CASE("an error that another sending does not change ends at once", "[net]") {
  const std::vector<Error> errors = {network("net.tls"),
                                     network("net.too_large"),
                                     network("net.redirect_refused"),
                                     Error(Category::kUsage, "net.insecure", "no"),
                                     Error(Category::kInterrupted, "interrupted", "interrupted"),
                                     Error(Category::kFailure, "net.no_libcurl", "no")};
  for (const Error& error : errors) {
    Bench bench;
    bench.fake.once("GET", kUrl, error);
    CHECK(bench.failing_code() == error.code());
    CHECK(bench.clock.sleeps().empty());
    CHECK(bench.fake.complaints() == "");
  }
}

TEST_CASE("a request that must not be repeated is sent once", "[net]") {
  Bench answered;
  answered.fake.once("GET", kUrl, make_response(503, "busy"));
  CHECK(answered.get(false).body == "busy");
  Bench silent;
  silent.fake.once("GET", kUrl, network("net.closed"));
  CHECK_THROWS_AS(silent.get(false), Error);
  CHECK(silent.clock.sleeps().empty());
}

TEST_CASE("a cancelled wait ends the retries", "[net]") {
  Bench bench;
  bench.fake.once("GET", kUrl, make_response(503, ""));
  bench.clock.on_sleep(
      [](Milliseconds) { throw Error(Category::kInterrupted, "interrupted", "interrupted"); });
  CHECK(bench.failing_code() == "interrupted");
}

TEST_CASE("a retry is logged without path and query", "[net]") {
  Bench bench;
  bench.fake.once("GET", kUrl, make_response(503, "")).once("GET", kUrl, make_response(200, ""));
  bench.get();
  CHECK(bench.lines == std::vector<std::string>{
                           "http: GET https://a.example gave 503: again in 1000 ms (2 of 5)"});
}

TEST_CASE("the fake transport names what it did not expect and what is nearest", "[net]") {
  FakeTransport fake;
  fake.once("GET", "https://a.example/apps/1", make_response(200, ""));
  fake.once("POST", "https://b.example/", make_response(200, ""));
  net::Request request;
  request.url = "https://a.example/apps/2";
  try {
    fake.send(request);
    FAIL("answered");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kBug);
    CHECK(error.message() ==
          "no handler for GET https://a.example/apps/2; the nearest is GET "
          "https://a.example/apps/1");
  }
  CHECK(fake.complaints() ==
        "never asked: GET https://a.example/apps/1\n"
        "never asked: POST https://b.example/\n"
        "not expected: GET https://a.example/apps/2\n");
}
