#include <memory>
#include <system_error>

#include "cli/context.h"
#include "cli/key_store.h"
#include "cli/keyring.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"

namespace ecloud::cli {
namespace {

constexpr char kPasswordVariable[] = "ECLOUD_KEYSTORE_PASSWORD";
constexpr std::size_t kMaxPasswordBytes = 4'096;
/// Key files are under 1 KiB; those of ethers with words in them a little over.
constexpr std::size_t kMaxKeystoreBytes = std::size_t{64} << 10;
constexpr int kPasswordAttempts = 3;
constexpr char kWaysToGivePassword[] =
    "set ECLOUD_KEYSTORE_PASSWORD, or give --password-file FILE (- is stdin)";

/// What an editor or echo puts before and behind it is not part of it.
base::Secret without_line_break(std::string text) {
  const base::Secret whole(std::move(text));
  std::string_view kept = whole.reveal_text();
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (kept.starts_with(kByteOrderMark)) kept.remove_prefix(kByteOrderMark.size());
  if (kept.ends_with('\n')) kept.remove_suffix(1);
  if (kept.ends_with('\r')) kept.remove_suffix(1);
  return base::Secret(base::as_bytes(kept));
}

base::Secret new_password(Context& context, const std::filesystem::path& path) {
  std::optional<base::Secret> password;
  if (const base::Secret* given = context.keystore_password()) password = given->clone();
  if (!password) {
    if (!context.terminal().can_prompt()) {
      throw Error(Category::kCredentials, "auth.password_missing",
                  "the key file " + path.string() + " needs a password", kWaysToGivePassword);
    }
    password = context.terminal().ask_secret("New password for " + path.string());
    const base::Secret again = context.terminal().ask_secret("The same password again");
    if (!base::equal_constant_time(password->reveal(), again.reveal())) {
      throw Error(Category::kUsage, "auth.passwords_differ", "the two passwords differ",
                  "nothing was stored; type the command again");
    }
  }
  if (password->empty()) {
    throw Error(Category::kUsage, "auth.password_empty",
                "an empty password would leave the key open to everybody");
  }
  return std::move(*password);
}

class FileStore final : public KeyStore {
 public:
  explicit FileStore(Context& context) : context_(context), path_(keystore_path(context)) {}

  StoreKind kind() const override { return StoreKind::kFile; }
  std::string name() const override { return path_.string(); }

  bool holds_key() override {
    std::error_code ignored;
    return std::filesystem::exists(path_, ignored);
  }

  std::optional<eth::Address> address() override {
    if (!holds_key()) return std::nullopt;
    return KeystoreFile::read(context_, path_).address();
  }

  void prepare_to_save() override {
    if (!password_) password_ = new_password(context_, path_);
  }

  void save(const crypto::PrivateKey& key) override {
    prepare_to_save();
    const std::string text =
        crypto::seal_keystore(key, *password_, context_.random(), context_.keystore_cost());
    base::write_file_atomic(path_, text + "\n", base::kPrivateFile);
    const auto written = base::read_file(path_, kMaxKeystoreBytes, Category::kFailure);
    const crypto::PrivateKey back =
        crypto::Keystore::parse(written, path_.string()).open(*password_);
    if (!base::equal_constant_time(back.secret().reveal(), key.secret().reveal())) {
      throw Error(Category::kVerification, "auth.not_stored",
                  path_.string() + ": another key came back than was written");
    }
  }

  bool remove() override {
    std::error_code failure;
    const bool removed = std::filesystem::remove(path_, failure);
    if (!failure) return removed;
    throw Error(Category::kFailure, "file.unwritable",
                "cannot remove " + path_.string() + ": " + failure.message());
  }

 private:
  Context& context_;
  const std::filesystem::path path_;
  std::optional<base::Secret> password_;
};

}  // namespace

std::string_view to_string(StoreKind kind) {
  return kind == StoreKind::kFile ? "file" : "keyring";
}

StoreKind store_kind_of(std::string_view word) {
  return word == "file" ? StoreKind::kFile : StoreKind::kKeyring;
}

std::filesystem::path keystore_path(Context& context) {
  return context.paths().config / "keystore.json";
}

std::unique_ptr<KeyStore> make_store(Context& context, StoreKind kind) {
  if (kind == StoreKind::kFile) return std::make_unique<FileStore>(context);
  return make_keyring_store(context);
}

std::optional<base::Secret> given_password(Context& context) {
  if (const auto path = context.values().text("password-file")) {
    return without_line_break(context.read_user_file(*path, kMaxPasswordBytes));
  }
  auto value = context.env().get(kPasswordVariable);
  if (!value) return std::nullopt;
  return base::Secret(std::move(*value));
}

KeystoreFile::KeystoreFile(crypto::Keystore keystore, std::filesystem::path path)
    : keystore_(std::move(keystore)), path_(std::move(path)) {
  if (keystore_.address()) address_ = eth::Address(*keystore_.address());
}

KeystoreFile KeystoreFile::read(Context& context, const std::filesystem::path& path) {
  const std::string text = context.read_user_file(path.string(), kMaxKeystoreBytes);
  return {crypto::Keystore::parse(text, path.string()), path};
}

crypto::PrivateKey KeystoreFile::open(Context& context) const {
  if (const auto* password = context.keystore_password()) return keystore_.open(*password);
  if (!context.terminal().can_prompt()) {
    throw Error(Category::kCredentials, "auth.password_missing",
                "the key in " + path_.string() + " needs its password, and nobody is there to ask",
                kWaysToGivePassword);
  }
  const std::string whose = address_ ? " (" + address_->to_string() + ")" : "";
  for (int attempt = 1;; ++attempt) {
    const base::Secret password =
        context.terminal().ask_secret("Password of " + path_.string() + whose);
    try {
      return keystore_.open(password);
    } catch (const Error& error) {
      const bool again = error.code() == "keystore.wrong_password" && attempt < kPasswordAttempts;
      if (!again) throw;
      context.terminal().status("The password is wrong.");
    }
  }
}

}  // namespace ecloud::cli
