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

/// Sends what the entry holds, waits for the receipt, and concludes. The same octets again are
/// harmless. Errors:
///   kTransaction chain.refused, chain.reverted, and what `check` throws
///   kPending     deploy.not_mined
///   kNetwork, kInterrupted with a message that says that the transaction may be out
TransactionOutcome send_and_conclude(const Services& services, JournalEntry entry,
                                     const Check& check);

/// From the receipt on: a reverted one is explained, another one checked, and the journal says
/// kMined.
TransactionOutcome conclude(const Services& services, JournalEntry entry, chain::Receipt receipt,
                            const Check& check);

/// What has become of a transaction that an earlier run signed.
struct Trace {
  std::optional<chain::Receipt> receipt;
  bool impossible = false;  ///< another one took its nonce: it can never be mined
  std::string controller_version;
};
/// Asks in one round trip, and says in the journal when it is impossible.
Trace trace(const Services& services, JournalEntry& entry);

base::Bytes32 domain_separator_of(const Services& services, const std::string& controller_version);

}  // namespace ecloud::deploy
