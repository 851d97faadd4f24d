#pragma once

#include "ecloud/base/bytes.h"

namespace ecloud::crypto {

/// RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996), for the fingerprints of BIP-32 alone. Ours
/// because the OpenSSL of some systems (3.0.0 to 3.0.6, FIPS builds) does not offer it.
base::FixedBytes<20> ripemd160(base::ByteView data);

}  // namespace ecloud::crypto
