#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "devnet/contract_addresses.h"
#include "devnet/http_types.h"
#include "ecloud/eth/address.h"

namespace ecloud::devnet {

/// An answer other than the wanted one; thrown and caught inside this module.
struct Refusal {
  int status = 400;
  std::string message;
};

/// Signatures live this long at most, in seconds from now: the platform's clients say 300.
constexpr std::int64_t kLongestLifetime = 600;

/// Who signed a UserAPI request for `permission`. 401 when the headers are missing
/// or malformed, when the signature is expired or good for too long. A signature over something
/// else recovers to a stranger: that is the caller's 403.
eth::Address user_api_signer(const HttpRequest& request, const Selector& permission,
                             std::int64_t now_seconds);

/// Whether the request carries a signature at all.
bool is_signed(const HttpRequest& request);

/// Who signed a Billing or Build request; `expiry_header` is "x-expiry" or
/// "x-eigenx-expiry". 401 as above, and when the signer is not the X-Account.
eth::Address billing_signer(const HttpRequest& request, std::string_view expiry_header,
                            std::int64_t now_seconds);

/// The address in a path or query; 400 when it is none.
eth::Address address_in_url(const std::string& text);

/// 400 without x-client-id, which every client of the UserAPI sends.
void require_client_id(const HttpRequest& request);

}  // namespace ecloud::devnet
