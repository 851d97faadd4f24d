#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/key_store.h"
#include "ecloud/base/cancel.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/env.h"
#include "ecloud/base/error.h"
#include "ecloud/base/secret.h"
#include "ecloud/base/subprocess.h"

namespace ecloud::cli {

/// Names an entry of the keyring.
struct KeyringEntry {
  std::string service;
  std::string account;
};

/// The keyring of the operating system, through the system's own program, which gets values on its
/// standard input and our variables without those that may hold keys. All errors are
/// Error{kCredentials} and name the ways out: auth.keyring_absent (no program, no D-Bus session),
/// auth.keyring_timeout, auth.keyring_failed with the program's words.
///
/// On Linux that is `secret-tool` of libsecret. Entries have the attributes service, username,
/// target "default" and application "rust-keyring" of the Rust crate keyring 3, which the reference
/// CLI uses; they are found by service and username, else by service and account. On macOS it is
/// `security`, and entries are generic passwords.
class Keyring {
 public:
  enum class Tool { kSecretTool, kSecurity };
  /// That of the system that this was built for.
  static Tool system_tool();

  /// `cancel` outlives the object. Each call of the program may take `time_limit`.
  Keyring(Tool tool, const base::Env& env, const base::CancelToken& cancel,
          base::Milliseconds time_limit);

  /// Whether there is anything to ask: the program, and a D-Bus session on Linux.
  bool is_there() const;
  std::optional<base::Secret> find(const KeyringEntry& entry) const;
  /// Under either form of its name: up to two, which may differ.
  std::vector<base::Secret> find_all(const KeyringEntry& entry) const;
  /// Replaces an older value. `value` holds no blanks, quotes and control characters.
  void store(const KeyringEntry& entry, const base::Secret& value) const;
  /// False when there was none.
  bool remove(const KeyringEntry& entry) const;

 private:
  std::filesystem::path program() const;
  bool has_session() const;
  base::ProgramAnswer call(std::vector<std::string> arguments, base::ByteView input) const;
  bool is_missing(const base::ProgramAnswer& answer) const;
  std::optional<base::Secret> look_up(std::vector<std::string> arguments) const;
  Error failed(const base::ProgramAnswer& answer) const;

  Tool tool_;
  std::string name_;
  base::Env env_;
  const base::CancelToken& cancel_;
  base::Milliseconds time_limit_;
};

Keyring system_keyring(Context& context);
/// Service "ecloud", account "key".
const KeyringEntry& deployer_entry();
std::unique_ptr<KeyStore> make_keyring_store(Context& context);

}  // namespace ecloud::cli
