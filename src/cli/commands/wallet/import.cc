#include "cli/commands/wallet/commands.h"
#include "cli/json_values.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/deploy/import_wallet.h"

namespace ecloud::cli {
namespace {

/// 24 words of at most eight letters take 215 octets.
constexpr std::size_t kMaxWordsBytes = 4096;

base::Secret read_words(Context& context, const Values& values) {
  const auto file = values.text("words-file");
  if (!file && !context.terminal().can_prompt()) throw values.missing("words-file");
  const base::Secret text = file ? base::Secret(context.read_user_file(*file, kMaxWordsBytes))
                                 : context.terminal().ask_secret("Words of the app's wallet");
  base::Secret words = crypto::normalize_mnemonic(text.reveal_text());
  const std::string problem = crypto::mnemonic_problem(words.reveal_text());
  if (problem.empty()) return words;
  throw Error(Category::kUsage, "wallet.bad_mnemonic", "the phrase " + problem,
              "give the words of the wallet as they were exported");
}

void run_import(Context& context, const Values& values) {
  Workflow workflow(context);
  workflow.signer();
  const base::Secret words = read_words(context, values);
  const eth::Address app = workflow.app(values);
  const bool dry_run = values.flag("dry-run");
  const deploy::ImportedWallet done =
      deploy::import_wallet(workflow.services(), workflow.signer(), app, words, /*store=*/!dry_run);
  if (done.was_there) context.terminal().note("these words were stored here already");
  if (!done.was_there && !done.compared) {
    context.terminal().note("nothing here knows an address of the app to compare the words with");
  }
  base::Json document = base::Json::object({{"appId", app.to_string()},
                                            {"file", done.file.string()},
                                            {"evmAddress", done.addresses.evm},
                                            {"solanaAddress", done.addresses.solana},
                                            {"compared", done.compared}});
  if (dry_run) document.set("dryRun", true);
  context.output().result(document, [&] {
    context.output().pairs({{"App ID", app.to_string()},
                            {"EVM Address", done.addresses.evm},
                            {"Solana Address", done.addresses.solana},
                            {"File", done.file.string()}});
  });
}

}  // namespace

Command make_wallet_import_command() {
  Command command;
  command.name = "import";
  command.summary = "Bring the words of an app's wallet to this machine";
  command.description =
      "Stores the words of an app that was deployed elsewhere, encrypted with your key, so that an "
      "upgrade from here keeps the app's wallet. The words are typed unseen, or read from a file "
      "or standard input. Their checksum is verified, and their first address is compared with "
      "the one that this machine knows of the app, if it knows one. Stored words are never "
      "replaced.";
  command.positionals = {app_positional()};
  command.options = {{.name = "words-file",
                      .kind = Kind::kFile,
                      .value_name = "FILE",
                      .help = "A file with the words; - is standard input",
                      .question = "Words of the app's wallet"}};
  command.examples = {
      {"From a file", "ecloud compute app wallet import my-app --words-file my-app.words"},
      {"From standard input",
       "ecloud compute app wallet import my-app --words-file - < my-app.words"}};
  command.json_fields = {{"appId", "id of the app"},
                         {"file", "where the encrypted words are"},
                         {"evmAddress", "first address of the words"},
                         {"solanaAddress", "first address of the words"},
                         {"compared", "whether there was an address to compare them with"},
                         {"dryRun", "true when nothing was stored"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork, Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  command.run = run_import;
  return command;
}

}  // namespace ecloud::cli
