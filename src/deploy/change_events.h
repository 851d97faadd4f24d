#pragma once

#include "deploy/send_transaction.h"

namespace ecloud::deploy {

/// The check of a receipt of kUpgrade, kStart, kStop or kTerminate: the controller's event for the
/// app must be there. Throws Error{kTransaction, "deploy.no_effect"}.
Check expected_event(const Services& services);

}  // namespace ecloud::deploy
