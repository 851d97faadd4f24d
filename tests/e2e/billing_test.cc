#include "e2e/session.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

TEST_CASE("A subscription is opened, waited for, and shown", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "inactive");
  CHECK(world.user.run({"billing", "status", "--fields", "status"}).out == "inactive\n");

  SECTION("paid while we wait") {
    world.clock.on_sleep(
        [&](base::Milliseconds) { world.devnet.set_subscription(world.account(), "active"); });
    const RunResult run = world.user.run({"billing", "subscribe", "--json"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["status"].as_string() == "active");
    CHECK(run.json()["checkoutUrl"].as_string().starts_with(world.devnet.url()));
    CHECK(world.user.run(world.deploy({"--no-wait"})).code == 0);
  }
  SECTION("never paid") {
    const RunResult run = world.user.run({"billing", "subscribe", "--timeout", "60", "--json"});
    INFO(run.describe());
    CHECK(run.code == 8);
    CHECK(run.error()["code"].as_string() == "billing.still_pending");
  }
  SECTION("without waiting") {
    const RunResult run = world.user.run({"billing", "subscribe", "--no-wait"});
    CHECK(run.code == 0);
    CHECK(run.out.find("/billing/checkout/") != std::string::npos);
  }
  SECTION("a dry run opens nothing") {
    world.devnet.clear_requests();
    CHECK(world.user.run({"billing", "subscribe", "--dry-run"}).code == 0);
    for (const auto& request : world.devnet.requests()) CHECK(request.method == "GET");
  }
}

TEST_CASE("An account that is subscribed stays as it is", "[e2e][billing]") {
  World world;
  const RunResult run = world.user.run({"billing", "subscribe"});
  CHECK(run.code == 0);
  CHECK(run.out == "active\n");
  CHECK(run.err.find("has a subscription already") != std::string::npos);
}

TEST_CASE("A payment that is due leads to the portal", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "past_due");
  const RunResult run = world.user.run({"billing", "subscribe", "--json"});
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "billing.overdue");
  CHECK(run.error()["hint"].as_string().starts_with("settle it at http"));
}

TEST_CASE("A billing service that fails is told as such", "[e2e][billing]") {
  World world;
  world.devnet.add_fault({.kind = "billing", .times = 0, .status = 500});
  CHECK(world.user.run({"billing", "status"}).code == 7);
  world.devnet.clear_faults();
  world.devnet.add_fault({.kind = "billing", .times = 0, .status = 401});
  CHECK(world.user.run({"billing", "status"}).code == 5);
}

TEST_CASE("The status tells period and items and credits and invoice", "[e2e][billing]") {
  World world;
  RunResult run = world.user.run({"billing", "status", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  base::Json shown = run.json();
  CHECK(shown["active"].as_bool());
  CHECK(shown["periodStart"].as_string() == "2027-01-15T08:00:00Z");
  CHECK(shown["periodEnd"].as_string() == "2027-02-14T08:00:00Z");
  CHECK(shown["lineItems"].at(0)["description"].as_string() ==
        "EigenCompute g1-standard-4t / month");
  CHECK(shown["lineItems"].at(0)["priceUnit"].as_string() == "hour");
  CHECK(shown["upcomingSubtotal"].as_double() == 1.2);
  CHECK(shown["creditsApplied"].as_double() == 0);
  CHECK(shown["upcomingTotal"].as_double() == 1.2);
  CHECK(shown["nextCreditExpiry"].is_null());
  CHECK(shown["canceledAt"].is_null());

  run = world.user.run({"billing", "status", "--product", "compute"});
  CHECK(run.out == "Account: " + world.account().to_string() +
                       "\nStatus: ✓ Active\nPeriod: 2027-01-15T08:00:00Z to 2027-02-14T08:00:00Z\n"
                       "EigenCompute g1-standard-4t: 1.20 USD (10 h at 0.12 USD/h)\n"
                       "Next invoice: 1.20 USD\n"
                       "Credits left: 0.00 USD\nPermanent credits: 0.00 USD\n"
                       "Promotional credits: 0.00 USD\nPortal: " +
                       world.devnet.url() + "/billing/checkout/" + world.account().to_string() +
                       "\n");
}

TEST_CASE("There is one product and another one is refused", "[e2e][billing]") {
  World world;
  const RunResult run = world.user.run({"billing", "status", "--product", "storage"});
  CHECK(run.code == 2);
  world.user.set("ECLOUD_PRODUCT_ID", "storage");
  CHECK(world.user.run({"billing", "subscribe"}).code == 2);
  CHECK(world.devnet.count("billing") == 0);
  world.user.set("ECLOUD_PRODUCT_ID", "compute");
  CHECK(world.user.run({"billing", "subscribe"}).code == 0);
}

TEST_CASE("A payment that is due shows in the status with the portal", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "unpaid");
  const RunResult run = world.user.run({"billing", "status"});
  CHECK(run.code == 0);
  CHECK(run.err == "warning: the subscription is unpaid: a payment is due; settle it at " +
                       world.devnet.url() + "/billing/checkout/" + world.account().to_string() +
                       "\n");
}

TEST_CASE("Ctrl-C while the payment is waited for says how to look again", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "inactive");
  world.interrupt_at_first_wait();
  const RunResult run = world.user.run({"billing", "subscribe", "--json"});
  INFO(run.describe());
  CHECK(run.code == 130);
  CHECK(run.error()["hint"].as_string() ==
        "pay at the checkout page, then look again: ecloud billing status");
}

TEST_CASE("A billing service that is away for a while does not end the wait", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "inactive");
  int sleeps = 0;
  world.clock.on_sleep([&](base::Milliseconds) {
    if (++sleeps == 1) world.devnet.add_fault({.kind = "billing", .times = 0, .status = 500});
    if (sleeps == 20) {
      world.devnet.clear_faults();
      world.devnet.set_subscription(world.account(), "active");
    }
  });
  const RunResult run = world.user.run({"billing", "subscribe", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["status"].as_string() == "active");
}

TEST_CASE("A subscription is cancelled and apps run to its end", "[e2e][billing]") {
  World world;
  REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);

  SECTION("nobody agreed") {
    const RunResult run = world.user.run({"billing", "cancel", "--json"});
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["code"].as_string() == "cli.confirmation_needed");
    CHECK(run.error()["message"].as_string() ==
          "this needs a confirmation: Cancel the subscription of " + world.account().to_string() +
              "? Apps run until 2027-02-14T08:00:00Z.");
    for (const auto& request : world.devnet.requests()) CHECK(request.method != "DELETE");
  }
  SECTION("a dry run says what would be and sends nothing") {
    const RunResult run = world.user.run({"billing", "cancel", "--dry-run", "--json"});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.json()["dryRun"].as_bool());
    CHECK_FALSE(run.json()["canceled"].as_bool());
    CHECK(run.json()["activeApps"].at(0)["count"].as_u64() == 1);
    for (const auto& request : world.devnet.requests()) CHECK(request.method != "DELETE");
  }
  SECTION("with --yes and its older spellings") {
    const char* yes = GENERATE("--yes", "--force", "-f", "-y");
    const RunResult run = world.user.run({"billing", "cancel", yes});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(run.out.find("Apps run until: 2027-02-14T08:00:00Z\n") != std::string::npos);
    CHECK(run.err ==
          "warning: the account has 1 active app in devnet; they stop when the subscription ends, "
          "and their IP addresses may be lost\n");
    const RunResult status = world.user.run({"billing", "status", "--json"});
    CHECK(status.json()["cancelAtPeriodEnd"].as_bool());
    CHECK(status.json()["canceledAt"].is_string());
    const RunResult again = world.user.run({"billing", "cancel", "--json"});
    CHECK(again.code == 0);
    CHECK(again.json()["canceled"].as_bool());
    CHECK(again.err == "note: the subscription has been cancelled already\n");
  }
}

TEST_CASE("Without a subscription there is nothing to cancel", "[e2e][billing]") {
  World world;
  world.devnet.set_subscription(world.account(), "inactive");
  const RunResult run = world.user.run({"billing", "cancel", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK_FALSE(run.json()["canceled"].as_bool());
  CHECK(run.err == "note: the account has no subscription\n");
}

TEST_CASE("A chain that is away does not keep anybody subscribed", "[e2e][billing]") {
  World world;
  world.devnet.add_fault({.kind = "rpc", .times = 0, .status = 500});
  const RunResult run = world.user.run({"billing", "cancel", "--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.json()["activeApps"].at(0)["count"].is_null());
  CHECK(run.err.find("an unknown number of active apps in devnet") != std::string::npos);
}

TEST_CASE("A cancellation that changes nothing is no success", "[e2e][billing]") {
  World world;
  world.devnet.add_fault({.kind = "billing:/subscription",
                          .action = devnet::FaultAction::kBody,
                          .nth = 2,
                          .body = "{}"});
  const RunResult run = world.user.run({"billing", "cancel", "--yes", "--json"});
  INFO(run.describe());
  CHECK(run.code == 1);
  CHECK(run.error()["code"].as_string() == "billing.not_cancelled");
}

TEST_CASE("A bot check in front of the billing service is not the key's fault", "[e2e][billing]") {
  World world;
  world.devnet.add_fault({.kind = "billing:/subscription",
                          .times = 0,
                          .status = 403,
                          .body =
                              "<html><title>Just a moment...</title>"
                              "<script src=\"/cdn-cgi/challenge-platform/x.js\"></script></html>"});
  const RunResult run = world.user.run({"billing", "status", "--json"});
  INFO(run.describe());
  CHECK(run.code == 7);
  CHECK(run.error()["code"].as_string() == "net.bot_check");
  CHECK(run.error()["message"].as_string() ==
        "the billing service (" + world.devnet.url() +
            "/billing) answered 403 to the request for the subscription: a bot check (Cloudflare)");
}

TEST_CASE("An empty refusal of the billing service ends with no colon", "[e2e][billing]") {
  World world;
  world.devnet.add_fault({.kind = "billing:/subscription", .times = 0, .status = 401, .body = " "});
  const RunResult run = world.user.run({"billing", "status", "--json"});
  INFO(run.describe());
  CHECK(run.code == 5);
  CHECK(run.error()["message"].as_string().ends_with("to the request for the subscription"));
}
