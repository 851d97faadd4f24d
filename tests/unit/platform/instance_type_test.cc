#include "ecloud/platform/instance_type.h"

#include <catch2/catch.hpp>

namespace ecloud::platform {
namespace {

TEST_CASE("the last letter of an instance type is its hardware", "[platform]") {
  struct Case {
    const char* type;
    Hardware hardware;
    bool tee;
  };
  // The types of the platform's documentation in 2026, and names of no known form.
  const Case kCases[] = {
      {"g1-micro-1v", Hardware::kShieldedVm, false},
      {"g1-medium-1v", Hardware::kShieldedVm, false},
      {"g1-custom-2-4096s", Hardware::kSevSnp, true},
      {"g1-standard-2s", Hardware::kSevSnp, true},
      {"g1-standard-4t", Hardware::kTdx, true},
      {"g1-standard-8t", Hardware::kTdx, true},
      {"g2-standard-8x", Hardware::kUnknown, false},
      {"g1-standard-4T", Hardware::kUnknown, false},
      {"g1-standard-4", Hardware::kUnknown, false},
      {"", Hardware::kUnknown, false},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.type);
    CHECK(hardware_of(one.type) == one.hardware);
    CHECK(has_tee(hardware_of(one.type)) == one.tee);
    CHECK(hardware_warning(one.type).empty() == one.tee);
  }
  CHECK(hardware_warning("g1-micro-1v").find("NO TEE") != std::string::npos);
  CHECK(hardware_warning("odd").starts_with("whether instance type odd has a TEE is unknown"));
}

}  // namespace
}  // namespace ecloud::platform
