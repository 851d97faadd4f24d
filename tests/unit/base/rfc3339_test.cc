#include "ecloud/base/clock.h"
#include "support/catch.h"

using ecloud::base::format_rfc3339;
using ecloud::base::parse_rfc3339;

TEST_CASE("Times of RFC 3339 are read and written alike", "[base][clock]") {
  // The examples of RFC 3339 section 5.8, with their values from GNU date.
  CHECK(parse_rfc3339("1985-04-12T23:20:50.52Z") == 482196050);
  CHECK(parse_rfc3339("1996-12-19T16:39:57-08:00") == 851042397);
  CHECK(parse_rfc3339("1990-12-31T23:59:60Z") == 662688000);
  CHECK(parse_rfc3339("1937-01-01T12:00:27.87+00:20") == -1041337173);
  CHECK(parse_rfc3339("2026-01-31 12:00:00") == 1769860800);
  for (const std::int64_t time : {0, 1, 951782399, 1800000000}) {
    CHECK(parse_rfc3339(format_rfc3339(time)) == time);
  }
}

TEST_CASE("What is no time of RFC 3339 is refused", "[base][clock]") {
  for (const char* text :
       {"", "2026-01-31", "2026-02-30T12:00:00Z", "2026-00-10T12:00:00Z", "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+2:00", "2026-01-31T12:00:00Zz",
        "2026-01-31X12:00:00Z", " 2026-01-31T12:00:00Z", "+026-01-31T12:00:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}
