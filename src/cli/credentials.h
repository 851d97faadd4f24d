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
  std::string source;  ///< "--private-key-file", "ECLOUD_PRIVATE_KEY", "the keyring", a key file
};

/// A key that a source has, not opened yet.
struct FoundKey {
  std::string source;                   ///< as in Deployer::source
  std::optional<eth::Address> address;  ///< nothing: only the opened key tells
  bool has_password = false;
  /// Asks for the password when it has one that was not given. Throws as KeystoreFile::open.
  std::function<crypto::PrivateKey(Context&)> open;
};

/// One place where a key may be. Sources are asked in the order of key_sources(); the first that
/// has one wins.
struct KeySource {
  std::string name;  ///< "--private-key", "the keyring"
  /// Nothing when it has none. Throws Error{kUsage, "auth.malformed_key"} for what is no key, and
  /// what the stores throw.
  std::function<std::optional<FoundKey>(Context&)> find;
  bool stored = false;  ///< by `ecloud auth login`, not given for this run
};

/// Options first, then variables, then what `ecloud auth login` stored: the key file where there is
/// one, else the keyring, which is not asked while there is a file.
const std::vector<KeySource>& key_sources();

/// The key in `text`: 64 hex digits, with or without 0x, blanks around it ignored. Throws
/// Error{kUsage, "auth.malformed_key"} that says what is wrong and nothing of the value.
crypto::PrivateKey parse_private_key(std::string_view text, std::string_view source);

/// The error for commands that need a key and have none: Error{kCredentials, "auth.no_key"}.
Error no_key_error();

/// What the first source that has a key gives.
std::optional<FoundKey> find_key(Context& context);

/// Throws what opening it throws.
Deployer open_key(Context& context, const FoundKey& found);

}  // namespace ecloud::cli
