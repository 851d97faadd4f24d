#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ecloud/deploy/account_transaction.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/deploy/services.h"

namespace ecloud::deploy {

Journal journal_of(const Services& services);
std::string hash_of(const JournalEntry& entry);
void set_step(const Services& services, JournalEntry& entry, Step step);

/// Looks in the receipt of a successful transaction for what it was to do, and throws when that is
/// not there.
using Check = std::function<void(JournalEntry&, const chain::Receipt&)>;

/// Signs the planned transaction (with the authorization that it needs), puts it into `entry` and
/// writes that to the journal. Nothing is sent.
void sign_and_record(const Services& services, const Signer& signer, TransactionPlan plan,
                     JournalEntry& entry);

/// The hash that sign_and_record() will put into the entry: signatures are deterministic.
base::Bytes32 planned_hash(const Services& services, const Signer& signer, TransactionPlan plan);

/// Sends what sign_and_record() put into the entry, waits for the receipt, and concludes: a
/// reverted transaction is explained, another one checked, and the journal says kMined. Errors:
///   kTransaction chain.refused (then no node has it), chain.tip_too_low (the same; the RPC client
///                remembers the tip that is needed), chain.account_busy (another transaction of the
///                delegated account stayed in flight too long), chain.nonce_gap (the transaction
///                before it is gone), chain.nonce_taken (it can never be mined), chain.cancelled,
///                chain.reverted, and what `check` throws; the journal says kAbandoned
///   kPending     deploy.not_mined: also when one node refuses it that another may have taken
///   kNetwork, kInterrupted with a message that says that the transaction may be out
TransactionOutcome send_and_conclude(const Services& services, JournalEntry entry,
                                     const Check& check);

/// Finds out what has become of the transaction that an earlier run signed, and goes on: concludes,
/// or waits for it, or sends the same octets again, which is harmless. Nothing when another
/// transaction took its nonce (one that cancels it included), so that it can never be mined; the
/// journal says so. Errors as of
/// send_and_conclude(), but a refusal is kPending: an earlier attempt may have reached a node. With
/// `may_send` false a transaction that no node knows is kPending deploy.not_mined with what to do
/// about it.
std::optional<TransactionOutcome> go_on(const Services& services, JournalEntry entry,
                                        const Check& check, bool may_send);

/// Waits for what has just been sent and taken by a node, and concludes. Nothing and errors as of
/// go_on().
std::optional<TransactionOutcome> await_sent(const Services& services, JournalEntry entry,
                                             const Check& check);

/// For the UserAPI; asks the controller for its version when the plan has not.
base::Bytes32 domain_separator_of(const Services& services, const std::string& controller_version);
base::Bytes32 ask_domain_separator(const Services& services);

}  // namespace ecloud::deploy
