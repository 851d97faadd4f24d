// Every member of the list of instance types, in every shape.

#include "e2e/answer_shapes.h"
#include "support/catch.h"

using namespace ecloud;
using namespace ecloud::testing;
using base::Json;

namespace {

Json skus_answer() {
  return Json::object({{"skus", Json::array({Json::object({{"sku", "g1-standard-4t"},
                                                           {"description", "4 vCPUs"},
                                                           {"friendly_name", "Enterprise 1"},
                                                           {"vcpus", 4},
                                                           {"memory_mb", "16384"},
                                                           {"hourly_price_usd", "0.33"},
                                                           {"monthly_price_usd", 239.99},
                                                           {"platform", "intel_tdx"}})})}});
}

Rules sku_rules() {
  Rules rules;
  const std::string t = "instanceTypes[0].";
  rules.feeds = {
      {"skus[]", {"instanceTypes"}},
      {"skus[].sku", {"instanceTypes"}},
      {"skus[].description", {t + "description"}},
      {"skus[].friendly_name", {t + "tier"}},
      {"skus[].vcpus", {t + "vcpus"}},
      {"skus[].memory_mb", {t + "memoryMb"}},
      {"skus[].hourly_price_usd", {t + "hourlyUsd"}},
      {"skus[].monthly_price_usd", {t + "monthlyUsd"}},
      {"skus[].platform", {t + "platform"}},
  };
  rules.required = {"skus"};
  return rules;
}

}  // namespace

TEST_CASE("Every member of /skus, in every shape", "[e2e][shapes]") {
  World world;
  const std::size_t before = answers_tried();
  SECTION("instance-types") {
    check_case(
        world,
        {"instance-types", {"compute", "instance-types"}, "/skus", skus_answer(), sku_rules()});
  }
  SECTION("the plan of a deployment") {
    // Without a list the type is not checked, which is a warning; a list without the type refuses.
    Rules rules;
    const std::string i = "instance.";
    rules.feeds = {{"skus", {"instance"}},
                   {"skus[].vcpus", {i + "vcpus"}},
                   {"skus[].memory_mb", {i + "memoryMb"}},
                   {"skus[].hourly_price_usd", {i + "hourlyUsd"}},
                   {"skus[].monthly_price_usd", {i + "monthlyUsd"}}};
    Words words = world.deploy({"--dry-run", "--wallet", "kms", "--salt", std::string(64, '1')});
    const Case one{"deploy --dry-run", words, "/skus", skus_answer(), rules};
    const RunResult intact = run_with(world, one, one.answer);
    INFO(intact.describe());
    REQUIRE(intact.code == 0);
    CHECK(intact.json()["instance"]["monthlyUsd"].as_double() == 239.99);
    for (const char* member : {"vcpus", "memory_mb", "hourly_price_usd", "monthly_price_usd"}) {
      for (const Variation& variation : variations()) {
        const RunResult run =
            run_with(world, one, changed(one.answer, {"skus", "0", member}, 0, variation.change));
        INFO(member << ": " << variation.name << "\n" << run.describe());
        CHECK(run.code == 0);
        CHECK(run.json()["instance"]["name"].as_string() == "g1-standard-4t");
        if (variation.harmless) CHECK(run.json()["instance"].equals(intact.json()["instance"]));
      }
    }
    const RunResult none = run_with(world, one, Json::object());
    CHECK(none.code == 0);
    CHECK(none.err.find("the instance type could not be checked: userapi: $.skus: expected an "
                        "array, found nothing") != std::string::npos);
  }
  WARN("/skus: " << answers_tried() - before << " answers");
}
