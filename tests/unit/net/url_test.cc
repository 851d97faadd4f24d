#include "net/url.h"

#include <string>
#include <vector>

#include "ecloud/net/transport.h"
#include "support/catch.h"

using ecloud::net::is_loopback_host;
using ecloud::net::is_private_host;
using ecloud::net::Url;

namespace {

std::string resolved(const std::string& base, const std::string& location) {
  const std::optional<Url> url = Url::parse(base)->resolve(location);
  return url ? url->to_string() : "refused";
}

}  // namespace

TEST_CASE("a URL is taken apart", "[net]") {
  const std::optional<Url> url = Url::parse("HTTPS://me:pw@Host.Example:8443/a/b?c=d#fragment");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->user_info == "me:pw@");
  CHECK(url->host == "host.example");
  CHECK(url->port == 8443);
  CHECK(url->target == "/a/b?c=d");
  CHECK(url->origin() == "https://host.example:8443");
  CHECK(url->to_string() == "https://me:pw@host.example:8443/a/b?c=d");
}

TEST_CASE("a URL gets its defaults", "[net]") {
  CHECK(Url::parse("http://host")->to_string() == "http://host/");
  CHECK(Url::parse("http://host:80/")->to_string() == "http://host/");
  CHECK(Url::parse("https://host?x")->to_string() == "https://host/?x");
  CHECK(Url::parse("https://host#x")->to_string() == "https://host/");
  CHECK(Url::parse("http://[::1]:5000/v2/")->to_string() == "http://[::1]:5000/v2/");
  CHECK(Url::parse("https://host/\xc3\xa9")->to_string() == "https://host/%C3%A9");
}

TEST_CASE("what two parsers could read differently is no URL", "[net]") {
  const std::vector<std::string> refused = {
      "",
      "host",
      "/path",
      "ftp://host/",
      "file:///etc/passwd",
      "http:/host",
      "http:host",
      "http://",
      "http:///path",
      "http://:80/",
      "http://host:0/",
      "http://host:65536/",
      "http://host:/",
      "http://host:8o/",
      "http://host:80:90/",
      "http://a@b@c/",
      "http://host\\@other/",
      "http://host\\other/",
      "http://ho st/",
      "http://host/a b",
      "http://host/\r\nX: y",
      std::string("http://host/\0", 13),
      "http://h\xc3\xb6st/",
      "http://host%2eexample/",
      "http://[::1/",
      "http://[::1]x/",
      "http://[fe80::1%25eth0]/",
  };
  for (const std::string& text : refused) {
    INFO(text);
    CHECK_FALSE(Url::parse(text));
  }
}

// RFC 3986 section 5.4, where the dots that remain are for libcurl to remove.
TEST_CASE("a Location is resolved against the URL that sent it", "[net]") {
  const std::string base = "http://a/b/c/d;p?q";
  CHECK(resolved(base, "g") == "http://a/b/c/g");
  CHECK(resolved(base, "g/") == "http://a/b/c/g/");
  CHECK(resolved(base, "/g") == "http://a/g");
  CHECK(resolved(base, "//g") == "http://g/");
  CHECK(resolved(base, "?y") == "http://a/b/c/d;p?y");
  CHECK(resolved(base, "g?y") == "http://a/b/c/g?y");
  CHECK(resolved(base, "g#s") == "http://a/b/c/g");
  CHECK(resolved(base, "./g?y=./z") == "http://a/b/c/g?y=./z");
  CHECK(resolved(base, "../g") == "http://a/b/g");
  CHECK(resolved(base, "../../../g") == "http://a/g");
  CHECK(resolved(base, "x/../g/.") == "http://a/b/c/g/");
  CHECK(resolved(base, "..") == "http://a/b/");
  CHECK(resolved(base, "") == base);
  CHECK(resolved(base, "#s") == base);
  CHECK(resolved(base, "https://x:8/y") == "https://x:8/y");
  CHECK(resolved(base, "g/a:b?c:d") == "http://a/b/c/g/a:b?c:d");
  CHECK(resolved("http://me@a:81/x", "/y") == "http://me@a:81/y");
  CHECK(resolved(base, "/with blank") == "http://a/with%20blank");
  CHECK(resolved(base, "g:h") == "refused");
  CHECK(resolved(base, "file:///etc/passwd") == "refused");
  CHECK(resolved(base, "javascript:alert(1)") == "refused");
  CHECK(resolved(base, "http://a@b@c/") == "refused");
}

TEST_CASE("only this machine is loopback", "[net]") {
  for (const char* host : {"127.0.0.1", "127.8.8.8", "localhost", "LocalHost", "::1", "[::1]"}) {
    INFO(host);
    CHECK(is_loopback_host(host));
  }
  for (const char* host : {"", "127.evil.example", "127.0.0.1.evil.example", "localhost.example",
                           "128.0.0.1", "0.0.0.0", "10.0.0.1", "127.1", "::2", "[::]"}) {
    INFO(host);
    CHECK_FALSE(is_loopback_host(host));
  }
}

TEST_CASE("private addresses are known in every notation", "[net]") {
  for (const char* host : {"localhost",
                           "127.0.0.1",
                           "127.1",
                           "0x7f.1",
                           "2130706433",
                           "0177.0.0.1",
                           "127.0.0.1.",
                           "0.0.0.0",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "::1",
                           "[::1]",
                           "::",
                           "fe80::1",
                           "fd00::1",
                           "fc00::1",
                           "::ffff:10.0.0.1",
                           "::ffff:7f00:1",
                           "64:ff9b::a00:1"}) {
    INFO(host);
    CHECK(is_private_host(host));
  }
  for (const char* host : {"", "8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1",
                           "10.example", "2606:4700::1111", "::ffff:8.8.8.8", "host.example"}) {
    INFO(host);
    CHECK_FALSE(is_private_host(host));
  }
}
