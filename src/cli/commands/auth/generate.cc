#include "cli/commands/auth/commands.h"
#include "cli/commands/auth/store_key.h"
#include "cli/context.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/random.h"
#include "ecloud/crypto/secp256k1.h"

namespace ecloud::cli {
namespace {

crypto::PrivateKey random_key(crypto::Random& random) {
  for (;;) {
    const base::Secret bytes{base::ByteView(random.bytes32())};
    // One in 2^128 is 0 or not below the group order.
    if (auto key = crypto::PrivateKey::from_bytes(bytes.reveal())) return std::move(*key);
  }
}

/// The one result that holds a secret on purpose: the user asked to see it.
void show(Context& context, const std::string& address, const base::Secret& key_text) {
  auto document =
      base::Json::object({{"address", address}, {"file", nullptr}, {"store", nullptr}});
  context.output().secret_result(std::move(document), "privateKey", key_text, [&] {
    context.output().pairs(
        {{"Address", address}, {"Private key", std::string(key_text.reveal_text())}});
    context.terminal().note("whoever has the private key has the account; it is stored nowhere");
  });
}

void write_to_file(Context& context, const std::string& address, const base::Secret& key_text,
                   const std::string& file) {
  const std::filesystem::path path = context.absolute(file);
  base::Secret content(std::string(key_text.reveal_text()) + "\n");
  base::write_new_file(path, content.reveal_text(), base::kPrivateFile);
  const auto document = base::Json::object(
      {{"address", address}, {"privateKey", nullptr}, {"file", path.string()}, {"store", nullptr}});
  context.output().result(document, [&] {
    context.output().pairs({{"Address", address}, {"Private key in", path.string()}});
    context.terminal().note("keep a copy of the file: without it the account is lost");
  });
}

/// Nothing of the key is shown, so that a store which fails loses and tells nothing.
void keep(Context& context, StoreKind kind, const crypto::PrivateKey& key) {
  StoredKey stored;
  try {
    stored = store_key(context, kind, key, false);
  } catch (const Error& error) {
    if (!error.code().starts_with("auth.keyring_")) throw;
    throw error.with_hint(
        "keep the key in a file with a password: ecloud auth generate --store file");
  }
  const std::string address = stored.address.to_string();
  const bool file = kind == StoreKind::kFile;
  const auto document =
      base::Json::object({{"address", address},
                          {"privateKey", nullptr},
                          {"file", file ? base::Json(stored.place) : base::Json()},
                          {"store", std::string(to_string(kind))}});
  context.output().result(document, [&] {
    context.output().pairs({{"Address", address}, {"Stored in", stored.place}});
    context.terminal().note("the key is nowhere else: make a copy of what holds it");
  });
  note_stored(context, stored);
}

void show_plan(Context& context, const std::optional<std::string>& file,
               const std::optional<std::string>& store) {
  std::optional<std::string> place;
  if (file) place = context.absolute(*file).string();
  if (store == "file") place = keystore_path(context).string();
  const auto document = base::Json::object({{"address", nullptr},
                                            {"privateKey", nullptr},
                                            {"file", text_or_null(place)},
                                            {"store", text_or_null(store)}});
  context.output().result(document, [&] {
    const std::string shown = place ? "stored in " + *place : "stored in the keyring";
    context.terminal().note("a new key would be " + (file || store ? shown : "shown"));
  });
}

void run_generate(Context& context, const Values& values) {
  const auto file = values.text("out");
  const auto store = values.text("store");
  if (file && store) {
    throw Error(Category::kUsage, "cli.conflicting_options", "--out and --store exclude each other",
                "give one of them");
  }
  if (values.flag("dry-run")) return show_plan(context, file, store);
  const crypto::PrivateKey key = random_key(context.random());
  if (store) return keep(context, store_kind_of(*store), key);
  const std::string address = eth::Address::of(key.public_key()).to_string();
  const base::Secret key_text(base::to_hex_prefixed(key.secret().reveal()));
  if (file) return write_to_file(context, address, key_text, *file);
  show(context, address, key_text);
}

}  // namespace

Command make_auth_generate_command() {
  Command command;
  command.name = "generate";
  command.aliases = {"gen", "new"};
  command.summary = "Make a new private key";
  command.description =
      "Makes a private key and shows it with its address; with --out it writes the key to a new "
      "file "
      "that only you may read, and with --store it keeps it as `ecloud auth login` does. Nothing "
      "is sent anywhere. The account has to be funded before it can "
      "deploy.";
  command.options = {{.name = "out",
                      .kind = Kind::kFile,
                      .value_name = "FILE",
                      .help = "Write the key to this new file and do not show it"}};
  Option store = store_option();
  store.help = "Store the key as `ecloud auth login` does, and do not show it";
  store.default_note = "keyring, when the option stands alone";
  store.bare_value = "keyring";
  command.options.push_back(std::move(store));
  command.options.push_back(new_password_option());
  command.options.push_back(yes_or_force_option());
  command.examples = {{"A key in a file, and who it is", "ecloud auth generate --out deployer.key"},
                      {"Use it", "ecloud auth whoami --private-key-file deployer.key"},
                      {"A key that other commands find", "ecloud auth generate --store keyring"}};
  command.json_fields = {
      {"address", "the address, with its checksum; null after --dry-run"},
      {"privateKey", "the key, 0x and 64 hex digits; null with --out and --store"},
      {"file", "where the key was written; null when to no file"},
      {"store", "keyring or file; null without --store"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kVerification};
  command.mutating = true;
  command.run = run_generate;
  return command;
}

}  // namespace ecloud::cli
