#include "cli/commands/wallet/commands.h"
#include "cli/json_values.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/deploy/rollback_app.h"
#include "ecloud/deploy/wallets.h"

namespace ecloud::cli {
namespace {

[[noreturn]] void fail_not_found(const eth::Address& app) {
  const std::string id = app.to_string();
  throw Error(Category::kNotFound, "wallet.not_here",
              "the recovery phrase of app " + id +
                  " is not on this machine, and no release on chain has it for your key",
              "use the key that deployed the app, or import the phrase from where it is: ecloud "
              "compute app wallet import " +
                  id + "\nsee whose its wallet is: ecloud compute app wallet show " + id +
                  "\nwhen nobody has it: ecloud help recovery");
}

/// Also after the app was terminated or got another wallet: its addresses may hold something.
base::Secret words_on_chain(Context& context, Workflow& workflow, const eth::Address& app) {
  workflow.phase("searching the app's releases for the recovery phrase");
  platform::UserApi api = workflow.user_api(false);
  auto found = deploy::find_phrase(workflow.services(), workflow.signer(), api, app);
  workflow.finish_progress();
  if (!found) fail_not_found(app);
  context.terminal().note("the recovery phrase was read from release " +
                          std::to_string(found->release) + " on chain, with your key");
  return std::move(found->mnemonic);
}

base::Secret find_words(Context& context, Workflow& workflow, const eth::Address& app) {
  const deploy::Services& services = workflow.services();
  deploy::WalletStore store(services.paths.state, services.environment.name);
  auto words = store.load(workflow.signer(), app);
  if (words) return std::move(*words);
  base::Secret found = words_on_chain(context, workflow, app);
  store.save(workflow.signer(), app, found, services.random, services.clock.unix_seconds());
  return found;
}

void write_words(Context& context, const std::string& file, const base::Secret& words) {
  // The line break makes it a text file; the copy is wiped.
  base::Bytes line(words.reveal().begin(), words.reveal().end());
  line.push_back('\n');
  const base::Secret text{base::ByteView(line)};
  base::wipe(line.data(), line.size());
  base::write_new_file(context.absolute(file), text.reveal_text(), base::kPrivateFile);
}

void run_export(Context& context, const Values& values) {
  Workflow workflow(context);
  workflow.signer();
  const eth::Address app = workflow.app(values);
  const base::Secret words = find_words(context, workflow, app);
  const auto file = values.text("out");
  if (file) {
    write_words(context, *file, words);
  } else {
    context.terminal().confirm("Print the words of app " + app.to_string() +
                               "? Whoever sees them has all that its addresses hold");
  }
  base::Json document =
      base::Json::object({{"appId", app.to_string()}, {"file", text_or_null(file)}});
  if (file) {
    return context.output().result(
        document, [&] { context.output().line(context.absolute(*file).string()); });
  }
  context.output().secret_result(std::move(document), "words", words, [&] {
    context.terminal().write(words.reveal_text());
    context.terminal().write("\n");
  });
}

}  // namespace

Command make_wallet_export_command() {
  Command command;
  command.name = "export";
  command.summary = "Export an app's recovery phrase";
  command.description =
      "Decrypts the recovery phrase of a generated or imported wallet with the key that deployed "
      "the app. On a machine that does not have the phrase it is read from the app's releases on "
      "chain, newest first, and stored here again. With --out it goes into a new file that only "
      "you can read; without it the phrase is printed, after a confirmation. Nobody can export a "
      "phrase of the KMS.";
  command.positionals = {app_positional()};
  command.options = {{.name = "out",
                      .short_name = "o",
                      .kind = Kind::kFile,
                      .value_name = "FILE",
                      .help = "Write the words to this new file (mode 0600) and print its name"}};
  command.examples = {{"Into a file", "ecloud compute app wallet export my-app --out my-app.words"},
                      {"On the terminal", "ecloud compute app wallet export my-app"}};
  command.json_fields = {{"appId", "id of the app"},
                         {"file", "the file that was written, or null"},
                         {"words", "the words, without --out"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork, Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_export;
  return command;
}

}  // namespace ecloud::cli
