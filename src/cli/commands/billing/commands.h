#pragma once

#include "cli/command.h"

namespace ecloud::cli {

Command make_billing_cancel_command();
Command make_billing_cards_command();
Command make_billing_redeem_command();
Command make_billing_status_command();
Command make_billing_subscribe_command();
Command make_billing_top_up_command();

}  // namespace ecloud::cli
