#include <algorithm>
#include <bitset>

#include "attest/der_reader.h"
#include "ecloud/attest/tdx_collateral.h"
#include "ecloud/base/error.h"

namespace ecloud::attest {
namespace {

constexpr const char* kSgxExtension = "1.2.840.113741.1.13.1";
/// The same in DER; the parts of the extension have it as their prefix.
constexpr std::uint8_t kPrefix[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

constexpr std::uint32_t kTcb = 2, kPceId = 3, kFmspc = 4;
constexpr std::uint32_t kPceSvn = 17;  // below kTcb; 1 to 16 are the components

[[noreturn]] void fail(const std::string& problem) {
  throw Error(Category::kVerification, "attest.collateral",
              "the SGX extension of the PCK certificate: " + problem);
}

template <typename Value>
Value require(std::optional<Value> value, const char* what) {
  if (!value) fail(std::string(what) + " is malformed");
  return *value;
}

/// Calls `use` with the last arc below `prefix` and the value, for each pair of a sequence.
template <typename Use>
void for_each_pair(base::ByteView sequence, base::ByteView prefix, Use use) {
  for (DerReader pairs(sequence); !pairs.done();) {
    DerReader pair(require(pairs.next(kDerSequence), "a pair"));
    const base::ByteView name = require(pair.next(kDerObjectIdentifier), "a name");
    const DerValue value = require(pair.next(), "a value");
    const bool below = name.size() == prefix.size() + 1 && name.back() < 0x80 &&
                       std::equal(prefix.begin(), prefix.end(), name.begin());
    if (below) use(std::uint32_t{name.back()}, value);
  }
}

template <std::size_t N>
base::FixedBytes<N> octets(const DerValue& value, const char* what) {
  if (value.tag != kDerOctetString || value.content.size() != N) {
    fail(std::string(what) + " is not " + std::to_string(N) + " octets");
  }
  base::FixedBytes<N> out;
  std::copy(value.content.begin(), value.content.end(), out.begin());
  return out;
}

std::uint32_t number(const DerValue& value, std::uint32_t most, const char* what) {
  const auto out = value.tag == kDerInteger ? der_number(value.content) : std::nullopt;
  if (!out || *out > most) fail(std::string(what) + " is no number up to " + std::to_string(most));
  return *out;
}

void read_tcb(base::ByteView sequence, PckExtension& out) {
  base::Bytes prefix(std::begin(kPrefix), std::end(kPrefix));
  prefix.push_back(kTcb);
  std::bitset<kPceSvn + 1> seen;
  for_each_pair(sequence, prefix, [&](std::uint32_t arc, const DerValue& value) {
    if (arc == 0 || arc > kPceSvn) return;
    if (seen.test(arc)) fail("a security version stands there twice");
    seen.set(arc);
    if (arc == kPceSvn) {
      out.pce_svn = static_cast<std::uint16_t>(number(value, 0xffff, "PCESVN"));
    } else {
      out.component_svns[arc - 1] =
          static_cast<std::uint8_t>(number(value, 0xff, "the security version of a component"));
    }
  });
  if (seen.count() != kPceSvn) fail("a security version is missing");
}

}  // namespace

PckExtension read_pck_extension(const crypto::Certificate& certificate) {
  const auto content = certificate.extension(kSgxExtension);
  if (!content) fail("it is not there, or is there twice");
  PckExtension out;
  std::bitset<kFmspc + 1> seen;
  DerReader whole(*content);
  const base::ByteView sequence = require(whole.next(kDerSequence), "its sequence");
  if (!whole.done()) fail("something follows its end");
  for_each_pair(sequence, kPrefix, [&](std::uint32_t arc, const DerValue& value) {
    if (arc < kTcb || arc > kFmspc) return;
    if (seen.test(arc)) fail("a part stands there twice");
    seen.set(arc);
    if (arc == kTcb && value.tag != kDerSequence) fail("the security versions are no sequence");
    if (arc == kTcb) read_tcb(value.content, out);
    if (arc == kPceId) out.pce_id = octets<2>(value, "PCEID");
    if (arc == kFmspc) out.fmspc = octets<6>(value, "FMSPC");
  });
  if (seen.count() != 3) fail("FMSPC, PCEID or the security versions are missing");
  return out;
}

}  // namespace ecloud::attest
