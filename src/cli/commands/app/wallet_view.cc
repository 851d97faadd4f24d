#include "cli/commands/app/wallet_view.h"

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/rollback_app.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::cli {
namespace {

constexpr std::uint32_t kAddressesWithBalance = 5;

std::string fate_of(Workflow& workflow, const eth::Address& app, const WalletFacts& facts) {
  const deploy::Services& services = workflow.services();
  using deploy::WalletSource;
  if (facts.known.problem) return facts.known.problem->message();
  if (!facts.known.source) {
    return "this machine does not know who made the app's wallet: if it is the KMS's, it is gone "
           "for ever when the app is terminated, and so is what its addresses hold";
  }
  if (*facts.known.source == WalletSource::kKms) {
    return "the app's wallet is the KMS's: it is gone for ever when the app is terminated, and so "
           "is what its addresses hold";
  }
  if (*facts.known.source == WalletSource::kEnvironment) {
    return "the app's wallet is MNEMONIC of your env file: it stays as long as you have the words";
  }
  if (facts.known.words.empty()) {
    return "the app's wallet was generated, but its recovery phrase is neither on this machine "
           "nor, "
           "for your key, in the app's latest release: what its addresses hold cannot be moved "
           "once "
           "the app is terminated, unless you have the phrase elsewhere";
  }
  if (facts.known.recovered) {
    return "the app's wallet was generated and stays: its recovery phrase is on chain and opens "
           "with your key (ecloud compute app wallet export " +
           app.to_string() + ")";
  }
  const deploy::WalletStore store(services.paths.state, services.environment.name);
  const std::string file = store.file_of(app).string();
  if (!facts.known.vouched) {
    return "words were imported for the app's wallet and stay in " + file +
           "; nothing here can check that they are the app's: if the wallet is another one, it may "
           "be gone for ever when the app is terminated";
  }
  return "the app's wallet was generated here and stays: its words are in " + file +
         " and open with your key";
}

/// Nothing when the chain does not say: for a terminated app, or when no node answers.
std::optional<deploy::CurrentApp> current_release(Workflow& workflow, const eth::Address& app) {
  try {
    return deploy::read_current_app(workflow.services(), workflow.signer().address, app);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return std::nullopt;
  }
}

/// The balances in wei, in order; nothing when the node does not say.
std::vector<std::optional<eth::U256>> balances_of(
    Workflow& workflow, const std::vector<platform::DerivedAddress>& addresses) {
  std::vector<chain::RpcCall> calls;
  for (const platform::DerivedAddress& one : addresses) {
    const auto address = eth::Address::parse(one.address);
    if (address) calls.push_back(chain::get_balance(*address));
  }
  std::vector<std::optional<eth::U256>> out(addresses.size());
  if (calls.size() != addresses.size()) return out;
  const auto results = workflow.services().rpc.batch(calls);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto* value = std::get_if<base::Json>(&results[i]);
    if (value != nullptr) out[i] = chain::read_quantity(*value);
  }
  return out;
}

}  // namespace

WalletFacts wallet_facts(Workflow& workflow, const eth::Address& app,
                         const std::optional<platform::AppInfo>& info, std::uint32_t count) {
  WalletFacts facts;
  const auto current = current_release(workflow, app);
  if (current && current->release) facts.may_hold_words = current->may_hold_mnemonic;
  facts.known = deploy::known_wallet(workflow.services(), workflow.signer(), app,
                                     current ? &*current : nullptr);
  if (current) search_earlier_releases(workflow, app, *current, facts.known);
  if (!facts.known.source && facts.may_hold_words == false) {
    facts.known.source = deploy::WalletSource::kKms;
  }
  const bool may_be_kms = !facts.known.source || *facts.known.source == deploy::WalletSource::kKms;
  if (!facts.known.words.empty()) {
    facts.addresses = deploy::derive_addresses(facts.known.words, count);
  } else if (may_be_kms && info && info->addresses) {
    facts.addresses = *info->addresses;
    facts.from_kms = true;
    if (facts.addresses.evm.size() > count) facts.addresses.evm.resize(count);
    if (facts.addresses.solana.size() > count) facts.addresses.solana.resize(count);
  } else if (!facts.known.evm_address.empty()) {
    facts.addresses.evm = {{facts.known.evm_address, "m/44'/60'/0'/0/0"}};
  }
  return facts;
}

std::string backup_words(const deploy::ReleaseWallet& wallet) {
  if (wallet.source != deploy::WalletSource::kGenerated) return {};
  return wallet.sealed_phrase.empty()
             ? "none: whoever loses the machines that have the recovery phrase, and every export "
               "of it, loses the wallet"
             : "the recovery phrase is in the release, encrypted with the deployer key";
}

base::Json backup_document(const deploy::ReleaseWallet& wallet) {
  if (wallet.source != deploy::WalletSource::kGenerated) return {};
  return wallet.sealed_phrase.empty() ? "none" : "on-chain";
}

void search_earlier_releases(Workflow& workflow, const eth::Address& app,
                             const deploy::CurrentApp& current, deploy::KnownWallet& known) {
  const bool is_needed = known.source == deploy::WalletSource::kGenerated && known.words.empty() &&
                         known.on_chain == known.source &&
                         current.creator == workflow.signer().address;
  if (!is_needed) return;
  platform::UserApi api = workflow.user_api(false);
  auto found = deploy::find_phrase(workflow.services(), workflow.signer(), api, app);
  if (!found) return;
  const std::string address = deploy::wallet_addresses(found->mnemonic).evm;
  if (!known.evm_address.empty() && known.evm_address != address) return;
  workflow.note("the recovery phrase of " + address + " was found in release " +
                std::to_string(found->release) + ", because the latest release lacks it");
  known.evm_address = address;
  known.words = std::move(found->mnemonic);
  known.recovered = true;
}

std::string recorded_name(Workflow& workflow, const eth::Address& app) {
  const deploy::Services& services = workflow.services();
  const auto record = deploy::AppRecords(services.paths.state, services.environment.name).find(app);
  return record && !record->name.empty() ? record->name : app.to_string();
}

Option confirm_wallet_change_option() {
  return {.name = "confirm-wallet-change",
          .kind = Kind::kText,
          .value_name = "NAME",
          .help =
              "Agree that the app NAME (or its id) gets another wallet, and with it another "
              "key for its persistent disk. Required without a terminal; --yes is "
              "not enough"};
}

std::string disk_words() {
  return "the key of the app's persistent disk (/mnt/disks/userdata) is derived from the wallet's "
         "recovery phrase and changes with it: if the platform attached a disk to the app, its "
         "data "
         "can no longer be read and the app does not start";
}

void confirm_wallet_change(Context& context, const Values& values, Workflow& workflow,
                           const eth::Address& app, const std::string& question) {
  const std::string name = recorded_name(workflow, app);
  const std::string option = "--confirm-wallet-change " + base::printable_line(name);
  const auto called = values.argument("APP");
  const auto is_app = [&](std::string_view answer) {
    return answer == name || answer == called || base::equal_ignoring_case(answer, app.to_string());
  };
  if (const auto given = values.text("confirm-wallet-change")) {
    if (is_app(*given)) return;
    throw Error(Category::kUsage, "wallet.change_unconfirmed",
                "--confirm-wallet-change names " + base::printable_line(*given) +
                    ", and the app is " + name,
                "if its wallet is to change: " + option);
  }
  if (!context.terminal().can_prompt()) {
    throw Error(Category::kUsage, "wallet.change_unconfirmed",
                question + " (" + disk_words() + "): this needs a confirmation of its own",
                "if that is what you want, add: " + option);
  }
  context.terminal().warning(disk_words());
  context.terminal().write_error(context.terminal().paint(Stream::kError, Style::kBold, question) +
                                 "\n");
  if (is_app(context.terminal().ask("Type " + base::printable_line(name) + " to confirm"))) return;
  throw Error(Category::kInterrupted, "cli.declined", "not confirmed");
}

void warn_of_wallet(Context& context, Workflow& workflow, const eth::Address& app,
                    const std::optional<platform::AppInfo>& info) {
  const WalletFacts facts = wallet_facts(workflow, app, info, kAddressesWithBalance);
  context.terminal().warning(fate_of(workflow, app, facts));
  if (info && info->addresses_problem && facts.addresses.evm.empty()) {
    context.terminal().warning("the platform's list of addresses is not shown: " +
                               *info->addresses_problem);
  }
  const auto balances = balances_of(workflow, facts.addresses.evm);
  for (std::size_t i = 0; i < balances.size(); ++i) {
    const bool holds = balances[i] && !balances[i]->is_zero();
    if (i > 0 && !holds) continue;
    context.terminal().note(facts.addresses.evm[i].address + " (" +
                            facts.addresses.evm[i].derivation_path + ") holds " +
                            (balances[i] ? eth::format_ether(*balances[i]) + " ETH on " +
                                               platform::chain_name(context.environment().chain_id)
                                         : std::string("an unknown amount")));
  }
}

}  // namespace ecloud::cli
