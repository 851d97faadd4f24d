#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ecloud/attest/evidence.h"
#include "ecloud/attest/tdx_verify.h"
#include "ecloud/base/bytes.h"

namespace ecloud::attest {

/// An event of a confidential computing event log (ACPI table CCEL; the records are TCG_PCR_EVENT2
/// of the TCG PC Client Platform Firmware Profile).
struct LoggedEvent {
  std::size_t offset = 0;   ///< in the log
  std::uint32_t index = 0;  ///< 0 is MRTD, 1 to 4 are RTMR0 to RTMR3
  std::uint32_t type = 0;
  base::FixedBytes<48> digest{};  ///< SHA-384, what the register is extended with
  base::Bytes data;
  /// Whether the digest is that of the data. For many types it is of something else, such as a file
  /// that the data only names.
  bool digest_is_of_data = false;

  /// False for EV_NO_ACTION, which is only a remark.
  bool extends() const;
};

struct EventLog {
  std::vector<LoggedEvent> events;
  std::array<base::FixedBytes<48>, 4> rtmr{};  ///< what the events lead to, from zero
};

/// Reads and replays a log; what follows its last event is ignored. Throws Error{kVerification,
/// "attest.event_log"} that names the offset.
EventLog replay_event_log(base::ByteView bytes);

/// "EV_SEPARATOR"; "0x…" for one that is not known.
std::string event_type_name(std::uint32_t type);

/// Compares the log with the registers of a verified quote: event-log, event-log-rtmr0 …
/// event-log-rtmr3. A log that fits says which events there were; whether they are the right ones
/// is not asked.
std::vector<Finding> verify_event_log(base::ByteView log, const TdxReport& report);

}  // namespace ecloud::attest
