#include "attest/collateral_fields.h"

#include <array>

#include "ecloud/base/text.h"

namespace ecloud::attest {
namespace {

struct StatusWord {
  TcbStatus status;
  std::string_view word;
};

constexpr std::array<StatusWord, 7> kWords = {{
    {TcbStatus::kUpToDate, "UpToDate"},
    {TcbStatus::kSwHardeningNeeded, "SWHardeningNeeded"},
    {TcbStatus::kConfigurationNeeded, "ConfigurationNeeded"},
    {TcbStatus::kConfigurationAndSwHardeningNeeded, "ConfigurationAndSWHardeningNeeded"},
    {TcbStatus::kOutOfDate, "OutOfDate"},
    {TcbStatus::kOutOfDateConfigurationNeeded, "OutOfDateConfigurationNeeded"},
    {TcbStatus::kRevoked, "Revoked"},
}};

const StatusWord* find_word(std::string_view word) {
  for (const StatusWord& known : kWords) {
    if (known.word == word) return &known;
  }
  return nullptr;
}

bool needs_configuration(TcbStatus status) {
  return status == TcbStatus::kConfigurationNeeded ||
         status == TcbStatus::kConfigurationAndSwHardeningNeeded;
}

}  // namespace

std::string_view tcb_status_word(TcbStatus status) {
  return kWords[static_cast<std::size_t>(status)].word;
}

TcbStatus parse_tcb_status(std::string_view word) {
  if (const StatusWord* known = find_word(word); known != nullptr) return known->status;
  throw Error(Category::kVerification, "attest.collateral",
              "\"" + base::printable_line(word, 60) + "\" is no TCB status");
}

TcbStatus worse(TcbStatus a, TcbStatus b) {
  const TcbStatus low = a < b ? a : b;
  const TcbStatus high = a < b ? b : a;
  if (high == TcbStatus::kOutOfDate && needs_configuration(low)) {
    return TcbStatus::kOutOfDateConfigurationNeeded;
  }
  return high;
}

std::uint32_t number_field(const base::Json& place, std::uint32_t most) {
  const std::uint64_t out = place.as_u64();
  if (out > most) throw place.error("expected a number up to " + std::to_string(most));
  return static_cast<std::uint32_t>(out);
}

std::int64_t time_field(const base::Json& place) {
  const auto out = base::parse_rfc3339(place.as_string());
  if (!out) throw place.error("expected a time such as 2026-01-31T12:00:00Z");
  return *out;
}

TcbStatus status_field(const base::Json& place) {
  const StatusWord* known = find_word(place.as_string());
  if (known == nullptr) throw place.error("expected a TCB status");
  return known->status;
}

std::vector<std::string> advisories_field(const base::Json& place) {
  std::vector<std::string> out;
  if (!place.exists()) return out;
  for (const base::Json& one : place.elements()) {
    out.push_back(base::printable_line(one.as_string(), 60));
  }
  return out;
}

std::vector<IsvLevel> isv_levels_field(const base::Json& place) {
  std::vector<IsvLevel> out;
  for (const base::Json& level : place.elements()) {
    IsvLevel one;
    one.isv_svn = static_cast<std::uint16_t>(number_field(level["tcb"]["isvsvn"], 0xffff));
    one.status = status_field(level["tcbStatus"]);
    one.date = time_field(level["tcbDate"]);
    one.advisories = advisories_field(level["advisoryIDs"]);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace ecloud::attest
