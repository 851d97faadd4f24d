// The billing commands at a real pseudo-terminal: questions, and the browser.

#include <thread>

#include "e2e/terminal_session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::kCtrlC;
using testing::ProcessOptions;
using testing::PtyProcess;
using testing::TerminalWorld;

namespace {

eth::Address account() {
  return devnet::Devnet::accounts().front().address;
}

/// A desktop whose browser writes down what it is told to open.
struct Desktop {
  explicit Desktop(const TerminalWorld& world)
      : opened(world.user.folder() / "opened"),
        bin(world.user
                .write("bin/xdg-open", "#!/bin/sh\ncd '" + world.user.folder().string() +
                                           "' && echo \"$*\" >> log && cp log new && "
                                           "mv new opened\n")
                .parent_path()) {
    std::filesystem::permissions(bin / "xdg-open", std::filesystem::perms::owner_all);
  }

  ProcessOptions start(const TerminalWorld& world, std::vector<std::string> arguments) const {
    ProcessOptions options = world.start(std::move(arguments));
    options.env["PATH"] = bin.string() + ":/usr/bin:/bin";
    options.env["DISPLAY"] = ":0";
    return options;
  }
  /// What was opened, once the child that does it is through; empty when nothing is in time.
  std::string opened_page() const {
    for (int i = 0; i < 300 && !std::filesystem::exists(opened); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::filesystem::exists(opened) ? testing::slurp(opened) : std::string();
  }

  std::filesystem::path opened, bin;
};

}  // namespace

TEST_CASE("A person who declines pays nothing", "[e2e][terminal][top-up]") {
  const TerminalWorld world;
  PtyProcess child(world.start({"billing", "top-up", "--amount", "50"}), {120, 40});
  REQUIRE(child.wait_for("Pay 50.00 USDC on devnet for credits of " + account().to_string()));
  SECTION("with no") {
    child.type("n\n");
  }
  SECTION("with an empty line") {
    child.type("\n");
  }
  SECTION("with Ctrl-C") {
    child.type(kCtrlC);
  }
  CHECK(child.wait_exit() == 130);
  CHECK(world.devnet.count("rpc:eth_sendRawTransaction") == 0);
  CHECK(world.devnet.credits(account()).is_zero());
}

TEST_CASE("A person who agrees pays once", "[e2e][terminal][top-up]") {
  const TerminalWorld world;
  PtyProcess child(world.start({"billing", "top-up"}), {120, 40});
  REQUIRE(child.wait_for("Amount in dollars"));
  child.type("50\n");
  REQUIRE(child.wait_for("of gas?"));
  child.type("y\n");
  CHECK(child.wait_exit() == 0);
  INFO(child.screen().text());
  CHECK(world.devnet.credits(account()) == eth::U256(50'000'000));
}

TEST_CASE("A person who declines stays subscribed", "[e2e][terminal][billing]") {
  const TerminalWorld world;
  PtyProcess child(world.start({"billing", "cancel"}), {120, 40});
  REQUIRE(child.wait_for("Cancel the subscription of " + account().to_string() + "?"));
  child.type("n\n");
  CHECK(child.wait_exit() == 130);
  for (const auto& request : world.devnet.requests()) CHECK(request.method != "DELETE");
}

TEST_CASE("The checkout opens in the browser at a desktop alone", "[e2e][terminal][billing]") {
  TerminalWorld world;
  world.devnet.set_subscription(account(), "inactive");
  const Desktop desktop(world);
  std::vector<std::string> arguments = {"billing", "subscribe", "--no-wait"};
  const std::string url = world.devnet.url() + "/billing/checkout/" + account().to_string();

  SECTION("opened") {
    PtyProcess child(desktop.start(world, arguments), {120, 40});
    CHECK(child.wait_exit() == 0);
    CHECK(desktop.opened_page() == url + "\n");
  }
  SECTION("not wanted, over SSH, in CI, or for a page that no one knows") {
    const std::string why = GENERATE("flag", "ssh", "ci", "json", "page");
    if (why == "flag") arguments.emplace_back("--no-open");
    if (why == "json") arguments.emplace_back("--json");
    if (why == "page") {
      world.devnet.add_fault(
          {.kind = "billing:/subscription",
           .action = devnet::FaultAction::kBody,
           .nth = 2,
           .body = R"({"checkoutUrl":"https://checkout.stripe.com.evil.example/pay"})"});
    }
    ProcessOptions options = desktop.start(world, arguments);
    if (why == "ssh") options.env["SSH_CONNECTION"] = "1 2 3 4";
    if (why == "ci") options.env["CI"] = "true";
    PtyProcess child(options, {120, 40});
    CHECK(child.wait_exit() == 0);
    INFO(why << "\n" << child.screen().text());
    const bool warned = child.transcript().find("checkout.stripe.com.evil.example is none that") !=
                        std::string::npos;
    CHECK(warned == (why == "page"));
    // Nothing but what a later run opens is ever opened.
    PtyProcess later(desktop.start(world, {"billing", "subscribe", "--no-wait"}), {120, 40});
    CHECK(later.wait_exit() == 0);
    CHECK(desktop.opened_page() == url + "\n");
  }
}

TEST_CASE("A person chooses a saved card and agrees to the charge", "[e2e][terminal][card]") {
  TerminalWorld world;
  world.devnet.add_card(account(), "visa", "4242");
  world.devnet.add_card(account(), "mastercard", "4444");
  PtyProcess child(world.start({"billing", "top-up", "--method", "card", "--amount", "50"}),
                   {120, 40});
  REQUIRE(child.wait_for("3) another card (checkout page)"));
  child.type("2\n");
  REQUIRE(child.wait_for("Charge 50.00 USD to mastercard ending in 4444"));
  SECTION("yes") {
    child.type("y\n");
    CHECK(child.wait_exit() == 0);
    CHECK(world.devnet.count("billing:/purchase") == 1);
  }
  SECTION("no") {
    child.type("n\n");
    CHECK(child.wait_exit() == 130);
    CHECK(world.devnet.count("billing:/purchase") == 0);
  }
}

TEST_CASE("A person is asked about an unfinished purchase before another one",
          "[e2e][terminal][card]") {
  TerminalWorld world;
  world.devnet.add_card(account(), "visa", "4242");
  world.devnet.add_fault({.kind = "billing:/purchase", .times = 1, .status = 502});
  const std::vector<std::string> command = {"billing",  "top-up", "--method", "card",
                                            "--amount", "50",     "--yes"};
  PtyProcess first(world.start(command), {120, 40});
  REQUIRE(first.wait_exit() == 7);
  PtyProcess second(world.start(command), {120, 40});
  REQUIRE(second.wait_for("2) Buy 50.00 USD of credits as well"));
  CHECK(world.devnet.count("billing:/purchase") == 1);
  second.type("2\n");
  CHECK(second.wait_exit() == 0);
  INFO(second.screen().text());
  CHECK(world.devnet.count("billing:/purchase") == 2);
}

TEST_CASE("The page to pay for credits opens in the browser", "[e2e][terminal][card]") {
  TerminalWorld world;
  const Desktop desktop(world);
  PtyProcess child(desktop.start(world, {"billing", "top-up", "--method", "card", "--amount", "50",
                                         "--no-wait"}),
                   {120, 40});
  CHECK(child.wait_exit() == 0);
  CHECK(desktop.opened_page() == world.devnet.url() + "/billing/checkout/cs_test_1\n");
}
