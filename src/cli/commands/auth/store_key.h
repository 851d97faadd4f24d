#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/context.h"
#include "cli/key_store.h"
#include "ecloud/base/files.h"

namespace ecloud::cli {

// What the commands that keep a key have in common.

/// --store, without a default of its own.
Option store_option();
/// --yes under the name that the reference CLI has for it too.
Option yes_or_force_option();
/// --password-file for a file that is made.
Option new_password_option();

/// The store that was asked for; else the file where there is one, else the keyring.
StoreKind chosen_store(Context& context, const Values& values);

struct StoredKey {
  eth::Address address;
  StoreKind kind = StoreKind::kKeyring;
  std::string place;
  std::optional<eth::Address> replaced;  ///< the other account whose key was there
  std::optional<std::string> kept;       ///< where the key file went that was in use before
  bool stored = false;                   ///< false after --dry-run
};

/// Held while stored keys are looked at and changed; waits for another process that does.
base::FileLock lock_stored_keys(Context& context);

/// Asks before another key is replaced, stores the key and reads it back. A key file that was in
/// use is not removed but renamed to keystore-ADDRESS.json. Asks the store before it asks the user,
/// so that a keyring which does not work is known before anything else happens.
StoredKey store_key(Context& context, StoreKind kind, const crypto::PrivateKey& key, bool dry_run);

/// Tells people what else they should know about it.
void note_stored(Context& context, const StoredKey& stored);

}  // namespace ecloud::cli
