#pragma once

#include <optional>
#include <vector>

#include "ecloud/deploy/account_transaction.h"
#include "ecloud/deploy/services.h"

namespace ecloud::deploy {

/// What earlier runs began and nobody saw through. The caller holds lock_account() of the entry's
/// account from reading the entry on, but for fate_of().

/// Of the services' environment, by whatever account, in the order in which they can be mined.
std::vector<JournalEntry> unfinished_operations(const Services& services);

/// Where a signed transaction stands.
enum class Fate {
  kMined,       ///< in a block; what follows may be left to do
  kWaiting,     ///< a node has it and no block
  kUnknown,     ///< no node knows it: it was never sent, or forgotten
  kImpossible,  ///< another transaction took its nonce: it can never be mined
};
std::string_view to_string(Fate fate);  ///< "mined", "waiting", "unknown", "impossible"

/// One round trip.
Fate fate_of(const Services& services, const JournalEntry& entry);

/// Goes on until the transaction is mined and had its effect: sends it again when it may still be
/// mined. Needs no key, for everything is signed. Nothing when it can never have an effect; the
/// journal says so then. `may_send` false: a transaction that no node knows is kPending
/// deploy.not_mined. Errors as of apply_deploy() and apply_top_up().
std::optional<TransactionOutcome> continue_operation(const Services& services, JournalEntry entry,
                                                     bool may_send);

/// A transaction in the place of the one that waits.
struct ReplacementPlan {
  JournalEntry entry;
  bool cancels = false;
  eth::Transaction transaction;                          ///< complete; not signed
  eth::U256 former_maximum_cost, maximum_cost, balance;  ///< wei
};

/// Same account and nonce, both fees at least an eighth higher than those of the last attempt
/// (nodes ask for a tenth) and at least what the chain asks for now. The same call again, or with
/// `cancels` a payment of nothing to the account itself. Signs and sends nothing. Errors:
///   kUsage       resume.other_account (the signer is not the account)
///   kTransaction resume.too_late (it is mined, or its nonce is taken), chain.would_revert (the
///                same call would fail now), deploy.insufficient_funds
ReplacementPlan plan_replacement(const Services& services, const Signer& signer,
                                 const JournalEntry& entry, bool cancels);

/// Signs it, writes it to the journal, sends it, and waits until one of all that were signed is
/// mined. The outcome when that has the effect which was asked for at first; nothing when it was
/// cancelled. Errors as of apply_deploy().
std::optional<TransactionOutcome> apply_replacement(const Services& services, const Signer& signer,
                                                    ReplacementPlan plan);

/// Forgets an operation on the user's word: the journal says that it is abandoned. What is mined
/// cannot be abandoned: Error{kTransaction, "resume.too_late"}.
void abandon_operation(const Services& services, JournalEntry entry);

}  // namespace ecloud::deploy
