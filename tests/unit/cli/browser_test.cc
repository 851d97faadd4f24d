#include "cli/browser.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::cli {
namespace {

constexpr char kBilling[] = "https://billingapi.eigencloud.xyz";

std::string problem(std::string_view url, std::string_view billing = kBilling) {
  return problem_with_page(url, billing).value_or("none");
}

TEST_CASE("pages of the platform and its payment service may be opened", "[cli][browser]") {
  for (const char* url :
       {"https://checkout.stripe.com/c/pay/cs_test_a1?x=1#frag", "https://billing.stripe.com/p/x",
        "https://billingapi.eigencloud.xyz/checkout", "https://stripe.com", "HTTPS://x"}) {
    INFO(url);
    CHECK(problem(url) == (std::string_view(url) == "HTTPS://x" ? "it is not https" : "none"));
  }
  CHECK(problem("https://pay.mine.example/x", "https://pay.mine.example/api") == "none");
  CHECK(problem("http://127.0.0.1:8080/checkout", "http://127.0.0.1:8080/billing") == "none");
}

TEST_CASE("what a hostile billing service could name is not opened", "[cli][browser]") {
  for (const char* url : {"javascript:alert(1)", "file:///etc/passwd", "ssh://x/y", "--help",
                          "data:text/html,x", "http://checkout.stripe.com/x", "vscode://x",
                          "http://127.0.0.1:9999/x", "smb://host/share"}) {
    INFO(url);
    CHECK(problem(url) != "none");
  }
  for (const char* url :
       {"https://checkout.stripe.com@evil.example/", "https://a b.stripe.com/",
        "https://x.stripe.com/$(id)`id`", "https://x.stripe.com/\n", "https://", "https:///x",
        "https://x.stripe.com/\"", "https://x.stripe.com/\xc3\xa4"}) {
    INFO(url);
    CHECK(problem(url) == "it is no plain URL");
  }
  for (const char* host : {"evilstripe.com", "stripe.com.evil.example", "evil.example",
                           "xn--stripe-com.example", "127.0.0.1", "[::1]"}) {
    INFO(host);
    CHECK(problem("https://" + std::string(host) + "/pay") ==
          "its host " + std::string(host) + " is none that ecloud knows to take payments");
  }
}

TEST_CASE("a browser is looked for only at a desktop", "[cli][browser]") {
  testing::TempDir directory;
  const auto program = directory.write("bin/xdg-open", "#!/bin/sh\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  base::Env env;
  env.set("PATH", "relative:" + (directory / "bin").string());
#ifndef __APPLE__
  CHECK_FALSE(browser_opener(env));
  env.set("DISPLAY", ":0");
  REQUIRE(browser_opener(env));
  CHECK(*browser_opener(env) == program);
  env.unset("DISPLAY");
  env.set("WAYLAND_DISPLAY", "wayland-0");
  CHECK(browser_opener(env));
  env.set("SSH_CONNECTION", "1.2.3.4 5 6.7.8.9 22");
  CHECK_FALSE(browser_opener(env));
  env.unset("SSH_CONNECTION");
  env.set("PATH", "/nowhere:.");
  CHECK_FALSE(browser_opener(env));
#endif
}

TEST_CASE("a browser gets neither our variables nor a shell", "[cli][browser]") {
  testing::TempDir directory;
  const auto seen = directory / "seen";
  const auto program = directory.write(
      "opener", "#!/bin/sh\n{ echo \"$#\"; echo \"$1\"; env; } > '" + seen.string() + ".new'\n" +
                    "mv '" + seen.string() + ".new' '" + seen.string() + "'\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  base::Env env;
  env.set("PATH", "/usr/bin:/bin");
  env.set("DISPLAY", ":7");
  env.set("ECLOUD_PRIVATE_KEY", "0x01");
  env.set("EIGENX_PRIVATE_KEY", "0x02");
  const std::string url = "https://checkout.stripe.com/$(touch%20x)?a=1&b=2;c";
  REQUIRE(start_browser(program, url, env));
  // The child is on its own; it is there within seconds, and usually at once.
  for (int i = 0; i < 500 && !std::filesystem::exists(seen); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const std::string text = testing::slurp(seen);
  CHECK(text.starts_with("1\n" + url + "\n"));
  CHECK(text.find("DISPLAY=:7") != std::string::npos);
  CHECK(text.find("PRIVATE_KEY") == std::string::npos);
  CHECK_FALSE(start_browser(directory / "missing", url, env));
}

}  // namespace
}  // namespace ecloud::cli
