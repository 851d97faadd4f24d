#pragma once

#include <cstdint>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/eth/address.h"

namespace ecloud::devnet {

/// The chain id of local development chains.
constexpr std::uint64_t kChainId = 31337;
/// The chain that stands for Base Sepolia, where credits are sold as well. Not its real id, so that
/// nothing signed for a devnet is valid there, and no journal is shared with it.
constexpr std::uint64_t kTestCreditsChainId = 31338;

/// The address written as `text`; a malformed one is our bug.
eth::Address address_of(std::string_view text);

// Addresses that no public environment has, so that a client which mixes them up fails here.
const eth::Address& app_controller_address();
const eth::Address& permission_controller_address();
const eth::Address& delegator_address();
const eth::Address& app_beacon_address();
const eth::Address& usdc_address();
const eth::Address& usdc_credits_address();
/// Who confirms upgrades.
const eth::Address& platform_account();

/// The target of the UserAPI's permissions and the appointee that stands for everybody (constants
/// of the platform, the same on every chain).
const eth::Address& api_target();
const eth::Address& anyone();

using Selector = base::FixedBytes<4>;
constexpr Selector kPermissionViewLogs{0x2f, 0xd3, 0xf2, 0xfe};
constexpr Selector kPermissionViewInfo{0x0e, 0x67, 0xb2, 0x2f};
constexpr Selector kPermissionUpdateProfile{0x03, 0x6f, 0xef, 0x61};

}  // namespace ecloud::devnet
