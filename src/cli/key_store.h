#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/secret.h"
#include "ecloud/crypto/keystore.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"

namespace ecloud::cli {

class Context;

/// Where `ecloud auth login` may keep the key.
enum class StoreKind { kKeyring, kFile };
std::string_view to_string(StoreKind kind);  ///< "keyring", "file"
StoreKind store_kind_of(std::string_view word);

/// A place that keeps one key from one run to the next.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  virtual StoreKind kind() const = 0;
  /// "the keyring", "/home/me/.config/ecloud/keystore.json".
  virtual std::string name() const = 0;
  virtual bool holds_key() = 0;
  /// Of the key that it holds, without asking for a password; nothing when that cannot be told.
  virtual std::optional<eth::Address> address() = 0;
  /// Of all that remove() removes: a keyring may have a second entry under an older name, with
  /// another key.
  virtual std::vector<std::optional<eth::Address>> removable() { return {address()}; }
  /// What save() needs, asked for before anything is done.
  virtual void prepare_to_save() = 0;
  /// Replaces what it holds, and reads it back. Throws Error{kVerification, "auth.not_stored"} when
  /// something else comes back.
  virtual void save(const crypto::PrivateKey& key) = 0;
  /// False when it held none.
  virtual bool remove() = 0;
};

std::unique_ptr<KeyStore> make_store(Context& context, StoreKind kind);

/// CONFIG/keystore.json. Where it exists it is the store in use, and the keyring is not asked.
std::filesystem::path keystore_path(Context& context);

/// A key file that was named, or the store's.
class KeystoreFile {
 public:
  /// Throws as base::read_file and crypto::Keystore::parse do.
  static KeystoreFile read(Context& context, const std::filesystem::path& path);

  const std::optional<eth::Address>& address() const { return address_; }
  /// With the password of --password-file, else of ECLOUD_KEYSTORE_PASSWORD, else asks for it, up
  /// to three times. Throws Error{kCredentials, "auth.password_missing"} when nobody can be asked.
  crypto::PrivateKey open(Context& context) const;

 private:
  KeystoreFile(crypto::Keystore keystore, std::filesystem::path path);

  crypto::Keystore keystore_;
  std::filesystem::path path_;
  std::optional<eth::Address> address_;
};

/// The password of --password-file or ECLOUD_KEYSTORE_PASSWORD; nothing when neither is given.
/// Reads them: Context::keystore_password() does that once.
std::optional<base::Secret> given_password(Context& context);

}  // namespace ecloud::cli
