#include "ecloud/platform/app_id.h"

#include "ecloud/eth/abi.h"

namespace ecloud::platform {

const AppProxyCode& platform_app_proxy() {
  static const AppProxyCode kProxy = {
      {0x6778b553b50622de, 0xeb897eb7904c23f7, 0xb70f6ca169b74585, 0xdb60acb763f942eb,
       0x7bd8e299ad743113, 0x7ff98bf2ccadb231, 0x062aef6544cea372, 0x09e380ce2497d55c,
       0x4a504e63d69c87b3, 0x71be92004a0e6d05, 0x5dda69d4c3a4de34, 0x8e40fbf4f9008f19,
       0x64381791087f9d89, 0xf66c5fc0a68d6249, 0xc7f9ab9781140e74, 0xaa8eaebcda247f3c,
       0x6a9100e34ff77728, 0x86e9588d64ea7268, 0xbf51ab332f1c8d75, 0xead77444a9bf9024,
       0xcbe55df2eaf18edc, 0xea0c46acad036e14, 0x3f894a701041e98b, 0x534b53ce2e802500,
       0x1815a2953526c061},
      {0x66, 0x61, 0x69, 0x6c, 0x65, 0x64}};
  return kProxy;
}

eth::Address compute_app_id(const eth::Address& app_controller, const eth::Address& beacon,
                            const AppProxyCode& proxy, const eth::Address& deployer,
                            const base::Bytes32& salt) {
  base::Bytes mixed;
  base::append(mixed, deployer.bytes());
  base::append(mixed, salt);
  base::Bytes code = proxy.rest;
  base::append(code,
               eth::abi_encode("(address,bytes)",
                               {beacon, eth::abi_encode_call("initialize(address)", {deployer})}));
  return eth::create2_address(app_controller, crypto::keccak256(mixed),
                              crypto::keccak256_continued(proxy.absorbed, code));
}

}  // namespace ecloud::platform
