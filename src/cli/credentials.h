#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"

namespace ecloud::cli {

class Context;

/// The account that deploys, signs and pays.
struct Deployer {
  crypto::PrivateKey key;
  eth::Address address;
  std::string source;  ///< "--private-key-file", "ECLOUD_PRIVATE_KEY"
};

/// One place where a key may be. Sources are asked in the order of key_sources(); the first that
/// has one wins.
struct KeySource {
  std::string name;  ///< as in Deployer::source
  /// Nothing when it has none. Throws Error{kUsage, "auth.malformed_key"} for what is no key.
  std::function<std::optional<crypto::PrivateKey>(Context&)> find;
};

const std::vector<KeySource>& key_sources();

/// The key in `text`: 64 hex digits, with or without 0x, blanks around it ignored. Throws
/// Error{kUsage, "auth.malformed_key"} that says what is wrong and nothing of the value.
crypto::PrivateKey parse_private_key(std::string_view text, std::string_view source);

/// The error for commands that need a key and have none: Error{kCredentials, "auth.no_key"}.
Error no_key_error();

std::optional<Deployer> find_deployer_key(Context& context);

}  // namespace ecloud::cli
