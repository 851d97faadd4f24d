#include "cli/commands/app/wallet_view.h"
#include "cli/commands/wallet/commands.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

base::Json list_document(const std::vector<platform::DerivedAddress>& addresses) {
  base::Json out = base::Json::array();
  for (const platform::DerivedAddress& one : addresses) {
    out.push(base::Json::object({{"address", one.address}, {"path", one.derivation_path}}));
  }
  return out;
}

std::uint32_t address_count(const Values& values) {
  const std::uint64_t count = *values.number("address-count");
  if (count >= 1 && count <= 5) return static_cast<std::uint32_t>(count);
  throw Error(Category::kUsage, "cli.bad_value",
              "--address-count takes a number from 1 to 5, not " + std::to_string(count),
              "the platform derives up to five addresses of each kind");
}

std::string source_words(const deploy::KnownWallet& known) {
  if (known.problem) return "unknown: what the latest release says of it is forged";
  if (known.assumed_kms) return "not stated by the latest release; it counts as the KMS's";
  if (!known.source) {
    return known.changed_elsewhere ? "unknown: the app was upgraded from another machine since"
                                   : "unknown: this machine did not deploy the app";
  }
  switch (*known.source) {
    case deploy::WalletSource::kGenerated:
      if (known.words.empty()) return "generated; the words are not on this machine";
      if (known.recovered) {
        return "generated; the recovery phrase is on chain, and your key opens it";
      }
      return known.vouched ? "generated; the words are stored here"
                           : "imported; nothing here can check that the words stored here are the "
                             "app's";
    case deploy::WalletSource::kKms:
      return "the KMS's; nobody outside the TEE knows the words";
    case deploy::WalletSource::kEnvironment:
      return "MNEMONIC of the env file";
  }
  return {};
}

/// What can and cannot be had, where the words are not on this machine; the page has the rest.
void explain_missing_words(Context& context, Workflow& workflow, const eth::Address& app,
                           const WalletFacts& facts) {
  const auto& source = facts.known.source;
  const bool missing =
      !source || (*source == deploy::WalletSource::kGenerated && facts.known.words.empty());
  if (!missing) return;
  const std::string id = app.to_string() + workflow.environment_flag();
  Terminal& terminal = context.terminal();
  terminal.note(
      "the recovery phrase of a generated wallet is on the machine that deployed the app and, "
      "unless --wallet-backup none or another program left it out, in the app's releases on chain, "
      "both encrypted with the deployer key; the latest release has none for your key");
  if (!source) {
    terminal.note(
        "the addresses above are those that the KMS gives an app which was deployed without words; "
        "if this one was given words its addresses are others");
  }
  terminal.note("if you exported them: ecloud compute app wallet import " + id);
  terminal.note(
      "if nobody has them, what their addresses hold cannot be moved from outside the app; it goes "
      "on with them until an upgrade gives it another wallet (--wallet kms, or --wallet env with "
      "MNEMONIC) or it is terminated");
  terminal.note("all of it: ecloud help recovery");
}

void run_show(Context& context, const Values& values) {
  const std::uint32_t count = address_count(values);
  Workflow workflow(context);
  workflow.signer();
  const eth::Address app = workflow.app(values);
  const platform::AppInfo info = workflow.user_api(true).info({app}).front();
  const WalletFacts facts = wallet_facts(workflow, app, info, count);
  const deploy::Services& services = workflow.services();
  const std::string file =
      facts.known.words.empty() || facts.known.recovered
          ? std::string()
          : deploy::WalletStore(services.paths.state, services.environment.name)
                .file_of(app)
                .string();
  const auto& source = facts.known.source;
  const base::Json document = base::Json::object(
      {{"appId", app.to_string()},
       {"source", source ? base::Json(deploy::to_string(*source)) : base::Json()},
       {"file", text_or_null(file)},
       {"kmsSigned", facts.from_kms},
       {"releaseMayHoldWords",
        facts.may_hold_words ? base::Json(*facts.may_hold_words) : base::Json()},
       {"evm", list_document(facts.addresses.evm)},
       {"solana", list_document(facts.addresses.solana)}});
  context.output().result(document, [&] {
    Pairs pairs = {{"App ID", app.to_string()}, {"Wallet", source_words(facts.known)}};
    const std::string by = facts.from_kms ? ", signed by the KMS" : "";
    const std::string whose = source ? "" : "KMS wallet, ";
    for (const auto& one : facts.addresses.evm) {
      pairs.emplace_back(whose + "EVM", one.address + " (" + one.derivation_path + by + ")");
    }
    for (const auto& one : facts.addresses.solana) {
      pairs.emplace_back(whose + "Solana", one.address + " (" + one.derivation_path + by + ")");
    }
    pairs.emplace_back("File", file);
    context.output().pairs(pairs);
  });
  if (facts.known.problem) throw Error(*facts.known.problem);
  explain_missing_words(context, workflow, app, facts);
  const bool relies_on_kms = !source || *source == deploy::WalletSource::kKms;
  if (relies_on_kms && info.addresses_problem) {
    throw Error(Category::kVerification, "kms.signature", *info.addresses_problem,
                "do not send anything to addresses that this server names");
  }
}

}  // namespace

Command make_wallet_show_command() {
  Command command;
  command.name = "show";
  command.summary = "Show whose an app's wallet is, its addresses and its file";
  command.description =
      "Shows where the words of the app's wallet come from, its first addresses, and the file that "
      "holds the words when they are on this machine. Addresses of stored words are derived from "
      "them here; those that the KMS made are shown only when the KMS signed them for this app, "
      "otherwise the exit code is 9. A phrase that is not on this machine is read from the "
      "releases "
      "on chain, with the key that deployed the app; where it cannot be found, it says what can "
      "still "
      "be found out (ecloud help recovery). The words themselves are never shown: see ecloud "
      "compute app "
      "wallet export.";
  command.positionals = {app_positional()};
  command.options = {{.name = "address-count",
                      .kind = Kind::kNumber,
                      .value_name = "N",
                      .help = "How many addresses of each kind to show, at most 5",
                      .default_text = "1"}};
  command.examples = {{"The first three addresses of each kind",
                       "ecloud compute app wallet show my-app --address-count 3"}};
  command.json_fields = {{"appId", "id of the app"},
                         {"source", "generated, kms or env; null when unknown"},
                         {"file", "where the encrypted words are, or null"},
                         {"kmsSigned", "whether the addresses are those that the KMS signed"},
                         {"releaseMayHoldWords",
                          "false when the release on chain is too short to hold words, so that the "
                          "wallet is the KMS's; null when it could not be read"},
                         {"evm", "list of address and path"},
                         {"solana", "list of address and path"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork,
                        Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_show;
  return command;
}

}  // namespace ecloud::cli
