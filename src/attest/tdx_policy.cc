// What the caller asks of the trust domain itself.
#include <algorithm>

#include "attest/tdx_check.h"
#include "ecloud/base/hex.h"

namespace ecloud::attest {
namespace {

std::uint64_t little_endian(const base::FixedBytes<8>& octets) {
  std::uint64_t out = 0;
  for (std::size_t i = octets.size(); i > 0; --i) out = out << 8 | octets[i - 1];
  return out;
}

std::string bits_text(std::uint64_t bits) {
  base::FixedBytes<8> octets;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  }
  return base::to_hex_prefixed(octets);
}

void check_td_attributes(TdxCheck& check) {
  const std::uint64_t bits = little_endian(check.quote.body.td_attributes);
  const std::uint64_t foreign = bits & ~check.policy.allowed_td_attributes;
  std::string text = bits_text(bits);
  if ((bits & kTdDebug) != 0) {
    text += ": the debug bit is set, so that the host reads and changes the machine's memory";
  } else if (foreign != 0) {
    text += ": " + bits_text(foreign) + " is not allowed";
  } else {
    text += ", debug is off";
  }
  check.evidence.compared("td-attributes", (bits & kTdDebug) == 0 && foreign == 0, text,
                          kQuoteTrust);
}

void check_xfam(TdxCheck& check) {
  const std::uint64_t bits = little_endian(check.quote.body.xfam);
  const std::uint64_t lacking = check.policy.required_xfam & ~bits;
  const std::uint64_t foreign = bits & ~check.policy.allowed_xfam;
  std::string text = bits_text(bits);
  if (lacking != 0) text += ": " + bits_text(lacking) + " is missing";
  if (foreign != 0) text += ": " + bits_text(foreign) + " is not allowed";
  check.evidence.compared("xfam", lacking == 0 && foreign == 0, text, kQuoteTrust);
}

void check_measurement(TdxCheck& check, const std::string& name, const base::FixedBytes<48>& value,
                       const std::vector<base::FixedBytes<48>>& accepted) {
  const std::string text = base::to_hex(value);
  if (accepted.empty()) {
    return check.evidence.not_checked(name, text + "; no expected value was given");
  }
  const bool holds = std::find(accepted.begin(), accepted.end(), value) != accepted.end();
  const std::string expected = accepted.size() == 1
                                   ? base::to_hex(accepted.front())
                                   : "one of " + std::to_string(accepted.size()) + " others";
  check.evidence.compared(name, holds, holds ? text : text + ", and expected is " + expected,
                          kQuoteTrust);
}

void check_report_data(TdxCheck& check) {
  const std::string name = "report-data";
  const base::ByteView value = check.quote.body.report_data;
  const auto& expected = check.policy.report_data;
  const bool is_zero =
      std::all_of(value.begin(), value.end(), [](std::uint8_t octet) { return octet == 0; });
  if (!expected) {
    return check.evidence.not_checked(
        name, (is_zero ? std::string("all zero, which binds the quote to nothing")
                       : base::to_hex(value)) +
                  "; no expected value was given, and a quote has no date: it may be an old one");
  }
  if (expected->size() != 64 && expected->size() != 32) {
    return check.evidence.failed(name, "the expected value has " +
                                           std::to_string(expected->size()) +
                                           " octets, and 64 or 32 are compared");
  }
  const bool holds = base::equal_constant_time(value.first(expected->size()), *expected);
  std::string text = holds ? "as expected: " : "is ";
  text += base::to_hex(value.first(expected->size()));
  if (!holds) text += ", and expected is " + base::to_hex(*expected);
  check.evidence.compared(name, holds, text, kQuoteTrust);
}

}  // namespace

void check_policy(TdxCheck& check) {
  const TdxBody& body = check.quote.body;
  check_td_attributes(check);
  check_xfam(check);
  check_measurement(check, "mr-td", body.mr_td, check.policy.mr_td);
  for (std::size_t i = 0; i < body.rtmr.size(); ++i) {
    check_measurement(check, "rtmr" + std::to_string(i), body.rtmr[i], check.policy.rtmr[i]);
  }
  check_measurement(check, "mr-config-id", body.mr_config_id, check.policy.mr_config_id);
  check_report_data(check);
}

}  // namespace ecloud::attest
