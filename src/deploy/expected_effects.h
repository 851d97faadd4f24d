#pragma once

#include "deploy/send_transaction.h"

namespace ecloud::deploy {

/// What the receipt of each operation must hold. A check that passes also remembers what this
/// machine knows of the app; one that fails writes kAbandoned to the journal and throws
/// Error{kTransaction}.

/// Of kDeploy: the AppCreated event with the expected id. deploy.no_effect, deploy.wrong_app.
Check created_app(const Services& services);
/// Of kUpgrade, kStart, kStop, kTerminate, kRollback: the controller's event for the app.
/// deploy.no_effect.
Check expected_event(const Services& services);
/// Of kGrant, kRevoke, kAccept: the PermissionController's event of every call. deploy.no_effect.
Check changed_permissions(const Services& services);
/// Of kUndelegate: the account has no code any more. deploy.no_effect.
Check code_is_gone(const Services& services);
/// Of kPurchase: the payer's tokens went out. billing.no_effect, billing.wrong_payment.
Check paid(const Services& services);

/// The one of these that the operation needs.
Check expected_effect(const Services& services, Operation operation);

/// Signs, records and sends what changes an app, with expected_event() as its check. Throws as
/// send_and_conclude().
TransactionOutcome apply_to_app(const Services& services, const Signer& signer,
                                TransactionPlan plan, JournalEntry entry);

}  // namespace ecloud::deploy
