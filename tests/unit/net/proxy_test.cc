#include "net/proxy.h"

#include "net_bench.h"
#include "support/catch.h"
#include "support/http_probe.h"
#include "support/scripted_server.h"
#include "support/tls_server.h"

using namespace ecloud;
using net::choose_proxy;
using net::is_in_no_proxy;
using net::Url;
using testing::NetBench;
using testing::Reply;
using testing::ScriptedServer;
using testing::ServerRequest;

namespace {

base::Env env_of(const std::string& name, const std::string& value) {
  std::map<std::string, std::string, std::less<>> values;
  values[name] = value;
  return base::Env(std::move(values));
}

Url url_of(const std::string& text) {
  return *Url::parse(text);
}

/// The variable of the proxy for `url`, or "none".
std::string variable_for(const base::Env& env, const std::string& url) {
  const auto proxy = choose_proxy(env, url_of(url));
  return proxy ? proxy->variable : "none";
}

}  // namespace

TEST_CASE("The proxy of a URL comes from the variable of its scheme", "[net][proxy]") {
  base::Env env({{"all_proxy", "a:1"}, {"HTTPS_PROXY", "b:1"}, {"HTTP_PROXY", "c:1"}});
  CHECK(variable_for(env, "https://x.example") == "HTTPS_PROXY");
  CHECK(variable_for(env, "http://x.example") == "all_proxy");
  CHECK(variable_for(env, "https://localhost:8080") == "none");
  CHECK(variable_for(env, "https://127.0.0.9") == "none");
  env.set("https_proxy", "d:1");
  env.set("http_proxy", "e:1");
  CHECK(variable_for(env, "https://x.example") == "https_proxy");
  CHECK(variable_for(env, "http://x.example") == "http_proxy");
  env.set("NO_PROXY", "y.example, x.example");
  CHECK(variable_for(env, "https://x.example") == "none");
  CHECK(variable_for(env, "https://z.example") == "https_proxy");
  env.set("no_proxy", "z.example");
  CHECK(variable_for(env, "https://x.example") == "https_proxy");
  CHECK(variable_for(base::Env(), "https://x.example") == "none");
}

TEST_CASE("NO_PROXY takes hosts, subdomains, ports, addresses and networks", "[net][proxy]") {
  struct Case {
    std::string list, url;
    bool matches;
  };
  for (const Case& c : {
           Case{"*", "https://any.example", true},
           Case{"corp.example", "https://corp.example", true},
           Case{"corp.example", "https://node.corp.example", true},
           Case{"corp.example", "https://mycorp.example", false},
           Case{".corp.example", "https://node.corp.example", true},
           Case{"*.corp.example", "https://a.b.corp.example", true},
           Case{"*.corp.example", "https://corp.example.evil.example", false},
           Case{"CORP.example.", "https://corp.EXAMPLE", true},
           Case{"corp.example:443", "https://corp.example", true},
           Case{"corp.example:8443", "https://corp.example", false},
           Case{"corp.example:8443", "https://corp.example:8443", true},
           Case{"*.corp.example:443", "https://node.corp.example", true},
           Case{"one.example two.example", "https://two.example", true},
           Case{" ,, two.example ,", "https://two.example", true},
           Case{"10.1.2.3", "https://10.1.2.3", true},
           Case{"10.1.2.3:443", "https://10.1.2.3", true},
           Case{"10.1.2.3", "https://110.1.2.3", false},
           Case{"10.1.2.0/23", "https://10.1.3.9", true},
           Case{"10.1.2.0/23", "https://10.1.4.9", false},
           Case{"10.0.0.0/8", "https://10.example", false},
           Case{"10.0.0.0/99", "https://10.0.0.1", false},
           Case{"0.0.0.0/0", "https://8.8.8.8", true},
           Case{"fd00::/8", "https://[fd12::1]", true},
           Case{"fd00::/8", "https://[fe80::1]", false},
           Case{"2001:db8::1", "https://[2001:db8:0::1]", true},
           Case{"[2001:db8::1]:443", "https://[2001:db8::1]", true},
           Case{"[2001:db8::1]:80", "https://[2001:db8::1]", false},
           Case{"*.", "https://any.example", false},
           Case{"", "https://any.example", false},
       }) {
    INFO(c.list << " " << c.url);
    CHECK(is_in_no_proxy(c.list, url_of(c.url)) == c.matches);
  }
}

TEST_CASE("A proxy is named without its password", "[net][proxy]") {
  const auto words = [](const std::string& value) {
    return choose_proxy(env_of("ALL_PROXY", value), url_of("https://x.example"))->in_words();
  };
  CHECK(words("proxy.corp:3128") == "the proxy http://proxy.corp:3128 (from ALL_PROXY)");
  CHECK(words("HTTPS://me:pa@ss/w@proxy:1/x") == "the proxy https://proxy:1 (from ALL_PROXY)");
  CHECK(words("socks5h://me:secret@[fd00::1]:9") ==
        "the proxy socks5h://[fd00::1]:9 (from ALL_PROXY)");
}

TEST_CASE("A value that is not a proxy's URL is refused and not repeated", "[net][proxy]") {
  for (const char* value : {"htpp://me:secret@proxy:1", "ftp://proxy", "://secret", "http://",
                            "http://pro xy:1", "secret\n:1"}) {
    INFO(value);
    NetBench bench({.env = env_of("HTTPS_PROXY", value)});
    const Error error = bench.failure("https://x.invalid/");
    CHECK(error.code() == "net.proxy");
    CHECK(error.message() == "HTTPS_PROXY is not the URL of a proxy");
    CHECK(error.hint() ==
          "set it to http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT, or unset it");
  }
}

TEST_CASE("A proxy that cannot be reached is named", "[net][proxy]") {
  const testing::ClosedPort closed;
  const std::string address = closed.url().substr(7, closed.url().find('/', 7) - 7);
  NetBench bench({.env = env_of("https_proxy", "http://me:secret@" + address)});
  const Error error = bench.failure("https://x.invalid/");
  CHECK(error.code() == "net.proxy");
  CHECK(error.message() == "https://x.invalid: the proxy http://" + address +
                               " (from https_proxy): connection refused");
  CHECK(error.hint() ==
        "check https_proxy, or unset it; NO_PROXY lists the hosts to reach directly");

  NetBench nowhere({.env = env_of("ALL_PROXY", "socks5h://proxy.invalid:9")});
  CHECK(
      nowhere.failure("https://x.invalid/").message() ==
      "https://x.invalid: the name of the proxy socks5h://proxy.invalid:9 (from ALL_PROXY) cannot "
      "be resolved");
}

TEST_CASE("What a proxy answers to CONNECT is told", "[net][proxy]") {
  struct Case {
    int status;
    std::string code, reason, hint;
  };
  const std::string check =
      "check HTTPS_PROXY, or unset it; NO_PROXY lists the hosts to reach directly";
  for (const Case& c :
       {Case{407, "net.proxy", " requires a login (HTTP 407)",
             "put user and password into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT"},
        Case{403, "net.proxy", " refuses to connect (HTTP 403)", check},
        Case{503, "net.closed", " refuses to connect (HTTP 503)", check}}) {
    INFO(c.status);
    ScriptedServer proxy([&](const ServerRequest&) {
      return Reply{.status = c.status, .headers = {{"Proxy-Authenticate", "Basic realm=\"x\""}}};
    });
    NetBench bench({.env = env_of("HTTPS_PROXY", proxy.url(""))});
    const Error error = bench.failure("https://x.invalid/");
    CHECK(error.code() == c.code);
    CHECK(error.message() ==
          "https://x.invalid: the proxy " + proxy.url("") + " (from HTTPS_PROXY)" + c.reason);
    CHECK(error.hint() == c.hint);
  }
}

TEST_CASE("The certificates that the user trusts count for a proxy too", "[net][proxy]") {
  const testing::TlsServer proxy({});
  if (!proxy.runs()) return;
  base::Env env = env_of("HTTPS_PROXY", proxy.url("127.0.0.1"));
  NetBench without({.env = env});
  const Error refused = without.failure("https://x.invalid/");
  CHECK(refused.code() == "net.tls");
  CHECK(refused.message().starts_with("https://x.invalid: the proxy " + proxy.url("127.0.0.1") +
                                      " (from HTTPS_PROXY): TLS failed: "));
  CHECK(refused.hint() == "for a private CA, set SSL_CERT_FILE to a PEM file with its certificate");
  // That server never answers CONNECT, so TLS has succeeded.
  NetBench with({.ca_file = proxy.certificate(), .env = env});
  net::Request request;
  request.url = "https://x.invalid/";
  request.timeout = base::Milliseconds(300);
  const Error silent = with.failure(request);
  CHECK(silent.code() == "net.timeout");
  CHECK(silent.message().ends_with(" through the proxy " + proxy.url("127.0.0.1") +
                                   " (from HTTPS_PROXY)"));
}

TEST_CASE("A certificate of an unknown issuer is told with what ecloud reads", "[net][proxy]") {
  const testing::TlsServer server({});
  if (!server.runs()) return;
  const auto hint = [&](const base::Env& env) {
    NetBench bench({.env = env});
    const Error error = bench.failure(server.url("127.0.0.1") + "/");
    CHECK(error.code() == "net.tls");
    return error.hint();
  };
  CHECK(hint({}) == "for a private CA, set SSL_CERT_FILE to a PEM file with its certificate");
  CHECK(hint(env_of("NODE_EXTRA_CA_CERTS", "/ca.pem")) ==
        "for a private CA, set SSL_CERT_FILE to a PEM file with its certificate; "
        "NODE_EXTRA_CA_CERTS is set, but ecloud does not read it");
  CHECK(hint(env_of("SSL_CERT_FILE", "/etc/own.pem")) ==
        "add the certificate of the CA to the PEM file in SSL_CERT_FILE (/etc/own.pem)");
}
