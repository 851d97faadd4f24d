#include "oci/auth_challenge.h"

#include "support/catch.h"

namespace ecloud::oci {
namespace {

using Params = std::map<std::string, std::string>;

net::Response refusal(std::vector<net::Header> headers) {
  net::Response out;
  out.status = 401;
  out.headers = std::move(headers);
  return out;
}

TEST_CASE("A Bearer challenge with quoted parameters is read", "[oci]") {
  // The example of distribution's "Token Authentication Specification".
  const auto challenges = parse_challenges(
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",)"
      R"(scope="repository:samalba/my-app:pull,push")");
  REQUIRE(challenges.size() == 1);
  CHECK(challenges[0].scheme == "bearer");
  CHECK(challenges[0].params == Params{{"realm", "https://auth.docker.io/token"},
                                       {"service", "registry.docker.io"},
                                       {"scope", "repository:samalba/my-app:pull,push"}});
  CHECK(challenges[0].param("service") == "registry.docker.io");
  CHECK(challenges[0].param("error").empty());
}

TEST_CASE("Several challenges in one header are told apart", "[oci]") {
  // RFC 9110 section 11.6.1, its example.
  const auto challenges = parse_challenges(
      R"(Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"")");
  REQUIRE(challenges.size() == 2);
  CHECK(challenges[0].scheme == "basic");
  CHECK(challenges[0].params == Params{{"realm", "simple"}});
  CHECK(challenges[1].scheme == "newauth");
  CHECK(challenges[1].params ==
        Params{{"realm", "apps"}, {"type", "1"}, {"title", "Login to \"apps\""}});
}

TEST_CASE("Odd but legal challenges are read", "[oci]") {
  CHECK(parse_challenges("").empty());
  CHECK(parse_challenges(" , ,").empty());
  const auto bare = parse_challenges("Negotiate, BASIC REALM = x");
  REQUIRE(bare.size() == 2);
  CHECK(bare[0].scheme == "negotiate");
  CHECK(bare[0].params.empty());
  CHECK(bare[1].params == Params{{"realm", "x"}});
  const auto token68 = parse_challenges("Negotiate YII/+==, Basic realm=\"x, y\"");
  REQUIRE(token68.size() == 2);
  CHECK(token68[1].params == Params{{"realm", "x, y"}});
}

TEST_CASE("A malformed challenge ends the list and does no harm", "[oci]") {
  CHECK(parse_challenges("\"").empty());
  CHECK(parse_challenges("=").empty());
  const auto unclosed = parse_challenges("Bearer realm=\"https://a");
  REQUIRE(unclosed.size() == 1);
  CHECK(unclosed[0].params.empty());
  CHECK(parse_challenges("Bearer realm=\"a\\").size() == 1);
  CHECK(parse_challenges("Bearer realm=").size() == 1);
}

TEST_CASE("Bearer is preferred to Basic, wherever they stand", "[oci]") {
  const auto chosen =
      choose_challenge(refusal({{"www-authenticate", "Basic realm=\"r\""},
                                {"Content-Type", "text/plain"},
                                {"WWW-Authenticate", "Bearer realm=\"https://a\""}}));
  REQUIRE(chosen);
  CHECK(chosen->scheme == "bearer");
  const auto basic = choose_challenge(
      refusal({{"WWW-Authenticate", "Bearer error=\"x\", Basic realm=\"r\", Digest realm=\"d\""}}));
  REQUIRE(basic);
  CHECK(basic->scheme == "basic");
  CHECK_FALSE(choose_challenge(refusal({{"WWW-Authenticate", "Digest realm=\"d\""}})));
  CHECK_FALSE(choose_challenge(refusal({})));
}

TEST_CASE("Scheme and host of a URL are found and tricks refused", "[oci]") {
  const auto host_of = [](const std::string& url) {
    const auto found = parse_url_host(url);
    return found ? found->scheme + " " + found->host : "none";
  };
  CHECK(host_of("https://auth.docker.io/token?x=y") == "https auth.docker.io");
  CHECK(host_of("HTTP://LocalHost:5000") == "http localhost");
  CHECK(host_of("http://[::1]:5000/t") == "http [::1]");
  CHECK(host_of("https://ghcr.io\\@evil.example/") == "none");
  CHECK(host_of("https://ghcr%2eio/") == "none");
  CHECK(host_of("https://ghcr.io@evil.example/") == "none");
  CHECK(host_of("https://ghcr.io/ x") == "none");
  CHECK(host_of("https:///token") == "none");
  CHECK(host_of("ftp://ghcr.io/") == "none");
  CHECK(host_of("/token") == "none");
}

TEST_CASE("Credentials go to the registry's own token service alone", "[oci]") {
  CHECK(may_see_credentials("ghcr.io", "ghcr.io"));
  CHECK(may_see_credentials("docker.io", "auth.docker.io"));
  CHECK(may_see_credentials("registry.gitlab.com", "gitlab.com"));
  CHECK(may_see_credentials("registry.example.com", "auth.example.com"));
  CHECK(may_see_credentials("registry.example.co.uk", "auth.example.co.uk"));
  CHECK(may_see_credentials("localhost", "127.0.0.1"));
  CHECK(may_see_credentials("10.0.0.1", "10.0.0.1"));

  CHECK_FALSE(may_see_credentials("ghcr.io", "evil.example"));
  CHECK_FALSE(may_see_credentials("ghcr.io", "ghcr.io.evil.example"));
  CHECK_FALSE(may_see_credentials("ghcr.io", "notghcr.io"));
  CHECK_FALSE(may_see_credentials("docker.io", "auth.docker.com"));
  CHECK_FALSE(may_see_credentials("one.co.uk", "two.co.uk"));
  CHECK_FALSE(may_see_credentials("10.0.0.1", "10.1.0.1"));
  CHECK_FALSE(may_see_credentials("ghcr.io", "localhost"));
  CHECK_FALSE(may_see_credentials("localhost", "ghcr.io"));
}

TEST_CASE("The port of a host is cut off", "[oci]") {
  CHECK(host_without_port("ghcr.io") == "ghcr.io");
  CHECK(host_without_port("localhost:5000") == "localhost");
  CHECK(host_without_port("[::1]:5000") == "[::1]");
  CHECK(host_without_port("[::1]") == "[::1]");
}

TEST_CASE("Everything but unreserved characters is percent-encoded", "[oci]") {
  // RFC 3986 section 2; the value is that of Python's urllib.parse.quote(…, safe="").
  CHECK(percent_encode("repository:a/b_c:pull,push ~&=%\xc3\xa9") ==
        "repository%3Aa%2Fb_c%3Apull%2Cpush%20~%26%3D%25%C3%A9");
}

}  // namespace
}  // namespace ecloud::oci
