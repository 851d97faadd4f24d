#include "cli/commands/auth/commands.h"
#include "cli/commands/auth/store_key.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 4'096;

crypto::PrivateKey key_to_store(Context& context, const Values& values) {
  if (const auto file = values.argument("FILE")) {
    const base::Secret text(context.read_user_file(*file, kMaxKeyFileBytes));
    return parse_private_key(text.reveal_text(), *file == "-" ? "the key on stdin" : *file);
  }
  for (const KeySource& source : key_sources()) {
    if (source.stored) continue;
    const auto found = source.find(context);
    if (!found) continue;
    context.terminal().status("key from " + found->source);
    return found->open(context);
  }
  if (!context.terminal().can_prompt()) {
    throw Error(Category::kUsage, "cli.missing_value", "no private key was given to store",
                "give a file with it (`-` is stdin), or set ECLOUD_PRIVATE_KEY\n"
                "usage: ecloud auth login [FILE] [options]");
  }
  const base::Secret typed = context.terminal().ask_secret("Private key (not shown)");
  return parse_private_key(typed.reveal_text(), "what was typed");
}

void run_login(Context& context, const Values& values) {
  const StoreKind kind = chosen_store(context, values);
  // A keyring that does not work is better known before the key is typed.
  if (kind == StoreKind::kKeyring) make_store(context, kind)->holds_key();
  const crypto::PrivateKey key = key_to_store(context, values);
  const StoredKey stored = store_key(context, kind, key, values.flag("dry-run"));
  const std::string address = stored.address.to_string();
  const auto replaced =
      stored.replaced ? std::optional(stored.replaced->to_string()) : std::nullopt;
  context.output().result(
      base::Json::object({{"address", address},
                          {"store", std::string(to_string(kind))},
                          {"place", stored.place},
                          {"replaced", text_or_null(replaced)},
                          {"stored", stored.stored}}),
      [&] {
        context.output().pairs(
            {{"Address", address}, {stored.stored ? "Stored in" : "Would go to", stored.place}});
      });
  note_stored(context, stored);
}

}  // namespace

Command make_auth_login_command() {
  Command command;
  command.name = "login";
  command.summary = "Store the private key, so that commands find it";
  command.description =
      "Stores a private key in the keyring of the system, or in a file that a password protects, "
      "and reads it back. The key comes from FILE, an option, a variable, or a question whose "
      "answer "
      "is not shown; nothing prints it. Nothing is sent anywhere.\n"
      "\n"
      "The keyring's entry is the one that the reference CLI has. The file is keystore.json beside "
      "config.yaml, in the format of geth and ethers (Web3 Secret Storage, version 3); where it "
      "exists it is used, and the keyring is not asked. On a machine without a keyring take the "
      "file.";
  command.positionals = {{.name = "FILE",
                          .help = "A file with the private key as 64 hex digits; - is stdin",
                          .kind = Kind::kFile}};
  command.options = {store_option(), yes_or_force_option()};
  command.examples = {
      {"Type the key, keep it in the keyring", "ecloud auth login"},
      {"On a server, from a file and under a password",
       "ecloud auth login deployer.key --store file --password-file password.txt"},
      {"Take over a key file of geth", "ecloud auth login --keystore UTC--2026.json --store file"}};
  command.json_fields = {{"address", "the account, with its checksum"},
                         {"store", "keyring or file"},
                         {"place", "the keyring, or the path of the file"},
                         {"replaced", "the account whose key was stored before; null when none"},
                         {"stored", "false after --dry-run"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kVerification};
  command.key = KeyUse::kOptional;
  command.mutating = true;
  command.run = run_login;
  return command;
}

}  // namespace ecloud::cli
