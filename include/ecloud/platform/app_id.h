#pragma once

#include "ecloud/base/bytes.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/eth/address.h"

namespace ecloud::platform {

/// The creation code of the proxy that every app is, as far as its hash needs it: what Keccak-256
/// is after the code's whole blocks, and the octets after them.
struct AppProxyCode {
  crypto::KeccakState absorbed{};
  base::Bytes rest;
};

/// That of both generations of the platform: 2318 octets whose Keccak-256 is
/// 0x9349121a50022136a9010839f896ced1550509e36596d63006f44c5a4a565b20, the BeaconProxy that
/// EigenLayer deploys.
const AppProxyCode& platform_app_proxy();

/// The id of the app that `deployer` creates with `salt`, as the AppController's calculateAppId has
/// it: CREATE2 (EIP-1014) from the controller, with keccak256(deployer || salt) as salt and as init
/// code the proxy's code with the arguments (beacon, initialize(deployer)).
eth::Address compute_app_id(const eth::Address& app_controller, const eth::Address& beacon,
                            const AppProxyCode& proxy, const eth::Address& deployer,
                            const base::Bytes32& salt);

}  // namespace ecloud::platform
