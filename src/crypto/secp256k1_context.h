#pragma once

#include <secp256k1.h>

namespace ecloud::crypto {

/// The one context of the process, blinded against side channels; const use is thread-safe.
const secp256k1_context* secp256k1_shared_context();

}  // namespace ecloud::crypto
