#include <algorithm>

#include "cli/commands/auth/commands.h"
#include "cli/commands/auth/store_key.h"
#include "cli/keyring.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// What the Go library that the old CLI used puts before its values on macOS.
constexpr std::string_view kBase64Prefix = "go-keyring-base64:";
constexpr std::string_view kHexPrefix = "go-keyring-encoded:";

struct OldKey {
  KeyringEntry entry;
  std::string environment;  ///< "sepolia", "sepolia (eigenx-cli-dev)"
  crypto::PrivateKey key;
  eth::Address address;
};

base::Secret decoded(const base::Secret& value) {
  const std::string_view text = value.reveal_text();
  std::optional<base::Bytes> octets;
  if (text.starts_with(kBase64Prefix)) {
    octets = base::from_base64(text.substr(kBase64Prefix.size()));
  } else if (text.starts_with(kHexPrefix)) {
    octets = base::from_hex(text.substr(kHexPrefix.size()));
  }
  if (!octets) return value.clone();
  base::Secret out{base::ByteView(*octets)};
  base::wipe(octets->data(), octets->size());
  return out;
}

std::vector<OldKey> find_old_keys(Context& context, const Keyring& keyring) {
  std::vector<OldKey> out;
  for (const std::string service : {"eigenx-cli", "eigenx-cli-dev"}) {
    for (const std::string environment : {"sepolia", "mainnet-alpha", "mainnet", "sepolia-dev"}) {
      const KeyringEntry entry{service, "eigenx-" + environment};
      const auto value = keyring.find(entry);
      if (!value) continue;
      const std::string shown =
          service == "eigenx-cli" ? environment : environment + " (" + service + ")";
      auto key = crypto::PrivateKey::from_hex(decoded(*value).reveal_text());
      if (!key) {
        context.terminal().warning("the old entry for " + shown + " holds no private key");
        continue;
      }
      const eth::Address address = eth::Address::of(key->public_key());
      context.terminal().status("found the key of " + address.to_string() + " for " + shown);
      out.push_back({entry, shown, std::move(*key), address});
    }
  }
  return out;
}

std::string listed(const std::vector<OldKey>& keys) {
  std::vector<std::string> words;
  for (const OldKey& key : keys) {
    words.push_back(key.environment + " (" + key.address.to_string() + ")");
  }
  return base::join(words, ", ");
}

const OldKey& choose(Context& context, const std::vector<OldKey>& keys,
                     const std::optional<std::string>& wanted) {
  if (wanted) {
    for (const OldKey& key : keys) {
      if (key.environment == *wanted) return key;
    }
    throw Error(Category::kNotFound, "auth.nothing_to_migrate",
                "the old CLI has stored no key for " + base::printable_line(*wanted, 60),
                "it has keys for " + listed(keys));
  }
  const bool same = std::all_of(keys.begin(), keys.end(), [&](const OldKey& key) {
    return key.address == keys.front().address;
  });
  if (same) return keys.front();
  if (!context.terminal().can_prompt()) {
    throw Error(Category::kUsage, "cli.missing_value",
                "the old CLI has stored more than one key: " + listed(keys),
                "choose one with --from ENVIRONMENT");
  }
  std::vector<std::string> choices;
  for (const OldKey& key : keys) {
    choices.push_back(key.address.to_string() + " (" + key.environment + ")");
  }
  return keys[context.terminal().select("Which key is to be used from now on?", choices)];
}

void run_migrate(Context& context, const Values& values) {
  const Keyring keyring = system_keyring(context);
  const std::vector<OldKey> keys = find_old_keys(context, keyring);
  if (keys.empty()) {
    throw Error(Category::kNotFound, "auth.nothing_to_migrate",
                "the keyring holds no key of the old CLI", "store one with: ecloud auth login");
  }
  const OldKey& chosen = choose(context, keys, values.text("from"));
  const bool dry_run = values.flag("dry-run");
  const StoredKey stored = store_key(context, chosen_store(context, values), chosen.key, dry_run);
  const bool remove = values.flag("delete-old") && !dry_run;
  if (remove) keyring.remove(chosen.entry);
  const std::string address = stored.address.to_string();
  context.output().result(
      base::Json::object({{"address", address},
                          {"from", chosen.environment},
                          {"store", std::string(to_string(stored.kind))},
                          {"place", stored.place},
                          {"stored", stored.stored},
                          {"deletedOld", remove}}),
      [&] {
        context.output().pairs({{"Address", address},
                                {stored.stored ? "Stored in" : "Would go to", stored.place},
                                {"Old entry", remove ? "removed" : "still there"}});
      });
  note_stored(context, stored);
}

}  // namespace

Command make_auth_migrate_command() {
  Command command;
  command.name = "migrate";
  command.summary = "Take over the private key that the old CLI stored";
  command.description =
      "Looks in the keyring for the keys that eigenx stored, one for each of its environments, and "
      "stores one of them as `ecloud auth login` does: here one key serves all environments. The "
      "old entry stays unless --delete-old is given.";
  command.options = {store_option(),
                     {.name = "from",
                      .value_name = "NAME",
                      .help = "The environment whose key to take, when there are several"},
                     {.name = "delete-old",
                      .kind = Kind::kFlag,
                      .help = "Remove the old entry when the key is stored"},
                     new_password_option(),
                     yes_or_force_option()};
  command.examples = {{"Look first", "ecloud auth migrate --dry-run"},
                      {"Take the key for one environment", "ecloud auth migrate --from mainnet"}};
  command.json_fields = {{"address", "the account, with its checksum"},
                         {"from", "the old environment"},
                         {"store", "keyring or file"},
                         {"place", "the keyring, or the path of the file"},
                         {"stored", "false after --dry-run"},
                         {"deletedOld", "whether the old entry was removed"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kNotFound,
                        Category::kVerification};
  command.mutating = true;
  command.run = run_migrate;
  return command;
}

}  // namespace ecloud::cli
