#include "ecloud/attest/event_log.h"

#include <numeric>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/failure.h"
#include "unit/attest/tdx_fixture.h"

namespace ecloud::attest {
namespace {

using testing::EventSpec;

const std::vector<EventSpec> kEvents = {{1, 0x80000008, "firmware"},
                                        {3, 3, "only a remark"},
                                        {2, 0x0d, "kernel"},
                                        {2, 0x0d, "command line"},
                                        {1, 4, std::string(4, '\0')}};

// python3: r = hashlib.sha384(r + hashlib.sha384(event).digest()).digest() for each event, from 48
// zero octets.
constexpr const char* kRtmr0 =
    "a0b184d138187ee006428b34fcac78a918bb1750cdafbab4ca8d40965fc2fad2"
    "f25d53c9c8ac0aaf885c16326b29fcef";
constexpr const char* kRtmr1 =
    "3e4390e414e4f815d9d59bf931c10474427e18956899a4995597fcba7c6f19e4"
    "960e23ee0fd7450b05da167112a502ba";

std::string refusal(const base::Bytes& log) {
  const Error error = testing::failure_of([&] { replay_event_log(log); });
  CHECK(error.code() == "attest.event_log");
  CHECK(error.category() == Category::kVerification);
  return error.message();
}

TdxReport report_with(const EventLog& log) {
  QuoteMaker maker;
  for (std::size_t i = 0; i < 4; ++i) {
    maker.set(testing::kRtmr0 + 48 * i, base::Bytes(log.rtmr[i].begin(), log.rtmr[i].end()));
  }
  return verify_here(maker.build(), full_collateral(), full_policy(maker));
}

}  // namespace

TEST_CASE("an event log leads to the registers", "[attest]") {
  const EventLog log = replay_event_log(testing::make_event_log(kEvents));
  REQUIRE(log.events.size() == 5);
  CHECK(base::to_hex(log.rtmr[0]) == kRtmr0);
  CHECK(base::to_hex(log.rtmr[1]) == kRtmr1);
  CHECK(log.rtmr[2] == base::FixedBytes<48>{});
  CHECK(log.rtmr[3] == base::FixedBytes<48>{});
  CHECK(log.events[2].index == 2);
  CHECK(base::as_chars(log.events[2].data) == "kernel");
  CHECK(log.events[2].digest_is_of_data);
  CHECK(event_type_name(log.events[2].type) == "EV_IPL");
  CHECK(!log.events[1].extends());
  CHECK(event_type_name(0x12345678) == "0x12345678");
}

TEST_CASE("what fills the rest of the area is no event", "[attest]") {
  const base::Bytes whole = testing::make_event_log(kEvents);
  for (const std::uint8_t filling : {0x00, 0xff}) {
    base::Bytes filled = whole;
    filled.insert(filled.end(), 1000, filling);
    CHECK(replay_event_log(filled).events.size() == 5);
  }
}

TEST_CASE("an event log is compared with the registers of the quote", "[attest]") {
  const base::Bytes bytes = testing::make_event_log(kEvents);
  const TdxReport report = report_with(replay_event_log(bytes));
  REQUIRE(fold(report.findings) == Result::kVerified);
  const auto findings = verify_event_log(bytes, report);
  CHECK(names_with(findings, Result::kVerified) == Names{"event-log", "event-log-rtmr0",
                                                         "event-log-rtmr1", "event-log-rtmr2",
                                                         "event-log-rtmr3"});
  CHECK(text_of(findings, "event-log") == "5 events");
  CHECK(text_of(findings, "event-log-rtmr1") == "2 events lead to " + std::string(kRtmr1));

  // Another command line, one event less, and two in another order.
  for (auto change : {0, 1, 2}) {
    std::vector<EventSpec> events = kEvents;
    if (change == 0) events[3].data = "command line debug";
    if (change == 1) events.erase(events.begin() + 3);
    if (change == 2) std::swap(events[2], events[3]);
    const auto forged = verify_event_log(testing::make_event_log(events), report);
    CHECK(failed(forged) == Names{"event-log-rtmr1"});
    CHECK(has(text_of(forged, "event-log-rtmr1"), ", and the quote has " + std::string(kRtmr1)));
  }
}

TEST_CASE("an event log proves nothing beside a quote that does not hold", "[attest]") {
  const base::Bytes bytes = testing::make_event_log(kEvents);
  QuoteMaker maker;
  const EventLog log = replay_event_log(bytes);
  for (std::size_t i = 0; i < 4; ++i) {
    maker.set(testing::kRtmr0 + 48 * i, base::Bytes(log.rtmr[i].begin(), log.rtmr[i].end()));
  }
  base::Bytes quote = maker.build();
  quote[0x30] ^= 1;
  const auto findings = verify_event_log(bytes, verify_here(quote));
  CHECK(failed(findings).empty());
  CHECK(not_checked(findings).size() == 4);
  CHECK(has(text_of(findings, "event-log-rtmr0"), "quote-signature failed"));
  const auto without = verify_event_log(bytes, verify_here({}));
  CHECK(has(text_of(without, "event-log-rtmr0"), "quote-format failed"));
}

TEST_CASE("a malformed event log is refused with the offset", "[attest]") {
  const base::Bytes whole = testing::make_event_log(kEvents);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    try {
      const EventLog log = replay_event_log(cut);
      CHECK(log.events.size() < 5);  // cut between two events: the registers will differ
    } catch (const Error& error) {
      if (error.code() != "attest.event_log") FAIL(error.code());
    }
  }
  CHECK(refusal({}) ==
        "at offset 0: the register of the first event needs 4 octets, and 0 are left");
  base::Bytes changed = whole;
  changed[32] = 'x';
  CHECK(refusal(changed) == "at offset 32: the log has another form than \"Spec ID Event03\"");
  changed = whole;
  changed[60] = 0x0b;
  CHECK(has(refusal(changed), "the log has no digests of SHA-384"));
  changed = whole;
  changed[65] = 9;
  CHECK(refusal(changed) ==
        "at offset 65: an event is for register 9, and 0 (MRTD) to 4 (RTMR3) are known");
  changed = whole;
  changed[73] = 0;
  CHECK(has(refusal(changed), "an event has no digest of SHA-384"));
  changed[73] = 200;
  CHECK(has(refusal(changed), "an event has too many digests"));
  changed[73] = 1;
  changed[77] = 0x0b;
  CHECK(has(refusal(changed), "a digest has an algorithm that the log does not name"));
  const auto findings = verify_event_log({}, verify_here(QuoteMaker().build()));
  CHECK(failed(findings) == Names{"event-log"});
  CHECK(not_checked(findings).size() == 4);
}

}  // namespace ecloud::attest
