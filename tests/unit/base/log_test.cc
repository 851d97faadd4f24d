#include "ecloud/base/log.h"

#include "support/catch.h"

namespace ecloud::base {
namespace {

TEST_CASE("a log without a sink drops everything", "[base]") {
  const Log log;
  CHECK_FALSE(log.enabled());
  CHECK_NOTHROW(log.write("http", "GET /"));
}

TEST_CASE("a log hands topic and line to its sink", "[base]") {
  std::string seen;
  const Log log([&](std::string_view topic, std::string_view line) {
    seen += std::string(topic) + ": " + std::string(line) + "\n";
  });
  CHECK(log.enabled());
  log.write("http", "GET /");
  log.write("rpc", "eth_chainId");
  CHECK(seen == "http: GET /\nrpc: eth_chainId\n");
}

TEST_CASE("a URL is shown without user information and query values", "[base]") {
  CHECK(redact_url("https://api.example.org/v1/x") == "https://api.example.org/v1/x");
  CHECK(redact_url("https://api.example.org:8443") == "https://api.example.org:8443");
  CHECK(redact_url("https://ada:pa@ss@host:1/p") == "https://REDACTED@host:1/p");
  CHECK(redact_url("https://token@host") == "https://REDACTED@host");
  CHECK(redact_url("https://h/p?key=abc&b=1") == "https://h/p?key=REDACTED&b=REDACTED");
  CHECK(redact_url("https://h/p?key=a=b=c&x=") == "https://h/p?key=REDACTED&x=REDACTED");
  CHECK(redact_url("https://h?key=abc") == "https://h?key=REDACTED");
  CHECK(redact_url("https://h/a@b/c") == "https://h/a@b/c");
  CHECK(redact_url("host/path?key=abc") == "host/path?key=REDACTED");
  CHECK(redact_url("") == "");
}

TEST_CASE("a query or fragment without a name is hidden as a whole", "[base]") {
  CHECK(redact_url("https://h/p?abcdef0123") == "https://h/p?REDACTED");
  CHECK(redact_url("https://h/p?a=1&abcdef") == "https://h/p?a=REDACTED&REDACTED");
  CHECK(redact_url("https://h/p#access_token=abc") == "https://h/p#access_token=REDACTED");
  CHECK(redact_url("https://h/p?a=1#abc") == "https://h/p?a=REDACTED#REDACTED");
  CHECK(redact_url("https://h/p?a=1?b=2") == "https://h/p?a=REDACTED");
  CHECK(redact_url("https://h/p?") == "https://h/p?");
  CHECK(redact_url("https://h/p?a=1&&b=2") == "https://h/p?a=REDACTED&&b=REDACTED");
}

TEST_CASE("the origin of a URL has neither path nor user", "[base]") {
  CHECK(url_origin("https://rpc.example.org/v2/SECRETKEY") == "https://rpc.example.org");
  CHECK(url_origin("http://u:p@127.0.0.1:8545/?k=v") == "http://127.0.0.1:8545");
  CHECK(url_origin("https://h?k=v") == "https://h");
  CHECK(url_origin("https://h#f") == "https://h");
}

}  // namespace
}  // namespace ecloud::base
