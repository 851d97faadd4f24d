#include "cli/commands/auth/store_key.h"

#include <system_error>

#include "ecloud/base/error.h"
#include "ecloud/base/lock_wait.h"

namespace ecloud::cli {
namespace {

/// The key file in use, as far as it can be told.
struct FileInUse {
  std::filesystem::path path;
  std::optional<eth::Address> address;
};

std::optional<FileInUse> file_in_use(Context& context) {
  const auto store = make_store(context, StoreKind::kFile);
  if (!store->holds_key()) return std::nullopt;
  return FileInUse{keystore_path(context), store->address()};
}

std::string whose(const std::optional<eth::Address>& address) {
  return address ? address->to_string() : std::string("an unknown account");
}

/// Out of the way, and still there.
std::string retire(const FileInUse& file) {
  std::string name = "keystore-" + (file.address ? file.address->to_string() : "old");
  std::filesystem::path target = file.path.parent_path() / (name + ".json");
  std::error_code ignored;
  for (int i = 2; std::filesystem::exists(target, ignored); ++i) {
    target = file.path.parent_path() / (name + "-" + std::to_string(i) + ".json");
  }
  std::error_code failure;
  std::filesystem::rename(file.path, target, failure);
  if (failure) {
    throw Error(Category::kFailure, "file.unwritable",
                "cannot rename " + file.path.string() + ": " + failure.message());
  }
  return target.string();
}

/// The other account whose key would no longer be the stored one.
std::optional<eth::Address> replaced_account(Context& context, KeyStore& store,
                                             const std::optional<FileInUse>& file,
                                             const eth::Address& address) {
  // A keyring that does not work says so here.
  const bool holds = store.holds_key();
  std::optional<eth::Address> before;
  if (store.kind() == StoreKind::kKeyring && holds) {
    before = store.address();
    if (before != address) {
      context.terminal().confirm("Replace the key of " + whose(before) + " in " + store.name() +
                                 " by that of " + address.to_string() +
                                 "? A key that is nowhere else is lost.");
    }
  }
  if (file && file->address != address) {
    if (!before) before = file->address;
    context.terminal().confirm("Use the key of " + address.to_string() + " instead of that of " +
                               whose(file->address) + " in " + file->path.string() + "?");
  }
  return before == address ? std::nullopt : before;
}

}  // namespace

Option store_option() {
  return {.name = "store",
          .kind = Kind::kChoice,
          .value_name = "PLACE",
          .help = "Where to keep the key: the keyring of the system, or a file with a password",
          .choices = {"keyring", "file"},
          .default_note = "keyring, or file where there is a key file already"};
}

Option yes_or_force_option() {
  return {.name = "yes",
          .short_name = "y",
          .kind = Kind::kFlag,
          .help = "Answer every confirmation with yes",
          .deprecated = {"force"}};
}

Option new_password_option() {
  return {.name = "password-file",
          .kind = Kind::kFile,
          .value_name = "FILE",
          .help =
              "A file with the password for the key file; - is stdin. Or set "
              "ECLOUD_KEYSTORE_PASSWORD"};
}

base::FileLock lock_stored_keys(Context& context) {
  // Another process may be asking its user for a password meanwhile.
  return base::wait_for_lock(context.paths().state / "keys.lock", base::Milliseconds(120'000));
}

StoreKind chosen_store(Context& context, const Values& values) {
  if (const auto word = values.text("store")) return store_kind_of(*word);
  return file_in_use(context) ? StoreKind::kFile : StoreKind::kKeyring;
}

StoredKey store_key(Context& context, StoreKind kind, const crypto::PrivateKey& key, bool dry_run) {
  std::optional<base::FileLock> lock;
  if (!dry_run) lock.emplace(lock_stored_keys(context));
  const auto store = make_store(context, kind);
  const std::optional<FileInUse> file = file_in_use(context);
  StoredKey out;
  out.address = eth::Address::of(key.public_key());
  out.kind = kind;
  out.place = store->name();
  if (dry_run) {
    store->holds_key();
    context.terminal().note("the key would be stored in " + out.place);
    return out;
  }
  out.replaced = replaced_account(context, *store, file, out.address);
  store->prepare_to_save();
  const bool same_file = kind == StoreKind::kFile && file && file->address == out.address;
  // The keyring gets its key before the file goes; a file in the same place has to go first.
  if (kind == StoreKind::kFile && file && !same_file) out.kept = retire(*file);
  try {
    store->save(key);
  } catch (...) {
    // What was in use stays in use.
    std::error_code ignored;
    if (out.kept) std::filesystem::rename(*out.kept, file->path, ignored);
    throw;
  }
  if (kind == StoreKind::kKeyring && file) out.kept = retire(*file);
  out.stored = true;
  return out;
}

void note_stored(Context& context, const StoredKey& stored) {
  if (stored.kept) context.terminal().note("the key file from before is now " + *stored.kept);
  if (!stored.stored) return;
  for (const char* variable : {"ECLOUD_PRIVATE_KEY", "EIGENCOMPUTE_PRIVATE_KEY",
                               "EIGENX_PRIVATE_KEY", "ECLOUD_KEYSTORE"}) {
    if (!context.env().get(variable)) continue;
    context.terminal().note(std::string(variable) +
                            " is set, and comes before the key that is stored");
  }
}

}  // namespace ecloud::cli
