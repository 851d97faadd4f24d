#include "ecloud/attest/event_log.h"

#include <algorithm>
#include <map>

#include "attest/byte_reader.h"
#include "attest/tdx_check.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::attest {
namespace {

constexpr const char* kCode = "attest.event_log";
constexpr std::size_t kMostOctets = std::size_t{16} << 20;
constexpr std::size_t kMostEvents = 1 << 16;
constexpr std::size_t kMostAlgorithms = 16;

// TCG Algorithm Registry.
constexpr std::uint16_t kSha384 = 0x000c;
// TCG PC Client Platform Firmware Profile, section 10.4.1.
constexpr std::uint32_t kNoAction = 3;

struct EventName {
  std::uint32_t type;
  std::string_view name;
};

constexpr EventName kEventNames[] = {
    {0x00, "EV_PREBOOT_CERT"},
    {0x01, "EV_POST_CODE"},
    {0x03, "EV_NO_ACTION"},
    {0x04, "EV_SEPARATOR"},
    {0x05, "EV_ACTION"},
    {0x06, "EV_EVENT_TAG"},
    {0x07, "EV_S_CRTM_CONTENTS"},
    {0x08, "EV_S_CRTM_VERSION"},
    {0x09, "EV_CPU_MICROCODE"},
    {0x0a, "EV_PLATFORM_CONFIG_FLAGS"},
    {0x0b, "EV_TABLE_OF_DEVICES"},
    {0x0c, "EV_COMPACT_HASH"},
    {0x0d, "EV_IPL"},
    {0x80000001, "EV_EFI_VARIABLE_DRIVER_CONFIG"},
    {0x80000002, "EV_EFI_VARIABLE_BOOT"},
    {0x80000003, "EV_EFI_BOOT_SERVICES_APPLICATION"},
    {0x80000004, "EV_EFI_BOOT_SERVICES_DRIVER"},
    {0x80000005, "EV_EFI_RUNTIME_SERVICES_DRIVER"},
    {0x80000006, "EV_EFI_GPT_EVENT"},
    {0x80000007, "EV_EFI_ACTION"},
    {0x80000008, "EV_EFI_PLATFORM_FIRMWARE_BLOB"},
    {0x80000009, "EV_EFI_HANDOFF_TABLES"},
    {0x8000000a, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"},
    {0x8000000b, "EV_EFI_HANDOFF_TABLES2"},
    {0x8000000c, "EV_EFI_VARIABLE_BOOT2"},
    {0x800000e0, "EV_EFI_VARIABLE_AUTHORITY"},
};

using DigestSizes = std::map<std::uint16_t, std::uint16_t>;

/// The first event, in the older form, names the algorithms (TCG_EfiSpecIDEvent).
DigestSizes read_first_event(ByteReader& in) {
  in.u32("the register of the first event");
  const std::uint32_t type = in.u32("the type of the first event");
  if (type != kNoAction) in.fail_at(4, "the first event is none that names the algorithms");
  in.take(20, "the digest of the first event");
  const std::uint32_t size = in.u32("the size of the first event");
  ByteReader event = in.part(size, "the first event");
  const std::size_t at = event.offset();
  const std::string_view signature = base::as_chars(event.take(16, "the signature of the log"));
  if (signature != std::string_view("Spec ID Event03\0", 16)) {
    event.fail_at(at, "the log has another form than \"Spec ID Event03\"");
  }
  event.take(8, "class and version of the log");
  const std::uint32_t count = event.u32("the number of algorithms");
  if (count > kMostAlgorithms) event.fail("the log names too many algorithms");
  DigestSizes out;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t algorithm = event.u16("an algorithm");
    out[algorithm] = event.u16("the size of a digest");
  }
  if (const auto found = out.find(kSha384); found == out.end() || found->second != 48) {
    event.fail("the log has no digests of SHA-384");
  }
  return out;
}

void read_digests(ByteReader& in, const DigestSizes& sizes, LoggedEvent& event) {
  const std::uint32_t count = in.u32("the number of digests");
  if (count > kMostAlgorithms) in.fail("an event has too many digests");
  bool found = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t at = in.offset();
    const std::uint16_t algorithm = in.u16("the algorithm of a digest");
    const auto size = sizes.find(algorithm);
    if (size == sizes.end()) in.fail_at(at, "a digest has an algorithm that the log does not name");
    const base::ByteView digest = in.take(size->second, "a digest");
    if (algorithm != kSha384) continue;
    if (found) in.fail_at(at, "an event has two digests of SHA-384");
    found = true;
    std::copy(digest.begin(), digest.end(), event.digest.begin());
  }
  if (!found) in.fail("an event has no digest of SHA-384");
}

/// Firmware fills what is left of the area with ones or zeros.
bool at_end(ByteReader in) {
  if (in.remaining() < 12) return true;
  const std::uint32_t index = in.u32("");
  const std::uint32_t type = in.u32("");
  const std::uint32_t count = in.u32("");
  return index == UINT32_MAX || (index == 0 && type == 0 && count == 0);
}

LoggedEvent read_event(ByteReader& in, const DigestSizes& sizes) {
  LoggedEvent event;
  event.offset = in.offset();
  event.index = in.u32("the register of an event");
  if (event.index > 4) {
    in.fail_at(event.offset, "an event is for register " + std::to_string(event.index) +
                                 ", and 0 (MRTD) to 4 (RTMR3) are known");
  }
  event.type = in.u32("the type of an event");
  read_digests(in, sizes, event);
  const std::uint32_t size = in.u32("the size of an event");
  const base::ByteView data = in.take(size, "the data of an event");
  event.data.assign(data.begin(), data.end());
  event.digest_is_of_data = crypto::sha384(data) == event.digest;
  return event;
}

void extend(base::FixedBytes<48>& value, const base::FixedBytes<48>& digest) {
  base::Bytes input(value.begin(), value.end());
  base::append(input, digest);
  value = crypto::sha384(input);
}

}  // namespace

bool LoggedEvent::extends() const {
  return type != kNoAction;
}

EventLog replay_event_log(base::ByteView bytes) {
  if (bytes.size() > kMostOctets) {
    throw Error(Category::kVerification, kCode, "the event log is longer than 16 MiB");
  }
  ByteReader in(bytes, kCode);
  const DigestSizes sizes = read_first_event(in);
  EventLog log;
  while (!at_end(in)) {
    if (log.events.size() == kMostEvents) in.fail("the log has too many events");
    LoggedEvent event = read_event(in, sizes);
    if (event.extends() && event.index > 0) extend(log.rtmr[event.index - 1], event.digest);
    log.events.push_back(std::move(event));
  }
  return log;
}

std::string event_type_name(std::uint32_t type) {
  for (const EventName& known : kEventNames) {
    if (known.type == type) return std::string(known.name);
  }
  const base::FixedBytes<4> octets = {
      static_cast<std::uint8_t>(type >> 24), static_cast<std::uint8_t>(type >> 16),
      static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)};
  return base::to_hex_prefixed(octets);
}

std::vector<Finding> verify_event_log(base::ByteView bytes, const TdxReport& report) {
  Evidence evidence(report.findings);
  const std::size_t earlier = report.findings.size();
  const auto name = [](std::size_t i) { return "event-log-rtmr" + std::to_string(i); };
  try {
    const EventLog log = replay_event_log(bytes);
    evidence.verified("event-log", std::to_string(log.events.size()) + " events");
    for (std::size_t i = 0; i < log.rtmr.size(); ++i) {
      const auto extended = std::count_if(
          log.events.begin(), log.events.end(),
          [&](const LoggedEvent& event) { return event.extends() && event.index == i + 1; });
      const bool holds = report.quote && report.quote->body.rtmr[i] == log.rtmr[i];
      std::string text = std::to_string(extended) +
                         (extended == 1 ? " event leads to " : " events lead to ") +
                         base::to_hex(log.rtmr[i]);
      if (!report.quote) {
        evidence.not_checked(name(i), text + "; quote-format failed");
        continue;
      }
      if (!holds) text += ", and the quote has " + base::to_hex(report.quote->body.rtmr[i]);
      evidence.compared(name(i), holds, text, kQuoteTrust);
    }
  } catch (const Error& error) {
    if (error.category() != Category::kVerification) throw;
    evidence.failed("event-log", error.message());
    for (std::size_t i = 0; i < 4; ++i) evidence.not_checked(name(i), "event-log failed");
  }
  std::vector<Finding> all = evidence.take();
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(earlier));
  return all;
}

}  // namespace ecloud::attest
