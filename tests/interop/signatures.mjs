// In: {"userApi": {"chainId", "controller", "version", "permission", "headers"},
//      "billing": {"headers"}}, headers by lower-case name.
// Out: the accounts that viem recovers from the headers.
import { hashTypedData, recoverMessageAddress, recoverTypedDataAddress } from 'viem';
import { input, output } from './json_io.mjs';

const { userApi, billing } = input();
const bearer = (headers) => headers.authorization.slice('Bearer '.length);

const permission = hashTypedData({
  domain: {
    name: 'EigenLayer',
    version: userApi.version[0],
    chainId: userApi.chainId,
    verifyingContract: userApi.controller,
  },
  types: {
    ApiPermission: [{ name: 'permission', type: 'bytes4' }, { name: 'expiry', type: 'uint256' }],
  },
  primaryType: 'ApiPermission',
  message: {
    permission: userApi.permission,
    expiry: BigInt(userApi.headers['x-eigenx-expiry']),
  },
});

output({
  userApi: await recoverMessageAddress({
    message: { raw: permission },
    signature: `0x${bearer(userApi.headers)}`,
  }),
  billing: await recoverTypedDataAddress({
    domain: { name: 'EigenCloud Billing API', version: '1' },
    types: {
      BillingAuth: [{ name: 'product', type: 'string' }, { name: 'expiry', type: 'uint256' }],
    },
    primaryType: 'BillingAuth',
    message: { product: 'compute', expiry: BigInt(billing.headers['x-expiry']) },
    signature: bearer(billing.headers),
  }),
});
