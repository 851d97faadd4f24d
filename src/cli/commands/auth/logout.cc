#include "cli/commands/auth/commands.h"
#include "cli/commands/auth/store_key.h"
#include "cli/keyring.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

struct Holding {
  std::unique_ptr<KeyStore> store;
  std::vector<std::string> accounts;

  std::string whose() const { return base::join(accounts, " and that of "); }
};

void add_if_held(std::vector<Holding>& out, std::unique_ptr<KeyStore> store) {
  if (!store->holds_key()) return;
  std::vector<std::string> accounts;
  for (const auto& address : store->removable()) {
    accounts.push_back(address ? address->to_string() : "an unknown account");
  }
  out.push_back({std::move(store), std::move(accounts)});
}

/// What is stored; with `only`, in that store. A keyring that nobody asked for and that is not
/// there holds nothing.
std::vector<Holding> holdings(Context& context, const std::optional<std::string>& only) {
  std::vector<Holding> out;
  if (only != "keyring") add_if_held(out, make_store(context, StoreKind::kFile));
  const bool asked = only == "keyring";
  const bool wanted = asked || (!only && system_keyring(context).is_there());
  if (!wanted) return out;
  try {
    add_if_held(out, make_store(context, StoreKind::kKeyring));
  } catch (const Error& error) {
    if (asked || out.empty() || error.category() == Category::kInterrupted) throw;
    context.terminal().warning(error.message() + "; what it holds is left there");
  }
  return out;
}

void run_logout(Context& context, const Values& values) {
  const bool dry_run = values.flag("dry-run");
  std::optional<base::FileLock> lock;
  if (!dry_run) lock.emplace(lock_stored_keys(context));
  const std::vector<Holding> held = holdings(context, values.text("store"));
  base::Json removed = base::Json::array();
  for (const Holding& one : held) {
    const std::string what = "the key of " + one.whose() + " from " + one.store->name();
    if (dry_run) {
      context.terminal().note(what + " would be removed");
    } else {
      context.terminal().confirm("Remove " + what + "? A key that is nowhere else is lost.");
      one.store->remove();
    }
    for (const std::string& account : one.accounts) {
      removed.push(base::Json::object({{"address", account},
                                       {"store", std::string(to_string(one.store->kind()))},
                                       {"removed", !dry_run}}));
    }
  }
  context.output().result(base::Json::object({{"keys", std::move(removed)}}), [&] {
    if (held.empty()) context.terminal().note("no key is stored");
    for (const Holding& one : held) {
      if (!dry_run)
        context.output().line("removed the key of " + one.whose() + " from " + one.store->name());
    }
  });
}

}  // namespace

Command make_auth_logout_command() {
  Command command;
  command.name = "logout";
  command.summary = "Remove the stored private key";
  command.description =
      "Removes what `ecloud auth login` stored, from the key file and from the keyring, after a "
      "question for each; a keyring that holds keys of two accounts under the old and the new name "
      "of its entry loses both, and the question names both. A key that is nowhere else is lost, "
      "and with it the account. Key files "
      "that a later login put aside (keystore-ADDRESS.json) stay.";
  Option store = store_option();
  store.help = "Remove it from there alone";
  store.default_note = "both";
  command.options = {std::move(store), yes_or_force_option()};
  command.examples = {{"Remove it", "ecloud auth logout"},
                      {"In a script", "ecloud auth logout --store file --yes"}};
  command.json_list = "keys";
  command.json_fields = {{"address", "the account, or \"an unknown account\""},
                         {"store", "keyring or file"},
                         {"removed", "false after --dry-run"}};
  command.exit_codes = {Category::kFailure, Category::kCredentials};
  command.mutating = true;
  command.destructive = true;
  command.run = run_logout;
  return command;
}

}  // namespace ecloud::cli
