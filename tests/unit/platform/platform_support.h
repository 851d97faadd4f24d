#pragma once

#include <string>
#include <string_view>

#include "ecloud/base/bytes.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "support/catch.h"
#include "support/literals.h"
#include "support/test_data.h"

namespace ecloud::testing {

/// tests/data/platform/vectors.json: made by viem 2.38.6, ethers 6 and the npm package dotenv 16
/// with tests/interop/make_platform_vectors.mjs.
inline const base::Json& platform_vectors() {
  static const base::Json vectors = test_data_json("platform/vectors.json");
  return vectors;
}

inline std::string vector_text(std::string_view section, std::string_view name) {
  return platform_vectors()[section][name].as_string();
}

// What make_platform_vectors.mjs uses.
inline eth::Address sample_app() {
  return address("0x1111222233334444555566667777888899990000");
}
inline eth::Address other_app() {
  return address("0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}
/// anvil's first account: its key and address are public.
inline crypto::PrivateKey sample_key() {
  auto key = crypto::PrivateKey::from_hex(
      "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
  REQUIRE(key);
  return std::move(*key);
}
constexpr std::string_view kSampleAccount = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/// "2 code: message | hint" of the Error that `action` throws, its exit code in front.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    const std::string hint = error.hint().empty() ? "" : " | " + error.hint();
    return std::to_string(exit_code(error.category())) + " " + error.code() + ": " +
           error.message() + hint;
  }
  return "no error";
}

}  // namespace ecloud::testing
