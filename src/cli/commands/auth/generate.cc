#include "cli/commands/auth/commands.h"
#include "cli/context.h"
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
  const auto document = base::Json::object({{"address", address},
                                            {"privateKey", std::string(key_text.reveal_text())},
                                            {"file", nullptr}});
  context.output().result(document, [&] {
    context.output().pairs(
        {{"Address", address}, {"Private key", std::string(key_text.reveal_text())}});
    context.terminal().note("whoever has the private key has the account; it is stored nowhere");
  });
}

void store(Context& context, const std::string& address, const base::Secret& key_text,
           const std::string& file) {
  const std::filesystem::path path = context.absolute(file);
  base::Secret content(std::string(key_text.reveal_text()) + "\n");
  base::write_new_file(path, content.reveal_text(), base::kPrivateFile);
  const auto document =
      base::Json::object({{"address", address}, {"privateKey", nullptr}, {"file", path.string()}});
  context.output().result(document, [&] {
    context.output().pairs({{"Address", address}, {"Private key in", path.string()}});
    context.terminal().note("keep a copy of the file: without it the account is lost");
  });
}

void run_generate(Context& context, const Values& values) {
  const crypto::PrivateKey key = random_key(context.random());
  const std::string address = eth::Address::of(key.public_key()).to_string();
  const base::Secret key_text(base::to_hex_prefixed(key.secret().reveal()));
  const auto file = values.text("out");
  if (file) return store(context, address, key_text, *file);
  show(context, address, key_text);
}

}  // namespace

Command make_auth_generate_command() {
  Command command;
  command.name = "generate";
  command.aliases = {"gen", "new"};
  command.summary = "Make a new private key";
  command.description =
      "Makes a private key and shows it with its address, or with --out writes it to a new file "
      "that "
      "only you may read. Nothing is sent anywhere. The account has to be funded before it can "
      "deploy.";
  command.options = {{.name = "out",
                      .kind = Kind::kFile,
                      .value_name = "FILE",
                      .help = "Write the key to this new file and do not show it"}};
  command.examples = {{"A key in a file, and who it is", "ecloud auth generate --out deployer.key"},
                      {"Use it", "ecloud auth whoami --private-key-file deployer.key"}};
  command.json_fields = {{"address", "the address, with its checksum"},
                         {"privateKey", "the key, 0x and 64 hex digits; null with --out"},
                         {"file", "where the key was written; null without --out"}};
  command.exit_codes = {Category::kFailure};
  command.run = run_generate;
  return command;
}

}  // namespace ecloud::cli
