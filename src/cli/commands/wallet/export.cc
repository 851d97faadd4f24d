#include "cli/commands/wallet/commands.h"
#include "cli/json_values.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/deploy/app_wallet.h"

namespace ecloud::cli {
namespace {

base::Secret stored_words(Workflow& workflow, const eth::Address& app) {
  const deploy::Services& services = workflow.services();
  const deploy::WalletStore store(services.paths.state, services.environment.name);
  auto words = store.load(workflow.signer(), app);
  if (words) return std::move(*words);
  throw Error(Category::kNotFound, "wallet.not_here",
              "the words of app " + app.to_string() + " are not on this machine",
              "bring them from where they are: ecloud compute app wallet import " +
                  app.to_string() + "\nsee whose its wallet is: ecloud compute app wallet show " +
                  app.to_string() + "\nwhen nobody has them: ecloud help recovery");
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
  const base::Secret words = stored_words(workflow, app);
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
  command.summary = "Take the words of an app's wallet out of this machine's store";
  command.description =
      "Decrypts the words of a wallet that was generated or imported here, with the key that "
      "deployed the app. With --out they go into a new file that only you can read; without it "
      "they are printed, after a confirmation. Words that the KMS made cannot be had.";
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
