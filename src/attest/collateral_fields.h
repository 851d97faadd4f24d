#pragma once

#include <string>
#include <vector>

#include "ecloud/attest/tdx_collateral.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"

namespace ecloud::attest {

/// Fields of Intel's documents; everything throws as Json does.
template <std::size_t N>
base::FixedBytes<N> hex_field(const base::Json& place) {
  const auto out = base::fixed_from_hex<N>(place.as_string());
  if (!out) throw place.error("expected " + std::to_string(N) + " octets in hex");
  return *out;
}

std::uint32_t number_field(const base::Json& place, std::uint32_t most);
std::int64_t time_field(const base::Json& place);
TcbStatus status_field(const base::Json& place);
std::vector<std::string> advisories_field(const base::Json& place);
/// "tcbLevels" with an "isvsvn" each, as modules and quoting enclaves have them.
std::vector<IsvLevel> isv_levels_field(const base::Json& place);

/// Parses `content` and gives it to `read`; every error becomes attest.collateral.
template <typename Read>
auto read_collateral(std::string_view content, const char* what, Read read) {
  try {
    return read(base::Json::parse(content, what, Category::kVerification));
  } catch (const Error& error) {
    if (error.category() == Category::kBug) throw;
    throw Error(Category::kVerification, "attest.collateral", error.message());
  }
}

}  // namespace ecloud::attest
