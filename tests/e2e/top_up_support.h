#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "e2e/session.h"
#include "support/catch.h"

namespace ecloud::testing {

constexpr std::uint64_t kDollar = 1'000'000;

/// The arguments of a purchase.
inline std::vector<std::string> top_up(const std::string& amount,
                                       const std::vector<std::string>& more = {"--yes", "--json"}) {
  std::vector<std::string> words = {"billing", "top-up", "--amount", amount};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

inline std::size_t sent(const World& world) {
  return world.devnet.count("rpc:eth_sendRawTransaction");
}

inline eth::U256 dollars(std::uint64_t amount) {
  return eth::U256(amount * kDollar);
}

/// What the account has paid, of the 10,000 that it began with.
inline eth::U256 spent(const World& world) {
  return dollars(10'000) - world.devnet.usdc_balance(world.account());
}

/// Where the purchases of the devnet's chain are recorded.
inline std::filesystem::path purchases(const World& world) {
  return world.user.state() / "journal/credits-31337";
}

/// Transactions for something else may have been sent there.
inline void check_nothing_paid_on_main(const World& world) {
  CHECK(spent(world).is_zero());
  CHECK(world.devnet.credits(world.account()).is_zero());
  CHECK_FALSE(std::filesystem::exists(purchases(world)));
}

inline void check_nothing_paid(const World& world) {
  CHECK(sent(world) == 0);
  check_nothing_paid_on_main(world);
}

}  // namespace ecloud::testing
