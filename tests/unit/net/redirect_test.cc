#include "net/redirect.h"

#include <string>

#include "ecloud/net/location.h"
#include "support/catch.h"
#include "support/fake_transport.h"

using namespace ecloud;
using net::Url;
using testing::make_response;

namespace {

net::Response moved(const std::string& location, int status = 302) {
  return make_response(status, "", {{"location", location}});
}

/// Where a redirect leads, or why it is refused.
std::string outcome(const std::string& from, const std::string& location, bool plain_http = false) {
  const net::RedirectRules rules{*Url::parse(from), plain_http};
  try {
    const std::optional<Url> to = redirect_target(rules, *Url::parse(from), moved(location));
    return to ? to->to_string() : "no redirect";
  } catch (const Error& error) {
    CHECK(error.code() == "net.redirect_refused");
    CHECK(error.category() == Category::kNetwork);
    return error.message();
  }
}

}  // namespace

TEST_CASE("a redirect to https is followed", "[net]") {
  CHECK(outcome("https://a.example/x", "https://b.example/y") == "https://b.example/y");
  CHECK(outcome("https://a.example/x", "/y") == "https://a.example/y");
  CHECK(outcome("http://127.0.0.1:5000/x", "https://b.example/y") == "https://b.example/y");
  CHECK(outcome("http://127.0.0.1:5000/x", "http://127.0.0.1:6000/y") == "http://127.0.0.1:6000/y");
}

TEST_CASE("only the redirecting statuses with a Location redirect", "[net]") {
  const net::RedirectRules rules{*Url::parse("https://a/"), false};
  for (const int status : {301, 302, 303, 307, 308}) {
    CHECK(redirect_target(rules, rules.original, moved("/y", status)));
  }
  for (const int status : {200, 201, 300, 304, 404}) {
    CHECK_FALSE(redirect_target(rules, rules.original, moved("/y", status)));
  }
  CHECK_FALSE(redirect_target(rules, rules.original, make_response(302, "")));
}

TEST_CASE("https never becomes http", "[net]") {
  CHECK(outcome("https://a.example/x", "http://a.example/x") ==
        "https://a.example: its redirect is refused: it leads from https to plain http "
        "(http://a.example)");
  CHECK(outcome("https://a.example/x", "http://127.0.0.1/x", true) ==
        "https://a.example: its redirect is refused: it leads from https to plain http "
        "(http://127.0.0.1)");
}

TEST_CASE("plain http leads to this machine alone, unless it is allowed", "[net]") {
  CHECK(
      outcome("http://127.0.0.1:5000/x", "http://b.example/y") ==
      "http://127.0.0.1:5000: its redirect is refused: it leads to plain http (http://b.example)");
  CHECK(outcome("http://a.example/x", "http://b.example/y", true) == "http://b.example/y");
}

TEST_CASE("a public host cannot send us into a private network", "[net]") {
  CHECK(outcome("https://a.example/x", "https://169.254.169.254/latest/meta-data?k=v") ==
        "https://a.example: its redirect is refused: it leads from a public host to a private "
        "address (https://169.254.169.254)");
  CHECK(outcome("https://a.example/x", "https://localhost:8443/") ==
        "https://a.example: its redirect is refused: it leads from a public host to a private "
        "address (https://localhost:8443)");
  CHECK(outcome("https://a.example/x", "https://[::ffff:192.168.0.1]/").find("private address") !=
        std::string::npos);
  CHECK(outcome("https://192.168.0.1/x", "https://192.168.0.2/y") == "https://192.168.0.2/y");
}

TEST_CASE("other schemes are refused", "[net]") {
  for (const char* location : {"file:///etc/passwd", "ftp://a.example/", "gopher://a/"}) {
    CHECK(outcome("https://a.example/x", location) ==
          "https://a.example: its redirect is refused: it leads to something that is no http or "
          "https URL");
  }
}

TEST_CASE("credentials are dropped by name, in either case", "[net]") {
  std::vector<net::Header> headers = {{"AUTHORIZATION", "a"}, {"Accept", "b"},
                                      {"x-account", "c"},     {"cookie", "d"},
                                      {"X-PAYMENT", "e"},     {"X-Other", "f"}};
  net::drop_credentials(headers);
  REQUIRE(headers.size() == 2);
  CHECK(headers[0].name == "Accept");
  CHECK(headers[1].name == "X-Other");
}

TEST_CASE("a place that an answer names is held to the rules of redirects", "[net]") {
  const std::string asked = "https://a.example/v2/x";
  const net::Location here = net::checked_location(asked, "/upload?state=1");
  CHECK(here.url == "https://a.example/upload?state=1");
  CHECK(here.same_origin);
  CHECK(net::checked_location(asked, "https://A.example:443/y").same_origin);
  const net::Location there = net::checked_location(asked, "https://b.example/y");
  CHECK(there.url == "https://b.example/y");
  CHECK_FALSE(there.same_origin);
  CHECK_FALSE(net::checked_location(asked, "https://a.example:444/y").same_origin);
  for (const char* refused : {"http://a.example/y", "https://192.168.0.1/", "ftp://a.example/"}) {
    INFO(refused);
    std::string code;
    try {
      net::checked_location(asked, refused);
    } catch (const Error& error) {
      code = error.code();
    }
    CHECK(code == "net.redirect_refused");
  }
}
