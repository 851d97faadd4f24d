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

}  // namespace
}  // namespace ecloud::testing
