#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

constexpr char kSubscription[] = "/billing/products/compute/subscription";

ProbeHeaders billing(std::size_t account, const std::string& name = "billing",
                     std::int64_t expiry = kVectorTime + 300) {
  return {
      {"Authorization",
       "Bearer " + vectors()["signatures"]["account" + std::to_string(account)][name].as_string()},
      {"X-Account", DevnetFixture::address(account).to_string()},
      {"X-Expiry", std::to_string(expiry)}};
}

ProbeAnswer send(DevnetFixture& net, const char* method, ProbeHeaders headers,
                 const std::string& target = kSubscription) {
  return probe(net.devnet.port(), method, target, headers);
}

TEST_CASE("a subscription is shown, cancelled and shown again", "[devnet]") {
  DevnetFixture net;
  base::Json shown = DevnetFixture::json(send(net, "GET", billing(0)));
  CHECK(shown["productId"].as_string() == "compute");
  CHECK(shown["subscriptionStatus"].as_string() == "active");
  CHECK(shown["currentPeriodStart"].as_string() == "2027-01-15T08:00:00Z");
  CHECK(shown["currentPeriodEnd"].as_string() == "2027-02-14T08:00:00Z");
  CHECK(shown["lineItems"].size() == 1);
  CHECK_FALSE(shown["cancelAtPeriodEnd"].as_bool());
  CHECK(shown["canceledAt"].is_null());
  CHECK(send(net, "DELETE", billing(0)).status == 200);
  shown = DevnetFixture::json(send(net, "GET", billing(0)));
  CHECK(shown["subscriptionStatus"].as_string() == "active");
  CHECK(shown["cancelAtPeriodEnd"].as_bool());
  CHECK(shown["canceledAt"].as_string() == "2027-01-15T08:00:00Z");
  CHECK_FALSE(DevnetFixture::json(send(net, "GET", billing(1)))["cancelAtPeriodEnd"].as_bool());
}

TEST_CASE("without a subscription nothing can be deployed until the checkout", "[devnet]") {
  devnet::Options options;
  options.subscribed = false;
  DevnetFixture net(std::move(options));
  const auto quota = [&] {
    return platform::decode_number(
               net.call_result(net.environment().app_controller,
                               platform::encode_max_active_apps(DevnetFixture::address(0))))
        .to_u64();
  };
  CHECK(quota() == 0);
  CHECK(DevnetFixture::json(send(net, "GET", billing(0)))["subscriptionStatus"].as_string() ==
        "inactive");
  CHECK(DevnetFixture::error_text(send(net, "DELETE", billing(0))) ==
        "404 there is no active subscription");
  const std::string url =
      DevnetFixture::json(send(net, "POST", billing(0)))["checkoutUrl"].as_string();
  REQUIRE(url.starts_with(net.devnet.url()));
  CHECK(net.get(url.substr(net.devnet.url().size())).status == 200);
  CHECK(quota() == 10);
  CHECK(DevnetFixture::error_text(send(net, "POST", billing(0))) ==
        "409 there is a subscription already");
  net.devnet.set_subscription(DevnetFixture::address(0), "past_due");
  CHECK(quota() == 0);
  CHECK(DevnetFixture::json(send(net, "GET", billing(0)))["subscriptionStatus"].as_string() ==
        "past_due");
}

TEST_CASE("billing wants the signature of the account that it is about", "[devnet]") {
  DevnetFixture net;
  const auto error = [&](ProbeHeaders headers, const std::string& target = kSubscription) {
    return DevnetFixture::error_text(send(net, "GET", std::move(headers), target));
  };
  CHECK(error({}) == "401 the Authorization header is missing");
  CHECK(error(billing(0, "billingExpired", kVectorTime)) == "401 the signature has expired");
  CHECK(error(billing(0, "billing", kVectorTime + 299)) ==
        "401 the signature is not that of X-Account");
  ProbeHeaders other = billing(0);
  other[1].second = DevnetFixture::address(1).to_string();
  CHECK(error(other) == "401 the signature is not that of X-Account");
  other[1].second = "nobody";
  CHECK(error(other) == "401 X-Account is missing or malformed");
  ProbeHeaders bare = billing(0);
  bare[0].second.erase(7, 2);
  CHECK(error(bare) == "401 the signature is malformed: 0x is missing");
  CHECK(error(billing(0), "/billing/products/storage/subscription") ==
        "404 unknown product storage");
  CHECK(error(billing(0), "/billing/nothing") == "404 not found");
}

TEST_CASE("credits come from purchases, cards and coupons, each account's own", "[devnet]") {
  devnet::Options options;
  options.subscribed = false;
  const bool strict = GENERATE(true, false);
  options.strictness = strict ? devnet::Strictness::kStrict : devnet::Strictness::kGentle;
  DevnetFixture net(std::move(options));
  const std::string path = "/accounts/" + DevnetFixture::address(0).to_string() + "/credits";
  net.devnet.add_coupon("WELCOME", 2'550);
  const auto post = [&](const std::string& target, const std::string& body) {
    return probe(net.devnet.port(), "POST", target, billing(0), body);
  };

  base::Json answer =
      DevnetFixture::json(post("/billing/v1/coupons/redeem", R"({"code":"WELCOME"})"));
  CHECK(answer["amountCents"].is_string() == strict);
  CHECK(post("/billing/v1/coupons/redeem", R"({"code":"WELCOME"})").status == 409);
  CHECK(post("/billing/v1/coupons/redeem", R"({"code":"OTHER"})").status == 404);
  CHECK(net.get("/billing" + path).status == (strict ? 404 : 200));
  answer = DevnetFixture::json(net.get("/billing/v1" + path));
  if (strict) {
    CHECK(answer["promotional_credits"].as_string() == "25.5");
    CHECK(answer["remaining_credits"].as_string() == "25.5");
    CHECK(answer["next_promotional_credit_expiry"].is_number());
    CHECK_FALSE(answer["promotionalCredits"].exists());
  } else {
    CHECK(answer["promotionalCredits"].as_double() == 25.5);
    CHECK(answer["permanentCredits"].as_double() == 0);
  }

  answer = DevnetFixture::json(send(net, "GET", billing(0), "/billing/v1/payment-methods"));
  CHECK(answer["paymentMethods"].size() == 0);
  net.devnet.add_card(DevnetFixture::address(0), "visa", "4242");
  answer = DevnetFixture::json(send(net, "GET", billing(0), "/billing/v1/payment-methods"));
  CHECK(answer["paymentMethods"].at(0)["last4"].as_string() == "4242");
  answer = DevnetFixture::json(send(net, "GET", billing(1), "/billing/v1/payment-methods"));
  CHECK(answer["paymentMethods"].size() == 0);

  constexpr char kPurchase[] = "/billing/v1/credits/purchase";
  CHECK(post(kPurchase, R"({"amountCents":499})").status == 400);
  for (const char* body :
       {R"({"amountCents":"500"})", R"({"amountCents":500.5})", R"({"amountCents":-500})", "{}",
        R"({"amountCents":500,"paymentMethodId":7})", R"({"amountCents":500,"paymentMethodId":""})",
        "[]"}) {
    INFO(body);
    CHECK(post(kPurchase, body).status == 400);
  }
  CHECK(post("/billing/v1/coupons/redeem", "{}").status == 400);
  CHECK(post(kPurchase, R"({"amountCents":500,"paymentMethodId":"nobody's"})").status == 404);
  answer =
      DevnetFixture::json(post(kPurchase, R"({"amountCents":500,"paymentMethodId":"card-1"})"));
  CHECK(answer["purchaseId"].is_string());
  answer = DevnetFixture::json(post(kPurchase, R"({"amountCents":700})"));
  const std::string id = answer["checkoutSessionId"].as_string();
  const auto shown = [&] {
    return DevnetFixture::json(send(net, "GET", billing(0)))["remainingCredits"].as_double();
  };
  CHECK(shown() == 30.5);
  CHECK(net.post("/_devnet/checkout", R"({"id":"nothing"})").status == 404);
  CHECK(net.post("/_devnet/checkout", "{\"id\":\"" + id + "\"}").status == 200);
  CHECK(shown() == 37.5);
  // Its page was paid at once already.
  CHECK(net.get(answer["checkoutUrl"].as_string().substr(net.devnet.url().size())).status == 200);
  CHECK(shown() == 37.5);
}

TEST_CASE("a second chain sells credits for test money", "[devnet]") {
  DevnetFixture net;
  const platform::Environment environment = net.devnet.environment();
  REQUIRE(environment.other_credits_chains.size() == 1);
  const platform::CreditsChain& chain = environment.other_credits_chains.front();
  CHECK(chain.chain_id == 31338);
  const auto ask = [&](const std::string& method, const std::string& params) {
    const std::string body =
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
    return DevnetFixture::json(net.post("/rpc-base-sepolia", body))["result"].as_string();
  };
  CHECK(ask("eth_chainId", "[]") == "0x7a6a");
  CHECK(ask("net_version", "[]") == "31338");
  CHECK(ask("eth_getCode", "[\"" + environment.delegator.to_string() + "\",\"latest\"]") != "0x");
  // minimumPurchase(): one dollar there.
  CHECK(eth::U256::from_hex(ask("eth_call", "[{\"to\":\"" + chain.usdc_credits.to_string() +
                                                "\",\"data\":\"0xaa2de6c3\"},\"latest\"]"))
            ->to_u64() == 1'000'000);
  net.devnet.set_usdc_balance(DevnetFixture::address(2), eth::U256(7), devnet::SalesChain::kTest);
  CHECK(net.devnet.usdc_balance(DevnetFixture::address(2)).is_zero());
}

}  // namespace
}  // namespace ecloud::testing
