#include "ecloud/base/clock.h"

#include <ctime>

#include "support/catch.h"
#include "support/manual_clock.h"

namespace ecloud::base {
namespace {

TEST_CASE("times are written as in RFC 3339, in UTC", "[base]") {
  // Made with date -u -d @N +%FT%TZ.
  CHECK(format_rfc3339(0) == "1970-01-01T00:00:00Z");
  CHECK(format_rfc3339(951782400) == "2000-02-29T00:00:00Z");
  CHECK(format_rfc3339(1767225599) == "2025-12-31T23:59:59Z");
  CHECK(format_rfc3339(4102444800) == "2100-01-01T00:00:00Z");
  CHECK(format_rfc3339(-1) == "1969-12-31T23:59:59Z");
  CHECK(format_rfc3339(-55'029'974'399) == "0226-03-04T00:00:01Z");
  CHECK(format_rfc3339(67'767'976'233'532'799) == "2147483647-12-31T23:59:59Z");
}

TEST_CASE("the system clock tells the time", "[base]") {
  CancelToken token;
  SystemClock clock(token);
  const std::int64_t before = std::time(nullptr);
  const std::int64_t now = clock.unix_seconds();
  // time() may lag the precise clock by a tick.
  CHECK(now >= before);
  CHECK(now <= std::time(nullptr) + 1);
  const Milliseconds first = clock.monotonic();
  CHECK(clock.monotonic() >= first);
}

TEST_CASE("the clock of the tests moves by sleeping alone", "[base]") {
  testing::ManualClock clock(1000);
  clock.sleep(Milliseconds(2500));
  CHECK(clock.unix_seconds() == 1002);
  CHECK(clock.monotonic() == Milliseconds(1002500));
  CHECK(clock.sleeps() == std::vector<Milliseconds>{Milliseconds(2500)});
}

}  // namespace
}  // namespace ecloud::base
