// What a quote measured, compared with the reader's values and with the machine's event log.

#include "e2e/verify_support.h"
#include "ecloud/attest/event_log.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"
#include "support/tdx_world.h"

using namespace ecloud;
using testing::check_caught;
using testing::Findings;
using testing::RunResult;
using testing::VerifyWorld;

namespace {

std::string text_of(const base::Bytes& octets) {
  return std::string(base::as_chars(octets));
}

/// A log, and a quote of a machine that it is the log of.
struct Measured : VerifyWorld {
  Measured() {
    log = testing::make_event_log({{1, 0x80000001, "firmware"}, {3, 0xd, "the image"}});
    rtmr = attest::replay_event_log(log).rtmr;
    for (std::size_t i = 0; i < rtmr.size(); ++i) {
      maker.set(testing::kRtmr0 + 48 * i, base::Bytes(rtmr[i].begin(), rtmr[i].end()));
    }
    write();
  }
  void write() {
    user.write("quote", text_of(maker.build()));
    user.write("log", text_of(log));
  }
  RunResult with(std::vector<std::string> more) {
    more.insert(more.begin(), {"--attestation", "quote"});
    return verify(more);
  }

  testing::QuoteMaker maker;
  base::Bytes log;
  std::array<base::FixedBytes<48>, 4> rtmr{};
};

}  // namespace

TEST_CASE("The registers of a quote are compared with those that are expected",
          "[e2e][verify][attestation]") {
  Measured world;
  const std::string second = base::to_hex(world.rtmr[2]);
  CHECK(Findings(world.with({})).text("attestation", "rtmr2").find(second) != std::string::npos);
  // The tests' root is not Intel's, so that nothing in the quote is verified.
  const Findings equal(world.with({"--rtmr", "2=" + second}));
  CHECK(equal.result("attestation", "rtmr2") == "not checked");
  const RunResult other = world.with({"--rtmr", "2=" + std::string(96, '0')});
  check_caught(other, {"attestation/pck-chain", "attestation/rtmr2"});
  CHECK(world.with({"--rtmr", "2=" + std::string(96, '0'), "--rtmr", "2=" + second}).out ==
        world.with({"--rtmr", "2=" + second, "--rtmr", "2=" + std::string(96, '0')}).out);
  for (const char* bad : {"4=00", "2", "2=00", "=", "two=00"}) {
    const RunResult run = world.with({"--rtmr", bad});
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.error()["message"].as_string().find("--rtmr is not a number from 0 to 3") == 0);
  }
}

TEST_CASE("An event log has to lead to the registers of the quote",
          "[e2e][verify][attestation][forged]") {
  Measured world;
  const Findings fits(world.with({"--event-log", "log"}));
  INFO(fits.describe());
  CHECK(fits.result("attestation", "event-log") == "verified");
  CHECK(fits.text("attestation", "event-log") == "2 events");
  for (const char* name : {"event-log-rtmr0", "event-log-rtmr2"}) {
    CHECK(fits.result("attestation", name) == "not checked");
  }
  SECTION("another event") {
    world.log = testing::make_event_log({{1, 0x80000001, "firmware"}, {3, 0xd, "another image"}});
    world.write();
    check_caught(world.with({"--event-log", "log"}),
                 {"attestation/pck-chain", "attestation/event-log-rtmr2"});
  }
  SECTION("a log that is cut off") {
    world.user.write("log", text_of(world.log).substr(0, world.log.size() - 3));
    check_caught(world.with({"--event-log", "log"}),
                 {"attestation/pck-chain", "attestation/event-log"});
  }
  SECTION("out of a bundle") {
    world.log = testing::make_event_log({{1, 0x80000001, "other firmware"}});
    world.write();
    world.with(
        {"--event-log", "log", "--rtmr", "0=" + std::string(96, '0'), "--bundle", "evidence.json"});
    const RunResult run =
        world.user.run({"compute", "app", "verify", "--offline", "evidence.json", "--json"});
    const Findings found(run);
    INFO(found.describe());
    CHECK(found.result("attestation", "event-log-rtmr0") == "failed");
    CHECK(found.result("attestation", "rtmr0") == "failed");
    const RunResult refused = world.user.run(
        {"compute", "app", "verify", "--offline", "evidence.json", "--event-log", "log", "--json"});
    CHECK(refused.code == 2);
  }
}
