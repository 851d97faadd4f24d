#pragma once

#include <functional>
#include <string>

#include "deploy/chain_snapshot.h"
#include "ecloud/deploy/account_transaction.h"

namespace ecloud::deploy {

/// Which Release struct a controller takes follows from its version, unless it was found to take
/// the other one: contracts have been tried that call themselves 1.5.0 and take three fields. What
/// was found is kept in STATE/controllers/ENVIRONMENT.json, by address and version, until the
/// contract refuses it.

/// For the controller of the environment that calls itself `version`.
platform::Generation release_generation(const Services& services, const std::string& version);

/// Makes a plan whose call carries a release, encoded as `chain.generation` says. When the contract
/// reverts without a reason, as it does for a function that it does not know, `plan` is called once
/// more with the other generation; when the contract understands that one, it is remembered and
/// stays in `chain`. Errors as of `plan`; of two failures without a reason the first.
TransactionPlan plan_release(const Services& services, AccountSnapshot& chain,
                             const std::function<TransactionPlan()>& plan);

}  // namespace ecloud::deploy
